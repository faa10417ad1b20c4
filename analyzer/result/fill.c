/* Filling a frame with figures. */
#include "analyzer/findings/diagnose.h"
#include "analyzer/result/agreement.h"
#include "analyzer/result/figures.h"
#include "analyzer/result/partial.h"
#include "analyzer/result/result.h"

#include <math.h>
#include <string.h>

static double scale_of(const ql_json *pair)
{
    return ql_json_get_number(ql_json_get(pair, "candidate"), "scale", 0);
}

static void put_worst(ql_doc *d, ql_json *pair, const ql_stats *stats)
{
    ql_json *worst = ql_put_object(d, pair, "worst");
    ql_put_number(d, worst, "error", stats->count ? stats->max_abs.value : (double)NAN);
    ql_put_count(d, worst, "sample", stats->max_abs.sample);
    ql_put_count(d, worst, "element", stats->max_abs.element);
}

static void put_unusual(ql_doc *d, ql_json *pair, const ql_stats *stats)
{
    ql_json *unusual = ql_put_object(d, pair, "not_finite");
    ql_put_count(d, unusual, "reference_nan", stats->nan_f);
    ql_put_count(d, unusual, "reference_inf", stats->inf_f);
    ql_put_count(d, unusual, "candidate_nan", stats->nan_q);
    ql_put_count(d, unusual, "candidate_inf", stats->inf_q);
}

static bool has_levels(const ql_json *pair)
{
    const char *type = ql_json_get_text(ql_json_get(pair, "candidate"), "dtype", "");
    return !strcmp(type, "int8") || !strcmp(type, "uint8");
}

static int levels_used(const uint64_t levels[4])
{
    int count = 0;
    for (int i = 0; i < 256; i++) {
        count += (int)(levels[i / 64] >> i % 64 & 1);
    }
    return count;
}

/* By channel of the last axis: the reference's range and the SQNR, as parallel lists. */
static void put_channels(ql_doc *d, ql_json *pair, const ql_pair_stats *stats)
{
    ql_json *by_channel = ql_put_object(d, pair, "by_channel");
    ql_json *low = ql_put_array(d, by_channel, "min"), *high = ql_put_array(d, by_channel, "max");
    ql_json *sqnr = ql_put_array(d, by_channel, "sqnr_db");
    for (size_t i = 0; i < stats->channel_count; i++) {
        const ql_channel *channel = &stats->channels[i];
        ql_put_float(d, low, NULL, channel->count ? channel->min_f : NAN);
        ql_put_float(d, high, NULL, channel->count ? channel->max_f : NAN);
        ql_put_number(d, sqnr, NULL, ql_channel_sqnr_db(channel));
    }
}

/* The root mean square of each part of the error. */
static void put_split(ql_doc *d, ql_json *pair, const ql_split *split)
{
    ql_json *parts = ql_put_object(d, pair, "split");
    for (int part = 0; part < QL_SPLIT_COUNT; part++) {
        ql_put_number(d, parts, ql_split_name((ql_split_part)part), ql_split_rms(split, (ql_split_part)part));
    }
}

static void fill_pair(ql_doc *d, ql_json *pair, const ql_pair_stats *stats)
{
    ql_put_metrics(d, pair, "cumulative", &stats->cumulative, scale_of(pair));
    if (stats->has_local) {
        ql_put_metrics(d, pair, "local", &stats->local, scale_of(pair));
    } else {
        ql_put_null(d, pair, "local");
    }
    if (stats->split.count) {
        put_split(d, pair, &stats->split);
    }
    ql_put_samples(d, pair, "per_sample", &stats->cumulative);
    ql_put_range(d, pair, "range", &stats->cumulative);
    ql_put_histograms(d, pair, "histograms", &stats->cumulative, &stats->errors);
    ql_put_scatter(d, pair, "scatter", &stats->scatter);
    if (stats->channel_count) {
        put_channels(d, pair, stats);
    }
    if (stats->cumulative.raw_count && has_levels(pair)) {
        ql_put_int(d, pair, "levels_used", levels_used(stats->levels));
    }
    put_worst(d, pair, &stats->cumulative);
    put_unusual(d, pair, &stats->cumulative);
}

/* 10 log10(sum f^2 / sum e^2) over all outputs: the figure of the whole model. */
static void put_whole(ql_doc *d, ql_json *result, const ql_comparison *comparison)
{
    const ql_json *places = ql_json_get(result, "output_pairs");
    double signal = 0, noise = 0;
    for (const ql_json *place = ql_json_first(places); place; place = ql_json_next(place)) {
        int i = (int)ql_json_number_or(place, -1);
        if (i >= 0) {
            signal += ql_stats_sum(&comparison->pairs[i].cumulative, QL_SUM_FF);
            noise += ql_stats_sum(&comparison->pairs[i].cumulative, QL_SUM_EE);
        }
    }
    ql_json *whole = ql_put_object(d, result, "whole");
    ql_put_number(d, whole, "sqnr_db", signal > 0 && noise > 0 ? 10 * log10(signal / noise) : (double)NAN);
    ql_put_bool(d, whole, "exact", noise == 0);
}

static void put_outputs(ql_doc *d, ql_json *result)
{
    ql_json *outputs = ql_put_array(d, result, "outputs");
    const ql_json *places = ql_json_get(result, "output_pairs"), *pairs = ql_json_get(result, "pairs");
    for (const ql_json *place = ql_json_first(places); place; place = ql_json_next(place)) {
        int i = (int)ql_json_number_or(place, -1);
        if (i >= 0) {
            ql_put(d, outputs, NULL, ql_json_copy(d, ql_json_at(pairs, i)));
        } else {
            ql_put_null(d, outputs, NULL);
        }
    }
}

ql_code ql_result_fill(ql_json *result, const ql_comparison *comparison, bool partial, ql_err *err)
{
    ql_doc d = {0};
    int i = 0;
    for (ql_json *pair = ql_json_first(ql_json_get(result, "pairs")); pair; pair = ql_json_next(pair), i++) {
        fill_pair(&d, pair, &comparison->pairs[i]);
    }
    ql_put_count(&d, result, "samples", comparison->samples);
    put_whole(&d, result, comparison);
    ql_put_agreement(&d, result, &comparison->task);
    ql_code code = ql_diagnose(&d, result, err);
    put_outputs(&d, result);
    if (partial) {
        ql_put_partial(&d, result, comparison);
    }
    return code ? code : ql_doc_check(&d, err);
}
