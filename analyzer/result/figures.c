#include "analyzer/result/figures.h"

#include <math.h>

enum { BINS = 64 };

void ql_put_metrics(ql_doc *d, ql_json *to, const char *key, const ql_stats *stats, double scale)
{
    ql_json *figures = ql_put_object(d, to, key);
    ql_metric_context context = {.scale = scale};
    for (size_t i = 0; i < ql_metric_count; i++) {
        ql_put_number(d, figures, ql_metrics[i].id, ql_metrics[i].get(stats, &context));
    }
}

static void put_side(ql_doc *d, ql_json *to, const char *key, const ql_hist *hist)
{
    ql_json *side = ql_put_object(d, to, key);
    ql_put_number(d, side, "min", hist->count ? hist->min : (double)NAN);
    ql_put_number(d, side, "max", hist->count ? hist->max : (double)NAN);
    ql_put_number(d, side, "p0_1", ql_hist_quantile(hist, 0.001));
    ql_put_number(d, side, "p50", ql_hist_quantile(hist, 0.5));
    ql_put_number(d, side, "p99_9", ql_hist_quantile(hist, 0.999));
}

void ql_put_range(ql_doc *d, ql_json *to, const char *key, const ql_stats *stats)
{
    ql_json *range = ql_put_object(d, to, key);
    put_side(d, range, "reference", &stats->f);
    put_side(d, range, "candidate", &stats->q);
}

static void put_counts(ql_doc *d, ql_json *to, const char *key, const ql_hist *hist, double low, double high)
{
    uint64_t counts[BINS] = {0};
    ql_json *list = ql_put_array(d, to, key);
    if (!ql_hist_rebin(hist, low, high, BINS, counts)) {
        counts[0] = hist->count; /* all values are the same */
    }
    for (int i = 0; i < BINS; i++) {
        ql_put_count(d, list, NULL, counts[i]);
    }
}

void ql_put_histograms(ql_doc *d, ql_json *to, const char *key, const ql_stats *stats, const ql_hist *errors)
{
    ql_json *all = ql_put_object(d, to, key);
    double low = fmin(stats->f.min, stats->q.min), high = fmax(stats->f.max, stats->q.max);
    ql_json *values = ql_put_object(d, all, "values");
    ql_put_number(d, values, "low", low);
    ql_put_number(d, values, "high", high);
    put_counts(d, values, "reference", &stats->f, low, high);
    put_counts(d, values, "candidate", &stats->q, low, high);
    ql_json *error = ql_put_object(d, all, "error");
    ql_put_number(d, error, "low", errors->min);
    ql_put_number(d, error, "high", errors->max);
    put_counts(d, error, "counts", errors, errors->min, errors->max);
}

void ql_put_scatter(ql_doc *d, ql_json *to, const char *key, const ql_scatter *scatter)
{
    ql_json *all = ql_put_object(d, to, key);
    ql_json *reference = ql_put_array(d, all, "reference"), *candidate = ql_put_array(d, all, "candidate");
    for (size_t i = 0; i < scatter->count; i++) {
        ql_put_float(d, reference, NULL, scatter->points[i].f);
        ql_put_float(d, candidate, NULL, scatter->points[i].q);
    }
}

static void put_worst_sample(ql_doc *d, ql_json *to, const ql_stats *stats, int figure)
{
    if (!stats->per_sample[figure].count) {
        ql_put_null(d, to, "worst");
        return;
    }
    ql_json *worst = ql_put_object(d, to, "worst");
    ql_put_count(d, worst, "sample", stats->worst[figure].sample);
    ql_put_number(d, worst, "value", stats->worst[figure].value);
}

void ql_put_samples(ql_doc *d, ql_json *to, const char *key, const ql_stats *stats)
{
    static const char *const names[QL_SAMPLE_COUNT] = {
        [QL_SAMPLE_MSE] = "mse",
        [QL_SAMPLE_SQNR_DB] = "sqnr_db",
        [QL_SAMPLE_COSINE] = "cosine",
        [QL_SAMPLE_MAX_ABS] = "max_abs",
    };
    ql_json *samples = ql_put_object(d, to, key);
    for (int i = 0; i < QL_SAMPLE_COUNT; i++) {
        ql_json *one = ql_put_object(d, samples, names[i]);
        ql_put_number(d, one, "mean", ql_moments_mean(&stats->per_sample[i]));
        ql_put_number(d, one, "half_width", ql_moments_half_width(&stats->per_sample[i]));
        put_worst_sample(d, one, stats, i);
    }
}
