#include "analyzer/rewrite/op_list.h"

#include <stdlib.h>

ql_code ql_op_list_append(ql_op_list *list, const ql_operator *op, ql_err *err)
{
    if (list->count == list->capacity) {
        int capacity = list->capacity ? 2 * list->capacity : 64;
        ql_operator *grown = realloc(list->at, (size_t)capacity * sizeof *grown);
        if (!grown) {
            return ql_fail_memory(err, (size_t)capacity * sizeof *grown);
        }
        list->at = grown;
        list->capacity = capacity;
    }
    list->at[list->count++] = *op;
    return QL_OK;
}

void ql_op_list_free(ql_op_list *list)
{
    free(list->at);
    *list = (ql_op_list){0};
}
