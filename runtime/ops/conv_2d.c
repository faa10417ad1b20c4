/* CONV_2D: y[n,oy,ox,oc] = act(sum over ky,kx,ic of x[n, oy*s + ky*d - pad, ox*s + kx*d - pad, ic] *
 * w[oc,ky,kx,ic] + b[oc])
 *
 *   in 0  x  [N, H, W, C]      f32 | i8 | u8 | i16
 *   in 1  w  [OC, KH, KW, CG]  f32 | i8 | u8 | i4, i2; C / CG groups; sparse ones are made dense
 *   in 2  b  [OC]              f32 | i32 | i64 (i16 activations), may be left out
 *   out 0 y  [N, OH, OW, OC]   type of x
 *
 * Taps outside the image add nothing. Sums run over ky, kx, ic in that order.
 * Source: TFLite reference_ops::Conv, reference_integer_ops::ConvPerChannel, and for hybrid
 * HybridConvPerChannel and optimized_ops::HybridConv. docs/numerics.md "CONV_2D".
 */
#include "runtime/ops/common/convolve.h"
#include "runtime/ops/common/product.h"

#include <string.h>

enum { PADDING, STRIDE_W, STRIDE_H, ACTIVATION, DILATION_W, DILATION_H, BIAS_TYPE };

static ql_code run(const ql_call *c)
{
    const ql_view *x = c->in[0];
    ql_convolve(c, c->state, (ql_images){x->data, (size_t)x->dims[0], 0, ql_conv_zero(c, 0), NULL});
    return QL_OK;
}

/* All terms of one output position, zeros where a tap is outside. */
static void gather(const ql_conv *s, const float *image, int oy, int ox, float *to)
{
    ql_taps rows = ql_taps_of(&s->axes[1], oy), columns = ql_taps_of(&s->axes[2], ox);
    size_t pixel = (size_t)s->channels, line = (size_t)s->axes[2].in * pixel;
    memset(to, 0, (size_t)s->axes[1].kernel * (size_t)s->axes[2].kernel * pixel * sizeof *to);
    for (int i = 0, y = rows.in, ky = rows.k; i < rows.count; i++, y += rows.in_step, ky += rows.k_step) {
        for (int j = 0, x = columns.in, kx = columns.k; j < columns.count;
             j++, x += columns.in_step, kx += columns.k_step) {
            size_t tap = (size_t)ky * (size_t)s->axes[2].kernel + (size_t)kx;
            memcpy(to + tap * pixel, image + (size_t)y * line + (size_t)x * pixel, pixel * sizeof *to);
        }
    }
}

static size_t terms_of(const ql_conv *s)
{
    return (size_t)s->axes[1].kernel * (size_t)s->axes[2].kernel * (size_t)s->channels;
}

static ql_code run_products(const ql_call *c)
{
    const ql_conv *s = c->state;
    const float *image = c->in[0]->data;
    float *y = c->out[0]->data;
    int width = s->axes[2].out, positions = s->axes[1].out * width;
    ql_product product = {.isa = c->isa,
                          .outputs = s->group_outputs,
                          .terms = (int)terms_of(s),
                          .columns = (size_t)c->in[0]->dims[0] * (size_t)positions,
                          .threads = c->numerics->conv_threads && s->axes[1].dilation == 1 &&
                                     s->axes[2].dilation == 1,
                          .weights = c->in[1]->data,
                          .packed = s->packed};
    for (size_t i = 0; i < product.columns; i++, y += s->group_outputs) {
        int at = (int)(i % (size_t)positions);
        gather(s, image, at / width, at % width, c->scratch);
        ql_product_column(&product, c->scratch, i, y);
        ql_product_finish(c, &s->finish, y, s->group_outputs);
        image += at + 1 == positions ? c->in[0]->count / (size_t)c->in[0]->dims[0] : 0;
    }
    return QL_OK;
}

/* The reference takes its per-channel hybrid kernel, where inputs are quantized asymmetrically, only when the
 * scales do differ, or for groups. */
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

