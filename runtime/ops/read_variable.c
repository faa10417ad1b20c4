/* READ_VARIABLE: the value a variable holds.
 *
 *   in 0   id     resource | i32, one element
 *   out 0  value  the type the variable was assigned, else FORMAT
 *
 * The output's shape is the tensor's own; where that is unknown (rank 0, or a dynamic dimension) it is what
 * the variable holds in the run. Source: TFLite kernels/read_variable.cc.
 */
#include "runtime/ops/common/variable.h"

#include <string.h>

static bool shape_is_known(const ql_tensor *tensor)
{
    for (int d = 0; d < tensor->rank; d++) {
        if (tensor->signature && tensor->signature[d] < 0) {
            return false;
        }
    }
    return tensor->rank > 0;
}

/* The variable, which must hold a value of the output's type. */
static ql_code held(const ql_call *c, const ql_variable **variable)
{
    *variable = ql_variable_of(c);
    if (!*variable || !(*variable)->data) {
        return ql_fail_in(c, 0, QL_E_FORMAT, "nothing was assigned to this variable: it cannot be read");
    }
    if ((*variable)->type != c->out[0]->type) {
        return ql_fail_out(c, 0, QL_E_FORMAT, "type %s: must be the variable's, %s",
                           ql_type_name(c->out[0]->type), ql_type_name((*variable)->type));
    }
    return QL_OK;
}

static ql_code prepare(ql_call *c)
{
    const ql_variable *variable;
    ql_code code = ql_need_variable(c);
    if (code) {
        return code;
    }
    if (shape_is_known(c->out[0]->tensor)) {
        return ql_set_shape(c, 0, c->out[0]->tensor->rank, c->out[0]->tensor->shape);
    }
    if (!c->values_ready) {
        return ql_defer(c);
    }
    code = held(c, &variable);
    return code ? code : ql_set_shape(c, 0, variable->rank, variable->dims);
}

static ql_code run(const ql_call *c)
{
    const ql_variable *variable;
    ql_code code = held(c, &variable);
    if (!code && variable->bytes != c->out[0]->bytes) {
        return ql_fail_out(c, 0, QL_E_FORMAT, "%zu bytes: the variable holds %zu, it must be as many",
                           c->out[0]->bytes, variable->bytes);
    }
    if (!code && variable->bytes) {
        memcpy(c->out[0]->data, variable->data, variable->bytes);
    }
    return code;
}

const ql_op ql_op_read_variable = {
    .name = "READ_VARIABLE",
    .code = 143,
    .max_version = 1,
    .options_id = 112,
    .min_in = 1,
    .max_in = 1,
    .min_out = 1,
    .max_out = 1,
    .impure = true,
    .prepare = prepare,
    .run = {[QL_S_RESOURCE] = run, [QL_S_I32] = run},
};
