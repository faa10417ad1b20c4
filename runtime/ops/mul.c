/* MUL: y = act(a * b), shapes broadcast.
 *
 *   in 0, 1  a, b   f32 | i8 | u8 | i16 | i32 | i64 | u32 | complex64
 *   out 0    y      same type; i16 inputs also give i8 or u8
 *
 * Quantized: the product of the two offset values is rescaled by a.scale * b.scale / y.scale, formed in
 * float. int16 to 8 bits ignores the scales: the product of two values in [-1, 1) with 15 fraction bits is
 * cut to 7. Integers without quantization wrap. complex64 has no activation. Source: TFLite kernels/mul.cc,
 * reference_integer_ops::Mul, reference_ops::Mul. docs/numerics.md "MUL".
 */
#include "runtime/ops/common/activation.h"
#include "runtime/ops/common/binary.h"
#include "runtime/ops/common/requant.h"

#include <complex.h>

enum { ACTIVATION };

typedef struct {
    ql_broadcast broadcast;
    ql_clamp_f32 clamp_f32;
    ql_clamp_q clamp;
    ql_clamp_i64 clamp_i64;
    int32_t zero[2], out_zero;
    ql_mult rescale;
    float factor; /* used instead when not 0 */
    ql_rounding rounding;
} ql_mul;

static int32_t product_q(const ql_mul *s, int32_t a, int32_t b)
{
    int32_t product = (a - s->zero[0]) * (b - s->zero[1]);
    if (s->factor != 0) {
        return ql_rescale_f32(product, s->factor, s->out_zero, s->clamp.lowest, s->clamp.highest);
    }
    int32_t y = ql_wrap_add(ql_mul32(product, s->rescale, s->rounding), s->out_zero);
    return ql_clamp(y, s->clamp.lowest, s->clamp.highest);
}

static int32_t product_16_to_8(const ql_mul *s, int16_t a, int16_t b)
{
    int32_t y = ql_rdivpot(ql_srdhm16(a, b), 8);
    return s->out_zero + ql_clamp(y, s->clamp.lowest - s->out_zero, s->clamp.highest - s->out_zero);
}

static uint64_t product_plain(int64_t a, int64_t b)
{
    return (uint64_t)a * (uint64_t)b;
}

static ql_pairwise_fn kernel_of(const ql_call *c)
{
    const ql_mul *s = c->state;
    bool fixed = s->factor == 0 && s->rounding == QL_ROUND_DOUBLE;
    return !fixed               ? NULL
           : c->slot == QL_S_I8 ? c->isa->product_i8
           : c->slot == QL_S_U8 ? c->isa->product_u8
                                : c->isa->product_i16;
}

/* A row on the exec's instruction set. */
static ql_code row_fast(const ql_call *c, const ql_row *r)
{
    const ql_mul *s = c->state;
    size_t element = c->slot == QL_S_I16 ? sizeof(int16_t) : 1;
    kernel_of(c)(&(ql_pairwise){
        .a = (const char *)c->in[0]->data + r->at[0] * element,
        .b = (const char *)c->in[1]->data + r->at[1] * element,
        .a_step = r->step[0],
        .b_step = r->step[1],
        .n = (size_t)r->n,
        .y = (char *)c->out[0]->data + r->out * element,
        .zero = {s->zero[0], s->zero[1]},
        .out_m = s->rescale.m,
        .out_shift = s->rescale.shift,
        .out_zero = s->out_zero,
        .low = s->clamp.lowest,
        .high = s->clamp.highest,
    });
    return QL_OK;
}

static ql_code run_fast(const ql_call *c)
{
    return ql_broadcast_rows(c, &((const ql_mul *)c->state)->broadcast, row_fast);
}

