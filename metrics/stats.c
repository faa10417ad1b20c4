#include "metrics/stats.h"

#include "metrics/figures.h"
#include "metrics/sums.h"

#include <math.h>
#include <string.h>

typedef struct {
    double sum[QL_SUM_COUNT];
    ql_place worst;
    uint64_t count;
} partial;

static void add_block_sums(partial *part, const ql_block *block)
{
    size_t n = block->count;
    part->sum[QL_SUM_F] += ql_lane_sum(block->f, n);
    part->sum[QL_SUM_FF] += ql_lane_dot(block->f, block->f, n);
    part->sum[QL_SUM_Q] += ql_lane_sum(block->q, n);
    part->sum[QL_SUM_QQ] += ql_lane_dot(block->q, block->q, n);
    part->sum[QL_SUM_FQ] += ql_lane_dot(block->f, block->q, n);
    part->sum[QL_SUM_E] += ql_lane_sum(block->e, n);
    part->sum[QL_SUM_ABS_E] += ql_lane_sum_abs(block->e, n);
    part->sum[QL_SUM_EE] += ql_lane_dot(block->e, block->e, n);
    part->count += n;
}

/* `max_abs` is that of the block; its place is looked for only when it is a new maximum. */
static void note_worst(partial *part, const ql_block *block, double max_abs, size_t start, size_t piece)
{
    if (part->count && max_abs <= part->worst.value) {
        return;
    }
    size_t i = 0;
    while (fabs(block->e[i]) < max_abs) {
        i++;
    }
    part->worst.value = max_abs;
    part->worst.element = start + (block->count == piece ? i : block->place[i]);
}

static void add_block(ql_stats *stats, partial *part, const ql_block *block, size_t start, size_t piece)
{
    stats->nan_f += block->nan_f;
    stats->inf_f += block->inf_f;
    stats->nan_q += block->nan_q;
    stats->inf_q += block->inf_q;
    if (block->count == 0) {
        return;
    }
    ql_hist_add(&stats->f, block->f, block->count);
    ql_hist_add(&stats->q, block->q, block->count);
    ql_hist_share(&stats->f, &stats->q);
    ql_range e = ql_hist_add(&stats->e, block->e, block->count);
    note_worst(part, block, fmax(-e.min, e.max) + 0.0, start, piece); /* + 0.0: never -0 */
    add_block_sums(part, block);
}

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

static void add_partial(ql_stats *stats, const partial *part)
{
    if (part->count == 0) {
        return;
    }
    if (stats->count == 0 || worse(&part->worst, &stats->max_abs)) {
        stats->max_abs = part->worst;
    }
    stats->count += part->count;
    for (int i = 0; i < QL_SUM_COUNT; i++) {
        ql_exact_add(&stats->sum[i], part->sum[i]);
    }
    double n = (double)part->count, ee = part->sum[QL_SUM_EE], ff = part->sum[QL_SUM_FF];
    double cosine = ql_cosine(part->sum[QL_SUM_FQ], ff, part->sum[QL_SUM_QQ]);
    add_figure(stats, QL_SAMPLE_MSE, ee / n, part->worst.sample);
    add_figure(stats, QL_SAMPLE_SQNR_DB, ql_decibel(ff, ee), part->worst.sample);
    add_figure(stats, QL_SAMPLE_COSINE, cosine, part->worst.sample);
    add_figure(stats, QL_SAMPLE_MAX_ABS, part->worst.value, part->worst.sample);
}

void ql_stats_add(ql_stats *stats, uint64_t sample, const float *f, const float *q, size_t n)
{
    partial part = {.worst = {.sample = sample}};
    ql_block block;
    for (size_t i = 0; i < n; i += QL_BLOCK) {
        size_t piece = n - i < QL_BLOCK ? n - i : QL_BLOCK;
        ql_block_fill(&block, f + i, q + i, piece);
        add_block(stats, &part, &block, i, piece);
    }
    stats->samples++;
    add_partial(stats, &part);
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
    ql_hist_merge(&into->e, &from->e);
    ql_hist_share(&into->f, &into->q);
}

double ql_stats_sum(const ql_stats *stats, ql_sum which)
{
    return ql_exact_value(&stats->sum[which]);
}
