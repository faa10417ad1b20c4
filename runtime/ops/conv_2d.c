/* CONV_2D: y[n,oy,ox,oc] = act(sum over ky,kx,ic of x[n, oy*s + ky*d - pad, ox*s + kx*d - pad, ic] *
 * w[oc,ky,kx,ic] + b[oc])
 *
 *   in 0  x  [N, H, W, C]      f32 | i8 | u8 | i16
 *   in 1  w  [OC, KH, KW, CG]  f32 | i8 | u8 | i4, i2; C / CG groups
 *   in 2  b  [OC]              f32 | i32 | i64 (i16 activations), may be left out
 *   out 0 y  [N, OH, OW, OC]   type of x
 *
 * Taps outside the image add nothing. Sums run over ky, kx, ic in that order.
 * Source: TFLite reference_ops::Conv, reference_integer_ops::ConvPerChannel, and for hybrid
 * HybridConvPerChannel and optimized_ops::HybridConv. docs/numerics.md "CONV_2D".
 */
#include "runtime/ops/common/activation.h"
#include "runtime/ops/common/dot.h"
#include "runtime/ops/common/hybrid.h"
#include "runtime/ops/common/requant.h"
#include "runtime/ops/common/window.h"

enum { PADDING, STRIDE_W, STRIDE_H, ACTIVATION, DILATION_W, DILATION_H, BIAS_TYPE };

typedef struct {
    ql_window rows, columns;
    int channels, group_channels, groups, group_outputs; /* C, CG, C/CG, OC/groups */
    void **packed;                                       /* one a group */
    const ql_mult *multipliers;
    ql_clamp_q clamp;
    ql_clamp_f32 clamp_f32;
    size_t element; /* bytes of one x as the dot reads it */
    ql_dot_fn dot;
    bool per_channel; /* hybrid */
} ql_conv;

/* A block of up to QL_LANES sums becomes outputs: `at` is the first one's place in y, `oc` its channel. */
typedef void (*finish_fn)(const ql_call *c, const ql_conv *s, const ql_sums *sums, size_t at, int oc,
                          int lanes, ql_hybrid x);

static void sum_taps(const ql_conv *s, const char *image, int oy, int ox, int group, const char *packed,
                     int32_t zero, ql_sums *sums)
{
    int ky, ky_end, kx_first, kx_end;
    int y0 = ql_window_taps(&s->rows, oy, &ky, &ky_end);
    int x0 = ql_window_taps(&s->columns, ox, &kx_first, &kx_end);
    size_t tap =
        (size_t)s->group_channels * QL_LANES * (s->dot == ql_dot_f32 ? sizeof(float) : sizeof(int16_t));
    for (; ky < ky_end; ky++) {
        for (int kx = kx_first; kx < kx_end; kx++) {
            size_t row = (size_t)(y0 + ky * s->rows.dilation),
                   column = (size_t)(x0 + kx * s->columns.dilation);
            size_t from = (row * (size_t)s->columns.in + column) * (size_t)s->channels +
                          (size_t)(group * s->group_channels);
            s->dot(sums, image + from * s->element, s->group_channels,
                   packed + (size_t)(ky * s->columns.kernel + kx) * tap, zero);
        }
    }
}

