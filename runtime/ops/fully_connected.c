/* FULLY_CONNECTED: y[n,o] = act(sum over k of x[n,k] * w[o,k] + b[o])
 *
 *   in 0  x  [..., K] of N * K elements  f32 | i8 | u8 | i16
 *   in 1  w  [O, K]  f32 | i8 | u8 | i4, i2; sparse ones are made dense
 *   in 2  b  [O]     f32 | i32 | i64 (i16 activations), may be left out
 *   out 0 y  [N, O], or x's shape with O last (keep_num_dims); type of x, or i16 for u8
 *
 * Integer sums are rescaled by a double and rounded half away from zero (profile fc_double_rescale), else in
 * fixed point; int8 with sparse weights always in fixed point. Hybrid quantizes each row of x. Weights of
 * int4 in blocks with scales of their own: see common/blockwise.h. Without terms (K = 0) outputs are 0.
 * Shuffled weights are refused.
 * Source: TFLite reference_ops::FullyConnected, reference_integer_ops::FullyConnected,
 * optimized_ops::FullyConnectedSparseWeight1x16, EvalHybrid. docs/numerics.md "FULLY_CONNECTED".
 */
#include "runtime/ops/common/blockwise.h"
#include "runtime/ops/common/convolve.h"
#include "runtime/ops/common/densify.h"
#include "runtime/ops/common/product.h"

#include <string.h>

enum { ACTIVATION, WEIGHTS_FORMAT, KEEP_NUM_DIMS, ASYMMETRIC, BIAS_TYPE };

static ql_code run(const ql_call *c)
{
    const ql_conv *s = c->state;
    size_t rows = c->in[0]->count / (size_t)s->channels;
    ql_convolve(c, s, (ql_images){c->in[0]->data, rows, 0, ql_conv_zero(c, 0), NULL});
    return QL_OK;
}

static ql_code run_hybrid(const ql_call *c)
{
    const ql_conv *s = c->state;
    size_t rows = c->in[0]->count / (size_t)s->channels;
    const int8_t *q;
    ql_hybrid *scales = ql_hybrid_images(c->isa, c->in[0]->data, c->in[0]->count, rows,
                                         ql_opt_bool(c->options, ASYMMETRIC), c->scratch, &q);
    ql_convolve(c, s, (ql_images){q, rows, 0, 0, scales});
    ql_activate(c->out[0]->data, c->out[0]->count, ql_opt_int(c->options, ACTIVATION));
    return QL_OK;
}

static ql_code run_products(const ql_call *c)
{
    const ql_conv *s = c->state;
    const float *x = c->in[0]->data;
    float *y = c->out[0]->data;
    ql_product product = {.isa = c->isa,
                          .outputs = s->group_outputs,
                          .terms = s->channels,
                          .columns = c->in[0]->count / (size_t)s->channels,
                          .weights = c->in[1]->data,
                          .packed = s->packed};
    for (size_t i = 0; i < product.columns; i++, x += s->channels, y += s->group_outputs) {
        ql_product_column(&product, x, i, y);
        ql_product_finish(c, &s->finish, y, s->group_outputs);
    }
    return QL_OK;
}

static ql_code run_zeros(const ql_call *c)
{
    memset(c->out[0]->data, 0, c->out[0]->bytes);
    return QL_OK;
}

/* Sparse hybrid sums: the zero point comes off in float, before the product is added. */
static void finish_sparse_hybrid(const ql_call *c, const ql_finish *f, const ql_sums *sums, size_t at,
                                 int channel, int lanes, ql_hybrid x)
{
    const float *bias = ql_has(c, 2) ? c->in[2]->data : NULL;
    const ql_quant *quant = &c->in[1]->tensor->quant;
    bool per_channel = quant->scale_count > 1;
    float *y = (float *)c->out[0]->data + at, scale = per_channel ? x.scale : x.scale * quant->scale[0];
    for (int i = 0; i < lanes; i++) {
        float w_scale = per_channel ? quant->scale[channel + i] : 1.0f;
        float start = bias ? bias[channel + i] : 0.0f;
        if (ql_opt_bool(c->options, ASYMMETRIC)) {
            start -= scale * (float)x.zero * w_scale * (float)f->weight_sums[channel + i];
        }
        y[i] = start + (float)sums->i32[i] * (scale * w_scale);
    }
}

static ql_code check_shapes(ql_call *c, ql_conv *s)
{
    const ql_view *x = c->in[0], *w = c->in[1];
    bool keep = ql_opt_bool(c->options, KEEP_NUM_DIMS);
    ql_code code = ql_need_rank(c, 1, 2, 2);
    if (code || (code = ql_need_rank(c, 0, keep ? 1 : 0, QL_MAX_RANK))) {
        return code;
    }
    int outputs = w->dims[0], terms = w->dims[1];
    if ((terms && x->count % (size_t)terms) || (keep && ql_dim(x, -1) != terms)) {
        return ql_fail_in(c, 0, QL_E_FORMAT,
                          "%zu elements for weights of %d terms: must be whole rows of them", x->count,
                          terms);
    }
    s->axes[0] = s->axes[1] = s->axes[2] = QL_ONE_POSITION;
    s->channels = s->group_channels = terms;
    s->groups = 1;
    s->group_outputs = outputs;
    if (!keep) {
        size_t rows = terms ? x->count / (size_t)terms : 1;
        for (int d = 0; !terms && d < x->rank - 1; d++) {
            rows *= (size_t)x->dims[d];
        }
        return ql_set_shape(c, 0, 2, (int32_t[]){(int32_t)rows, outputs});
    }
    int32_t dims[QL_MAX_RANK];
    memcpy(dims, x->dims, sizeof dims);
    dims[x->rank - 1] = outputs;
    return ql_set_shape(c, 0, x->rank, dims);
}

