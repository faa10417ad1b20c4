/* DEPTHWISE_CONV_2D: y[n,oy,ox,oc] = act(sum over ky,kx of x[n, oy*s + ky*d - pad, ox*s + kx*d - pad, oc / M]
 * * w[0,ky,kx,oc] + b[oc]), M = OC / C outputs an input channel
 *
 *   in 0  x  [N, H, W, C]      f32 | i8 | u8 | i16
 *   in 1  w  [1, KH, KW, OC]   f32 | i8 | u8 | i4, i2; sparse ones are made dense
 *   in 2  b  [OC]              f32 | i32 | i64 (i16 activations), may be left out
 *   out 0 y  [N, OH, OW, OC]   type of x
 *
 * M follows from the shapes; the option depth_multiplier is not read, as in the reference. Hybrid quantizes
 * each image asymmetrically.
 * Source: TFLite reference_ops::DepthwiseConv, reference_integer_ops::DepthwiseConvPerChannel and
 * DepthwiseConvHybridPerChannel. docs/numerics.md "DEPTHWISE_CONV_2D".
 */
#include "runtime/ops/common/convolve.h"

#include <string.h>

enum { PADDING, STRIDE_W, STRIDE_H, DEPTH_MULTIPLIER, ACTIVATION, DILATION_W, DILATION_H };

/* Repeats every channel M times, so that output channel i reads input channel i. */
static const void *spread(const ql_call *c, const ql_conv *s, const void *x, char *to)
{
    size_t repeats = (size_t)(s->channels / c->in[0]->dims[3]), element = s->element;
    if (repeats == 1) {
        return x;
    }
    const char *from = x;
    char *at = to;
    for (size_t i = 0; i < c->in[0]->count; i++, from += element) {
        for (size_t k = 0; k < repeats; k++, at += element) {
            memcpy(at, from, element);
        }
    }
    return to;
}

static ql_code run(const ql_call *c)
{
    const ql_conv *s = c->state;
    const ql_view *x = c->in[0];
    const void *channels = spread(c, s, x->data, c->scratch);
    ql_convolve(c, s, (ql_images){channels, (size_t)x->dims[0], 0, ql_conv_zero(c, 0), NULL});
    return QL_OK;
}

static ql_code run_hybrid(const ql_call *c)
{
    const ql_conv *s = c->state;
    size_t images = (size_t)c->in[0]->dims[0];
    const int8_t *q;
    ql_hybrid *scales =
        ql_hybrid_images(c->isa, c->in[0]->data, c->in[0]->count, images, true, c->scratch, &q);
    char *rest = (char *)c->scratch + ql_hybrid_scratch(images, c->in[0]->count);
    ql_convolve(c, s, (ql_images){spread(c, s, q, rest), images, 0, 0, scales});
    return QL_OK;
}

static ql_code check_shapes(ql_call *c, ql_conv *s)
{
    ql_code code = ql_need_rank(c, 0, 4, 4);
    code = code ? code : ql_need_rank(c, 1, 4, 4);
    code = code ? code : ql_need_same_type(c, 0, 0);
    if (code) {
        return code;
    }
    const int32_t *x = c->in[0]->dims, *w = c->in[1]->dims;
    if (x[3] <= 0 || w[0] != 1 || w[3] <= 0 || w[3] % x[3]) {
        return ql_fail_in(c, 1, QL_E_FORMAT,
                          "weights [%d, %d, %d, %d] over %d channels: must be [1, rows, columns, a multiple "
                          "of the channels]",
                          w[0], w[1], w[2], w[3], x[3]);
    }
    s->depthwise = true;
    s->channels = s->group_outputs = w[3];
    s->groups = s->group_channels = 1;
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
    code = ql_window_fit(c, &s->axes[1], padding);
    code = code ? code : ql_window_fit(c, &s->axes[2], padding);
    return code ? code : ql_set_shape(c, 0, 4, (int32_t[]){x[0], s->axes[1].out, s->axes[2].out, w[3]});
}

static ql_code need_scratch(ql_call *c, const ql_conv *s)
{
    size_t repeats = (size_t)(s->channels / c->in[0]->dims[3]);
    size_t spread_bytes = repeats > 1 ? c->in[0]->count * repeats * s->element : 0;
    if (c->in[0]->count > INT32_MAX / repeats) {
        return ql_fail_in(c, 1, QL_E_FORMAT, "%d outputs over this input: must be below 2^31 elements in all",
                          s->channels);
    }
    c->scratch_bytes = spread_bytes;
    if (c->slot == QL_S_HYBRID) {
        c->scratch_bytes += ql_hybrid_scratch((size_t)c->in[0]->dims[0], c->in[0]->count);
    }
    return QL_OK;
}

static ql_code prepare(ql_call *c)
{
    ql_conv *s = ql_state(c, sizeof *s);
    if (!s) {
        return QL_E_NOMEM;
    }
    ql_code code = check_shapes(c, s);
    code = code
               ? code
               : ql_conv_arithmetic(c, s, (ql_roles){0, 1, 2}, 3, ql_opt_int(c->options, ACTIVATION), QL_F32);
    if (!ql_has(c, 2)) {
        s->finish.factors_f32 = NULL; /* XNNPACK's delegate takes none without a bias */
    }
    if (c->slot == QL_S_F32 && c->numerics->depthwise_from_bias && ql_has(c, 2)) {
        s->start = 2;
        s->finish.roles.bias = QL_NO_INPUT;
    }
    code = code ? code : need_scratch(c, s);
    if (!code && !ql_known(c, 1)) {
        return ql_defer(c);
    }
    ql_layout layout = {.output = 1,
                        .term = (size_t)s->channels,
                        .outputs = s->channels,
                        .runs = 1,
                        .terms = s->axes[1].kernel * s->axes[2].kernel};
    return code ? code : ql_conv_pack(c, s, layout, 0);
}

static uint64_t macs(const ql_call *c)
{
    return (uint64_t)c->out[0]->count * (uint64_t)c->in[1]->dims[1] * (uint64_t)c->in[1]->dims[2];
}

const ql_op ql_op_depthwise_conv_2d = {
    .name = "DEPTHWISE_CONV_2D",
    .code = 4,
    .max_version = 7,
    .options_id = 2,
    .min_in = 2,
    .max_in = 3,
    .min_out = 1,
    .max_out = 1,
    .sparse = true,
    .prepare = prepare,
    .run = {[QL_S_F32] = run, [QL_S_I8] = run, [QL_S_U8] = run, [QL_S_I16] = run, [QL_S_HYBRID] = run_hybrid},
    .macs = macs,
    .quant = {.kind = QL_Q_FREE, .weight = 1, .axis = 3, .bias = 2, .hybrid = true, .dynamic = 1u << 1},
};
