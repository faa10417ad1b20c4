/* CALL_ONCE: runs a subgraph without inputs and outputs, in the first run since the model was loaded; it
 * assigns first values to variables.
 *
 * Source: TFLite kernels/call_once.cc.
 */
#include "runtime/ops/common/subgraph.h"

enum { INIT_SUBGRAPH };

static ql_code prepare(ql_call *c)
{
    ql_exec **child = ql_state(c, sizeof *child);
    return child ? ql_sub_open(c, ql_opt_int(c->options, INIT_SUBGRAPH), 0, 0, child) : QL_E_NOMEM;
}

static ql_code run(const ql_call *c)
{
    ql_exec *const *child = c->state;
    bool *called = ql_exec_called(c, ql_opt_int(c->options, INIT_SUBGRAPH));
    ql_code code = *called ? QL_OK : ql_exec_run(*child, NULL, NULL, c->err);
    *called = !code;
    return code;
}

const ql_op ql_op_call_once = {
    .name = "CALL_ONCE",
    .code = 129,
    .max_version = 1,
    .options_id = 103,
    .min_in = 0,
    .max_in = 0,
    .min_out = 0,
    .max_out = 0,
    .impure = true,
    .pick = ql_sub_pick,
    .prepare = prepare,
    .run = {[QL_S_RESOURCE] = run},
};
