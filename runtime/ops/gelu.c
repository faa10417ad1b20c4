/* GELU: y = x * Phi(x), elementwise.
 *
 *   in 0  x   f32 | i8 | u8 | i16      out 0  y   same type and shape, its own scale
 *
 * Exact: x / 2 * (1 + erf(x / sqrt 2)). approximate: x / 2 * (1 + tanh(sqrt(2/pi) * (x + 0.044715 x^3))).
 * 8 bits: a table of all 256 values; 16 bits: an interpolated table of 513.
 * Source: TFLite reference_ops::Gelu, GeluTransform, GeluTransformApproximate.
 */
#include "runtime/ops/common/eigen_math.h"
#include "runtime/ops/common/lut.h"

#include <math.h>

enum { APPROXIMATE };

static float exact(float x)
{
    const float sqrt_half = 0.70710678118654752440f;
    return 0.5f * x * erfcf(x * -sqrt_half);
}

static float approximate(float x)
{
    const float sqrt_2_over_pi = 0.79788456080286535588f;
    return 0.5f * x * (1.0f + tanhf(sqrt_2_over_pi * (x + 0.044715f * x * x * x)));
}

static ql_unary_f32 chosen(const ql_call *c)
{
    return ql_opt_bool(c->options, APPROXIMATE) ? approximate : exact;
}

static float eigen_exact(float x)
{
    const float sqrt_half = 0.70710678118654752440f;
    return 0.5f * x * ql_eigen_erfc(x * -sqrt_half);
}

static float eigen_approximate(float x)
{
    const float sqrt_2_over_pi = 0.79788456080286535588f;
    return 0.5f * x * (1.0f + ql_eigen_tanh(sqrt_2_over_pi * (x + 0.044715f * (x * x * x))));
}

static ql_code run_f32(const ql_call *c)
{
    ql_unary_f32 f = ql_opt_bool(c->options, APPROXIMATE) ? eigen_approximate : eigen_exact;
    const float *x = c->in[0]->data;
    float *y = c->out[0]->data;
    for (size_t i = 0; i < c->in[0]->count; i++) {
        y[i] = f(x[i]);
    }
    return QL_OK;
}

static ql_code prepare(ql_call *c)
{
    return c->slot == QL_S_F32 ? ql_prepare_unary(c) : ql_prepare_lut(c, chosen(c));
}

const ql_op ql_op_gelu = {
    .name = "GELU",
    .code = 150,
    .max_version = 2,
    .options_id = 116,
    .min_in = 1,
    .max_in = 1,
    .min_out = 1,
    .max_out = 1,
    .prepare = prepare,
    .run = {[QL_S_F32] = run_f32, [QL_S_I8] = ql_run_lut, [QL_S_U8] = ql_run_lut, [QL_S_I16] = ql_run_lut},
    .quant = {.kind = QL_Q_FREE},
};
