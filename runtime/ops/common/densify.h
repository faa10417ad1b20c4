/* Sparse constants made dense. Source: TFLite internal/utils/sparsity_format_converter; docs/format.md
 * "Sparsity". */
#ifndef QL_OPS_COMMON_DENSIFY_H
#define QL_OPS_COMMON_DENSIFY_H

#include "runtime/ops/op.h"

/* *dense = input i, or, where that is sparse, a view whose data (memory of the plan) is the dense tensor.
 * FORMAT when the sparsity does not describe the shape and the values that are there. */
ql_code ql_dense_view(ql_call *c, int i, ql_view *dense);

#endif
