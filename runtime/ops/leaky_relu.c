/* LEAKY_RELU: y = x > 0 ? x : alpha * x, elementwise.
 *
 *   in 0  x   f32 | i8 | u8 | i16      out 0  y   same type and shape, its own scale
 *
 * Quantized: q - zero rescaled by x.scale / y.scale, below 0 by x.scale * alpha / y.scale, both formed in
 * float; a negative alpha's sign is applied after the rescale. Source: TFLite reference_ops::LeakyRelu,
 * QuantizeLeakyRelu.
 */
#include "runtime/ops/common/requant.h"
#include "runtime/ops/common/unary.h"

#include <math.h>
#include <string.h>

enum { ALPHA };

typedef struct {
    float alpha;
    int32_t zero, out_zero;
    ql_mult identity, slope;
    ql_rounding rounding;
    int32_t factors[2]; /* of 8 fraction bits, at and below zero; used instead when not 0 */
} ql_leaky;

static int32_t leaky(const ql_leaky *s, int32_t q, int32_t lowest, int32_t highest)
{
    int32_t value = q - s->zero;
    if (s->factors[0]) {
        return ql_clamp(((value * s->factors[value < 0] + 128) >> 8) + s->out_zero, lowest, highest);
    }
    int32_t y = ql_mul32(value, value >= 0 ? s->identity : s->slope, s->rounding);
    y = value < 0 && s->alpha < 0 ? ql_wrap_sub(s->out_zero, y) : ql_wrap_add(s->out_zero, y);
    return ql_clamp(y, lowest, highest);
}

/* A choice of bits: compilers make a branch of `?:`, and signs are hard to foretell. */
static float chosen(bool first, float a, float b)
{
    uint32_t mask = 0u - (uint32_t)first, of_a, of_b;
    memcpy(&of_a, &a, sizeof of_a);
    memcpy(&of_b, &b, sizeof of_b);
    of_a = (of_a & mask) | (of_b & ~mask);
    memcpy(&a, &of_a, sizeof a);
    return a;
}

QL_UNARY_WITH(run_f32, ql_leaky, float, chosen(x > 0, x, x * s->alpha))
QL_UNARY_BYTES(run_i8, ql_leaky, int8_t, leaky(s, x, INT8_MIN, INT8_MAX))
QL_UNARY_BYTES(run_u8, ql_leaky, uint8_t, leaky(s, x, 0, UINT8_MAX))
QL_UNARY_WITH(run_i16, ql_leaky, int16_t, leaky(s, x, INT16_MIN, INT16_MAX))

/* XNNPACK takes ratios of 2^-8 to 2^7 only, and an alpha that is not 0. */
static void prepare_8_bits(const ql_call *c, ql_leaky *s)
{
    float above = ql_scale(c->in[0]) / ql_scale(c->out[0]), below = above * s->alpha;
    bool fits = above >= 0x1p-8f && above <= 128 && fabsf(below) >= 0x1p-8f && below >= -127.99609375f &&
                below <= 128 && isnormal(s->alpha);
    if (fits && c->slot != QL_S_I16) {
        s->factors[0] = (int32_t)lrintf(256 * above);
        s->factors[1] = (int32_t)lrintf(256 * below);
    }
}

static ql_code prepare(ql_call *c)
{
    ql_leaky *s = ql_state(c, sizeof *s);
    ql_code code = s ? ql_prepare_unary(c) : QL_E_NOMEM;
    if (code) {
        return code;
    }
    s->alpha = ql_opt_f32(c->options, ALPHA);
    if (c->slot == QL_S_F32) {
        return QL_OK;
    }
    s->zero = ql_zero(c->in[0]);
    s->out_zero = ql_zero(c->out[0]);
    s->rounding = c->numerics->rounding;
    code = ql_need_quant_in(c, 0);
    code = code ? code : ql_need_quant_out(c, 0);
    if (!code && c->numerics->rescale_8_bits) {
        prepare_8_bits(c, s);
    }
    code = code ? code : ql_rescale_by(c, ql_scale(c->in[0]) / ql_scale(c->out[0]), &s->identity);
    return code ? code
                : ql_rescale_by(c, fabsf(ql_scale(c->in[0]) * s->alpha / ql_scale(c->out[0])), &s->slope);
}

const ql_op ql_op_leaky_relu = {
    .name = "LEAKY_RELU",
    .code = 98,
    .max_version = 2,
    .options_id = 75,
    .min_in = 1,
    .max_in = 1,
    .min_out = 1,
    .max_out = 1,
    .prepare = prepare,
    .run = {[QL_S_F32] = run_f32, [QL_S_I8] = run_i8, [QL_S_U8] = run_u8, [QL_S_I16] = run_i16},
    .quant = {.kind = QL_Q_FREE},
};
