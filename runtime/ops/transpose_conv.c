/* TRANSPOSE_CONV: y[n,oy,ox,oc] = act(sum of x[n,iy,ix,ic] * w[oc,ky,kx,ic] + b[oc]) over all iy, ix, ic with
 * iy*s + ky - pad = oy and ix*s + kx - pad = ox
 *
 *   in 0  shape of y  [4] i32
 *   in 1  w  [OC, KH, KW, C]  f32 | i8 | u8
 *   in 2  x  [N, H, W, C]     f32 | i8 | u8 | i16
 *   in 3  b  [OC]             f32 | i32 | i64 (i16 activations), may be left out
 *   out 0 y  [N, OH, OW, OC]  type of x
 *
 * Padding is that of a convolution from y to x, whose size must be x's. Sums run over iy, ix, ic. Hybrid
 * quantizes each image asymmetrically and adds float terms.
 * Source: TFLite reference_ops::TransposeConv, HybridTransposeConv, reference_integer_ops::TransposeConv.
 * docs/numerics.md "TRANSPOSE_CONV".
 */
#include "runtime/ops/common/convolve.h"

enum { PADDING, STRIDE_W, STRIDE_H, ACTIVATION, BIAS_TYPE };
enum { SHAPE, WEIGHTS, X, BIAS };

static ql_code run(const ql_call *c)
{
    const ql_view *x = c->in[X];
    ql_convolve(c, c->state, (ql_images){x->data, (size_t)x->dims[0], 0, ql_conv_zero(c, X), NULL});
    return QL_OK;
}

static ql_code run_hybrid(const ql_call *c)
{
    const ql_view *x = c->in[X];
    size_t images = (size_t)x->dims[0];
    const int8_t *q;
    ql_hybrid *scales = ql_hybrid_images(c->isa, x->data, x->count, images, true, c->scratch, &q);
    ql_convolve(c, c->state, (ql_images){q, images, 0, 0, scales});
    return QL_OK;
}

static ql_code check_shapes(const ql_call *c, ql_conv *s)
{
    ql_code code = ql_need_rank(c, X, 4, 4);
    code = code ? code : ql_need_rank(c, WEIGHTS, 4, 4);
    code = code ? code : ql_need_same_type(c, X, 0);
    if (code) {
        return code;
    }
    const int32_t *x = c->in[X]->dims, *w = c->in[WEIGHTS]->dims;
    if (x[3] <= 0 || w[0] <= 0 || w[3] != x[3]) {
        return ql_fail_in(c, WEIGHTS, QL_E_FORMAT,
                          "weights of %d outputs and %d channels over an input of %d: channels must agree",
                          w[0], w[3], x[3]);
    }
    s->transposed = true;
    s->channels = s->group_channels = x[3];
    s->groups = 1;
    s->group_outputs = w[0];
    return QL_OK;
}

static ql_code check_windows(ql_call *c, ql_conv *s, const int32_t *y, int count)
{
    const int32_t *x = c->in[X]->dims, *w = c->in[WEIGHTS]->dims;
    if (count != 4 || y[0] != x[0] || y[3] != w[0]) {
        return ql_fail_in(c, SHAPE, QL_E_FORMAT,
                          "output shape of %d values, %d first and %d last: must be 4, %d first (the images) "
                          "and %d last (the weights' outputs)",
                          count, count ? y[0] : 0, count ? y[count - 1] : 0, x[0], w[0]);
    }
    s->axes[0] = QL_ONE_POSITION;
    s->axes[1] = (ql_window){
        .in = x[1], .out = y[1], .kernel = w[1], .stride = ql_opt_int(c->options, STRIDE_H), .dilation = 1};
    s->axes[2] = (ql_window){
        .in = x[2], .out = y[2], .kernel = w[2], .stride = ql_opt_int(c->options, STRIDE_W), .dilation = 1};
    int padding = ql_opt_int(c->options, PADDING);
    ql_code code = ql_window_fit_back(c, &s->axes[1], padding);
    code = code ? code : ql_window_fit_back(c, &s->axes[2], padding);
    return code ? code : ql_set_shape(c, 0, 4, y);
}

/* Terms become float one by one, so the scales lie next to the lanes. */
static ql_code prepare_hybrid(ql_call *c, ql_conv *s)
{
    size_t lanes = (size_t)ql_blocks(s->group_outputs) * QL_LANES;
    float *scales = ql_plan_take(c, lanes, sizeof *scales);
    for (int i = 0; scales && i < s->group_outputs; i++) {
        scales[i] = ql_weight_scale(c->in[WEIGHTS], i);
    }
    s->term_scales = scales;
    s->finish.run = ql_finish_f32;
    c->scratch_bytes = ql_hybrid_scratch((size_t)c->in[X]->dims[0], c->in[X]->count);
    return scales ? QL_OK : QL_E_NOMEM;
}

static ql_code pack(ql_call *c, ql_conv *s)
{
    size_t terms = (size_t)s->axes[1].kernel * (size_t)s->axes[2].kernel * (size_t)s->channels;
    ql_layout layout = {
        .output = terms, .term = 1, .outputs = s->group_outputs, .runs = 1, .terms = (int)terms};
    return ql_conv_pack(c, s, layout, 0);
}

static ql_code prepare(ql_call *c)
{
    ql_conv *s = ql_state(c, sizeof *s);
    const int32_t *y;
    int count;
    if (!s) {
        return QL_E_NOMEM;
    }
    ql_code code = check_shapes(c, s);
    code = code ? code : ql_known_i32s(c, SHAPE, &y, &count);
    if (code || !y || !ql_known(c, WEIGHTS)) {
        return code ? code : ql_defer(c);
    }
    code = check_windows(c, s, y, count);
    code = code ? code
                : ql_conv_arithmetic(c, s, (ql_roles){X, WEIGHTS, BIAS}, 0,
                                     ql_opt_int(c->options, ACTIVATION), ql_opt_int(c->options, BIAS_TYPE));
    bool gaps = s->axes[1].kernel < s->axes[1].stride || s->axes[2].kernel < s->axes[2].stride;
    if (gaps && ql_opt_int(c->options, PADDING) == QL_PAD_SAME) {
        s->finish.factors_f32 = NULL; /* XNNPACK's delegate leaves these to others */
    }
    if (!code && c->slot == QL_S_HYBRID) {
        code = prepare_hybrid(c, s);
    }
    return code ? code : pack(c, s);
}

static uint64_t macs(const ql_call *c)
{
    return (uint64_t)(c->in[X]->count / (size_t)c->in[X]->dims[3]) * (uint64_t)c->in[WEIGHTS]->count;
}

const ql_op ql_op_transpose_conv = {
    .name = "TRANSPOSE_CONV",
    .code = 67,
    .max_version = 5,
    .options_id = 49,
    .min_in = 3,
    .max_in = 4,
    .min_out = 1,
    .max_out = 1,
    .key = X,
    .sparse = true,
    .prepare = prepare,
    .run = {[QL_S_F32] = run, [QL_S_I8] = run, [QL_S_U8] = run, [QL_S_I16] = run, [QL_S_HYBRID] = run_hybrid},
    .macs = macs,
    .quant = {.kind = QL_Q_FREE, .weight = WEIGHTS, .axis = 0, .bias = BIAS, .dynamic = 1u << WEIGHTS},
};
