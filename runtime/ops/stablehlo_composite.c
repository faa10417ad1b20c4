/* STABLEHLO_COMPOSITE: runs its decomposition, the subgraph that says what the composite means.
 *
 *   in 0..    the subgraph's inputs, any types of fixed size
 *   out 0..   the subgraph's outputs
 *
 * Source: TFLite kernels/stablehlo_composite.cc.
 */
#include "runtime/ops/common/subgraph.h"

enum { NAME, SUBGRAPH };

static ql_code prepare(ql_call *c)
{
    return ql_sub_prepare_one(c, SUBGRAPH);
}

const ql_op ql_op_stablehlo_composite = {
    .name = "STABLEHLO_COMPOSITE",
    .code = 206,
    .max_version = 1,
    .options_id = 21,
    .options_second = true,
    .min_in = 0,
    .max_in = -1,
    .min_out = 0,
    .max_out = -1,
    .impure = true,
    .pick = ql_sub_pick,
    .prepare = prepare,
    .run = {[QL_S_RESOURCE] = ql_sub_run_one},
};
