#include "runtime/ops/common/addsub.h"

#include "runtime/ops/common/activation.h"
#include "runtime/ops/common/binary.h"

#include <math.h>

typedef struct {
    ql_broadcast broadcast;
    ql_clamp_f32 clamp_f32;
    ql_clamp_q clamp;
    ql_clamp_i64 clamp_i64;
    int sign, headroom;
    int32_t zero[2], out_zero;
    ql_mult in[2], out;
    bool shifts, plain; /* powers of two; integers without quantization */
    int one_shift;      /* the profile add_one_shift: */
    int32_t factors[2]; /* y = (a * factors[0] + b * factors[1] + half) >> one_shift */
} ql_add;

static int32_t scaled(int32_t q, const ql_add *s, int input)
{
    int32_t raised = ql_shift_left(q - s->zero[input], s->headroom);
    return ql_rdivpot(ql_srdhm(raised, s->in[input].m), -s->in[input].shift);
}

static int32_t sum_one_shift(const ql_add *s, int32_t left, int32_t right)
{
    int32_t sum = (left - s->zero[0]) * s->factors[0] + (right - s->zero[1]) * s->factors[1];
    int32_t y = (sum + (1 << (s->one_shift - 1))) >> s->one_shift;
    return ql_clamp(y + s->out_zero, s->clamp.lowest, s->clamp.highest);
}

static int32_t sum_q(const ql_add *s, int32_t left, int32_t right)
{
    if (s->one_shift) {
        return sum_one_shift(s, left, right);
    }
    int32_t a = scaled(left, s, 0), b = scaled(right, s, 1);
    int32_t sum = s->sign > 0 ? ql_wrap_add(a, b) : ql_wrap_sub(a, b);
    int32_t y = ql_rdivpot(ql_srdhm(ql_shift_left(sum, s->out.shift > 0 ? s->out.shift : 0), s->out.m),
                           s->out.shift < 0 ? -s->out.shift : 0);
    return ql_clamp(ql_wrap_add(y, s->out_zero), s->clamp.lowest, s->clamp.highest);
}

static int32_t sum_shifted(const ql_add *s, int32_t left, int32_t right)
{
    int32_t a = ql_rdivpot(left, -s->in[0].shift), b = ql_rdivpot(right, -s->in[1].shift);
    int32_t sum = s->sign > 0 ? ql_sat16(a + b) : a - b;
    return ql_clamp(sum, s->clamp.lowest, s->clamp.highest);
}

static uint64_t sum_plain(const ql_add *s, int64_t left, int64_t right)
{
    return (uint64_t)left + (s->sign > 0 ? (uint64_t)right : 0 - (uint64_t)right);
}

static ql_pairwise_fn kernel_of(const ql_call *c)
{
    return c->slot == QL_S_I8 ? c->isa->sum_i8 : c->slot == QL_S_U8 ? c->isa->sum_u8 : c->isa->sum_i16;
}

/* A row on the exec's instruction set. */
static ql_code row_fast(const ql_call *c, const ql_row *r)
{
    const ql_add *s = c->state;
    size_t element = c->slot == QL_S_I16 ? sizeof(int16_t) : 1;
    kernel_of(c)(&(ql_pairwise){
        .a = (const char *)c->in[0]->data + r->at[0] * element,
        .b = (const char *)c->in[1]->data + r->at[1] * element,
        .a_step = r->step[0],
        .b_step = r->step[1],
        .n = (size_t)r->n,
        .y = (char *)c->out[0]->data + r->out * element,
        .zero = {s->zero[0], s->zero[1]},
        .in_m = {s->in[0].m, s->in[1].m},
        .in_shift = {s->in[0].shift, s->in[1].shift},
        .headroom = s->headroom,
        .subtract = s->sign < 0,
        .out_m = s->out.m,
        .out_shift = s->out.shift,
        .out_zero = s->out_zero,
        .low = s->clamp.lowest,
        .high = s->clamp.highest,
    });
    return QL_OK;
}

QL_BINARY_ROW(row_f32, ql_add, float, float, ql_clamped(s->sign > 0 ? a + b : a - b, s->clamp_f32))
QL_BINARY_ROW(row_i8, ql_add, int8_t, int8_t, sum_q(s, a, b))
QL_BINARY_ROW(row_u8, ql_add, uint8_t, uint8_t, sum_q(s, a, b))
QL_BINARY_ROW(row_i16, ql_add, int16_t, int16_t, s->shifts ? sum_shifted(s, a, b) : sum_q(s, a, b))
QL_BINARY_ROW(row_i16_plain, ql_add, int16_t, int16_t,
              ql_clamped_i64((int16_t)sum_plain(s, a, b), s->clamp_i64))
QL_BINARY_ROW(row_i32, ql_add, int32_t, int32_t, ql_clamped_i64((int32_t)sum_plain(s, a, b), s->clamp_i64))
QL_BINARY_ROW(row_i64, ql_add, int64_t, int64_t, ql_clamped_i64((int64_t)sum_plain(s, a, b), s->clamp_i64))

static ql_code row_f32_fast(const ql_call *c, const ql_row *r)
{
    const ql_add *s = c->state;
    ql_float_row(c, r, s->clamp_f32, s->sign > 0 ? c->isa->sum_f32 : c->isa->difference_f32);
    return QL_OK;
}