static ql_code check_types(const ql_call *c)
{
    int format = ql_opt_int(c->options, WEIGHTS_FORMAT);
    if (format) {
        return ql_fail_in(c, 1, QL_E_UNSUPPORTED,
                          "weights format %d (shuffled): only the default order of weights is supported",
                          format);
    }
    ql_type in = c->in[0]->type, out = c->out[0]->type;
    if (in != out && !(in == QL_U8 && out == QL_I16)) {
        return ql_fail_out(c, 0, QL_E_UNSUPPORTED, "type %s for activations of type %s: no kernel for it",
                           ql_type_name(out), ql_type_name(in));
    }
    return QL_OK;
}

static bool per_channel(const ql_call *c)
{
    return c->in[1]->tensor->quant.scale_count > 1;
}

/* The factors of the double rescale; it is the fixed-point multiplier's value before that is rounded. */
static ql_code take_factors(ql_call *c, ql_conv *s)
{
    double *factors = ql_plan_take(c, (size_t)s->group_outputs, sizeof *factors);
    for (int i = 0; factors && i < s->group_outputs; i++) {
        factors[i] =
            (double)ql_scale(c->in[0]) * (double)ql_weight_scale(c->in[1], i) / (double)ql_scale(c->out[0]);
    }
    s->finish.factors = factors;
    return factors ? QL_OK : QL_E_NOMEM;
}

static ql_code sum_weights(ql_call *c, ql_conv *s)
{
    ql_view w;
    ql_code code = ql_dense_view(c, 1, &w);
    int32_t *sums = code ? NULL : ql_plan_take(c, (size_t)s->group_outputs, sizeof *sums);
    size_t k = 0;
    for (int o = 0; sums && o < s->group_outputs; o++) {
        for (int i = 0; i < s->channels; i++, k++) {
            sums[o] += ql_small_int(&w, k);
        }
    }
    s->finish.weight_sums = sums;
    s->finish.run = finish_sparse_hybrid;
    return code ? code : sums ? QL_OK : QL_E_NOMEM;
}

static ql_code choose_finish(ql_call *c, ql_conv *s)
{
    bool sparse = c->in[1]->tensor->sparsity;
    if (c->slot == QL_S_HYBRID) {
        s->finish.clamp_f32 = QL_NO_CLAMP; /* ql_activate follows */
        c->scratch_bytes = ql_hybrid_scratch(c->in[0]->count / (size_t)s->channels, c->in[0]->count);
        return sparse ? sum_weights(c, s) : QL_OK;
    }
    if (c->slot == QL_S_U8 && c->out[0]->type == QL_I16) {
        s->finish.run = ql_finish_16;
    }
    if (s->finish.factors_f32) {
        return QL_OK;
    }
    bool wide = s->finish.run == ql_finish_16_wide;
    bool as_double = wide ? c->numerics->fc16_double_rescale : c->numerics->fc_double_rescale;
    bool fixed = c->slot == QL_S_F32 || (sparse && c->slot == QL_S_I8) || !as_double;
    return fixed ? QL_OK : take_factors(c, s);
}

static ql_code prepare_dense(ql_call *c, ql_conv *s)
{
    ql_code code = ql_conv_arithmetic(c, s, (ql_roles){0, 1, 2}, 0, ql_opt_int(c->options, ACTIVATION),
                                      ql_opt_int(c->options, BIAS_TYPE));
    if (!code && !ql_known(c, 1)) {
        return ql_defer(c); /* weights that another operator computes can be packed only in the run */
    }
    code = code ? code : choose_finish(c, s);
    ql_layout layout = {.output = (size_t)s->channels,
                        .term = 1,
                        .outputs = s->group_outputs,
                        .runs = 1,
                        .terms = s->channels};
    bool zero_counts = c->slot != QL_S_HYBRID && c->slot != QL_S_F32 && !per_channel(c);
    s->weight_zero = zero_counts ? ql_zero(c->in[1]) : 0;
    return code ? code : ql_conv_pack(c, s, layout, 0);
}

static ql_code prepare(ql_call *c)
{
    ql_conv *s = ql_state(c, sizeof *s);
    if (!s) {
        return QL_E_NOMEM;
    }
    ql_code code = check_types(c);
    code = code ? code : check_shapes(c, s);
    if (!code && !s->channels) {
        c->run = run_zeros;
        return QL_OK;
    }
    if (!code && c->in[1]->tensor->quant.block_size) {
        return ql_prepare_blockwise(c);
    }
    code = code ? code : prepare_dense(c, s);
    bool products = c->slot == QL_S_F32 && c->numerics->eigen_products && !c->in[1]->tensor->sparsity;
    if (!code && !c->deferred && products) {
        c->run = run_products;
    }
    return code;
}

static uint64_t macs(const ql_call *c)
{
    return (uint64_t)c->out[0]->count * (uint64_t)c->in[1]->dims[1];
}

const ql_op ql_op_fully_connected = {
    .name = "FULLY_CONNECTED",
    .code = 9,
    .max_version = 14,
    .options_id = 8,
    .min_in = 2,
    .max_in = 3,
    .min_out = 1,
    .max_out = 2,
    .sparse = true,
    .prepare = prepare,
    .run = {[QL_S_F32] = run, [QL_S_I8] = run, [QL_S_U8] = run, [QL_S_I16] = run, [QL_S_HYBRID] = run_hybrid},
    .macs = macs,
    .quant = {.kind = QL_Q_FREE, .weight = 1, .axis = 0, .bias = 2, .hybrid = true, .dynamic = 1u << 1},
};
