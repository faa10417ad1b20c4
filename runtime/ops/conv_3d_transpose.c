/* CONV_3D_TRANSPOSE: y[n,oz,oy,ox,oc] = act(sum of x[n,iz,iy,ix,ic] * w[kz,ky,kx,oc,ic] + b[oc]) over all
 * iz, iy, ix, ic with i*s + k*d - pad = o along each dimension
 *
 *   in 0  shape of y  [5] i32
 *   in 1  w  [KD, KH, KW, OC, C]    f32
 *   in 2  x  [N, D, H, W, C]        f32
 *   in 3  b  [OC]                   f32, may be left out
 *   out 0 y  [N, OD, OH, OW, OC]    f32
 *
 * Padding is that of a convolution from y to x, whose size must be x's. Sums run over iz, iy, ix, ic.
 * Source: TFLite reference_ops::Conv3DTranspose.
 */
#include "runtime/ops/common/convolve.h"

enum { PADDING, STRIDE_D, STRIDE_W, STRIDE_H, ACTIVATION, DILATION_D, DILATION_W, DILATION_H };
enum { SHAPE, WEIGHTS, X, BIAS };

static ql_code run(const ql_call *c)
{
    ql_convolve(c, c->state, (ql_images){c->in[X]->data, (size_t)c->in[X]->dims[0], 0, 0, NULL});
    return QL_OK;
}

static ql_code check_shapes(const ql_call *c, ql_conv *s)
{
    ql_code code = ql_need_rank(c, X, 5, 5);
    code = code ? code : ql_need_rank(c, WEIGHTS, 5, 5);
    code = code ? code : ql_need_same_type(c, X, 0);
    const int32_t *x = c->in[X]->dims, *w = c->in[WEIGHTS]->dims;
    if (!code && (x[4] <= 0 || w[4] != x[4] || w[3] <= 0)) {
        return ql_fail_in(c, WEIGHTS, QL_E_FORMAT, "weights of %d channels over an input of %d: must agree",
                          w[4], x[4]);
    }
    s->transposed = true;
    s->channels = s->group_channels = code ? 0 : x[4];
    s->groups = 1;
    s->group_outputs = code ? 0 : w[3];
    return code;
}

static ql_code check_windows(ql_call *c, ql_conv *s, const int32_t *y, int count)
{
    static const int strides[3] = {STRIDE_D, STRIDE_H, STRIDE_W};
    static const int dilations[3] = {DILATION_D, DILATION_H, DILATION_W};
    const int32_t *x = c->in[X]->dims, *w = c->in[WEIGHTS]->dims;
    if (count != 5 || y[0] != x[0] || y[4] != w[3]) {
        return ql_fail_in(c, SHAPE, QL_E_FORMAT,
                          "output shape of %d values, %d first and %d last: must be 5, %d first (the images) "
                          "and %d last (the weights' outputs)",
                          count, count ? y[0] : 0, count ? y[count - 1] : 0, x[0], w[3]);
    }
    ql_code code = QL_OK;
    for (int i = 0; i < 3 && !code; i++) {
        s->axes[i] = (ql_window){.in = x[i + 1],
                                 .out = y[i + 1],
                                 .kernel = w[i],
                                 .stride = ql_opt_int(c->options, strides[i]),
                                 .dilation = ql_opt_int(c->options, dilations[i])};
        code = ql_window_fit_back(c, &s->axes[i], ql_opt_int(c->options, PADDING));
    }
    return code ? code : ql_set_shape(c, 0, 5, y);
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
                                     ql_opt_int(c->options, ACTIVATION), QL_F32);
    const int32_t *w = c->in[WEIGHTS]->dims;
    ql_layout layout = {.output = (size_t)s->channels,
                        .run = (size_t)s->channels * (size_t)s->group_outputs,
                        .term = 1,
                        .outputs = s->group_outputs,
                        .runs = w[0] * w[1] * w[2],
                        .terms = s->channels};
    return code ? code : ql_conv_pack(c, s, layout, 0);
}

static uint64_t macs(const ql_call *c)
{
    return (uint64_t)(c->in[X]->count / (size_t)c->in[X]->dims[4]) * (uint64_t)c->in[WEIGHTS]->count;
}

const ql_op ql_op_conv_3d_transpose = {
    .name = "CONV_3D_TRANSPOSE",
    .code = 141,
    .max_version = 1,
    .options_id = 106,
    .min_in = 3,
    .max_in = 4,
    .min_out = 1,
    .max_out = 1,
    .key = X,
    .sparse = true,
    .prepare = prepare,
    .run = {[QL_S_F32] = run},
    .macs = macs,
    .quant = {.kind = QL_Q_NONE},
};
