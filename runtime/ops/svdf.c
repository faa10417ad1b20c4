/* SVDF: a fully connected layer over a window of time, factored into features and time
 *
 *   f[b,r] = sum over k of x[b,k] * wf[r,k], put at the end of the memory that moves on by one each run;
 *   y[b,u] = act(sum over rank and t of memory[b, u*rank + i, t] * wt[u*rank + i, t] + b[u])
 *
 *   in 0  x   [N, K]       f32 | i8
 *   in 1  wf  [F, K]       f32 | i8 (u8 in old hybrid files: signed bytes)
 *   in 2  wt  [F, T]       f32; i8 for hybrid; i16, or i8 where the memory is i8
 *   in 3  b   [F / rank]   f32 | i32, may be left out
 *   in 4  memory [N, F*T]  variable: f32; i16 or i8 for i8
 *   out 0 y   [N, F/rank]  type of x
 *
 * Integer: f is rescaled into the memory's scale, y from the product of memory's and wt's; the activation
 * must be RELU, and what it cuts off lies below the output's range already. A memory of i8 is TFLM's. Source:
 * TFLite reference_ops::EvalFloatSVDF, EvalHybridSVDF, EvalIntegerSVDF. docs/numerics.md "SVDF".
 */
#include "runtime/ops/common/convolve.h"
#include "runtime/ops/common/fours.h"

#include <string.h>

enum { RANK, ACTIVATION, ASYMMETRIC };
enum { X, FEATURE, TIME, BIAS, MEMORY };

typedef struct {
    ql_conv conv;
    int filters, units, rank, span;
    ql_mult feature, time;
    ql_clamp_q memory_range;
    const float *time_weights; /* hybrid: as float */
} ql_svdf;

/* Where the newest entry of filter i (over all batches) is in the memory. */
static size_t newest(const ql_svdf *s, size_t i)
{
    return i * (size_t)s->span + (size_t)s->span - 1;
}

static void keep_hybrid(const ql_call *c, const ql_finish *f, const ql_sums *sums, size_t at, int channel,
                        int lanes, ql_hybrid x)
{
    const ql_svdf *s = c->state;
    (void)f, (void)channel;
    float scale = x.scale * ql_scale(c->in[FEATURE]);
    for (int i = 0; i < lanes; i++) {
        ((float *)c->in[MEMORY]->data)[newest(s, at + (size_t)i)] = (float)sums->i32[i] * scale;
    }
}

static void keep_integer(const ql_call *c, const ql_finish *f, const ql_sums *sums, size_t at, int channel,
                         int lanes, ql_hybrid x)
{
    const ql_svdf *s = c->state;
    (void)f, (void)channel, (void)x;
    for (int i = 0; i < lanes; i++) {
        int32_t value = ql_clamp(ql_mul32(sums->i32[i], s->feature, c->numerics->rounding),
                                 s->memory_range.lowest, s->memory_range.highest);
        size_t place = newest(s, at + (size_t)i);
        if (c->in[MEMORY]->type == QL_I16) {
            ((int16_t *)c->in[MEMORY]->data)[place] = (int16_t)value;
        } else {
            ((int8_t *)c->in[MEMORY]->data)[place] = (int8_t)value;
        }
    }
}

static void move_on(const ql_view *memory)
{
    size_t element = memory->count ? memory->bytes / memory->count : 0;
    if (memory->count > 1) {
        memmove(memory->data, (char *)memory->data + element, memory->bytes - element);
    }
}

static void over_time_f32(const ql_call *c, const float *weights, float *filtered)
{
    const ql_svdf *s = c->state;
    const float *memory = c->in[MEMORY]->data, *bias = ql_has(c, BIAS) ? c->in[BIAS]->data : NULL;
    float *y = c->out[0]->data;
    size_t span = (size_t)s->span, rank = (size_t)s->rank;
    for (size_t i = 0; i < c->out[0]->count; i++) {
        size_t unit = i % (size_t)s->units;
        for (size_t r = 0; r < rank; r++, memory += span) {
            filtered[r] = ql_dot_fours(0, weights + (unit * rank + r) * span, memory, s->span);
        }
        float sum = ql_sum_fours(filtered, s->rank);
        y[i] = bias ? sum + bias[unit] : sum;
    }
    ql_activate(y, c->out[0]->count, ql_opt_int(c->options, ACTIVATION));
}

static ql_code run_f32(const ql_call *c)
{
    const ql_svdf *s = c->state;
    const float *x = c->in[X]->data;
    int terms = c->in[X]->dims[1];
    move_on(c->in[MEMORY]);
    for (size_t i = 0; i < (size_t)c->in[X]->dims[0] * (size_t)s->filters; i++) {
        size_t batch = i / (size_t)s->filters, filter = i % (size_t)s->filters;
        const float *weights = (const float *)c->in[FEATURE]->data + filter * (size_t)terms;
        ((float *)c->in[MEMORY]->data)[newest(s, i)] =
            ql_dot_fours(0, weights, x + batch * (size_t)terms, terms);
    }
    over_time_f32(c, c->in[TIME]->data, c->scratch);
    return QL_OK;
}