QL_BINARY_ROW(row_f32, ql_mul, float, float, ql_clamped(a *b, s->clamp_f32))
QL_BINARY(run_c64, ql_mul, float complex, float complex, a *b)
QL_BINARY(run_i8, ql_mul, int8_t, int8_t, product_q(s, a, b))
QL_BINARY(run_u8, ql_mul, uint8_t, uint8_t, product_q(s, a, b))
QL_BINARY(run_i16, ql_mul, int16_t, int16_t, product_q(s, a, b))
QL_BINARY(run_i16_i8, ql_mul, int16_t, int8_t, product_16_to_8(s, a, b))
QL_BINARY(run_i16_u8, ql_mul, int16_t, uint8_t, product_16_to_8(s, a, b))
QL_BINARY(run_i16_plain, ql_mul, int16_t, int16_t, ql_clamped_i64((int16_t)product_plain(a, b), s->clamp_i64))
QL_BINARY(run_i32, ql_mul, int32_t, int32_t, ql_clamped_i64((int32_t)product_plain(a, b), s->clamp_i64))
QL_BINARY(run_u32, ql_mul, uint32_t, uint32_t, ql_clamped_i64((uint32_t)product_plain(a, b), s->clamp_i64))
QL_BINARY(run_i64, ql_mul, int64_t, int64_t, ql_clamped_i64((int64_t)product_plain(a, b), s->clamp_i64))

static ql_code row_f32_fast(const ql_call *c, const ql_row *r)
{
    ql_float_row(c, r, ((const ql_mul *)c->state)->clamp_f32, c->isa->product_f32);
    return QL_OK;
}

static ql_code run_f32(const ql_call *c)
{
    return ql_broadcast_rows(c, &((const ql_mul *)c->state)->broadcast,
                             c->isa->product_f32 ? row_f32_fast : row_f32);
}

static ql_code prepare_rescale(const ql_call *c, ql_mul *s)
{
    for (int i = 0; i < 2; i++) {
        ql_code code = ql_need_quant_in(c, i);
        if (code) {
            return code;
        }
        s->zero[i] = ql_zero(c->in[i]);
    }
    float real = ql_scale(c->in[0]) * ql_scale(c->in[1]) / ql_scale(c->out[0]);
    bool taken = c->numerics->rescale_in_float && c->slot != QL_S_I16 && real >= 0x1p-16f && real < 256;
    s->factor = taken ? real : 0;
    return ql_rescale_by(c, real, &s->rescale);
}

static ql_code prepare_quantized(ql_call *c, ql_mul *s)
{
    s->out_zero = ql_zero(c->out[0]);
    s->rounding = c->numerics->rounding;
    ql_code code = ql_need_quant_out(c, 0);
    code = code ? code : ql_activation_q(c, 0, ql_opt_int(c->options, ACTIVATION), &s->clamp);
    if (code || c->out[0]->type == c->in[0]->type) {
        code = code ? code : prepare_rescale(c, s);
        c->run = !code && kernel_of(c) ? run_fast : c->run;
        return code;
    }
    c->run = c->out[0]->type == QL_I8 ? run_i16_i8 : run_i16_u8;
    return QL_OK;
}

static ql_code prepare(ql_call *c)
{
    int activation = ql_opt_int(c->options, ACTIVATION);
    ql_type out = c->out[0]->type;
    bool narrows = c->slot == QL_S_I16 && (out == QL_I8 || out == QL_U8);
    ql_code code = ql_prepare_binary_to(c, sizeof(ql_mul), narrows ? out : c->in[0]->type);
    if (code) {
        return code;
    }
    ql_mul *s = c->state;
    s->clamp_f32 = ql_activation_f32(activation);
    s->clamp_i64 = ql_activation_i64(activation, out);
    if (c->slot == QL_S_C64 && activation != QL_ACT_NONE) {
        return ql_fail_op(c, QL_E_FORMAT, "activation %d on complex64: none is allowed", activation);
    }
    if (out == QL_I16 && !c->out[0]->tensor->quant.scale_count) {
        c->run = run_i16_plain;
        return QL_OK;
    }
    return c->slot == QL_S_I8 || c->slot == QL_S_U8 || c->slot == QL_S_I16 ? prepare_quantized(c, s) : QL_OK;
}

const ql_op ql_op_mul = {
    .name = "MUL",
    .code = 18,
    .max_version = 7,
    .options_id = 21,
    .min_in = 2,
    .max_in = 2,
    .min_out = 1,
    .max_out = 1,
    .prepare = prepare,
    .run = {[QL_S_F32] = run_f32,
            [QL_S_I8] = run_i8,
            [QL_S_U8] = run_u8,
            [QL_S_I16] = run_i16,
            [QL_S_I32] = run_i32,
            [QL_S_U32] = run_u32,
            [QL_S_I64] = run_i64,
            [QL_S_C64] = run_c64},
    .quant = {.kind = QL_Q_FREE},
};
