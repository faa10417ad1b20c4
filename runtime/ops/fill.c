/* FILL: a tensor of one value.
 *
 *   in 0   dims   i32 | i64 [rank]
 *   in 1   value  any type of whole bytes, one      out 0  y  type and quantization of value
 *
 * Source: TFLite kernels/fill.cc.
 */
#include "runtime/ops/common/move.h"

static ql_code prepare(ql_call *c)
{
    const int32_t *dims;
    int rank;
    ql_code code = ql_need_same_type(c, 1, 0);
    code = code ? code : ql_need_same_quant(c, 1, 0);
    code = code ? code : ql_known_i32s(c, 0, &dims, &rank);
    if (code || !dims) {
        return code ? code : ql_defer(c);
    }
    if (c->in[1]->count != 1) {
        return ql_fail_in(c, 1, QL_E_FORMAT, "%zu values: must be one", c->in[1]->count);
    }
    return ql_set_shape(c, 0, rank, dims);
}

static ql_code run(const ql_call *c)
{
    ql_fill_elements(c->out[0]->data, c->out[0]->count, c->in[1]->data, ql_element_bytes(c->out[0]));
    return QL_OK;
}

const ql_op ql_op_fill = {
    .name = "FILL",
    .code = 94,
    .max_version = 5,
    .options_id = 68,
    .min_in = 2,
    .max_in = 2,
    .min_out = 1,
    .max_out = 1,
    .key = 1,
    .prepare = prepare,
    .run_any = run,
    .quant = {.kind = QL_Q_SAME},
};