static ql_code run_hybrid(const ql_call *c)
{
    const ql_conv *s = c->state;
    size_t images = (size_t)c->in[0]->dims[0];
    const int8_t *q;
    ql_hybrid *scales = ql_hybrid_images(c->isa, c->in[0]->data, c->in[0]->count, images,
                                         hybrid_per_channel(c, s->groups), c->scratch, &q);
    ql_convolve(c, s, (ql_images){q, images, 0, 0, scales});
    return QL_OK;
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
    return QL_OK;
}

static ql_code check_windows(ql_call *c, ql_conv *s)
{
    const int32_t *x = c->in[0]->dims, *w = c->in[1]->dims;
    int padding = ql_opt_int(c->options, PADDING);
    s->axes[0] = QL_ONE_POSITION;
    s->axes[1] = (ql_window){.in = x[1],
                             .kernel = w[1],
                             .stride = ql_opt_int(c->options, STRIDE_H),
                             .dilation = ql_opt_int(c->options, DILATION_H)};
    s->axes[2] = (ql_window){.in = x[2],
                             .kernel = w[2],
                             .stride = ql_opt_int(c->options, STRIDE_W),
                             .dilation = ql_opt_int(c->options, DILATION_W)};
    ql_code code = ql_window_fit(c, &s->axes[1], padding);
    code = code ? code : ql_window_fit(c, &s->axes[2], padding);
    return code ? code : ql_set_shape(c, 0, 4, (int32_t[]){x[0], s->axes[1].out, s->axes[2].out, w[0]});
}

static ql_code pack(ql_call *c, ql_conv *s)
{
    const int32_t *w = c->in[1]->dims;
    size_t terms = (size_t)w[1] * (size_t)w[2] * (size_t)w[3];
    ql_layout layout = {
        .output = terms, .term = 1, .outputs = s->group_outputs, .runs = 1, .terms = (int)terms};
    return ql_conv_pack(c, s, layout, terms * (size_t)s->group_outputs);
}

static ql_code prepare(ql_call *c)
{
    ql_conv *s = ql_state(c, sizeof *s);
    if (!s) {
        return QL_E_NOMEM;
    }
    ql_code code = check_shapes(c, s);
    code = code ? code : check_windows(c, s);
    code = code ? code
                : ql_conv_arithmetic(c, s, (ql_roles){0, 1, 2}, 0, ql_opt_int(c->options, ACTIVATION),
                                     ql_opt_int(c->options, BIAS_TYPE));
    if (!ql_has(c, 2)) {
        s->finish.factors_f32 = NULL; /* XNNPACK's delegate takes none without a bias */
    }
    if (!code && !ql_known(c, 1)) {
        return ql_defer(c); /* weights that another operator computes can be packed only in the run */
    }
    if (!code && c->slot == QL_S_HYBRID) {
        s->finish.scales_apart = hybrid_per_channel(c, s->groups) && !c->numerics->conv_hybrid_fused_scale;
        c->scratch_bytes = ql_hybrid_scratch((size_t)c->in[0]->dims[0], c->in[0]->count);
    }
    code = code ? code : pack(c, s);
    bool products = c->slot == QL_S_F32 && c->numerics->eigen_products && !c->in[1]->tensor->sparsity;
    if (!code && products && s->groups == 1 && terms_of(s) <= INT32_MAX) {
        c->scratch_bytes = terms_of(s) * sizeof(float);
        c->run = run_products;
    }
    return code;
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
    .sparse = true,
    .prepare = prepare,
    .run = {[QL_S_F32] = run, [QL_S_I8] = run, [QL_S_U8] = run, [QL_S_I16] = run, [QL_S_HYBRID] = run_hybrid},
    .macs = macs,
    .quant = {.kind = QL_Q_FREE, .weight = 1, .axis = 0, .bias = 2, .hybrid = true, .dynamic = 1u << 1},
};