static ql_code run_hybrid(const ql_call *c)
{
    const ql_svdf *s = c->state;
    const ql_view *x = c->in[X];
    size_t batches = (size_t)x->dims[0];
    float *filtered = c->scratch;
    const int8_t *q;
    ql_hybrid *scales = ql_hybrid_images(c->isa, x->data, x->count, batches,
                                         ql_opt_bool(c->options, ASYMMETRIC), filtered + s->rank, &q);
    move_on(c->in[MEMORY]);
    ql_convolve(c, &s->conv, (ql_images){q, batches, 0, 0, scales});
    over_time_f32(c, s->time_weights, filtered);
    return QL_OK;
}

static int32_t at(const ql_view *view, size_t i)
{
    return view->type == QL_I16 ? ((const int16_t *)view->data)[i] : ((const int8_t *)view->data)[i];
}

static ql_code run_i8(const ql_call *c)
{
    const ql_svdf *s = c->state;
    const int32_t *bias = ql_has(c, BIAS) ? c->in[BIAS]->data : NULL;
    int8_t *y = c->out[0]->data;
    size_t terms = (size_t)s->rank * (size_t)s->span, k = 0;
    move_on(c->in[MEMORY]);
    ql_convolve(c, &s->conv,
                (ql_images){c->in[X]->data, (size_t)c->in[X]->dims[0], 0, ql_zero(c->in[X]), NULL});
    for (size_t i = 0; i < c->out[0]->count; i++) {
        size_t unit = i % (size_t)s->units;
        int32_t sum = bias ? bias[unit] : 0;
        for (size_t t = 0; t < terms; t++, k++) {
            sum = ql_wrap_add(sum, at(c->in[MEMORY], k) * at(c->in[TIME], unit * terms + t));
        }
        int32_t value = ql_wrap_add(ql_mul32(sum, s->time, c->numerics->rounding), ql_zero(c->out[0]));
        y[i] = (int8_t)ql_clamp(value, INT8_MIN, INT8_MAX);
    }
    return QL_OK;
}

static ql_code check_shapes(ql_call *c, ql_svdf *s)
{
    ql_code code = QL_OK;
    for (int i = 0; i < 5 && !code; i++) {
        code = i == BIAS ? QL_OK : ql_need_rank(c, i, 2, 2);
    }
    if (code) {
        return code;
    }
    const int32_t *x = c->in[X]->dims, *feature = c->in[FEATURE]->dims, *time = c->in[TIME]->dims;
    s->rank = ql_opt_int(c->options, RANK);
    s->filters = feature[0];
    s->span = time[1];
    if (s->rank <= 0 || s->filters <= 0 || s->filters % s->rank || feature[1] != x[1] || x[1] <= 0 ||
        time[0] != s->filters || s->span <= 0) {
        return ql_fail_in(c, FEATURE, QL_E_FORMAT,
                          "%d filters of %d terms, rank %d, time weights [%d, %d], input of %d: must fit",
                          s->filters, feature[1], s->rank, time[0], s->span, x[1]);
    }
    const ql_view *memory = c->in[MEMORY];
    if (!memory->tensor->variable || memory->dims[0] != x[0] ||
        memory->dims[1] != (int64_t)s->filters * s->span) {
        return ql_fail_in(c, MEMORY, QL_E_FORMAT, "state of [%d, %d]: must be a variable of [%d, %lld]",
                          memory->dims[0], memory->dims[1], x[0], (long long)s->filters * s->span);
    }
    s->units = s->filters / s->rank;
    code = ql_check_bias(c, BIAS, s->units);
    return code ? code : ql_set_shape(c, 0, 2, (int32_t[]){x[0], s->units});
}

static ql_code check_types(const ql_call *c)
{
    ql_code code = ql_need_same_type(c, X, 0);
    if (code) {
        return code;
    }
    ql_type feature = c->in[FEATURE]->type, time = c->in[TIME]->type, memory = c->in[MEMORY]->type;
    bool fits = c->slot == QL_S_F32 ? feature == QL_F32 && time == QL_F32 && memory == QL_F32
                : c->slot == QL_S_I8
                    ? feature == QL_I8 && time == memory && (time == QL_I16 || time == QL_I8)
                    : (feature == QL_I8 || feature == QL_U8) && time == feature && memory == QL_F32;
    if (!fits) {
        return ql_fail_in(c, FEATURE, QL_E_UNSUPPORTED,
                          "weights of %s and %s, state of %s for an input of %s: no kernel for it",
                          ql_type_name(feature), ql_type_name(time), ql_type_name(memory),
                          ql_type_name(c->in[X]->type));
    }
    return QL_OK;
}

