/* A plan (schema qloupe.plan/1) as the quantizer takes it: the mode of layers, by their operator in
 * the float model, and ranges that are better than those calibrated. */
#ifndef QL_REWRITE_PLAN_H
#define QL_REWRITE_PLAN_H

#include "analyzer/json/json.h"
#include "analyzer/rewrite/quantize.h"

/* Sets layers[op] (one an operator of the subgraph, QL_MODE_FLOAT .. as ql_quantize takes them) of those that
 * the plan names; the others get `mode`. FORMAT: no plan, or a layer without op_index; FIT: no such operator,
 * or it makes a tensor of another name; UNSUPPORTED: a mode that is unknown, that is measured but never
 * written (int4, bits=N), or that does not go with `mode`. Messages name the layer. */
ql_code ql_plan_layers(const ql_json *plan, const ql_model *model, int subgraph, ql_quantize_mode mode,
                       ql_quantize_mode *layers, ql_err *err);

/* Puts the ranges of the plan's `repairs` over those of tensors of these names; repairs without a range are
 * passed over. FORMAT: a range that is not two finite numbers in order; FIT: no tensor of that name. */
ql_code ql_plan_repairs(const ql_json *plan, const ql_model *model, int subgraph, ql_ranges *ranges,
                        ql_err *err);

#endif
