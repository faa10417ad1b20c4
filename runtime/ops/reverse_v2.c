/* REVERSE_V2: a tensor backwards along some dimensions.
 *
 *   in 0   x     any type of whole bytes
 *   in 1   axes  i32      out 0  y  type and shape of x
 *
 * Source: TFLite kernels/reverse.cc.
 */
#include "runtime/ops/common/move.h"

static ql_code prepare(ql_call *c)
{
    const ql_view *x = c->in[0];
    const int32_t *axes;
    int count;
    ql_code code = ql_prepare_unary(c);
    code = code ? code : ql_known_i32s(c, 1, &axes, &count);
    if (code || !axes) {
        return code ? code : ql_defer(c);
    }
    ql_move *move = ql_state(c, sizeof *move);
    if (!move) {
        return QL_E_NOMEM;
    }
    move->box.rank = x->rank;
    ql_dense_steps(x->rank, x->dims, move->box.from);
    ql_dense_steps(x->rank, x->dims, move->box.to);
    for (int d = 0; d < x->rank; d++) {
        move->box.dims[d] = x->dims[d];
    }
    for (int i = 0; i < count; i++) {
        int axis;
        if (!ql_axis(axes[i], x->rank, &axis) || move->box.from[axis] < 0) {
            return ql_fail_in(c, 1, QL_E_FORMAT, "axis %d of rank %d: must be inside, and each only once",
                              (int)axes[i], x->rank);
        }
        move->start += x->dims[axis] ? (x->dims[axis] - 1) * move->box.from[axis] : 0;
        move->box.from[axis] = -move->box.from[axis];
    }
    return QL_OK;
}

const ql_op ql_op_reverse_v2 = {
    .name = "REVERSE_V2",
    .code = 105,
    .max_version = 4,
    .options_id = 81,
    .min_in = 2,
    .max_in = 2,
    .min_out = 1,
    .max_out = 1,

    .prepare = prepare,
    .run_any = ql_run_move,
    .quant = {.kind = QL_Q_SAME},
};
