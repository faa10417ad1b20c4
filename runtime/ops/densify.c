/* DENSIFY: a sparse constant as a dense tensor; what is not stored is 0.
 *
 *   in 0   x  sparse constant of any type of at least 8 bits
 *   out 0  y  same type and shape
 *
 * Source: TFLite internal/utils/sparsity_format_converter. docs/format.md "Sparsity".
 */
#include "runtime/ops/common/densify.h"

#include <string.h>

static ql_code run(const ql_call *c)
{
    if (c->out[0]->bytes) {
        memcpy(c->out[0]->data, ((const ql_view *)c->state)->data, c->out[0]->bytes);
    }
    return QL_OK;
}

static ql_code prepare(ql_call *c)
{
    ql_view *dense = ql_state(c, sizeof *dense);
    if (!dense) {
        return QL_E_NOMEM;
    }
    if (!c->in[0]->tensor->sparsity || !c->in[0]->tensor->data) {
        return ql_fail_in(c, 0, QL_E_FORMAT, "not a sparse constant: there is nothing to make dense");
    }
    ql_code code = ql_prepare_unary(c);
    return code ? code : ql_dense_view(c, 0, dense);
}

const ql_op ql_op_densify = {
    .name = "DENSIFY",
    .code = 124,
    .max_version = 1,
    .options_id = 99,
    .min_in = 1,
    .max_in = 1,
    .min_out = 1,
    .max_out = 1,
    .sparse = true,
    .prepare = prepare,
    .run_any = run,
    .quant = {.kind = QL_Q_SAME, .no_i8 = true, .no_i16 = true},
};
