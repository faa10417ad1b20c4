/* The parts of ql_verify_model. Not for others. */
#ifndef QL_MODEL_RULES_H
#define QL_MODEL_RULES_H

#include "runtime/model/verify.h"

typedef struct {
    const ql_model *model;
    ql_arena *scratch;
    ql_err *err;
} ql_rules;

/* One tensor of `subgraph`: type, shape, constant, quantization, sparsity. `seen` has a byte a buffer, set
 * for those whose strings were looked at. */
ql_code ql_verify_tensor(const ql_rules *rules, const ql_subgraph *subgraph, const ql_tensor *tensor,
                         uint8_t *seen);

/* A tensor with sparsity: that its levels lead to existing elements of its shape and data only. */
ql_code ql_verify_sparsity(const ql_rules *rules, const ql_tensor *tensor);

/* Indices of inputs, outputs and operators, and the order in which operators write and read. */
ql_code ql_verify_graph(const ql_rules *rules, int subgraph);

/* Which subgraphs call which: how deep. */
ql_code ql_verify_calls(const ql_rules *rules);

#endif
