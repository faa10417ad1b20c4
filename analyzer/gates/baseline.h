/* A baseline as gates: one a kind of figure, which holds when nothing of that kind got worse beyond noise. */
#ifndef QL_GATES_BASELINE_H
#define QL_GATES_BASELINE_H

#include "analyzer/json/json.h"

/* Appends to `list`: the whole, outputs, agreement and accuracy; with `ratchet` also tensors, findings and
 * size. `name` is the baseline's file. */
ql_code ql_baseline_apply(ql_doc *d, ql_json *list, const ql_json *baseline, const ql_json *result,
                          const char *name, bool ratchet, ql_err *err);

#endif
