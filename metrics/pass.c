/* Statistics of one sample's tensor, block by block: what can be read off a block is, at once. */
#include "metrics/blocks.h"
#include "metrics/fill.h"
#include "metrics/pairs.h"
#include "metrics/tally.h"

#include <math.h>
#include <string.h>

/* One sample's tensor on its way into the statistics. */
typedef struct pass {
    const ql_loops *loops;
    ql_stats *stats;
    const float *of;         /* the reference's elements */
    const ql_levels *levels; /* of q; NULL: its values are counted one by one */
    ql_hist *errors;         /* NULL: not wanted */
    uint64_t missed[256];    /* of the levels: elements left out */
    ql_tally *f, *q, *e;     /* NULL: few elements */
    ql_counting *lists;      /* slots of the block before: of f and of errors; NULL: not kept back */
    ql_group *group;         /* of the channels that take ff and ee; NULL: the sums do */
    uint64_t sample;
    struct pass *next; /* of the same candidate; NULL: none */
    ql_partial sums;
} pass;

/* Pairs that are finite on both sides, of n elements from `start` on. */
typedef struct {
    const float *f, *q;
    size_t count, start, n;
} block;

static void add_sums(ql_partial *part, const ql_block_sums *s, size_t n)
{
    part->sum[QL_SUM_FF] += s->ff;
    part->sum[QL_SUM_QQ] += s->qq;
    part->sum[QL_SUM_FQ] += s->fq;
    part->sum[QL_SUM_E] += s->e;
    part->sum[QL_SUM_ABS_E] += s->abs_e;
    part->sum[QL_SUM_EE] += s->ee;
    part->count += n;
}

/* Groups of channels are not seen in the order of elements. */
static void note_worst(ql_partial *part, const block *b, double max_abs)
{
    bool tie = !(max_abs < part->worst) && b->start < part->worst_at;
    if (!part->count || max_abs > part->worst || tie) {
        part->worst = max_abs;
        part->worst_at = b->start;
        part->worst_n = b->n;
    }
}

static bool is_worst(float f, float q, double worst)
{
    double size = fabs((double)q - (double)f);
    return size >= worst && isfinite(size);
}

static ql_place worst_of(const pass *p, const ql_raw *q)
{
    enum { AT_ONCE = 16 };
    float buffer[QL_BLOCK];
    const float *f = p->of + p->sums.worst_at;
    const float *x = ql_raw_block(q, p->loops, p->sums.worst_at, p->sums.worst_n, buffer);
    size_t i = 0;
    for (bool here = false; i + AT_ONCE <= p->sums.worst_n; i += AT_ONCE) {
        for (size_t k = 0; k < AT_ONCE; k++) {
            here |= is_worst(f[i + k], x[i + k], p->sums.worst);
        }
        if (here) {
            break;
        }
    }
    while (i + 1 < p->sums.worst_n && !is_worst(f[i], x[i], p->sums.worst)) {
        i++;
    }
    return (ql_place){p->sums.worst, p->sample, p->sums.worst_at + i};
}

static void widen(ql_hist *hist, ql_tally *tally, double min, double max, size_t n)
{
    ql_range range = {min, max};
    if (!ql_hist_holds(hist, range)) {
        ql_tally_flush(tally, hist);
    }
    ql_hist_widen(hist, range, n);
}

/* What one look at a block gives; the slots are of histograms as wide as they were. */
typedef struct {
    ql_block_sums sums;
    double scale, scale_f;
    uint16_t slot[QL_BLOCK], slot_f[QL_BLOCK];
} look;

/* Slots of f first: they read it from end to end, which brings it near the fastest. */
static void look_at(const pass *p, const block *b, look *seen)
{
    seen->scale = p->errors ? 1.0 / ql_hist_width(p->errors) : 1;
    seen->scale_f = 1.0 / ql_hist_width(&p->stats->f);
    if (p->loops->slots_take_all) {
        p->loops->slots(b->f, b->count, seen->scale_f, seen->slot_f);
    }
    if (p->group && b->count == b->n) {
        size_t width = p->group->width;
        p->loops->sums_by_channel(b->f, b->q, b->count / width, width, p->group->lanes, &seen->sums,
                                  seen->scale, seen->slot, p->lists);
    } else if (p->errors) {
        p->loops->sums_and_slots(b->f, b->q, b->count, &seen->sums, seen->scale, seen->slot, p->lists);
    } else {
        p->loops->sums(b->f, b->q, b->count, &seen->sums, p->lists);
    }
}

