/* ABS: y = |x|, elementwise.
 *
 *   in 0  x   f32 | i8 | i16 | i32      out 0  y   same type and shape, its own scale
 *
 * Quantized: |q - zero|, rescaled by x.scale / y.scale (formed in float) where the scales differ. int16
 * without quantization and int32 are plain integers, whose lowest value stays as it is. Source: TFLite
 * kernels/elementwise.cc AbsEvalQuantized.
 */
#include "runtime/ops/common/requant.h"
#include "runtime/ops/common/unary.h"

#include <math.h>

typedef struct {
    int32_t zero, out_zero;
    bool same_scale;
    ql_mult rescale;
    ql_rounding rounding;
} ql_abs;

static int32_t magnitude(const ql_abs *s, int32_t q, int32_t lowest, int32_t highest)
{
    int32_t value = q - s->zero;
    value = value < 0 ? -value : value;
    value = s->same_scale ? value : ql_mul32(value, s->rescale, s->rounding);
    return ql_clamp(ql_wrap_add(value, s->out_zero), lowest, highest);
}

QL_UNARY(run_f32, float, fabsf(x))
QL_UNARY(run_i32, int32_t, x < 0 ? 0u - (uint32_t)x : (uint32_t)x)
QL_UNARY(run_i16_plain, int16_t, x < 0 ? -x : x)
QL_UNARY_BYTES(run_i8, ql_abs, int8_t, magnitude(s, x, INT8_MIN, INT8_MAX))
QL_UNARY_WITH(run_i16, ql_abs, int16_t, magnitude(s, x, INT16_MIN, INT16_MAX))

static ql_code prepare_q(ql_call *c)
{
    ql_abs *s = ql_state(c, sizeof *s);
    if (!s) {
        return QL_E_NOMEM;
    }
    float in = ql_scale(c->in[0]), out = ql_scale(c->out[0]);
    *s = (ql_abs){.zero = ql_zero(c->in[0]),
                  .out_zero = ql_zero(c->out[0]),
                  .same_scale = in == out,
                  .rounding = c->numerics->rounding};
    ql_code code = ql_need_quant_in(c, 0);
    code = code ? code : ql_need_quant_out(c, 0);
    return code ? code : ql_rescale_by(c, in / out, &s->rescale);
}

static ql_code prepare(ql_call *c)
{
    ql_code code = ql_prepare_unary(c);
    if (c->slot == QL_S_I16 && !c->in[0]->tensor->quant.scale_count) {
        c->run = run_i16_plain;
        return code;
    }
    return code || c->slot == QL_S_F32 || c->slot == QL_S_I32 ? code : prepare_q(c);
}

const ql_op ql_op_abs = {
    .name = "ABS",
    .code = 101,
    .max_version = 3,
    .options_id = 78,
    .min_in = 1,
    .max_in = 1,
    .min_out = 1,
    .max_out = 1,
    .prepare = prepare,
    .run = {[QL_S_F32] = run_f32, [QL_S_I8] = run_i8, [QL_S_I16] = run_i16, [QL_S_I32] = run_i32},
    .quant = {.kind = QL_Q_FREE},
};
