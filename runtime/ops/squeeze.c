/* SQUEEZE: the same values without dimensions of 1.
 *
 *   in 0   x  any type      out 0  y  type of x; without the dimensions that the option squeeze_dims names,
 *                                     without all of 1 when it names none
 *
 * Source: TFLite kernels/squeeze.cc.
 */
#include "runtime/ops/op.h"

enum { SQUEEZE_DIMS };

static ql_code prepare(ql_call *c)
{
    const ql_view *x = c->in[0];
    const int32_t *wanted;
    size_t count = ql_opt_i32s(c->options, SQUEEZE_DIMS, &wanted);
    bool out[QL_MAX_RANK] = {false};
    for (size_t i = 0; i < count; i++) {
        int axis;
        if (!ql_axis(wanted[i], x->rank, &axis) || x->dims[axis] != 1) {
            return ql_fail_in(c, 0, QL_E_FORMAT, "dimension %d of rank %d: must be inside and have 1 element",
                              (int)wanted[i], x->rank);
        }
        out[axis] = true;
    }
    int32_t dims[QL_MAX_RANK];
    int rank = 0;
    for (int d = 0; d < x->rank; d++) {
        if (count ? !out[d] : x->dims[d] != 1) {
            dims[rank++] = x->dims[d];
        }
    }
    ql_code code = ql_need_same_type(c, 0, 0);
    return code ? code : ql_set_shape(c, 0, rank, dims);
}

const ql_op ql_op_squeeze = {
    .name = "SQUEEZE",
    .code = 43,
    .max_version = 2,
    .options_id = 30,
    .min_in = 1,
    .max_in = 1,
    .min_out = 1,
    .max_out = 1,

    .prepare = prepare,
    .run = {[QL_S_I4] = ql_run_copy},
    .run_any = ql_run_copy,
    .quant = {.kind = QL_Q_SAME},
};
