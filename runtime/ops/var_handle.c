/* VAR_HANDLE: the id of the variable called shared_name in container.
 *
 *   out 0  id   resource | i32, one element
 *
 * Source: TFLite kernels/var_handle.cc.
 */
#include "runtime/exec/exec.h"

#include <string.h>

enum { CONTAINER, SHARED_NAME };

static ql_str text(const ql_call *c, int option)
{
    ql_str str;
    str.length = ql_opt_string(c->options, option, &str.text);
    return str;
}

static ql_code prepare(ql_call *c)
{
    int32_t *id = ql_state(c, sizeof *id);
    if (!id) {
        return QL_E_NOMEM;
    }
    *id = ql_exec_variable_id(c, text(c, CONTAINER), text(c, SHARED_NAME));
    if (*id < 0) {
        return ql_fail_memory(c->err, sizeof(ql_variable));
    }
    const ql_tensor *out = c->out[0]->tensor;
    ql_code code = ql_set_shape(c, 0, out->rank, out->shape);
    if (!code && c->out[0]->count != 1) {
        return ql_fail_out(c, 0, QL_E_FORMAT, "%zu elements: a variable's id is one", c->out[0]->count);
    }
    return code;
}

static ql_code run(const ql_call *c)
{
    memcpy(c->out[0]->data, c->state, sizeof(int32_t));
    return QL_OK;
}

const ql_op ql_op_var_handle = {
    .name = "VAR_HANDLE",
    .code = 142,
    .max_version = 1,
    .options_id = 111,
    .min_in = 0,
    .max_in = 0,
    .min_out = 1,
    .max_out = 1,
    .key = -1,
    .impure = true,
    .prepare = prepare,
    .run = {[QL_S_RESOURCE] = run, [QL_S_I32] = run},
};
