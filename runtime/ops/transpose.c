/* TRANSPOSE: dimensions in another order; y's dimension d is x's dimension perm[d].
 *
 *   in 0   x     any type of whole bytes
 *   in 1   perm  i32 [rank], a permutation; negative entries count from the end      out 0  y  type of x
 *
 * Source: TFLite kernels/transpose.cc.
 */
#include "runtime/ops/common/move.h"

static ql_code prepare(ql_call *c)
{
    const ql_view *x = c->in[0];
    const int32_t *perm;
    int count;
    ql_code code = ql_need_same_type(c, 0, 0);
    code = code ? code : ql_known_i32s(c, 1, &perm, &count);
    if (code || !perm) {
        return code ? code : ql_defer(c);
    }
    ql_move *move = ql_state(c, sizeof *move);
    if (!move) {
        return QL_E_NOMEM;
    }
    int64_t steps[QL_MAX_RANK];
    bool used[QL_MAX_RANK] = {false};
    ql_dense_steps(x->rank, x->dims, steps);
    for (int d = 0; d < count; d++) {
        int from;
        if (count != x->rank || !ql_axis(perm[d], x->rank, &from) || used[from]) {
            return ql_fail_in(c, 1, QL_E_FORMAT,
                              "entry %d is %d of %d: must be a permutation of %d dimensions", d, (int)perm[d],
                              count, x->rank);
        }
        used[from] = true;
        move->box.dims[d] = x->dims[from];
        move->box.from[d] = steps[from];
    }
    if (count != x->rank) {
        return ql_fail_in(c, 1, QL_E_FORMAT, "%d entries: must be one a dimension, %d", count, x->rank);
    }
    move->box.rank = x->rank;
    ql_dense_steps(x->rank, move->box.dims, move->box.to);
    return ql_set_shape(c, 0, x->rank, move->box.dims);
}

const ql_op ql_op_transpose = {
    .name = "TRANSPOSE",
    .code = 39,
    .max_version = 8,
    .options_id = 26,
    .min_in = 2,
    .max_in = 2,
    .min_out = 1,
    .max_out = 1,

    .prepare = prepare,
    .run_any = ql_run_move,
    .quant = {.kind = QL_Q_SAME},
};
