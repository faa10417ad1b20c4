/* TILE: a tensor repeated along its dimensions.
 *
 *   in 0   x          any type of whole bytes
 *   in 1   multiples  i32 | i64 [rank]      out 0  y  type of x
 *
 * Source: TFLite kernels/tile.cc.
 */
#include "runtime/ops/common/move.h"

static ql_code prepare(ql_call *c)
{
    const ql_view *x = c->in[0];
    const int32_t *multiples;
    int count;
    ql_code code = ql_need_same_type(c, 0, 0);
    code = code ? code : ql_known_i32s(c, 1, &multiples, &count);
    if (code || !multiples) {
        return code ? code : ql_defer(c);
    }
    if (count != x->rank) {
        return ql_fail_in(c, 1, QL_E_FORMAT, "%d multiples: must be one a dimension, %d", count, x->rank);
    }
    ql_move *move = ql_state(c, sizeof *move);
    if (!move) {
        return QL_E_NOMEM;
    }
    int64_t steps[QL_MAX_RANK];
    int32_t dims[QL_MAX_RANK];
    ql_dense_steps(x->rank, x->dims, steps);
    move->box.rank = 2 * x->rank;
    for (int d = 0; d < x->rank; d++) {
        int64_t size = (int64_t)x->dims[d] * multiples[d];
        dims[d] = size <= INT32_MAX && multiples[d] >= 0 ? (int32_t)size : -1;
        move->box.dims[2 * d] = multiples[d];
        move->box.dims[2 * d + 1] = x->dims[d];
        move->box.from[2 * d + 1] = steps[d];
    }
    ql_dense_steps(move->box.rank, move->box.dims, move->box.to);
    return ql_set_shape(c, 0, x->rank, dims);
}

const ql_op ql_op_tile = {
    .name = "TILE",
    .code = 69,
    .max_version = 3,
    .options_id = 51,
    .min_in = 2,
    .max_in = 2,
    .min_out = 1,
    .max_out = 1,

    .prepare = prepare,
    .run_any = ql_run_move,
    .quant = {.kind = QL_Q_SAME},
};
