/* The operators of a subgraph under construction, in order. All bytes zero is the empty list. */
#ifndef QL_REWRITE_OP_LIST_H
#define QL_REWRITE_OP_LIST_H

#include "runtime/runtime.h"

typedef struct {
    ql_operator *at;
    int count, capacity;
} ql_op_list;

/* NOMEM. */
ql_code ql_op_list_append(ql_op_list *list, const ql_operator *op, ql_err *err);
void ql_op_list_free(ql_op_list *list); /* empty afterwards; not what the operators point to */

#endif
