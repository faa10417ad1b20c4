/* SQUARED_DIFFERENCE: y = (a - b)^2, shapes broadcast.
 *
 *   in 0, 1  a, b   f32 | i32 | i8      out 0  y, same type
 *
 * Quantized: both inputs are brought to twice the larger scale with 7 bits of headroom, subtracted,
 * squared, rescaled. int32 wraps. No runtime kernel takes the int16 that the converter may write.
 * Source: TFLite kernels/squared_difference.cc.
 */
#include "runtime/ops/common/binary.h"

#include <math.h>

enum { HEADROOM = 7 };

typedef struct {
    ql_broadcast broadcast;
    int32_t zero[2], out_zero;
    ql_mult in[2], out;
} ql_sqdiff;

static int32_t scaled(const ql_sqdiff *s, int input, int32_t q)
{
    int32_t raised = ql_shift_left(q - s->zero[input], HEADROOM);
    return ql_rdivpot(ql_srdhm(raised, s->in[input].m), -s->in[input].shift);
}

static int32_t squared_q(const ql_sqdiff *s, int32_t a, int32_t b, int32_t lowest, int32_t highest)
{
    int32_t difference = ql_wrap_sub(scaled(s, 0, a), scaled(s, 1, b));
    int32_t square = ql_wrap_mul(difference, difference);
    int32_t y = ql_wrap_add(ql_rdivpot(ql_srdhm(square, s->out.m), -s->out.shift), s->out_zero);
    return ql_clamp(y, lowest, highest);
}

QL_BINARY(run_f32, ql_sqdiff, float, float, (a - b) * (a - b))
QL_BINARY(run_i32, ql_sqdiff, int32_t, int32_t, ql_wrap_mul(ql_wrap_sub(a, b), ql_wrap_sub(a, b)))
QL_BINARY(run_i8, ql_sqdiff, int8_t, int8_t, squared_q(s, a, b, INT8_MIN, INT8_MAX))

static ql_code prepare_q(const ql_call *c, ql_sqdiff *s)
{
    ql_code code = ql_need_quant_out(c, 0);
    for (int i = 0; i < 2 && !code; i++) {
        code = ql_need_quant_in(c, i);
        s->zero[i] = ql_zero(c->in[i]);
    }
    if (code) {
        return code;
    }
    s->out_zero = ql_zero(c->out[0]);
    double twice = 2 * (double)fmaxf(ql_scale(c->in[0]), ql_scale(c->in[1]));
    for (int i = 0; i < 2; i++) {
        s->in[i] = ql_quantize_multiplier((double)ql_scale(c->in[i]) / twice);
    }
    double real = twice * twice / (double)((float)(1 << 2 * HEADROOM) * ql_scale(c->out[0]));
    s->out = ql_quantize_multiplier(real < 1 ? real : 0);
    if (!(real < 1) || s->out.shift > 0) {
        return ql_fail_out(c, 0, QL_E_FORMAT,
                           "output scale %g: must be above 2^-%d of the inputs' larger scale squared",
                           (double)ql_scale(c->out[0]), 2 * HEADROOM - 2);
    }
    return QL_OK;
}

static ql_code prepare(ql_call *c)
{
    ql_code code = ql_prepare_binary(c, sizeof(ql_sqdiff));
    return code || c->slot == QL_S_F32 || c->slot == QL_S_I32 ? code : prepare_q(c, c->state);
}

const ql_op ql_op_squared_difference = {
    .name = "SQUARED_DIFFERENCE",
    .code = 99,
    .max_version = 2,
    .options_id = 76,
    .min_in = 2,
    .max_in = 2,
    .min_out = 1,
    .max_out = 1,
    .prepare = prepare,
    .run = {[QL_S_F32] = run_f32, [QL_S_I32] = run_i32, [QL_S_I8] = run_i8},
    .quant = {.kind = QL_Q_FREE, .no_i16 = true},
};
