/* RSQRT: y = 1 / sqrt(x), elementwise.
 *
 *   in 0  x   f32 | i8 | i16      out 0  y   same type and shape, its own scale
 *
 * 8 bits: a fixed-point inverse root of q - zero, rescaled by 1 / (sqrt(x.scale) * y.scale); 0 gives the
 * highest output. 16 bits: an interpolated table of 513 values. A value below 0 ends the run.
 * Source: TFLite kernels/elementwise.cc RsqrtEvalQuantizedInt8, RsqrtEvalQuantizedInt16.
 */
#include "runtime/ops/common/lut.h"
#include "runtime/ops/common/unary.h"

#include <math.h>

enum { HEADROOM = 20 };

static float inverse_root(float x)
{
    return 1.0f / sqrtf(x);
}

QL_UNARY(run_f32, float, inverse_root(x))

static ql_code fail_at(const ql_call *c, size_t i)
{
    return ql_fail_in(c, 0, QL_E_FORMAT, "element %zu is below 0: it has no square root", i);
}

static int8_t inverse_root_q(const ql_call *c, int32_t value)
{
    if (!value) {
        return INT8_MAX;
    }
    ql_mult rescale = *(const ql_mult *)c->state, root = ql_fixed_inv_sqrt(value);
    root.shift += HEADROOM;
    rescale.shift -= HEADROOM;
    int32_t y = ql_mul32(ql_mul32(1, root, c->numerics->rounding), rescale, c->numerics->rounding);
    return (int8_t)ql_clamp(ql_wrap_add(y, ql_zero(c->out[0])), INT8_MIN, INT8_MAX);
}

static ql_code run_i8(const ql_call *c)
{
    const int8_t *x = c->in[0]->data;
    int8_t *y = c->out[0]->data;
    for (size_t i = 0; i < c->in[0]->count; i++) {
        if (x[i] < ql_zero(c->in[0])) {
            return fail_at(c, i);
        }
        y[i] = inverse_root_q(c, x[i] - ql_zero(c->in[0]));
    }
    return QL_OK;
}

static ql_code run_i16(const ql_call *c)
{
    const int16_t *x = c->in[0]->data;
    for (size_t i = 0; i < c->in[0]->count; i++) {
        if (x[i] < 0) {
            return fail_at(c, i);
        }
    }
    return ql_run_lut(c);
}

static ql_code prepare_i8(ql_call *c)
{
    ql_mult *rescale = ql_state(c, sizeof *rescale);
    ql_code code = rescale ? ql_prepare_unary(c) : QL_E_NOMEM;
    code = code ? code : ql_need_quant_in(c, 0);
    code = code ? code : ql_need_quant_out(c, 0);
    if (code) {
        return code;
    }
    double real = 1.0 / (double)(sqrtf(ql_scale(c->in[0])) * ql_scale(c->out[0]));
    *rescale = isfinite(real) ? ql_quantize_multiplier(real) : (ql_mult){0, 0};
    if (!isfinite(real) || rescale->shift > 30 || rescale->shift < HEADROOM - 31) {
        return ql_fail_out(c, 0, QL_E_FORMAT,
                           "1 / (sqrt(input scale) * output scale) is %g: must be 2^-11 to 2^30", real);
    }
    return QL_OK;
}

static ql_code prepare(ql_call *c)
{
    if (c->slot == QL_S_I8) {
        return prepare_i8(c);
    }
    float rest = INT16_MAX * ql_scale(c->out[0]);
    ql_function f = {.at = inverse_root, .positive_only = true, .rest = rest};
    return c->slot == QL_S_F32 ? ql_prepare_unary(c) : ql_prepare_lut_of(c, f);
}

const ql_op ql_op_rsqrt = {
    .name = "RSQRT",
    .code = 76,
    .max_version = 3,
    .min_in = 1,
    .max_in = 1,
    .min_out = 1,
    .max_out = 1,
    .prepare = prepare,
    .run = {[QL_S_F32] = run_f32, [QL_S_I8] = run_i8, [QL_S_I16] = run_i16},
    .quant = {.kind = QL_Q_FREE, .fragile = true},
};
