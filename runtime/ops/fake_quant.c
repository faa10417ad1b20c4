/* FAKE_QUANT: y = x quantized to `num_bits` bits over [min, max] and back, elementwise.
 *
 *   in 0  x  f32      out 0  y  f32
 *
 * The range is nudged so that 0 is one of the levels. narrow_range is for weights; no runtime has it.
 * Source: TFLite kernels/fake_quant.cc, NudgeQuantizationRange, FakeQuantizeArray.
 */
#include "runtime/ops/common/unary.h"

#include <math.h>

enum { MIN, MAX, NUM_BITS, NARROW_RANGE };

typedef struct {
    float scale, inverse, lowest, highest;
} ql_fake_quant;

static float fake_quant(const ql_fake_quant *s, float x)
{
    float raised = s->lowest < x ? x : s->lowest;
    float clamped = raised < s->highest ? raised : s->highest;
    return roundf((clamped - s->lowest) * s->inverse) * s->scale + s->lowest;
}

QL_UNARY_WITH(run_f32, ql_fake_quant, float, fake_quant(s, x))

static ql_fake_quant nudged(float min, float max, int bits)
{
    float highest = (float)((1 << bits) - 1);
    float scale = (max - min) / highest, zero = 0 - min / scale;
    zero = zero < 0 ? 0 : zero > highest ? highest : roundf(zero);
    return (ql_fake_quant){scale, 1.0f / scale, (0 - zero) * scale, (highest - zero) * scale};
}

static ql_code prepare(ql_call *c)
{
    ql_fake_quant *s = ql_state(c, sizeof *s);
    ql_code code = s ? ql_prepare_unary(c) : QL_E_NOMEM;
    float min = ql_opt_f32(c->options, MIN), max = ql_opt_f32(c->options, MAX);
    int bits = ql_opt_int(c->options, NUM_BITS);
    if (!code && ql_opt_bool(c->options, NARROW_RANGE)) {
        return ql_fail_op(c, QL_E_UNSUPPORTED, "narrow_range: is for weights, not for a graph that runs");
    }
    if (!code && !(min <= 0 && max >= 0 && min < max && isfinite(max - min) && bits >= 1 && bits <= 16)) {
        return ql_fail_op(c, QL_E_FORMAT,
                          "%d bits over %g .. %g: must be 1 to 16, over a finite range that has 0 in it",
                          bits, (double)min, (double)max);
    }
    if (!code) {
        *s = nudged(min, max, bits);
    }
    return code;
}

const ql_op ql_op_fake_quant = {
    .name = "FAKE_QUANT",
    .code = 80,
    .max_version = 2,
    .options_id = 58,
    .min_in = 1,
    .max_in = 1,
    .min_out = 1,
    .max_out = 1,
    .prepare = prepare,
    .run = {[QL_S_F32] = run_f32},
    .quant = {.kind = QL_Q_NONE},
};
