/* Convolution2DTransposeBias, a custom operator of MediaPipe's models: a transposed convolution that finds
 * its output's size itself and starts every sum at the bias.
 *
 *   in 0  x  [N, H, W, C]     f32
 *   in 1  w  [OC, KH, KW, C]  f32
 *   in 2  b  [OC]             f32
 *   out 0 y  [N, OH, OW, OC]  f32; o = s * (i - 1) + k - pad, pad = max(0, k - (i - 1) % s - 1) when SAME
 *
 * Custom options: three int32 in the file's byte order, padding (1 SAME, 2 VALID), stride across, stride
 * down. Source: MediaPipe util/tflite/operations/transpose_conv_bias.
 */
#include "runtime/ops/common/convolve.h"

enum { SAME = 1, VALID };

static ql_code run(const ql_call *c)
{
    ql_convolve(c, c->state, (ql_images){c->in[0]->data, (size_t)c->in[0]->dims[0], 0, 0, NULL});
    return QL_OK;
}

static int32_t option(const ql_call *c, int i)
{
    const uint8_t *b = c->op->custom_options + 4 * i;
    return (int32_t)((uint32_t)b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24);
}

static ql_code check_shapes(const ql_call *c)
{
    ql_code code = ql_need_rank(c, 0, 4, 4);
    code = code ? code : ql_need_rank(c, 1, 4, 4);
    code = code ? code : ql_need_same_type(c, 0, 0);
    if (code) {
        return code;
    }
    const int32_t *x = c->in[0]->dims, *w = c->in[1]->dims;
    if (x[3] <= 0 || w[3] != x[3] || w[0] <= 0) {
        return ql_fail_in(c, 1, QL_E_FORMAT, "weights of %d channels over an input of %d: must agree", w[3],
                          x[3]);
    }
    if (c->op->custom_options_bytes < 12 || (option(c, 0) != SAME && option(c, 0) != VALID)) {
        return ql_fail_op(c, QL_E_FORMAT, "%zu bytes of options: padding (1 or 2) and two strides are needed",
                          c->op->custom_options_bytes);
    }
    return QL_OK;
}

static ql_code fit(const ql_call *c, ql_window *w, int in, int kernel, int stride)
{
    if (in <= 0 || kernel <= 0 || stride <= 0) {
        return ql_fail_op(c, QL_E_FORMAT, "kernel %d, stride %d over %d elements: all must be positive",
                          kernel, stride, in);
    }
    int left = kernel - (in - 1) % stride - 1;
    int pad = option(c, 0) == SAME && left > 0 ? left : 0;
    int64_t out = (int64_t)stride * (in - 1) + kernel - pad;
    if (out > INT32_MAX - kernel) {
        return ql_fail_op(c, QL_E_FORMAT, "stride %d over %d elements: the output is too large", stride, in);
    }
    *w = (ql_window){
        .in = in, .kernel = kernel, .stride = stride, .dilation = 1, .out = (int)out, .before = pad / 2};
    return QL_OK;
}

static ql_code prepare(ql_call *c)
{
    ql_conv *s = ql_state(c, sizeof *s);
    if (!s) {
        return QL_E_NOMEM;
    }
    ql_code code = check_shapes(c);
    if (code) {
        return code;
    }
    const int32_t *x = c->in[0]->dims, *w = c->in[1]->dims;
    s->transposed = true;
    s->channels = s->group_channels = x[3];
    s->groups = 1;
    s->group_outputs = w[0];
    s->axes[0] = QL_ONE_POSITION;
    code = fit(c, &s->axes[1], x[1], w[1], option(c, 2));
    code = code ? code : fit(c, &s->axes[2], x[2], w[2], option(c, 1));
    code = code ? code : ql_set_shape(c, 0, 4, (int32_t[]){x[0], s->axes[1].out, s->axes[2].out, w[0]});
    code = code ? code : ql_check_bias(c, 2, w[0]);
    code = code ? code : ql_conv_arithmetic(c, s, (ql_roles){0, 1, QL_NO_INPUT}, 0, QL_ACT_NONE, QL_F32);
    if (!code && !ql_known(c, 1)) {
        return ql_defer(c);
    }
    s->start = 2;
    s->finish.clamp_f32 = QL_NO_CLAMP;
    size_t terms = c->in[1]->count / (size_t)w[0];
    ql_layout layout = {.output = terms, .term = 1, .outputs = w[0], .runs = 1, .terms = (int)terms};
    return code ? code : ql_conv_pack(c, s, layout, 0);
}

static uint64_t macs(const ql_call *c)
{
    return (uint64_t)(c->in[0]->count / (size_t)c->in[0]->dims[3]) * (uint64_t)c->in[1]->count;
}

const ql_op ql_op_convolution2dtransposebias = {
    .name = "Convolution2DTransposeBias",
    .code = 32,
    .max_version = 1,
    .min_in = 3,
    .max_in = 3,
    .min_out = 1,
    .max_out = 1,
    .sparse = true,
    .prepare = prepare,
    .run = {[QL_S_F32] = run},
    .macs = macs,
    .quant = {.kind = QL_Q_NONE},
};
