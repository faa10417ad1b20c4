/* HARD_SWISH: y = x * min(max(x + 3, 0), 6) / 6, elementwise.
 *
 *   in 0  x   f32 | i8 | u8      out 0  y   same type and shape, its own scale
 *
 * Quantized: 16-bit fixed point. x with 7 more bits, times the output factor; times the clamp, computed in
 * units of 3/32768 so that it saturates where the real one does. The last product is cut, not rounded.
 * Source: TFLite reference_ops::HardSwish. docs/numerics.md "HARD_SWISH".
 */
#include "runtime/ops/common/unary.h"

#include <math.h>

enum { MORE_BITS = 7 };

typedef struct {
    int32_t zero, out_zero;
    int16_t out_factor, clamp_factor;
    int out_shift, clamp_shift;
} ql_hard_swish;

static float hard_swish(float x)
{
    float raised = x + 3;
    raised = 0 < raised ? raised : 0;
    return x * (raised < 6 ? raised : 6) / 6;
}

static int16_t shifted_left(int16_t x, int n)
{
    return ql_sat16(x * (1 << (n < 15 ? n : 15)));
}

/* (clamp(x) in 0 .. 32768) / 32768, where x has MORE_BITS more bits. */
static int16_t clamp_part(const ql_hard_swish *s, int16_t x)
{
    if (s->clamp_shift > 0) {
        x = shifted_left(x, s->clamp_shift - 1);
    }
    x = ql_srdhm16(x, s->clamp_factor);
    if (s->clamp_shift > 0) {
        x = shifted_left(x, 1);
    } else {
        x = s->clamp_shift < 0 ? ql_rdivpot16(x, -s->clamp_shift) : x;
    }
    return (int16_t)((x + (1 << 15)) >> 1);
}

static int32_t hard_swish_q(const ql_hard_swish *s, int32_t q, int32_t lowest, int32_t highest)
{
    int16_t x = (int16_t)((q - s->zero) * (1 << MORE_BITS));
    int16_t scaled = ql_srdhm16(x, s->out_factor);
    int16_t product = (int16_t)(clamp_part(s, x) * scaled / (1 << 15));
    return ql_clamp(ql_rdivpot16(product, -s->out_shift) + s->out_zero, lowest, highest);
}

QL_UNARY(run_f32, float, hard_swish(x))
QL_UNARY_BYTES(run_i8, ql_hard_swish, int8_t, hard_swish_q(s, x, INT8_MIN, INT8_MAX))
QL_UNARY_BYTES(run_u8, ql_hard_swish, uint8_t, hard_swish_q(s, x, 0, UINT8_MAX))

static ql_code factor_of(const ql_call *c, float real, int16_t *factor, int *shift)
{
    if (!isfinite(real)) {
        return ql_fail_op(c, QL_E_FORMAT, "a rescale factor of %g: must be finite", (double)real);
    }
    ql_mult by = ql_quantize_multiplier((double)real);
    *factor = by.m >= INT32_MAX - (1 << 15) ? INT16_MAX : (int16_t)((by.m + (1 << 15)) >> 16);
    *shift = by.shift;
    return QL_OK;
}

static ql_code prepare(ql_call *c)
{
    ql_hard_swish *s = ql_state(c, sizeof *s);
    ql_code code = s ? ql_prepare_unary(c) : QL_E_NOMEM;
    if (code || c->slot == QL_S_F32) {
        return code;
    }
    s->zero = ql_zero(c->in[0]);
    s->out_zero = ql_zero(c->out[0]);
    code = ql_need_quant_in(c, 0);
    code = code ? code : ql_need_quant_out(c, 0);
    float fine = 1.0f / (1 << MORE_BITS) * ql_scale(c->in[0]);
    code = code ? code : factor_of(c, fine / ql_scale(c->out[0]), &s->out_factor, &s->out_shift);
    code = code ? code : factor_of(c, fine / (3.0f / 32768.0f), &s->clamp_factor, &s->clamp_shift);
    if (!code && s->out_shift > 0) {
        return ql_fail_out(c, 0, QL_E_FORMAT, "output scale %g: must be above 1/%d of the input scale, %g",
                           (double)ql_scale(c->out[0]), 1 << MORE_BITS, (double)ql_scale(c->in[0]));
    }
    return code;
}

const ql_op ql_op_hard_swish = {
    .name = "HARD_SWISH",
    .code = 117,
    .max_version = 1,
    .options_id = 91,
    .min_in = 1,
    .max_in = 1,
    .min_out = 1,
    .max_out = 1,
    .prepare = prepare,
    .run = {[QL_S_F32] = run_f32, [QL_S_I8] = run_i8, [QL_S_U8] = run_u8},
    .quant = {.kind = QL_Q_FREE, .no_i16 = true},
};
