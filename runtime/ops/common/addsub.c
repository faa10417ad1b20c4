#include "runtime/ops/common/addsub.h"

#include "runtime/ops/common/activation.h"
#include "runtime/ops/common/broadcast.h"

#include <math.h>

typedef struct {
    ql_broadcast broadcast;
    ql_clamp_f32 clamp_f32;
    ql_clamp_q clamp;
    int sign, headroom;
    int32_t zero[2], out_zero;
    ql_mult in[2], out;
    bool shifts, plain; /* powers of two; integers without quantization */
} ql_add;

#define ROW(name, type, expression)                                                                          \
    static ql_code name(const ql_call *c, const ql_row *r)                                                   \
    {                                                                                                        \
        const ql_add *s = c->state;                                                                          \
        const type *a = (const type *)c->in[0]->data + r->at[0],                                             \
                   *b = (const type *)c->in[1]->data + r->at[1];                                             \
        type *y = (type *)c->out[0]->data + r->out;                                                          \
        for (int i = 0; i < r->n; i++) {                                                                     \
            type left = a[(size_t)i * r->step[0]], right = b[(size_t)i * r->step[1]];                        \
            y[i] = (type)(expression);                                                                       \
        }                                                                                                    \
        return QL_OK;                                                                                        \
    }

static int32_t scaled(int32_t q, const ql_add *s, int input)
{
    int32_t raised = ql_shift_left(q - s->zero[input], s->headroom);
    return ql_rdivpot(ql_srdhm(raised, s->in[input].m), -s->in[input].shift);
}

static int32_t sum_q(const ql_add *s, int32_t left, int32_t right)
{
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

static int64_t sum_plain(const ql_add *s, int64_t left, int64_t right, int bits)
{
    uint64_t sum = (uint64_t)left + (s->sign > 0 ? (uint64_t)right : 0 - (uint64_t)right);
    int64_t value = bits == 16 ? (int16_t)sum : bits == 32 ? (int32_t)sum : (int64_t)sum;
    if (bits == 64) {
        return value;
    }
    return ql_clamp((int32_t)value, s->clamp.lowest, s->clamp.highest);
}

ROW(row_f32, float, ql_clamped(s->sign > 0 ? left + right : left - right, s->clamp_f32))
ROW(row_i8, int8_t, sum_q(s, left, right))
ROW(row_u8, uint8_t, sum_q(s, left, right))
ROW(row_i16, int16_t, s->shifts ? sum_shifted(s, left, right) : sum_q(s, left, right))
ROW(row_i16_plain, int16_t, sum_plain(s, left, right, 16))
ROW(row_i32, int32_t, sum_plain(s, left, right, 32))
ROW(row_i64, int64_t, sum_plain(s, left, right, 64))

static ql_code run_rows(const ql_call *c, ql_row_fn row)
{
    return ql_broadcast_rows(c, &((const ql_add *)c->state)->broadcast, row);
}

ql_code ql_run_add_f32(const ql_call *c)
{
    return run_rows(c, row_f32);
}

ql_code ql_run_add_i8(const ql_call *c)
{
    return run_rows(c, row_i8);
}

ql_code ql_run_add_u8(const ql_call *c)
{
    return run_rows(c, row_u8);
}

ql_code ql_run_add_i16(const ql_call *c)
{
    return run_rows(c, ((const ql_add *)c->state)->plain ? row_i16_plain : row_i16);
}

ql_code ql_run_add_i32(const ql_call *c)
{
    return run_rows(c, row_i32);
}

ql_code ql_run_add_i64(const ql_call *c)
{
    return run_rows(c, row_i64);
}

/* The exponent of a scale that is a power of two, to the reference's tolerance. */
static bool log2_of(float scale, int *exponent)
{
    float log = logf(scale) * (1.0f / logf(2.0f)), rounded = roundf(log);
    *exponent = (int)rounded;
    return fabsf(log - rounded) < 1e-3f;
}

static bool prepare_shifts(const ql_call *c, ql_add *s)
{
    int in[2], out;
    if (!log2_of(ql_scale(c->in[0]), &in[0]) || !log2_of(ql_scale(c->in[1]), &in[1]) ||
        !log2_of(ql_scale(c->out[0]), &out)) {
        return false;
    }
    for (int i = 0; i < 2; i++) {
        s->in[i].shift = in[i] - out;
    }
    bool one_kept = s->in[0].shift == 0 || s->in[1].shift == 0;
    return s->shifts = one_kept && s->in[0].shift <= 0 && s->in[1].shift <= 0 && s->in[0].shift >= -31 &&
                       s->in[1].shift >= -31;
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
    if (s->out.shift > 0) {
        return ql_fail_out(c, 0, QL_E_FORMAT,
                           "output scale %g: must be at least 2^-%d of the inputs' larger scale",
                           (double)ql_scale(c->out[0]), s->headroom - 1);
    }
    return QL_OK;
}

ql_code ql_prepare_add(ql_call *c, int activation, bool pot_scale_int16, int sign)
{
    ql_add *s = ql_state(c, sizeof *s);
    if (!s) {
        return QL_E_NOMEM;
    }
    s->sign = sign;
    s->clamp_f32 = ql_activation_f32(activation);
    ql_code code = ql_need_same_type(c, 0, 0);
    code = code ? code : ql_need_same_type(c, 1, 0);
    code = code ? code : ql_broadcast_prepare(c, 0, 2, &s->broadcast);
    if (code || c->slot == QL_S_F32 || c->slot == QL_S_I64) {
        return code;
    }
    s->plain = c->slot == QL_S_I32 || (c->slot == QL_S_I16 && !c->in[0]->tensor->quant.scale_count);
    if (s->plain) {
        return ql_activation_integer(c, 0, activation, &s->clamp);
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
