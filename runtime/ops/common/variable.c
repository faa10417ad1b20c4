#include "runtime/ops/common/variable.h"

ql_code ql_need_variable(const ql_call *c)
{
    if (c->in[0]->count != 1) {
        return ql_fail_in(c, 0, QL_E_FORMAT, "%zu elements: a variable's id is one", c->in[0]->count);
    }
    return QL_OK;
}
