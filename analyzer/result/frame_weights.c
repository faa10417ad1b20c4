/* Weights in a result's frame: how far the candidate's lie from the reference's. */
#include "analyzer/pair/constants.h"
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

/* The same float32 on both sides is no news. */
static bool is_weight_pair(const ql_tensor *f, const ql_tensor *q)
{
    size_t f_count, q_count;
    bool both = ql_constant_readable(f) && ql_constant_readable(q) && ql_constant_is_real(f) &&
                ql_constant_is_real(q) && ql_dims_count(f->shape, f->rank, &f_count) &&
                ql_dims_count(q->shape, q->rank, &q_count) && f_count == q_count && f_count;
    return both && !(f->type == QL_F32 && q->type == QL_F32 && !memcmp(f->data, q->data, f->bytes));
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

static size_t next_channel(const axis *of, size_t channel)
{
    return channel + 1 == of->channels ? 0 : channel + 1;
}

/* A constant input of two paired operators. */
typedef struct {
    int input, f_index, q_index;
    const ql_tensor *f, *q;
} weight;

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
    for (size_t i = 0, c = 0; sizes && i < count; c = next_channel(of, c)) {
        for (size_t end = i + of->inner; i < end; i++) {
            sizes[c] = sizes[c] < fabsf(values[i]) ? fabsf(values[i]) : sizes[c];
        }
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
    for (size_t i = 0, c = 0; sums && i < count; c = next_channel(of, c)) {
        for (size_t end = i + of->inner; i < end; i++) {
            double e = (double)q[i] - (double)f[i];
            sums[2 * c] += (double)f[i] * (double)f[i];
            sums[2 * c + 1] += e * e;
        }
    }
    for (size_t c = 0; sums && c < of->channels; c++) {
        const double *sum = &sums[2 * c];
        bool both = sum[0] > 0 && sum[1] > 0;
        ql_put_number(d, rmse, NULL, sqrt(sum[1] * (double)of->channels / (double)count));
        ql_put_number(d, sqnr, NULL, both ? 10 * log10(sum[0] / sum[1]) : (double)NAN);
    }
    free(sums);
}

/* A constant of two paired operators, in float in `values`: `count` of the reference's, then the candidate's.
 */
static void put_error(ql_doc *d, ql_json *entry, const ql_engine_options *o, const ql_pair *pair,
                      const weight *of, const float *values, size_t count)
{
    ql_stats *stats = calloc(1, sizeof *stats);
    d->failed |= !stats;
    if (!stats) {
        return;
    }
    axis along;
    bool has_axis = find_axis(o, pair, of->f, of->input, &along);
    ql_stats_add(stats, 0, values, values + count, count);
    ql_put_metrics(d, entry, "error", stats, single_scale(of->q));
    ql_put_number(d, entry, "channel_spread", has_axis ? channel_spread(&along, values, count) : (double)NAN);
    if (has_axis && along.channels <= MAX_CHANNELS) {
        put_channels(d, entry, &along, values, values + count, count);
    }
    free(stats);
}

static ql_code put_weight(ql_doc *d, ql_json *weights, const ql_engine_options *o, const ql_pair *pair,
                          const weight *of, ql_err *err)
{
    size_t count = 0;
    ql_dims_count(of->f->shape, of->f->rank, &count);
    float *values = calloc(count, 2 * sizeof *values);
    if (!values) {
        return ql_fail_memory(err, 2 * count * sizeof *values);
    }
    ql_constant_floats(of->f, values);
    ql_constant_floats(of->q, values + count);
    ql_json *entry = ql_put_object(d, weights, NULL);
    ql_put_str(d, entry, "name", of->f->name.length ? of->f->name : of->q->name);
    ql_put_operator(d, entry, &o->candidate, pair->candidate_op);
    ql_put_int(d, entry, "input", of->input);
    ql_put_tensor(d, entry, "reference", &o->reference, of->f_index, -1);
    ql_put_tensor(d, entry, "candidate", &o->candidate, of->q_index, -1);
    put_error(d, entry, o, pair, of, values, count);
    free(values);
    return QL_OK;
}

/* False where input `input` of the paired operators is no weight of both. */
static bool find_weight(const ql_engine_options *o, const ql_pair *pair, int input, weight *of)
{
    const ql_subgraph *candidate = ql_graph_of(&o->candidate), *reference = ql_graph_of(&o->reference);
    of->input = input;
    of->f_index = ql_constant_behind(&o->reference, reference->operators[pair->reference_op].inputs[input]);
    of->q_index = ql_constant_behind(&o->candidate, candidate->operators[pair->candidate_op].inputs[input]);
    if (of->f_index < 0 || of->q_index < 0) {
        return false;
    }
    of->f = &reference->tensors[of->f_index];
    of->q = &candidate->tensors[of->q_index];
    return is_weight_pair(of->f, of->q);
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
            weight of;
            ql_code code = find_weight(o, pair, i, &of) ? put_weight(d, weights, o, pair, &of, err) : QL_OK;
            if (code) {
                return code;
            }
        }
    }
    return QL_OK;
}