/* At once, or while the next sums are made: before these, nothing makes the bins grow. */
static void count(pass *p, ql_tally *tally, ql_hist *hist, const uint16_t *slot, size_t n, int which)
{
    if (p->lists) {
        ql_tally_squeeze(p->loops, hist, slot, n, &p->lists[which]);
    } else {
        ql_tally_add(p->loops, tally, hist, slot, n);
    }
}

static void count_errors(pass *p, const block *b, look *seen)
{
    ql_hist *hist = p->errors;
    widen(hist, p->e, seen->sums.min_e, seen->sums.max_e, b->count);
    double scale = 1.0 / ql_hist_width(hist);
    if (scale < seen->scale) {
        p->loops->error_slots(b->f, b->q, b->count, scale, seen->slot);
    }
    count(p, p->e, hist, seen->slot, b->count, 1);
}

static void count_reference(pass *p, const block *b, look *seen)
{
    ql_hist *hist = &p->stats->f;
    widen(hist, p->f, seen->sums.min_f, seen->sums.max_f, b->count);
    double scale = 1.0 / ql_hist_width(hist);
    if (!p->loops->slots_take_all || scale < seen->scale_f) {
        p->loops->slots(b->f, b->count, scale, seen->slot_f);
    }
    count(p, p->f, hist, seen->slot_f, b->count, 0);
}

static void count_candidate(pass *p, const block *b)
{
    uint16_t slot[QL_BLOCK];
    ql_hist *hist = &p->stats->q;
    double min, max;
    p->loops->range(b->q, b->count, &min, &max);
    widen(hist, p->q, min, max, b->count);
    p->loops->slots(b->q, b->count, 1.0 / ql_hist_width(hist), slot);
    ql_tally_add(p->loops, p->q, hist, slot, b->count);
}

static void add_block(pass *p, const block *b, look *seen)
{
    count_reference(p, b, seen);
    if (p->errors) {
        count_errors(p, b, seen);
    }
    if (!p->levels) {
        count_candidate(p, b);
    }
    note_worst(&p->sums, b, seen->sums.max_abs);
    add_sums(&p->sums, &seen->sums, b->count);
}

/* A block with elements that are not finite. */
static void add_rest(pass *p, const block *b, const ql_raw *q)
{
    ql_pairs pairs;
    look seen;
    ql_pairs_take(&pairs, b->f, b->q, b->count);
    p->stats->nan_f += pairs.nan_f;
    p->stats->inf_f += pairs.inf_f;
    p->stats->nan_q += pairs.nan_q;
    p->stats->inf_q += pairs.inf_q;
    for (size_t i = 0; p->levels && i < b->count; i++) {
        p->missed[ql_levels_at(q, b->start + i)] += isfinite(b->f[i]) ? 0 : 1;
    }
    if (pairs.count) {
        block rest = {pairs.f, pairs.q, pairs.count, b->start, b->n};
        look_at(p, &rest, &seen);
        add_block(p, &rest, &seen);
    }
}

/* The histogram of q from how often each level occurs. */
static void add_levels(const pass *p, const ql_raw *q)
{
    ql_hist *hist = &p->stats->q;
    uint64_t there[256];
    float value[256];
    uint16_t slot[256];
    size_t first = 0, last = 255;
    for (size_t i = 0; i < 256; i++) {
        there[i] = p->levels->count[i] - p->missed[i];
    }
    while (!there[first]) {
        first++;
    }
    while (!there[last]) {
        last--;
    }
    ql_levels_values(q, p->loops, value);
    double low = (double)value[first] + 0.0, high = (double)value[last] + 0.0;
    ql_hist_widen(hist, (ql_range){fmin(low, high), fmax(low, high)}, p->sums.count);
    p->loops->slots(value + first, last - first + 1, 1.0 / ql_hist_width(hist), slot);
    for (size_t i = first; i <= last; i++) {
        hist->bin[slot[i - first]] += there[i];
    }
}

static void add_values(pass *p, const ql_raw *q, size_t start, size_t n)
{
    float buffer[QL_BLOCK];
    const float *values = ql_raw_block(q, p->loops, start, n, buffer);
    look seen;
    for (; p; p = p->next) {
        block b = {p->of + start, values, n, start, n};
        look_at(p, &b, &seen);
        if (isfinite(seen.sums.abs_e)) {
            add_block(p, &b, &seen);
        } else {
            add_rest(p, &b, q);
        }
    }
}

