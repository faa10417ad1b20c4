/* SHAPE: the sizes of x's dimensions.
 *
 *   in 0   x  any type and shape      out 0  y  [rank]  i32 | i64, as the option out_type says
 *
 * Source: TFLite kernels/shape.cc.
 */
#include "runtime/ops/op.h"

static ql_code run_i32(const ql_call *c)
{
    int32_t *y = c->out[0]->data;
    for (int d = 0; d < c->in[0]->rank; d++) {
        y[d] = c->in[0]->dims[d];
    }
    return QL_OK;
}

static ql_code run_i64(const ql_call *c)
{
    int64_t *y = c->out[0]->data;
    for (int d = 0; d < c->in[0]->rank; d++) {
        y[d] = c->in[0]->dims[d];
    }
    return QL_OK;
}

static ql_code prepare(ql_call *c)
{
    return ql_set_shape(c, 0, 1, (int32_t[]){c->in[0]->rank});
}

const ql_op ql_op_shape = {
    .name = "SHAPE",
    .code = 77,
    .max_version = 1,
    .options_id = 55,
    .min_in = 1,
    .max_in = 1,
    .min_out = 1,
    .max_out = 1,
    .key = -1,
    .shape_only = true,
    .prepare = prepare,
    .run = {[QL_S_I32] = run_i32, [QL_S_I64] = run_i64},
    .quant = {.kind = QL_Q_NONE},
};