static void convolve(const ql_call *c, const void *x, int32_t zero, const ql_hybrid *scales, finish_fn finish)
{
    const ql_conv *s = c->state;
    int terms = s->rows.kernel * s->columns.kernel * s->group_channels;
    size_t block_bytes = (size_t)terms * QL_LANES * (s->dot == ql_dot_f32 ? sizeof(float) : sizeof(int16_t));
    size_t image_bytes = (size_t)s->rows.in * (size_t)s->columns.in * (size_t)s->channels * s->element;
    size_t at = 0;
    for (int n = 0; n < c->in[0]->dims[0]; n++) {
        const char *image = (const char *)x + (size_t)n * image_bytes;
        ql_hybrid scale = scales ? scales[n] : (ql_hybrid){1, zero};
        for (int oy = 0; oy < s->rows.out; oy++) {
            for (int ox = 0; ox < s->columns.out; ox++) {
                for (int oc = 0; oc < s->groups * s->group_outputs;) {
                    int group = oc / s->group_outputs, inside = oc % s->group_outputs;
                    int lanes = s->group_outputs - inside < QL_LANES ? s->group_outputs - inside : QL_LANES;
                    const char *packed =
                        (const char *)s->packed[group] + (size_t)(inside / QL_LANES) * block_bytes;
                    ql_sums sums = {{0}};
                    sum_taps(s, image, oy, ox, group, packed, scale.zero, &sums);
                    finish(c, s, &sums, at + (size_t)oc, oc, lanes, scale);
                    oc += lanes;
                }
                at += (size_t)(s->groups * s->group_outputs);
            }
        }
    }
}

static void finish_f32(const ql_call *c, const ql_conv *s, const ql_sums *sums, size_t at, int oc, int lanes,
                       ql_hybrid x)
{
    const float *bias = ql_has(c, 2) ? c->in[2]->data : NULL;
    float *y = (float *)c->out[0]->data + at;
    (void)x;
    for (int i = 0; i < lanes; i++) {
        y[i] = ql_clamped(sums->f32[i] + (bias ? bias[oc + i] : 0.0f), s->clamp_f32);
    }
}

static int32_t requantized(const ql_call *c, const ql_conv *s, int32_t sum, int oc)
{
    if (ql_has(c, 2)) {
        sum = ql_wrap_add(sum, ((const int32_t *)c->in[2]->data)[oc]);
    }
    int32_t y = ql_wrap_add(ql_mul32(sum, s->multipliers[oc], c->numerics->rounding), ql_zero(c->out[0]));
    return ql_clamp(y, s->clamp.lowest, s->clamp.highest);
}

/* int8 and uint8 outputs are both the low byte of the clamped value. */
static void finish_8(const ql_call *c, const ql_conv *s, const ql_sums *sums, size_t at, int oc, int lanes,
                     ql_hybrid x)
{
    uint8_t *y = (uint8_t *)c->out[0]->data + at;
    (void)x;
    for (int i = 0; i < lanes; i++) {
        y[i] = (uint8_t)requantized(c, s, sums->i32[i], oc + i);
    }
}

static void finish_16_bias_32(const ql_call *c, const ql_conv *s, const ql_sums *sums, size_t at, int oc,
                              int lanes, ql_hybrid x)
{
    int16_t *y = (int16_t *)c->out[0]->data + at;
    (void)x;
    for (int i = 0; i < lanes; i++) {
        y[i] = (int16_t)requantized(c, s, sums->i32[i], oc + i);
    }
}

static void finish_16(const ql_call *c, const ql_conv *s, const ql_sums *sums, size_t at, int oc, int lanes,
                      ql_hybrid x)
{
    const int64_t *bias = ql_has(c, 2) ? c->in[2]->data : NULL;
    int16_t *y = (int16_t *)c->out[0]->data + at;
    (void)x;
    for (int i = 0; i < lanes; i++) {
        int64_t sum = (int64_t)((uint64_t)sums->i64[i] + (uint64_t)(bias ? bias[oc + i] : 0));
        y[i] = (int16_t)ql_clamp(ql_mul64(sum, s->multipliers[oc + i]), s->clamp.lowest, s->clamp.highest);
    }
}

static void finish_hybrid(const ql_call *c, const ql_conv *s, const ql_sums *sums, size_t at, int oc,
                          int lanes, ql_hybrid x)
{
    const float *bias = ql_has(c, 2) ? c->in[2]->data : NULL;
    float *y = (float *)c->out[0]->data + at;
    for (int i = 0; i < lanes; i++) {
        float w_scale = ql_weight_scale(c->in[1], s->per_channel ? oc + i : 0), sum = (float)sums->i32[i];
        bool fused = !s->per_channel || c->numerics->conv_hybrid_fused_scale;
        sum = fused ? sum * (x.scale * w_scale) : sum * w_scale * x.scale;
        y[i] = ql_clamped(sum + (bias ? bias[oc + i] : 0.0f), s->clamp_f32);
    }
}

