#include "runtime/ops/common/binary.h"

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
