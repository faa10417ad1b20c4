/* CALL: runs another subgraph on the inputs.
 *
 *   in 0..    the subgraph's inputs, any types of fixed size
 *   out 0..   the subgraph's outputs
 *
 * Source: the TFLite schema; the official interpreter has no kernel for it.
 */
#include "runtime/ops/common/subgraph.h"

enum { SUBGRAPH };

static ql_code prepare(ql_call *c)
{
    return ql_sub_prepare_one(c, SUBGRAPH);
}

const ql_op ql_op_call = {
    .name = "CALL",
    .code = 31,
    .max_version = 1,
    .options_id = 16,
    .min_in = 0,
    .max_in = -1,
    .min_out = 0,
    .max_out = -1,
    .impure = true,
    .pick = ql_sub_pick,
    .prepare = prepare,
    .run = {[QL_S_RESOURCE] = ql_sub_run_one},
};
