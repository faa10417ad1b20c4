#include "runtime/ops/common/argminmax.h"

ql_code ql_prepare_arg(ql_call *c)
{
    const ql_view *x = c->in[0];
    int axis;
    bool known;
    if (c->out[0]->type != QL_I32 && c->out[0]->type != QL_I64) {
        return ql_fail_out(c, 0, QL_E_UNSUPPORTED, "type %s: int32 or int64 is required",
                           ql_type_name(c->out[0]->type));
    }
    ql_code code = ql_axis_input(c, 1, x->rank, &axis, &known);
    if (code || !known) {
        return code ? code : ql_defer(c);
    }
    if (x->dims[axis] < 1) {
        return ql_fail_in(c, 0, QL_E_FORMAT, "no elements along axis %d: at least one is required", axis);
    }
    ql_arg *s = ql_state(c, sizeof *s);
    if (!s) {
        return QL_E_NOMEM;
    }
    *s = (ql_arg){ql_dims_product(x->dims, 0, axis), (size_t)x->dims[axis],
                  ql_dims_product(x->dims, axis + 1, x->rank)};
    int32_t dims[QL_MAX_RANK];
    for (int d = 0; d < x->rank - 1; d++) {
        dims[d] = x->dims[d < axis ? d : d + 1];
    }
    return ql_set_shape(c, 0, x->rank - 1, dims);
}

void ql_put_index(const ql_view *y, size_t k, size_t at)
{
    if (y->type == QL_I64) {
        ((int64_t *)y->data)[k] = (int64_t)at;
    } else {
        ((int32_t *)y->data)[k] = (int32_t)at;
    }
}
