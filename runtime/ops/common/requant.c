#include "runtime/ops/common/requant.h"

#include <math.h>

ql_code ql_check_weight_scales(const ql_call *c, int w, int axis, int channels)
{
    const ql_quant *quant = &c->in[w]->tensor->quant;
    if (!quant->scale_count) {
        return ql_fail_in(c, w, QL_E_FORMAT, "weights without a scale: integer weights need one");
    }
    if (quant->scale_count > 1 && (quant->scale_count != channels || quant->axis != axis)) {
        return ql_fail_in(c, w, QL_E_FORMAT, "%d scales along axis %d: must be one, or %d along axis %d",
                          quant->scale_count, quant->axis, channels, axis);
    }
    if (quant->scale_count > 1 && c->slot == QL_S_U8) {
        return ql_fail_in(c, w, QL_E_FORMAT, "%d scales: uint8 weights have one", quant->scale_count);
    }
    for (int i = 0; i < quant->scale_count; i++) {
        if (!(isfinite(quant->scale[i]) && quant->scale[i] >= 0)) {
            return ql_fail_in(c, w, QL_E_FORMAT, "scale %d is %g: must be finite and not negative", i,
                              (double)quant->scale[i]);
        }
        if (c->slot != QL_S_U8 && quant->scale_count > 1 && quant->zero_point[i]) {
            return ql_fail_in(c, w, QL_E_FORMAT, "zero point %d is %lld: per-axis weights have 0", i,
                              (long long)quant->zero_point[i]);
        }
    }
    return QL_OK;
}

/* The legacy rule of uint8 models: the bias is in units of the product, to 2 % of the output scale. */
static ql_code check_bias_scale(const ql_call *c, int bias, double product, double output_scale)
{
    if (!ql_has(c, bias) || !c->in[bias]->tensor->quant.scale_count) {
        return QL_OK;
    }
    double bias_scale = (double)ql_scale(c->in[bias]);
    if (fabs(product - bias_scale) / output_scale > 0.02) {
        return ql_fail_in(c, bias, QL_E_FORMAT, "bias scale %g: must be input scale times weight scale, %g",
                          bias_scale, product);
    }
    return QL_OK;
}

ql_code ql_conv_multipliers(ql_call *c, ql_roles roles, int axis, int channels, const ql_mult **multipliers)
{
    int w = roles.w;
    ql_code code = ql_need_quant_in(c, roles.x);
    code = code ? code : ql_need_quant_out(c, 0);
    code = code ? code : ql_check_weight_scales(c, w, axis, channels);
    if (code) {
        return code;
    }
    ql_mult *mult = ql_plan_take(c, (size_t)channels, sizeof *mult);
    if (!mult) {
        return QL_E_NOMEM;
    }
    float x_scale = ql_scale(c->in[roles.x]);
    double out_scale = (double)ql_scale(c->out[0]);
    for (int i = 0; i < channels; i++) {
        float w_scale = ql_weight_scale(c->in[w], i);
        double product = c->slot == QL_S_U8 ? (double)(x_scale * w_scale) : (double)x_scale * (double)w_scale;
        mult[i] = ql_quantize_multiplier(product / out_scale);
        if (mult[i].shift > (c->slot == QL_S_I16 ? 13 : 30)) {
            return ql_fail_in(c, w, QL_E_FORMAT,
                              "input scale * weight scale / output scale is %g: too large to rescale by",
                              product / out_scale);
        }
        if (c->slot == QL_S_U8 && (code = check_bias_scale(c, roles.bias, product, out_scale))) {
            return code;
        }
    }
    *multipliers = mult;
    return QL_OK;
}

/* Of the small integers, XNNPACK's delegate takes int4 weights of FULLY_CONNECTED in whole bytes a row with
 * a scale each. */
static bool weights_taken(const ql_call *c, const ql_view *w)
{
    enum { FULLY_CONNECTED = 9 };
    bool whole = c->row->code == FULLY_CONNECTED && w->tensor->quant.scale_count > 1 && w->dims[1] % 2 == 0;
    return c->slot == QL_S_U8 ? w->type == QL_U8 : w->type == QL_I8 || (w->type == QL_I4 && whole);
}

static bool taken_by_xnnpack(const ql_call *c, ql_roles roles)
{
    const ql_view *w = c->in[roles.w];
    bool eight_bits = (c->slot == QL_S_I8 || c->slot == QL_S_U8) && c->out[0]->type == c->in[roles.x]->type;
    bool constant = w->known && (!ql_has(c, roles.bias) || c->in[roles.bias]->known);
    bool plain = !w->tensor->sparsity && (c->slot == QL_S_U8 || !ql_zero(w));
    return c->numerics->rescale_in_float && eight_bits && constant && plain && weights_taken(c, w);
}

ql_code ql_conv_factors_f32(ql_call *c, ql_roles roles, int channels, const float **factors)
{
    *factors = NULL;
    if (!taken_by_xnnpack(c, roles)) {
        return QL_OK;
    }
    float *made = ql_plan_take(c, (size_t)channels, sizeof *made);
    for (int i = 0; made && i < channels; i++) {
        made[i] = ql_scale(c->in[roles.x]) * ql_weight_scale(c->in[roles.w], i) / ql_scale(c->out[0]);
        if (made[i] >= 256) {
            return QL_OK;
        }
    }
    *factors = made;
    return made ? QL_OK : QL_E_NOMEM;
}

ql_code ql_check_bias(const ql_call *c, int i, int channels)
{
    if (!ql_has(c, i)) {
        return QL_OK;
    }
    const ql_view *bias = c->in[i];
    bool is_float = c->slot == QL_S_F32 || c->slot == QL_S_HYBRID;
    bool fits = is_float ? bias->type == QL_F32
                         : bias->type == QL_I32 || (bias->type == QL_I64 && c->slot == QL_S_I16);
    if (!fits) {
        return ql_fail_in(c, i, QL_E_UNSUPPORTED, "bias of type %s: must be %s", ql_type_name(bias->type),
                          is_float              ? "float32"
                          : c->slot == QL_S_I16 ? "int64 or int32"
                                                : "int32");
    }
    if (bias->count != (size_t)channels) {
        return ql_fail_in(c, i, QL_E_FORMAT, "bias has %zu elements: must be one an output channel, %d",
                          bias->count, channels);
    }
    return QL_OK;
}

ql_code ql_rescale_by(const ql_call *c, float real, ql_mult *rescale)
{
    if (isfinite(real)) {
        *rescale = ql_quantize_multiplier((double)real);
    }
    if (!isfinite(real) || rescale->shift > 30) {
        return ql_fail_out(c, 0, QL_E_FORMAT, "input scale / output scale is %g: too large to rescale by",
                           (double)real);
    }
    return QL_OK;
}
