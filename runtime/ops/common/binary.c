#include "runtime/ops/common/binary.h"

void ql_float_row(const ql_call *c, const ql_row *r, ql_clamp_f32 clamp, ql_float_pairs_fn kernel)
{
    kernel(&(ql_float_pairs){.a = (const float *)c->in[0]->data + r->at[0],
                             .b = (const float *)c->in[1]->data + r->at[1],
                             .a_step = r->step[0],
                             .b_step = r->step[1],
                             .n = (size_t)r->n,
                             .y = (float *)c->out[0]->data + r->out,
                             .low = clamp.lowest,
                             .high = clamp.highest});
}

ql_code ql_prepare_binary_to(ql_call *c, size_t state_size, ql_type out)
{
    if (!ql_state(c, state_size)) {
        return QL_E_NOMEM;
    }
    ql_code code = ql_need_type(c, 1, c->in[0]->type);
    code = code ? code : ql_need_out_type(c, 0, out);
    return code ? code : ql_broadcast_prepare(c, 0, 2, c->state);
}

ql_code ql_prepare_binary(ql_call *c, size_t state_size)
{
    return ql_prepare_binary_to(c, state_size, c->in[0]->type);
}

ql_code ql_prepare_elements(ql_call *c)
{
    return ql_prepare_binary(c, sizeof(ql_broadcast));
}
