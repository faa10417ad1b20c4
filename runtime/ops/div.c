/* DIV: y = act(a / b), shapes broadcast.
 *
 *   in 0, 1  a, b   f32 | i32 | u8 | i8 | i16      out 0  y, same type
 *
 * float: an infinity becomes +-FLT_MAX, or the activation's bound. int32 cuts. Quantized: a fixed-point
 * reciprocal of b, then a rescale by a.scale / (b.scale * y.scale) formed in float. An integer divisor that
 * is 0 ends the run. The quotient's last shift can pass 31: then the bits are those of x86, as in the
 * official build. i8 and i16 (version 3) have the arithmetic of u8, as LiteRT after TF 2.21 has it. Source:
 * TFLite reference_ops::Div. docs/numerics.md "DIV".
 */
#include "runtime/ops/common/activation.h"
#include "runtime/ops/common/binary.h"
#include "runtime/ops/common/requant.h"

enum { ACTIVATION };

typedef struct {
    ql_broadcast broadcast;
    ql_clamp_f32 clamp_f32;
    ql_clamp_q clamp;
    ql_clamp_i64 clamp_i64;
    int32_t zero[2], out_zero;
    ql_mult rescale;
} ql_div;

/* Leading bits equal to the sign, the sign itself apart. */
static int sign_bits(int32_t x)
{
    uint32_t magnitude = (uint32_t)(x < 0 ? ~x : x);
    int count = 31;
    for (; magnitude; magnitude >>= 1) {
        count--;
    }
    return count;
}

/* ql_rdivpot where n may pass 31, as x86 shifts: by n modulo 32. */
static int32_t divide_pot(int32_t x, int n)
{
    int32_t mask = n > 31 ? -1 : (int32_t)((1LL << n) - 1), quotient = x >> (n & 31);
    return ql_wrap_add(quotient, (x & mask) > (mask >> 1) + (x < 0));
}

static int32_t quotient_q(const ql_div *s, int32_t a, int32_t b)
{
    a -= s->zero[0];
    b -= s->zero[1];
    if (b < 0) {
        a = -a;
        b = -b;
    }
    int over, room = sign_bits(a);
    int32_t inverse = ql_fixed_reciprocal(b, 31, &over);
    int32_t unscaled = ql_srdhm(ql_shift_left(a, room), inverse);
    int32_t y = divide_pot(ql_srdhm(unscaled, s->rescale.m), over + room - s->rescale.shift);
    return ql_clamp(ql_wrap_add(y, s->out_zero), s->clamp.lowest, s->clamp.highest);
}

static int64_t quotient_i32(const ql_div *s, int64_t a, int64_t b)
{
    return ql_clamped_i64((int32_t)(a / b), s->clamp_i64);
}

QL_BINARY(run_f32, ql_div, float, float, ql_clamped(a / b, s->clamp_f32))
QL_BINARY(divide_i32, ql_div, int32_t, int32_t, quotient_i32(s, a, b))
QL_BINARY(divide_i8, ql_div, int8_t, int8_t, quotient_q(s, a, b))
QL_BINARY(divide_u8, ql_div, uint8_t, uint8_t, quotient_q(s, a, b))
QL_BINARY(divide_i16, ql_div, int16_t, int16_t, quotient_q(s, a, b))

/* Integer kernels look for a zero among the divisors first. */
QL_DIVISION(run_i32, ql_div, int32_t, s->zero[1], divide_i32)
QL_DIVISION(run_i8, ql_div, int8_t, s->zero[1], divide_i8)
QL_DIVISION(run_u8, ql_div, uint8_t, s->zero[1], divide_u8)
QL_DIVISION(run_i16, ql_div, int16_t, s->zero[1], divide_i16)

static ql_code prepare_q(const ql_call *c, ql_div *s)
{
    for (int i = 0; i < 2; i++) {
        ql_code code = ql_need_quant_in(c, i);
        if (code) {
            return code;
        }
        s->zero[i] = ql_zero(c->in[i]);
    }
    s->out_zero = ql_zero(c->out[0]);
    ql_code code = ql_need_quant_out(c, 0);
    code = code ? code : ql_activation_q(c, 0, ql_opt_int(c->options, ACTIVATION), &s->clamp);
    float real = ql_scale(c->in[0]) / (ql_scale(c->in[1]) * ql_scale(c->out[0]));
    code = code ? code : ql_rescale_by(c, real, &s->rescale);
    int limit = c->slot == QL_S_I16 ? 14 : 22; /* the last shift goes to the right */
    if (!code && s->rescale.shift > limit) {
        return ql_fail_out(c, 0, QL_E_FORMAT,
                           "scale of a / (scale of b * output scale) is %g: must be below 2^%d", (double)real,
                           limit);
    }
    return code;
}

static ql_code prepare(ql_call *c)
{
    ql_code code = ql_prepare_binary(c, sizeof(ql_div));
    if (code) {
        return code;
    }
    ql_div *s = c->state;
    int activation = ql_opt_int(c->options, ACTIVATION);
    s->clamp_f32 = ql_activation_f32(activation);
    s->clamp_i64 = ql_activation_i64(activation, c->out[0]->type);
    return c->slot == QL_S_F32 || c->slot == QL_S_I32 ? QL_OK : prepare_q(c, s);
}

const ql_op ql_op_div = {
    .name = "DIV",
    .code = 42,
    .max_version = 3,
    .options_id = 29,
    .min_in = 2,
    .max_in = 2,
    .min_out = 1,
    .max_out = 1,
    .prepare = prepare,
    .run = {[QL_S_F32] = run_f32,
            [QL_S_I32] = run_i32,
            [QL_S_U8] = run_u8,
            [QL_S_I8] = run_i8,
            [QL_S_I16] = run_i16},
    .quant = {.kind = QL_Q_FREE, .no_i16 = true, .fragile = true},
};
