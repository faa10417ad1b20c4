#include "tui/session/samples.h"

#include "metrics/metrics.h"

#include <math.h>
#include <stdlib.h>

static int class_of(const float *scores, size_t row)
{
    return row > 1 && row < INT32_MAX ? (int)ql_argmax(scores, row) : -1;
}

static double agreement_of(const ql_sample_scores *s)
{
    size_t rows = 0, same = 0;
    for (size_t at = 0; s->row > 1 && at + s->row <= s->count; at += s->row, rows++) {
        same += ql_argmax(s->reference + at, s->row) == ql_argmax(s->candidate + at, s->row);
    }
    return rows ? (double)same / (double)rows : (double)NAN;
}

ql_sample ql_sample_of(const ql_sample_scores *s)
{
    double signal = 0, noise = 0, most = 0;
    for (size_t i = 0; i < s->count; i++) {
        double f = (double)s->reference[i], e = (double)s->candidate[i] - f;
        signal += isfinite(e) ? f * f : 0;
        noise += isfinite(e) ? e * e : 0;
        most = fmax(most, isnan(e) ? HUGE_VAL : fabs(e));
    }
    bool one = s->row == s->count;
    return (ql_sample){
        .sample = s->sample,
        .sqnr = isinf(most) ? -HUGE_VAL
                : noise > 0 ? 10 * log10(signal / noise)
                            : HUGE_VAL,
        .max_abs = most,
        .reference = one ? class_of(s->reference, s->row) : -1,
        .candidate = one ? class_of(s->candidate, s->row) : -1,
        .agreement = agreement_of(s),
        .label = s->label ? *s->label : -1,
    };
}

void ql_samples_add(ql_samples *samples, const ql_sample *sample)
{
    if (samples->count == samples->room) {
        int room = samples->room ? 2 * samples->room : 256;
        ql_sample *list = room > 0 ? realloc(samples->list, (size_t)room * sizeof *list) : NULL;
        if (!list) {
            return;
        }
        samples->list = list;
        samples->room = room;
    }
    samples->list[samples->count++] = *sample;
}

void ql_samples_free(ql_samples *samples)
{
    free(samples->list);
    *samples = (ql_samples){0};
}

bool ql_sample_is_wrong(const ql_sample *s)
{
    return s->label >= 0 ? s->candidate != s->label : s->candidate != s->reference;
}

/* The lower, the earlier. */
static int rank_of(const ql_sample *s)
{
    bool reference_too = s->label >= 0 && s->reference != s->label;
    return !ql_sample_is_wrong(s) ? 2 : reference_too;
}

typedef struct {
    const ql_sample *sample;
    int place;
} entry;

static int by_number(const void *a, const void *b)
{
    const ql_sample *x = ((const entry *)a)->sample, *y = ((const entry *)b)->sample;
    return (x->sample > y->sample) - (x->sample < y->sample);
}

static int by_sqnr(const void *a, const void *b)
{
    const ql_sample *x = ((const entry *)a)->sample, *y = ((const entry *)b)->sample;
    int order = (x->sqnr > y->sqnr) - (x->sqnr < y->sqnr);
    return order ? order : by_number(a, b);
}

static int by_class(const void *a, const void *b)
{
    int order = rank_of(((const entry *)a)->sample) - rank_of(((const entry *)b)->sample);
    return order ? order : by_sqnr(a, b);
}

void ql_samples_order(const ql_samples *samples, ql_sample_order by, int *order)
{
    static int (*const orders[QL_SAMPLE_ORDERS])(const void *, const void *) = {
        [QL_BY_SQNR] = by_sqnr, [QL_BY_CLASS] = by_class, [QL_BY_NUMBER] = by_number};
    size_t count = (size_t)samples->count;
    entry *entries = calloc(count + 1, sizeof *entries);
    for (int i = 0; i < samples->count; i++) {
        order[i] = i;
        if (entries) {
            entries[i] = (entry){&samples->list[i], i};
        }
    }
    if (entries) {
        qsort(entries, count, sizeof *entries, orders[by]);
    }
    for (int i = 0; entries && i < samples->count; i++) {
        order[i] = entries[i].place;
    }
    free(entries);
}
