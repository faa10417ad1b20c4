/* Weights in a result's frame: how far the candidate's lie from the reference's. */
#include "analyzer/compare/floats.h"
#include "analyzer/result/figures.h"
#include "analyzer/result/frame.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_CHANNELS = 4096 };

/* The single scale of a tensor; 0 when it has none or several. */
static double single_scale(const ql_tensor *tensor)
{
    return tensor->quant.scale_count == 1 ? (double)tensor->quant.scale[0] : 0;
}

static ql_view view_of_constant(const ql_tensor *tensor, int index)
{
    ql_view view = {
        .tensor = tensor, .index = index, .type = tensor->type, .rank = tensor->rank, .known = true};
    memcpy(view.dims, tensor->shape, (size_t)tensor->rank * sizeof *tensor->shape);
    ql_dims_count(view.dims, view.rank, &view.count);
    view.bytes = tensor->bytes;
    view.data = (void *)(uintptr_t)tensor->data;
    return view;
}

static bool is_weight_pair(const ql_tensor *f, const ql_tensor *q)
{
    size_t f_count, q_count;
    return f->data && q->data && !f->sparsity && !q->sparsity && f->type == QL_F32 &&
           ql_comparable(q->type) && q->quant.scale_count > 0 && ql_dims_count(f->shape, f->rank, &f_count) &&
           ql_dims_count(q->shape, q->rank, &q_count) && f_count == q_count && f_count;
}

static int by_size(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return x < y ? -1 : x > y;
}

/* How the weights of an operator split into its channels. */
typedef struct {
    size_t channels, inner; /* element i is of channel i / inner % channels */
} axis;

/* False for constants that are no weights, or have no axis. */
static bool find_axis(const ql_engine_options *o, const ql_pair *pair, const ql_tensor *weights, int input,
                      axis *of)
{
    const ql_operator *use = &ql_graph_of(&o->candidate)->operators[pair->candidate_op];
    const ql_op *row = ql_op_find(o->candidate.model, use);
    int at = row ? row->quant.axis : -1;
    if (!row || row->quant.weight != input || at < 0 || at >= weights->rank || weights->shape[at] < 2) {
        return false;
    }
    *of = (axis){(size_t)weights->shape[at], 1};
    for (int i = at + 1; i < weights->rank; i++) {
        of->inner *= (size_t)weights->shape[i];
    }
    return true;
}

/* The largest channel's size over the median channel's. */
static double channel_spread(const axis *of, const float *values, size_t count)
{
    float *sizes = calloc(of->channels, sizeof *sizes);
    for (size_t i = 0; sizes && i < count; i++) {
        float *size = &sizes[i / of->inner % of->channels];
        *size = fmaxf(*size, fabsf(values[i]));
    }
    double spread = (double)NAN;
    if (sizes) {
        qsort(sizes, of->channels, sizeof *sizes, by_size);
        float median = sizes[(of->channels - 1) / 2];
        spread = median > 0 ? (double)(sizes[of->channels - 1] / median) : (double)NAN;
    }
    free(sizes);
    return spread;
}

/* As parallel lists: the root of the mean square of q - f, and 10 log10(sum f^2 / sum (q - f)^2). */
static void put_channels(ql_doc *d, ql_json *entry, const axis *of, const float *f, const float *q,
                         size_t count)
{
    ql_json *by_channel = ql_put_object(d, entry, "by_channel");
    ql_json *rmse = ql_put_array(d, by_channel, "rmse"), *sqnr = ql_put_array(d, by_channel, "sqnr_db");
    double *sums = calloc(2 * of->channels, sizeof *sums);
    d->failed |= !sums;
    for (size_t i = 0; sums && i < count; i++) {
        double *sum = &sums[2 * (i / of->inner % of->channels)], e = (double)q[i] - (double)f[i];
        sum[0] += (double)f[i] * (double)f[i];
        sum[1] += e * e;
    }
    for (size_t c = 0; sums && c < of->channels; c++) {
        const double *sum = &sums[2 * c];
        bool both = sum[0] > 0 && sum[1] > 0;
        ql_put_number(d, rmse, NULL, sqrt(sum[1] * (double)of->channels / (double)count));
        ql_put_number(d, sqnr, NULL, both ? 10 * log10(sum[0] / sum[1]) : (double)NAN);
    }
    free(sums);
}

/* A constant of two paired operators: how far the candidate's lies from the reference's. */
static ql_code put_weight(ql_doc *d, ql_json *weights, const ql_engine_options *o, const ql_pair *pair, int i,
                          ql_err *err)
{
    const ql_operator *c = &ql_graph_of(&o->candidate)->operators[pair->candidate_op];
    const ql_operator *r = &ql_graph_of(&o->reference)->operators[pair->reference_op];
    const ql_tensor *f = &ql_graph_of(&o->reference)->tensors[r->inputs[i]];
    const ql_tensor *q = &ql_graph_of(&o->candidate)->tensors[c->inputs[i]];
    if (!is_weight_pair(f, q)) {
        return QL_OK;
    }
    ql_view view = view_of_constant(q, c->inputs[i]);
    float *values = malloc(view.count * sizeof *values);
    ql_stats *stats = calloc(1, sizeof *stats);
    if (values && stats) {
        const float *q_values = ql_floats(&view, values);
        ql_stats_add(stats, 0, f->data, q_values, view.count);
        ql_json *entry = ql_put_object(d, weights, NULL);
        ql_put_str(d, entry, "name", f->name.length ? f->name : q->name);
        ql_put_operator(d, entry, &o->candidate, pair->candidate_op);
        ql_put_int(d, entry, "input", i);
        ql_put_tensor(d, entry, "reference", &o->reference, r->inputs[i], -1);
        ql_put_tensor(d, entry, "candidate", &o->candidate, c->inputs[i], -1);
        ql_put_metrics(d, entry, "error", stats, single_scale(q));
        axis of;
        bool has_axis = find_axis(o, pair, f, i, &of);
        ql_put_number(d, entry, "channel_spread",
                      has_axis ? channel_spread(&of, (const float *)f->data, view.count) : (double)NAN);
        if (has_axis && of.channels <= MAX_CHANNELS) {
            put_channels(d, entry, &of, (const float *)f->data, q_values, view.count);
        }
    }
    bool refused = !values || !stats;
    free(values);
    free(stats);
    return refused ? ql_fail_memory(err, view.count * sizeof *values) : QL_OK;
}

ql_code ql_put_weights(ql_doc *d, ql_json *result, const ql_engine_options *o, ql_err *err)
{
    ql_json *weights = ql_put_array(d, result, "weights");
    for (int k = 0; k < o->pairing->pair_count; k++) {
        const ql_pair *pair = &o->pairing->pairs[k];
        if (pair->candidate_op < 0 || pair->reference_op < 0 || pair->alias) {
            continue;
        }
        const ql_operator *c = &ql_graph_of(&o->candidate)->operators[pair->candidate_op];
        const ql_operator *r = &ql_graph_of(&o->reference)->operators[pair->reference_op];
        if (c->outputs[0] != pair->candidate || c->input_count != r->input_count) {
            continue; /* once an operator */
        }
        for (int i = 0; i < c->input_count; i++) {
            ql_code code =
                c->inputs[i] < 0 || r->inputs[i] < 0 ? QL_OK : put_weight(d, weights, o, pair, i, err);
            if (code) {
                return code;
            }
        }
    }
    return QL_OK;
}
