/* CONV_3D: y[n,oz,oy,ox,oc] = act(sum over kz,ky,kx,ic of x[n, oz*s + kz*d - pad, ..., ic] *
 * w[kz,ky,kx,ic,oc]
 * + b[oc])
 *
 *   in 0  x  [N, D, H, W, C]        f32
 *   in 1  w  [KD, KH, KW, C, OC]    f32
 *   in 2  b  [OC]                   f32, may be left out
 *   out 0 y  [N, OD, OH, OW, OC]    f32
 *
 * Taps outside the volume add nothing. Sums run over kz, ky, kx, ic in that order.
 * Source: TFLite reference_ops::Conv3D.
 */
#include "runtime/ops/common/convolve.h"

enum { PADDING, STRIDE_D, STRIDE_W, STRIDE_H, ACTIVATION, DILATION_D, DILATION_W, DILATION_H };

static ql_code run(const ql_call *c)
{
    ql_convolve(c, c->state, (ql_images){c->in[0]->data, (size_t)c->in[0]->dims[0], 0, 0, NULL});
    return QL_OK;
}

static ql_code check_shapes(ql_call *c, ql_conv *s)
{
    static const int strides[3] = {STRIDE_D, STRIDE_H, STRIDE_W};
    static const int dilations[3] = {DILATION_D, DILATION_H, DILATION_W};
    ql_code code = ql_need_rank(c, 0, 5, 5);
    code = code ? code : ql_need_rank(c, 1, 5, 5);
    code = code ? code : ql_need_same_type(c, 0, 0);
    const int32_t *x = c->in[0]->dims, *w = c->in[1]->dims;
    if (!code && (x[4] <= 0 || w[3] != x[4] || w[4] <= 0)) {
        return ql_fail_in(c, 1, QL_E_FORMAT, "weights of %d channels over an input of %d: must agree", w[3],
                          x[4]);
    }
    for (int i = 0; i < 3 && !code; i++) {
        s->axes[i] = (ql_window){.in = x[i + 1],
                                 .kernel = w[i],
                                 .stride = ql_opt_int(c->options, strides[i]),
                                 .dilation = ql_opt_int(c->options, dilations[i])};
        code = ql_window_fit(c, &s->axes[i], ql_opt_int(c->options, PADDING));
    }
    if (code) {
        return code;
    }
    s->channels = s->group_channels = x[4];
    s->groups = 1;
    s->group_outputs = w[4];
    return ql_set_shape(c, 0, 5, (int32_t[]){x[0], s->axes[0].out, s->axes[1].out, s->axes[2].out, w[4]});
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
               : ql_conv_arithmetic(c, s, (ql_roles){0, 1, 2}, 0, ql_opt_int(c->options, ACTIVATION), QL_F32);
    if (!code && !ql_known(c, 1)) {
        return ql_defer(c);
    }
    int outputs = s->group_outputs;
    ql_layout layout = {.output = 1,
                        .term = (size_t)outputs,
                        .outputs = outputs,
                        .runs = 1,
                        .terms = outputs ? (int)(c->in[1]->count / (size_t)outputs) : 0};
    return code ? code : ql_conv_pack(c, s, layout, 0);
}

static uint64_t macs(const ql_call *c)
{
    return (uint64_t)c->out[0]->count * (uint64_t)(c->in[1]->count / (size_t)c->in[1]->dims[4]);
}

const ql_op ql_op_conv_3d = {
    .name = "CONV_3D",
    .code = 132,
    .max_version = 1,
    .options_id = 106,
    .min_in = 2,
    .max_in = 3,
    .min_out = 1,
    .max_out = 1,
    .sparse = true,
    .prepare = prepare,
    .run = {[QL_S_F32] = run},
    .macs = macs,
    .quant = {.kind = QL_Q_NONE},
};