static ql_code run_f32(const ql_call *c)
{
    convolve(c, c->in[0]->data, 0, NULL, finish_f32);
    return QL_OK;
}

static ql_code run_8(const ql_call *c)
{
    convolve(c, c->in[0]->data, ql_zero(c->in[0]), NULL, finish_8);
    return QL_OK;
}

static ql_code run_16(const ql_call *c)
{
    const ql_conv *s = c->state;
    convolve(c, c->in[0]->data, 0, NULL, s->dot == ql_dot_i16 ? finish_16 : finish_16_bias_32);
    return QL_OK;
}

static ql_code run_hybrid(const ql_call *c)
{
    const ql_conv *s = c->state;
    const float *x = c->in[0]->data;
    size_t images = (size_t)c->in[0]->dims[0], elements = images ? c->in[0]->count / images : 0;
    ql_hybrid *scales = c->scratch;
    int8_t *q = (int8_t *)(scales + images);
    for (size_t n = 0; n < images; n++) {
        scales[n] = (s->per_channel ? ql_hybrid_asymmetric : ql_hybrid_symmetric)(x + n * elements, elements,
                                                                                  q + n * elements);
    }
    convolve(c, q, 0, scales, finish_hybrid);
    return QL_OK;
}

/* The reference takes its per-channel hybrid kernel only where the scales do differ, or for groups. */
static bool hybrid_per_channel(const ql_call *c, int groups)
{
    const ql_quant *quant = &c->in[1]->tensor->quant;
    for (int i = 1; i < quant->scale_count; i++) {
        if (quant->scale[i] != quant->scale[0]) {
            return true;
        }
    }
    return groups != 1;
}

static ql_code check_shapes(const ql_call *c, ql_conv *s)
{
    ql_code code = ql_need_rank(c, 0, 4, 4);
    code = code ? code : ql_need_rank(c, 1, 4, 4);
    code = code ? code : ql_need_same_type(c, 0, 0);
    if (code) {
        return code;
    }
    const int32_t *w = c->in[1]->dims;
    s->channels = c->in[0]->dims[3];
    s->group_channels = w[3];
    if (s->group_channels <= 0 || s->channels <= 0 || s->channels % s->group_channels || w[0] <= 0 ||
        w[0] % (s->channels / s->group_channels)) {
        return ql_fail_in(c, 1, QL_E_FORMAT,
                          "%d outputs of %d channels over an input of %d: they must divide it evenly", w[0],
                          s->group_channels, s->channels);
    }
    s->groups = s->channels / s->group_channels;
    s->group_outputs = w[0] / s->groups;
    return ql_check_bias(c, 2, w[0]);
}

static ql_code check_windows(ql_call *c, ql_conv *s)
{
    const int32_t *x = c->in[0]->dims, *w = c->in[1]->dims;
    int padding = ql_opt_int(c->options, PADDING);
    s->rows = (ql_window){.in = x[1],
                          .kernel = w[1],
                          .stride = ql_opt_int(c->options, STRIDE_H),
                          .dilation = ql_opt_int(c->options, DILATION_H)};
    s->columns = (ql_window){.in = x[2],
                             .kernel = w[2],
                             .stride = ql_opt_int(c->options, STRIDE_W),
                             .dilation = ql_opt_int(c->options, DILATION_W)};
    ql_code code = ql_window_fit(c, &s->rows, padding);
    code = code ? code : ql_window_fit(c, &s->columns, padding);
    return code ? code : ql_set_shape(c, 0, 4, (int32_t[]){x[0], s->rows.out, s->columns.out, w[0]});
}

