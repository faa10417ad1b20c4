/* READ_VARIABLE and ASSIGN_VARIABLE: variables by the id that VAR_HANDLE gives. */
#ifndef QL_OPS_COMMON_VARIABLE_H
#define QL_OPS_COMMON_VARIABLE_H

#include "runtime/exec/exec.h"

/* Checks that input 0 is one id. */
ql_code ql_need_variable(const ql_call *c);

/* The variable whose id input 0 holds; NULL when there is none. */
static inline ql_variable *ql_variable_of(const ql_call *c)
{
    return ql_exec_variable(c, *(const int32_t *)c->in[0]->data);
}

#endif
