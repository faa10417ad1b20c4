/* IMAG: the imaginary part of complex numbers.
 *
 *   in 0   x  c64      out 0  y  f32, shape of x
 *
 * Source: TFLite kernels/complex_support.cc.
 */
#include "runtime/ops/op.h"

static ql_code prepare(ql_call *c)
{
    ql_code code = ql_need_out_type(c, 0, QL_F32);
    return code ? code : ql_shape_like(c, 0, c->in[0]);
}

static ql_code run(const ql_call *c)
{
    const float *x = c->in[0]->data;
    float *y = c->out[0]->data;
    for (size_t i = 0; i < c->in[0]->count; i++) {
        y[i] = x[2 * i + 1];
    }
    return QL_OK;
}

const ql_op ql_op_imag = {
    .name = "IMAG",
    .code = 133,
    .max_version = 1,
    .options_id = 0,
    .min_in = 1,
    .max_in = 1,
    .min_out = 1,
    .max_out = 1,

    .prepare = prepare,
    .run = {[QL_S_C64] = run},
    .quant = {.kind = QL_Q_NONE},
};