static ql_code find_multipliers(ql_call *c, ql_svdf *s)
{
    static const int quantized[] = {X, FEATURE, TIME, MEMORY};
    ql_code code = ql_need_quant_out(c, 0);
    for (int i = 0; i < 4 && !code; i++) {
        code = ql_need_quant_in(c, quantized[i]);
    }
    if (!code && ql_opt_int(c->options, ACTIVATION) != QL_ACT_RELU) {
        return ql_fail_op(c, QL_E_UNSUPPORTED, "activation %d: integer SVDF has RELU only",
                          ql_opt_int(c->options, ACTIVATION));
    }
    if (code) {
        return code;
    }
    float memory = ql_scale(c->in[MEMORY]);
    s->feature = ql_quantize_multiplier((double)(ql_scale(c->in[X]) * ql_scale(c->in[FEATURE]) / memory));
    s->time = ql_quantize_multiplier((double)(memory * ql_scale(c->in[TIME]) / ql_scale(c->out[0])));
    ql_type_range(c->in[MEMORY]->type, &s->memory_range.lowest, &s->memory_range.highest);
    if (s->feature.shift > 30 || s->time.shift > 30) {
        return ql_fail_op(c, QL_E_FORMAT,
                          "its scales give factors of 2^30 and more: too large to rescale by");
    }
    return QL_OK;
}

static ql_code prepare_hybrid(ql_call *c, ql_svdf *s)
{
    ql_code code = ql_check_weight_scales(c, FEATURE, 0, 1);
    code = code ? code : ql_check_weight_scales(c, TIME, 0, 1);
    float *weights = code ? NULL : ql_plan_take(c, c->in[TIME]->count, sizeof *weights);
    for (size_t i = 0; weights && i < c->in[TIME]->count; i++) {
        weights[i] = (float)at(c->in[TIME], i) * ql_scale(c->in[TIME]);
    }
    s->time_weights = weights;
    c->scratch_bytes += ql_hybrid_scratch((size_t)c->in[X]->dims[0], c->in[X]->count);
    return code ? code : weights ? QL_OK : QL_E_NOMEM;
}

static ql_code pack(ql_call *c, ql_svdf *s)
{
    ql_conv *conv = &s->conv;
    conv->axes[0] = conv->axes[1] = conv->axes[2] = QL_ONE_POSITION;
    conv->channels = conv->group_channels = c->in[X]->dims[1];
    conv->groups = 1;
    conv->group_outputs = s->filters;
    conv->weight_type = c->in[FEATURE]->type;
    conv->element = 1;
    conv->dot = ql_dot_i8;
    conv->finish.run = c->slot == QL_S_I8 ? keep_integer : keep_hybrid;
    conv->finish.roles = (ql_roles){X, FEATURE, QL_NO_INPUT};
    ql_layout layout = {.output = (size_t)conv->channels,
                        .term = 1,
                        .outputs = s->filters,
                        .runs = 1,
                        .terms = conv->channels};
    return ql_conv_pack(c, conv, layout, 0);
}

static ql_code prepare(ql_call *c)
{
    ql_svdf *s = ql_state(c, sizeof *s);
    if (!s) {
        return QL_E_NOMEM;
    }
    if (!ql_has(c, MEMORY)) {
        return ql_fail_op(c, QL_E_FORMAT, "%d inputs: must be 5, the last its state", c->in_count);
    }
    ql_code code = check_types(c);
    code = code ? code : check_shapes(c, s);
    if (!code && (!ql_known(c, FEATURE) || !ql_known(c, TIME))) {
        return ql_defer(c);
    }
    c->scratch_bytes = (size_t)s->rank * sizeof(float);
    if (code || c->slot == QL_S_F32) {
        return code;
    }
    code = c->slot == QL_S_I8 ? find_multipliers(c, s) : prepare_hybrid(c, s);
    return code ? code : pack(c, s);
}

static uint64_t macs(const ql_call *c)
{
    return (uint64_t)c->in[X]->dims[0] * ((uint64_t)c->in[FEATURE]->count + (uint64_t)c->in[TIME]->count);
}

const ql_op ql_op_svdf = {
    .name = "SVDF",
    .code = 27,
    .max_version = 4,
    .options_id = 6,
    .min_in = 3,
    .max_in = 5,
    .min_out = 1,
    .max_out = 1,
    .impure = true,
    .prepare = prepare,
    .run = {[QL_S_F32] = run_f32, [QL_S_I8] = run_i8, [QL_S_HYBRID] = run_hybrid},
    .macs = macs,
    .quant = {.kind = QL_Q_FREE,
              .weight = FEATURE,
              .axis = -1,
              .bias = BIAS,
              .no_i8 = true,
              .no_i16 = true,
              .hybrid = true,
              .dynamic = 6 /* 1, 2 */},
};
