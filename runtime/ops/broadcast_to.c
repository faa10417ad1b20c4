/* BROADCAST_TO: a tensor in a larger shape; dimensions of 1, or missing in front, are repeated.
 *
 *   in 0   x      any type of whole bytes
 *   in 1   shape  i32 | i64 [rank]      out 0  y  type of x
 *
 * Source: TFLite kernels/broadcast_to.cc.
 */
#include "runtime/ops/common/move.h"

static ql_code prepare(ql_call *c)
{
    const ql_view *x = c->in[0];
    const int32_t *shape;
    int rank;
    ql_code code = ql_need_same_type(c, 0, 0);
    code = code ? code : ql_known_i32s(c, 1, &shape, &rank);
    if (code || !shape) {
        return code ? code : ql_defer(c);
    }
    if (rank < x->rank || rank > QL_MAX_RANK) {
        return ql_fail_in(c, 1, QL_E_FORMAT, "rank %d: must be at least the input's, %d, and at most %d",
                          rank, x->rank, QL_MAX_RANK);
    }
    ql_move *move = ql_state(c, sizeof *move);
    if (!move) {
        return QL_E_NOMEM;
    }
    int64_t steps[QL_MAX_RANK];
    ql_dense_steps(x->rank, x->dims, steps);
    move->box.rank = rank;
    for (int d = 0; d < rank; d++) {
        int own = d - (rank - x->rank);
        int32_t size = own < 0 ? 1 : x->dims[own];
        if (size != shape[d] && size != 1) {
            return ql_fail_in(c, 0, QL_E_FORMAT, "%d elements along dimension %d into %d: must be equal or 1",
                              (int)size, own, (int)shape[d]);
        }
        move->box.dims[d] = shape[d];
        move->box.from[d] = size == 1 ? 0 : steps[own];
    }
    ql_dense_steps(rank, move->box.dims, move->box.to);
    return ql_set_shape(c, 0, rank, shape);
}

const ql_op ql_op_broadcast_to = {
    .name = "BROADCAST_TO",
    .code = 130,
    .max_version = 4,
    .options_id = 104,
    .min_in = 2,
    .max_in = 2,
    .min_out = 1,
    .max_out = 1,

    .prepare = prepare,
    .run_any = ql_run_move,
    .quant = {.kind = QL_Q_SAME},
};
