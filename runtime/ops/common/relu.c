#include "runtime/ops/common/relu.h"

#include "runtime/ops/common/requant.h"
#include "runtime/ops/common/unary.h"

#include <float.h>
#include <math.h>

typedef struct {
    ql_clamp_f32 range;
    ql_clamp_q clamp;
    int32_t zero, out_zero;
    ql_mult rescale;
    ql_rounding rounding;
} ql_relu;

static int32_t clamped_q(const ql_relu *s, int32_t q)
{
    int32_t y = ql_wrap_add(ql_mul32(q - s->zero, s->rescale, s->rounding), s->out_zero);
    return ql_clamp(y, s->clamp.lowest, s->clamp.highest);
}

QL_UNARY_BYTES(relu_i8, ql_relu, int8_t, clamped_q(s, x))
QL_UNARY_BYTES(relu_u8, ql_relu, uint8_t, clamped_q(s, x))
QL_UNARY_WITH(relu_i16, ql_relu, int16_t, clamped_q(s, x))

/* Not ql_clamped: here an infinity passes where no bound binds. */
ql_code ql_run_relu_f32(const ql_call *c)
{
    ql_clamp_f32 range = ((const ql_relu *)c->state)->range;
    float highest = range.highest < FLT_MAX ? range.highest : INFINITY;
    const float *in = c->in[0]->data;
    float *out = c->out[0]->data;
    for (size_t i = 0, count = c->in[0]->count; i < count; i++) {
        float x = in[i], y = x < range.lowest ? range.lowest : x;
        out[i] = x > highest ? highest : y;
    }
    return QL_OK;
}

ql_code ql_run_relu_i8(const ql_call *c)
{
    return relu_i8(c);
}

ql_code ql_run_relu_u8(const ql_call *c)
{
    return relu_u8(c);
}

ql_code ql_run_relu_i16(const ql_call *c)
{
    return relu_i16(c);
}

ql_code ql_prepare_relu(ql_call *c, ql_clamp_f32 range)
{
    ql_relu *s = ql_state(c, sizeof *s);
    ql_code code = s ? ql_prepare_unary(c) : QL_E_NOMEM;
    if (code) {
        return code;
    }
    s->range = range;
    if (c->slot == QL_S_F32) {
        return QL_OK;
    }
    s->zero = ql_zero(c->in[0]);
    s->out_zero = ql_zero(c->out[0]);
    s->rounding = c->numerics->rounding;
    code = ql_need_quant_in(c, 0);
    code = code ? code : ql_need_quant_out(c, 0);
    code = code ? code : ql_rescale_by(c, ql_scale(c->in[0]) / ql_scale(c->out[0]), &s->rescale);
    return code ? code : ql_clamp_range_q(c, 0, range, &s->clamp);
}