static ql_code run_rows(const ql_call *c, ql_row_fn row)
{
    return ql_broadcast_rows(c, &((const ql_add *)c->state)->broadcast, row);
}

/* Quantized rows; `row` in plain C. */
static ql_code run_q(const ql_call *c, ql_row_fn row)
{
    const ql_add *s = c->state;
    bool fast = kernel_of(c) && !s->one_shift && !s->shifts && s->in[0].shift <= 0 && s->in[1].shift <= 0;
    return run_rows(c, fast ? row_fast : row);
}

ql_code ql_run_add_f32(const ql_call *c)
{
    return run_rows(c, c->isa->sum_f32 ? row_f32_fast : row_f32);
}

ql_code ql_run_add_i8(const ql_call *c)
{
    return run_q(c, row_i8);
}

ql_code ql_run_add_u8(const ql_call *c)
{
    return run_q(c, row_u8);
}

ql_code ql_run_add_i16(const ql_call *c)
{
    return ((const ql_add *)c->state)->plain ? run_rows(c, row_i16_plain) : run_q(c, row_i16);
}

ql_code ql_run_add_i32(const ql_call *c)
{
    return run_rows(c, row_i32);
}

ql_code ql_run_add_i64(const ql_call *c)
{
    return run_rows(c, row_i64);
}

static bool prepare_shifts(const ql_call *c, ql_add *s)
{
    int in[2], out;
    if (!ql_log2_of(ql_scale(c->in[0]), &in[0]) || !ql_log2_of(ql_scale(c->in[1]), &in[1]) ||
        !ql_log2_of(ql_scale(c->out[0]), &out)) {
        return false;
    }
    for (int i = 0; i < 2; i++) {
        s->in[i].shift = in[i] - out;
    }
    bool one_kept = s->in[0].shift == 0 || s->in[1].shift == 0;
    return s->shifts = one_kept && s->in[0].shift <= 0 && s->in[1].shift <= 0 && s->in[0].shift >= -31 &&
                       s->in[1].shift >= -31;
}

/* The larger factor gets 21 bits. XNNPACK takes ratios of 2^-10 to 2^8 only. */
static void prepare_one_shift(const ql_call *c, ql_add *s)
{
    float ratios[2];
    int exponent;
    for (int i = 0; i < 2; i++) {
        ratios[i] = ql_scale(c->in[i]) / ql_scale(c->out[0]);
        if (!(ratios[i] >= 0x1p-10f && ratios[i] < 256)) {
            return;
        }
    }
    frexpf(fmaxf(ratios[0], ratios[1]), &exponent);
    s->one_shift = 21 - exponent;
    for (int i = 0; i < 2; i++) {
        s->factors[i] = (int32_t)lrintf(ldexpf(ratios[i], s->one_shift));
    }
    s->factors[1] *= s->sign;
}

static ql_code prepare_rescale(const ql_call *c, ql_add *s)
{
    s->headroom = c->slot == QL_S_I16 ? 15 : 20;
    s->zero[0] = ql_zero(c->in[0]);
    s->zero[1] = ql_zero(c->in[1]);
    s->out_zero = ql_zero(c->out[0]);
    double twice = 2 * (double)fmaxf(ql_scale(c->in[0]), ql_scale(c->in[1]));
    for (int i = 0; i < 2; i++) {
        s->in[i] = ql_quantize_multiplier((double)ql_scale(c->in[i]) / twice);
    }
    double out = twice / (double)((float)(1 << s->headroom) * ql_scale(c->out[0]));
    s->out = ql_quantize_multiplier(out);
    if (c->numerics->add_one_shift && c->slot != QL_S_I16) {
        prepare_one_shift(c, s);
    }
    if (s->out.shift > 0 && !s->one_shift) {
        return ql_fail_out(c, 0, QL_E_FORMAT,
                           "output scale %g: must be at least 2^-%d of the inputs' larger scale",
                           (double)ql_scale(c->out[0]), s->headroom - 1);
    }
    return QL_OK;
}

ql_code ql_prepare_add(ql_call *c, int activation, bool pot_scale_int16, int sign)
{
    ql_code code = ql_prepare_binary(c, sizeof(ql_add));
    if (code) {
        return code;
    }
    ql_add *s = c->state;
    s->sign = sign;
    s->clamp_f32 = ql_activation_f32(activation);
    s->clamp_i64 = ql_activation_i64(activation, c->out[0]->type);
    s->plain = c->slot == QL_S_I16 && !c->in[0]->tensor->quant.scale_count;
    if (s->plain || c->slot == QL_S_F32 || c->slot == QL_S_I32 || c->slot == QL_S_I64) {
        return QL_OK;
    }
    code = ql_need_quant_in(c, 0);
    code = code ? code : ql_need_quant_in(c, 1);
    code = code ? code : ql_need_quant_out(c, 0);
    code = code ? code : ql_activation_q(c, 0, activation, &s->clamp);
    if (code || (c->slot == QL_S_I16 && pot_scale_int16 && prepare_shifts(c, s))) {
        return code;
    }
    return prepare_rescale(c, s);
}
