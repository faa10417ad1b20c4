/* A ql_stats as one line: "qs4 COUNTS... sums... moments... histograms", fields parted by one space. */
#include "metrics/stats.h"

#include "metrics/exact_text.h"
#include "metrics/hist_text.h"

#include <math.h>
#include <string.h>

#define COUNTS(X)                                                                                            \
    X(samples)                                                                                               \
    X(count)                                                                                                 \
    X(nan_f)                                                                                                 \
    X(inf_f)                                                                                                 \
    X(nan_q)                                                                                                 \
    X(inf_q)                                                                                                 \
    X(raw_count)                                                                                             \
    X(at_min)                                                                                                \
    X(at_max)                                                                                                \
    X(max_abs.sample)                                                                                        \
    X(max_abs.element)

static void put(ql_compact *text, const ql_stats *stats)
{
    ql_compact_string(text, "qs4");
#define PUT(field)                                                                                           \
    ql_compact_string(text, " ");                                                                            \
    ql_compact_uint(text, stats->field);
    COUNTS(PUT)
#undef PUT
    for (int i = 0; i < QL_SUM_COUNT; i++) {
        ql_compact_string(text, " ");
        ql_exact_put(text, &stats->sum[i]);
    }
    for (int i = 0; i < QL_SAMPLE_COUNT; i++) {
        ql_compact_string(text, " ");
        ql_compact_uint(text, stats->per_sample[i].count);
        ql_compact_string(text, " ");
        ql_exact_put(text, &stats->per_sample[i].sum);
        ql_compact_string(text, " ");
        ql_exact_put(text, &stats->per_sample[i].square);
        if (stats->per_sample[i].count) {
            ql_compact_string(text, " ");
            ql_compact_uint(text, stats->worst[i].sample);
            ql_compact_string(text, " ");
            ql_compact_double(text, stats->worst[i].value);
        }
    }
    ql_compact_string(text, " ");
    ql_compact_double(text, stats->max_abs.value);
    const ql_hist *hists[] = {&stats->f, &stats->q};
    for (int i = 0; i < 2; i++) {
        ql_compact_string(text, " ");
        ql_hist_put(text, hists[i]);
    }
}

static void get(ql_reader *reader, ql_stats *stats)
{
    ql_read_string(reader, "qs4");
#define GET(field)                                                                                           \
    ql_read_string(reader, " ");                                                                             \
    stats->field = ql_read_uint(reader);
    COUNTS(GET)
#undef GET
    for (int i = 0; i < QL_SUM_COUNT; i++) {
        ql_read_string(reader, " ");
        ql_exact_get(reader, &stats->sum[i]);
    }
    for (int i = 0; i < QL_SAMPLE_COUNT; i++) {
        ql_read_string(reader, " ");
        stats->per_sample[i].count = ql_read_uint(reader);
        ql_read_string(reader, " ");
        ql_exact_get(reader, &stats->per_sample[i].sum);
        ql_read_string(reader, " ");
        ql_exact_get(reader, &stats->per_sample[i].square);
        if (stats->per_sample[i].count) {
            ql_read_string(reader, " ");
            stats->worst[i].sample = ql_read_uint(reader);
            ql_read_string(reader, " ");
            stats->worst[i].value = ql_read_double(reader);
        }
    }
    ql_read_string(reader, " ");
    stats->max_abs.value = ql_read_double(reader);
    ql_hist *hists[] = {&stats->f, &stats->q};
    for (int i = 0; i < 2; i++) {
        ql_read_string(reader, " ");
        ql_hist_get(reader, hists[i]);
    }
}

static bool all_apart_empty(const ql_stats *stats)
{
    bool empty = true;
    for (int i = 0; i < QL_SUM_COUNT; i++) {
        empty = empty && isfinite(ql_exact_value(&stats->sum[i]));
    }
    for (int i = 0; i < QL_SAMPLE_COUNT; i++) {
        const ql_moments *figure = &stats->per_sample[i];
        empty = empty && figure->count <= stats->samples && isfinite(ql_exact_value(&figure->sum)) &&
                isfinite(ql_exact_value(&figure->square)) && isfinite(stats->worst[i].value);
    }
    return empty;
}

static bool least_k(const ql_hist *a, const ql_hist *b)
{
    int need_a = ql_hist_needed(a, fmax(-a->min, a->max)), need_b = ql_hist_needed(b, fmax(-b->min, b->max));
    return a->grown == b->grown && a->grown == (need_a > need_b ? need_a : need_b);
}

static bool non_negative(const ql_stats *stats)
{
    return ql_stats_sum(stats, QL_SUM_FF) >= 0 && ql_stats_sum(stats, QL_SUM_QQ) >= 0 &&
           ql_stats_sum(stats, QL_SUM_EE) >= 0 && ql_stats_sum(stats, QL_SUM_ABS_E) >= 0;
}

static bool consistent(const ql_stats *stats)
{
    const ql_place *worst = &stats->max_abs;
    bool counts = stats->f.count == stats->count && stats->q.count == stats->count &&
                  stats->at_min <= stats->raw_count && stats->at_max <= stats->raw_count &&
                  (stats->samples || !stats->count) && isfinite(worst->value) && !signbit(worst->value) &&
                  (stats->count || (!worst->sample && !worst->element && worst->value == 0));
    return counts && least_k(&stats->f, &stats->q) && all_apart_empty(stats) && non_negative(stats);
}

size_t ql_stats_write(const ql_stats *stats, char *out, size_t size)
{
    ql_compact text = ql_compact_into(out, size);
    put(&text, stats);
    return ql_compact_end(&text);
}

bool ql_stats_parse(ql_stats *stats, const char *text, size_t length)
{
    memset(stats, 0, sizeof *stats);
    ql_reader reader = ql_reader_of(text, length);
    get(&reader, stats);
    ql_compact check = ql_compact_expect(text, length);
    put(&check, stats);
    if (!reader.ok || !ql_compact_matches(&check) || !consistent(stats)) {
        memset(stats, 0, sizeof *stats);
        return false;
    }
    return true;
}