/* Weights of what type the slot computes with. */
static bool weights_fit(const ql_call *c)
{
    ql_type type = c->in[1]->type;
    switch (c->slot) {
    case QL_S_F32:
        return type == QL_F32;
    case QL_S_U8:
        return type == QL_U8;
    default:
        return type == QL_I8 || type == QL_I4 || (type == QL_I2 && c->slot == QL_S_HYBRID);
    }
}

static ql_code choose_arithmetic(ql_call *c, ql_conv *s)
{
    int activation = ql_opt_int(c->options, ACTIVATION), outputs = c->in[1]->dims[0];
    s->clamp_f32 = ql_activation_f32(activation);
    if (c->slot == QL_S_F32) {
        s->dot = ql_dot_f32;
        s->element = sizeof(float);
        return QL_OK;
    }
    s->element = c->slot == QL_S_I16 ? sizeof(int16_t) : sizeof(int8_t);
    s->dot = c->slot == QL_S_U8 ? ql_dot_u8 : ql_dot_i8;
    if (c->slot == QL_S_HYBRID) {
        s->per_channel = hybrid_per_channel(c, s->groups);
        size_t images = (size_t)c->in[0]->dims[0];
        c->scratch_bytes = images * sizeof(ql_hybrid) + c->in[0]->count;
        return ql_check_weight_scales(c, 1, 0, outputs);
    }
    if (c->slot == QL_S_I16) {
        s->dot = ql_has(c, 2) && c->in[2]->type == QL_I32 ? ql_dot_i16_i32 : ql_dot_i16;
    }
    ql_code code = ql_conv_multipliers(c, 0, 1, 0, outputs, &s->multipliers);
    return code ? code : ql_activation_q(c, 0, activation, &s->clamp);
}

static ql_code pack(ql_call *c, ql_conv *s)
{
    int terms = s->rows.kernel * s->columns.kernel * s->group_channels;
    s->packed = ql_plan_take(c, (size_t)s->groups, sizeof *s->packed);
    for (int group = 0; s->packed && group < s->groups; group++) {
        s->packed[group] = ql_pack_rows(c, c->in[1], (size_t)(group * s->group_outputs), s->group_outputs,
                                        terms, c->slot == QL_S_U8 ? ql_zero(c->in[1]) : 0);
        if (!s->packed[group]) {
            return QL_E_NOMEM;
        }
    }
    return s->packed ? QL_OK : QL_E_NOMEM;
}

static ql_code prepare(ql_call *c)
{
    if (!weights_fit(c)) {
        return ql_fail_in(c, 1, QL_E_UNSUPPORTED,
                          "weights of type %s with activations of type %s: no kernel for it",
                          ql_type_name(c->in[1]->type), ql_type_name(c->in[0]->type));
    }
    ql_conv *s = ql_state(c, sizeof *s);
    if (!s) {
        return QL_E_NOMEM;
    }
    ql_code code = check_shapes(c, s);
    code = code ? code : check_windows(c, s);
    code = code ? code : choose_arithmetic(c, s);
    if (!code && !ql_known(c, 1)) {
        return ql_defer(c); /* weights that another operator computes can be packed only in the run */
    }
    return code ? code : pack(c, s);
}

static uint64_t macs(const ql_call *c)
{
    const int32_t *w = c->in[1]->dims;
    return (uint64_t)c->out[0]->count * (uint64_t)w[1] * (uint64_t)w[2] * (uint64_t)w[3];
}

const ql_op ql_op_conv_2d = {
    .name = "CONV_2D",
    .code = 3,
    .max_version = 8,
    .options_id = 1,
    .min_in = 2,
    .max_in = 3,
    .min_out = 1,
    .max_out = 1,
    .prepare = prepare,
    .run = {[QL_S_F32] = run_f32,
            [QL_S_I8] = run_8,
            [QL_S_U8] = run_8,
            [QL_S_I16] = run_16,
            [QL_S_HYBRID] = run_hybrid},
    .macs = macs,
    .quant = {.kind = QL_Q_FREE, .weight = 1, .axis = 0, .bias = 2},
};
