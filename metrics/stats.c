#include "metrics/stats.h"

#include "metrics/figures.h"
#include "metrics/fill.h"

#include <math.h>

static bool worse(const ql_place *a, const ql_place *b)
{
    if (a->value != b->value) {
        return a->value > b->value;
    }
    return a->sample != b->sample ? a->sample < b->sample : a->element < b->element;
}

/* Of SQNR and cosine, little is bad. */
static bool is_worse(int figure, const ql_worst *a, const ql_worst *b)
{
    bool least = figure == QL_SAMPLE_SQNR_DB || figure == QL_SAMPLE_COSINE;
    if (a->value != b->value) {
        return least ? a->value < b->value : a->value > b->value;
    }
    return a->sample < b->sample;
}

static void add_figure(ql_stats *stats, int figure, double value, uint64_t sample)
{
    ql_worst one = {value, sample};
    if (isfinite(value)) {
        bool first = stats->per_sample[figure].count == 0;
        stats->worst[figure] =
            first || is_worse(figure, &one, &stats->worst[figure]) ? one : stats->worst[figure];
        ql_moments_add(&stats->per_sample[figure], value);
    }
}

static void merge_figure(ql_stats *into, const ql_stats *from, int figure)
{
    bool first = into->per_sample[figure].count == 0;
    if (from->per_sample[figure].count &&
        (first || is_worse(figure, &from->worst[figure], &into->worst[figure]))) {
        into->worst[figure] = from->worst[figure];
    }
    ql_moments_merge(&into->per_sample[figure], &from->per_sample[figure]);
}

void ql_stats_add_partial(ql_stats *stats, const ql_partial *part, ql_place worst)
{
    if (stats->count == 0 || worse(&worst, &stats->max_abs)) {
        stats->max_abs = worst;
    }
    stats->count += part->count;
    for (int i = 0; i < QL_SUM_COUNT; i++) {
        ql_exact_add(&stats->sum[i], part->sum[i]);
    }
    double n = (double)part->count, ee = part->sum[QL_SUM_EE], ff = part->sum[QL_SUM_FF];
    double cosine = ql_cosine(part->sum[QL_SUM_FQ], ff, part->sum[QL_SUM_QQ]);
    add_figure(stats, QL_SAMPLE_MSE, ee / n, worst.sample);
    add_figure(stats, QL_SAMPLE_SQNR_DB, ql_decibel(ff, ee), worst.sample);
    add_figure(stats, QL_SAMPLE_COSINE, cosine, worst.sample);
    add_figure(stats, QL_SAMPLE_MAX_ABS, part->worst, worst.sample);
}

void ql_stats_fold(ql_stats *stats)
{
    if (!stats->f.grown && !stats->q.grown) {
        stats->f.fold = stats->q.fold = QL_HIST_FOLD;
    }
}

void ql_stats_add(ql_stats *stats, uint64_t sample, const float *f, const float *q, size_t n)
{
    ql_raw values = ql_raw_of_floats(q);
    ql_stats_add_values(stats, sample, f, &values, n, &(ql_stats_also){0});
}

void ql_stats_add_limits(ql_stats *stats, uint64_t n, uint64_t at_min, uint64_t at_max)
{
    stats->raw_count += n;
    stats->at_min += at_min;
    stats->at_max += at_max;
}

void ql_stats_merge(ql_stats *into, const ql_stats *from)
{
    if (from->count && (into->count == 0 || worse(&from->max_abs, &into->max_abs))) {
        into->max_abs = from->max_abs;
    }
    into->samples += from->samples;
    into->count += from->count;
    into->nan_f += from->nan_f;
    into->inf_f += from->inf_f;
    into->nan_q += from->nan_q;
    into->inf_q += from->inf_q;
    ql_stats_add_limits(into, from->raw_count, from->at_min, from->at_max);
    for (int i = 0; i < QL_SUM_COUNT; i++) {
        ql_exact_merge(&into->sum[i], &from->sum[i]);
    }
    for (int i = 0; i < QL_SAMPLE_COUNT; i++) {
        merge_figure(into, from, i);
    }
    ql_hist_merge(&into->f, &from->f);
    ql_hist_merge(&into->q, &from->q);
    ql_hist_share(&into->f, &into->q);
}

double ql_stats_sum(const ql_stats *stats, ql_sum which)
{
    return ql_exact_value(&stats->sum[which]);
}
