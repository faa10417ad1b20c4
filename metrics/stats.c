#include "metrics/stats.h"

#include "metrics/figures.h"
#include "metrics/fill.h"
#include "metrics/pairs.h"

#include <math.h>
#include <string.h>

typedef struct {
    double sum[QL_SUM_COUNT];
    ql_place worst;
    uint64_t count;
} partial;

static void add_sums(partial *part, const ql_block_sums *s, size_t n)
{
    part->sum[QL_SUM_F] += s->f;
    part->sum[QL_SUM_FF] += s->ff;
    part->sum[QL_SUM_Q] += s->q;
    part->sum[QL_SUM_QQ] += s->qq;
    part->sum[QL_SUM_FQ] += s->fq;
    part->sum[QL_SUM_E] += s->e;
    part->sum[QL_SUM_ABS_E] += s->abs_e;
    part->sum[QL_SUM_EE] += s->ee;
    part->count += n;
}

/* `max_abs` is that of the block; its place is looked for only when it is a new maximum. */
static void note_worst(partial *part, const ql_pairs *b, double max_abs, size_t start)
{
    if (part->count && max_abs <= part->worst.value) {
        return;
    }
    size_t i = 0;
    while (fabs((double)b->q[i] - (double)b->f[i]) < max_abs) {
        i++;
    }
    part->worst.value = max_abs;
    part->worst.element = start + (b->place ? b->place[i] : i);
}

static void count_slots(const ql_loops *loops, ql_stats *stats, const ql_pairs *b)
{
    ql_slots slots;
    double scale = 1.0 / ql_hist_width(&stats->f);
    loops->slots(b->f, b->count, scale, slots.f);
    loops->slots(b->q, b->count, scale, slots.q);
    loops->error_slots(b->f, b->q, b->count, 1.0 / ql_hist_width(&stats->e), slots.e);
    ql_hist_count(&stats->f, &stats->q, &stats->e, &slots, b->count);
}

static void add_block(const ql_loops *loops, ql_stats *stats, partial *part, const ql_pairs *b, size_t start)
{
    ql_block_sums sums;
    stats->nan_f += b->nan_f;
    stats->inf_f += b->inf_f;
    stats->nan_q += b->nan_q;
    stats->inf_q += b->inf_q;
    if (b->count == 0) {
        return;
    }
    loops->sums(b->f, b->q, b->count, &sums);
    ql_hist_widen(&stats->f, (ql_range){sums.min_f, sums.max_f}, b->count);
    ql_hist_widen(&stats->q, (ql_range){sums.min_q, sums.max_q}, b->count);
    ql_hist_widen(&stats->e, (ql_range){sums.min_e, sums.max_e}, b->count);
    ql_hist_share(&stats->f, &stats->q);
    count_slots(loops, stats, b);
    note_worst(part, b, fmax(-sums.min_e, sums.max_e) + 0.0, start); /* + 0.0: never -0 */
    add_sums(part, &sums, b->count);
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

void ql_stats_add_with(const ql_loops *loops, ql_stats *stats, uint64_t sample, const float *f,
                       const float *q, size_t n)
{
    partial part = {.worst = {.sample = sample}};
    ql_pairs pairs;
    for (size_t i = 0; i < n; i += QL_BLOCK) {
        ql_pairs_take(&pairs, loops, f + i, q + i, n - i < QL_BLOCK ? n - i : QL_BLOCK);
        add_block(loops, stats, &part, &pairs, i);
    }
    stats->samples++;
    add_partial(stats, &part);
}

void ql_stats_add(ql_stats *stats, uint64_t sample, const float *f, const float *q, size_t n)
{
    ql_stats_add_with(ql_loops_best(), stats, sample, f, q, n);
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