/* Whole rows at once, or parts of one. */
static void add_group(pass *p, const ql_rows *of, size_t first)
{
    size_t width = p->group->width, at_once = QL_BLOCK / width;
    at_once = width < of->count || !at_once ? 1 : at_once;
    for (size_t row = 0; row < of->rows; row += at_once) {
        size_t rows = of->rows - row < at_once ? of->rows - row : at_once;
        add_values(p, of->q, row * of->count + first, rows * width);
    }
}

/* With the channels, of which rows lie `times` side by side. */
static void add_rows(pass *p, const ql_rows *of, size_t times, ql_channel *channels)
{
    ql_group group;
    ql_power sum = {0, 0};
    ql_rows wide = {of->f, of->q, of->rows / times, of->count * times};
    size_t rest = of->rows % times;
    for (size_t first = 0; of->rows && first < wide.count; first += group.width) {
        ql_group_start(&group, first, of->count, times);
        p->group = &group;
        add_group(p, &wide, first);
        p->group = NULL;
        if (rest) {
            add_values(p, of->q, (of->rows - rest) * of->count, rest * of->count);
            ql_group_rest(&group, of, of->rows - rest);
        }
        ql_power own = ql_group_end(&group, of, channels);
        sum.ff += own.ff;
        sum.ee += own.ee;
    }
    p->sums.sum[QL_SUM_FF] = sum.ff;
    p->sums.sum[QL_SUM_EE] = sum.ee;
}

static void add_all(pass *p, const ql_rows *of, const ql_stats_also *also)
{
    size_t n = of->rows * of->count,
           times = also->channels && !also->as_noise ? ql_group_times(of->count) : 0;
    if (times) {
        add_rows(p, of, times, also->channels);
        return;
    }
    for (size_t i = 0; i < n; i += QL_BLOCK) {
        add_values(p, of->q, i, n - i < QL_BLOCK ? n - i : QL_BLOCK);
    }
    if (also->channels) {
        ql_channels_add_with(p->loops, also->channels, of);
    }
}

static void add_many(pass *p, const ql_rows *of, const ql_stats_also *also)
{
    ql_tally tally[5];
    memset(tally, 0, sizeof tally);
    p->f = &tally[0];
    p->e = p->errors ? &tally[1] : NULL;
    p->q = p->levels ? NULL : &tally[2];
    if (p->next) {
        p->next->f = &tally[3];
        p->next->q = p->levels ? NULL : &tally[4];
    }
    add_all(p, of, also);
    for (; p; p = p->next) {
        ql_tally_flush(p->f, &p->stats->f);
        ql_tally_flush(p->e, p->errors);
        ql_tally_flush(p->q, &p->stats->q);
    }
}

static void finish(const pass *p, const ql_raw *q)
{
    p->stats->samples++;
    if (!p->sums.count) {
        return;
    }
    if (p->levels) {
        add_levels(p, q);
    }
    ql_hist_share(&p->stats->f, &p->stats->q);
    ql_stats_add_partial(p->stats, &p->sums, worst_of(p, q));
}

void ql_stats_add_with(const ql_loops *loops, ql_stats *stats, uint64_t sample, const float *f,
                       const ql_raw *q, size_t n, const ql_stats_also *also)
{
    enum { MANY = 1 << 12 };
    const ql_levels *levels = also->levels;
    bool usable = levels && isfinite(ql_levels_value(q, 0)) && isfinite(ql_levels_value(q, 255));
    pass other = {.loops = loops,
                  .stats = also->other,
                  .of = also->other_f,
                  .levels = usable ? levels : NULL,
                  .sample = sample};
    pass p = {.loops = loops,
              .stats = stats,
              .of = f,
              .levels = usable ? levels : NULL,
              .errors = also->errors,
              .sample = sample,
              .next = also->other ? &other : NULL};
    ql_counting lists[QL_COUNTINGS];
    for (int i = 0; i < QL_COUNTINGS; i++) {
        lists[i].bin = NULL;
        lists[i].n = 0;
    }
    p.lists = other.lists = loops->squeeze ? lists : NULL;
    ql_rows of = {f, q, also->channels ? n / also->channel_count : n,
                  also->channels ? also->channel_count : 1};
    if (n < MANY || loops->squeeze) {
        add_all(&p, &of, also);
    } else {
        add_many(&p, &of, also);
    }
    for (int i = 0; i < QL_COUNTINGS; i++) {
        ql_tally_count(&lists[i]);
    }
    finish(&p, q);
    if (also->other) {
        finish(&other, q);
    }
}

void ql_stats_add_values(ql_stats *stats, uint64_t sample, const float *f, const ql_raw *q, size_t n,
                         const ql_stats_also *also)
{
    ql_stats_add_with(ql_loops_best(), stats, sample, f, q, n, also);
}
