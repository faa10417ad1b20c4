#include "runtime/ops/common/bidirectional.h"

ql_code ql_both_need_aux(const ql_call *c, int aux, bool has_weights)
{
    if (!ql_has(c, aux)) {
        return has_weights
                   ? ql_fail_op(c, QL_E_FORMAT, "auxiliary weights without input %d: it must be there", aux)
                   : QL_OK;
    }
    const ql_view *x = c->in[0], *view = c->in[aux];
    if (view->type != x->type || view->rank != 3 || view->dims[0] != x->dims[0] ||
        view->dims[1] != x->dims[1] || (!has_weights && view->dims[2] != x->dims[2]) || view->dims[2] < 1) {
        return ql_fail_in(c, aux, QL_E_FORMAT,
                          "the auxiliary input: must have input 0's type, batch and time%s",
                          has_weights ? "" : ", and width, being without weights");
    }
    return QL_OK;
}

ql_code ql_both_shape(ql_call *c, const ql_both *both)
{
    if (c->out_count != (both->merged ? 1 : 2)) {
        return ql_fail_op(c, QL_E_FORMAT, "%d outputs: must be %d", c->out_count, both->merged ? 1 : 2);
    }
    if (both->forward > INT32_MAX - both->backward) {
        return ql_fail_op(c, QL_E_FORMAT, "%d and %d outputs: too many", both->forward, both->backward);
    }
    ql_code code = QL_OK;
    for (int o = 0; o < c->out_count && !code; o++) {
        code = ql_need_out_type(c, o, QL_F32);
    }
    if (code || both->merged) {
        return code ? code : ql_sequence_shape(c, 0, both->forward + both->backward);
    }
    code = ql_sequence_shape(c, 0, both->forward);
    return code ? code : ql_sequence_shape(c, 1, both->backward);
}

float *ql_both_rows(const ql_call *c, const ql_both *both, bool backwards, size_t *stride)
{
    *stride = (size_t)(backwards ? both->backward : both->forward);
    if (both->merged) {
        *stride = (size_t)both->forward + (size_t)both->backward;
        return (float *)c->out[0]->data + (backwards ? both->forward : 0);
    }
    return c->out[backwards ? 1 : 0]->data;
}
