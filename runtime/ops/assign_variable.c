/* ASSIGN_VARIABLE: stores a copy of a value, its type and its shape in a variable.
 *
 *   in 0  id     resource | i32, one element
 *   in 1  value  any type of fixed size
 *
 * Source: TFLite kernels/assign_variable.cc.
 */
#include "runtime/ops/common/variable.h"

static ql_code prepare(ql_call *c)
{
    if (!ql_type_bits(c->in[1]->type)) {
        return ql_fail_in(c, 1, QL_E_UNSUPPORTED, "type %s: a variable holds numbers",
                          ql_type_name(c->in[1]->type));
    }
    return ql_need_variable(c);
}

static ql_code run(const ql_call *c)
{
    ql_variable *variable = ql_variable_of(c);
    return variable ? ql_exec_assign(c, variable, c->in[1])
                    : ql_fail_in(c, 0, QL_E_FORMAT, "no variable has this id: VAR_HANDLE gives them");
}

const ql_op ql_op_assign_variable = {
    .name = "ASSIGN_VARIABLE",
    .code = 144,
    .max_version = 1,
    .options_id = 113,
    .min_in = 2,
    .max_in = 2,
    .min_out = 0,
    .max_out = 0,
    .impure = true,
    .prepare = prepare,
    .run = {[QL_S_RESOURCE] = run, [QL_S_I32] = run},
};
