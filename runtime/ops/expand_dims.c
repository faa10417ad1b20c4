/* EXPAND_DIMS: the same values with a dimension of 1 put in.
 *
 *   in 0   x     any type
 *   in 1   axis  i32 | i64, one value: where the new dimension is in y      out 0  y  type of x
 *
 * Source: TFLite kernels/expand_dims.cc.
 */
#include "runtime/ops/common/split.h"

static ql_code prepare(ql_call *c)
{
    const ql_view *x = c->in[0];
    int axis;
    bool known;
    ql_code code = ql_need_same_type(c, 0, 0);
    code = code ? code : ql_need_same_quant(c, 0, 0);
    code = code ? code : ql_axis_input(c, 1, x->rank + 1, &axis, &known);
    if (code || !known) {
        return code ? code : ql_defer(c);
    }
    if (x->rank == QL_MAX_RANK) {
        return ql_fail_in(c, 0, QL_E_UNSUPPORTED, "rank %d and one more: at most %d is supported", x->rank,
                          QL_MAX_RANK);
    }
    int32_t dims[QL_MAX_RANK];
    for (int d = 0; d <= x->rank; d++) {
        dims[d] = d == axis ? 1 : x->dims[d < axis ? d : d - 1];
    }
    return ql_set_shape(c, 0, x->rank + 1, dims);
}

const ql_op ql_op_expand_dims = {
    .name = "EXPAND_DIMS",
    .code = 70,
    .max_version = 1,
    .options_id = 52,
    .min_in = 2,
    .max_in = 2,
    .min_out = 1,
    .max_out = 1,

    .prepare = prepare,
    .run = {[QL_S_I4] = ql_run_copy},
    .run_any = ql_run_copy,
    .quant = {.kind = QL_Q_SAME},
};
