/* PRELU: y = x >= 0 ? x : alpha * x; alpha's shape broadcasts into x's.
 *
 *   in 0   x      f32 | i8 | u8 | i16
 *   in 1   alpha  same type; i8 for i16
 *   out 0  y      same type and shape as x
 *
 * Quantized: q - zero rescaled by x.scale / y.scale, below 0 its product with alpha's rescaled by
 * x.scale * alpha.scale / y.scale; both factors formed in float.
 * Source: TFLite reference_ops::Prelu, BroadcastPrelu4DSlow.
 */
#include "runtime/ops/common/binary.h"
#include "runtime/ops/common/requant.h"

typedef struct {
    ql_broadcast broadcast;
    int32_t zero, alpha_zero, out_zero;
    ql_mult identity, slope;
    ql_rounding rounding;
} ql_prelu;

static int32_t prelu(const ql_prelu *s, int32_t q, int32_t alpha, int32_t lowest, int32_t highest)
{
    int32_t value = q - s->zero;
    int32_t y = value >= 0 ? ql_mul32(value, s->identity, s->rounding)
                           : ql_mul32(value * (alpha - s->alpha_zero), s->slope, s->rounding);
    return ql_clamp(ql_wrap_add(y, s->out_zero), lowest, highest);
}

/* As QL_BINARY, but the inputs' types differ. */
static ql_code row_i16(const ql_call *c, const ql_row *r)
{
    const int16_t *x = (const int16_t *)c->in[0]->data + r->at[0];
    const int8_t *alpha = (const int8_t *)c->in[1]->data + r->at[1];
    int16_t *y = (int16_t *)c->out[0]->data + r->out;
    for (int i = 0; i < r->n; i++) {
        y[i] = (int16_t)prelu(c->state, x[(size_t)i * r->step[0]], alpha[(size_t)i * r->step[1]], INT16_MIN,
                              INT16_MAX);
    }
    return QL_OK;
}

static ql_code run_i16(const ql_call *c)
{
    return ql_broadcast_rows(c, c->state, row_i16);
}

QL_BINARY(run_f32, ql_prelu, float, float, a >= 0 ? a : a * b)
QL_BINARY(run_i8, ql_prelu, int8_t, int8_t, prelu(s, a, b, INT8_MIN, INT8_MAX))
QL_BINARY(run_u8, ql_prelu, uint8_t, uint8_t, prelu(s, a, b, 0, UINT8_MAX))

static ql_code prepare_q(const ql_call *c, ql_prelu *s)
{
    s->zero = ql_zero(c->in[0]);
    s->alpha_zero = ql_zero(c->in[1]);
    s->out_zero = ql_zero(c->out[0]);
    s->rounding = c->numerics->rounding;
    ql_code code = ql_need_quant_in(c, 0);
    code = code ? code : ql_need_quant_in(c, 1);
    code = code ? code : ql_need_quant_out(c, 0);
    float in = ql_scale(c->in[0]), out = ql_scale(c->out[0]);
    code = code ? code : ql_rescale_by(c, in / out, &s->identity);
    return code ? code : ql_rescale_by(c, in * ql_scale(c->in[1]) / out, &s->slope);
}

static ql_code prepare(ql_call *c)
{
    ql_prelu *s = ql_state(c, sizeof *s);
    ql_code code = s ? ql_need_same_type(c, 0, 0) : QL_E_NOMEM;
    code = code ? code : ql_need_type(c, 1, c->slot == QL_S_I16 ? QL_I8 : c->in[0]->type);
    code = code ? code : ql_broadcast_prepare(c, 0, 2, &s->broadcast);
    if (!code && (c->out[0]->rank != c->in[0]->rank || c->out[0]->count != c->in[0]->count)) {
        return ql_fail_in(c, 1, QL_E_FORMAT, "alpha of %zu elements: its shape must fit into input 0's",
                          c->in[1]->count);
    }
    return code || c->slot == QL_S_F32 ? code : prepare_q(c, s);
}

const ql_op ql_op_prelu = {
    .name = "PRELU",
    .code = 54,
    .max_version = 1,
    .min_in = 2,
    .max_in = 2,
    .min_out = 1,
    .max_out = 1,
    .prepare = prepare,
    .run = {[QL_S_F32] = run_f32, [QL_S_I8] = run_i8, [QL_S_U8] = run_u8, [QL_S_I16] = run_i16},
    .quant = {.kind = QL_Q_FREE, .weight = 1, .axis = -1, .no_i16 = true},
};
