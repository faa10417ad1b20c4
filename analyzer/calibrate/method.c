#include "analyzer/calibrate/method.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { STEPS = 128, KL_BINS = 128 };

static ql_tensor_range clipped(ql_tensor_range seen, double low, double high)
{
    ql_tensor_range range = seen;
    range.min = (float)fmax((double)seen.min, low);
    range.max = (float)fmin((double)seen.max, high);
    return range.min <= range.max ? range : seen;
}

static ql_tensor_range choose_percentile(const ql_hist *hist, ql_tensor_range seen, double number, int levels)
{
    (void)levels;
    double p = number / 100;
    return clipped(seen, ql_hist_quantile(hist, 1 - p), ql_hist_quantile(hist, p));
}

/* sum |x - Q(x)|^p of the histogram's bins, x a bin's middle, Q to `levels` levels over low..high and 0. */
static double loss_of(const ql_hist *hist, double low, double high, double p, int levels)
{
    low = fmin(low, 0);
    high = fmax(high, 0);
    double width = ql_hist_width(hist), scale = (high - low) / (levels - 1), loss = 0;
    for (int i = -QL_HIST_SIDE; i < QL_HIST_SIDE && scale > 0; i++) {
        uint64_t count = ql_hist_at(hist, i);
        if (count) {
            double x = fmin(fmax((i + 0.5) * width, hist->min), hist->max);
            double q = fmin(fmax(round(x / scale) * scale, low), high);
            loss += (double)count * pow(fabs(x - q), p);
        }
    }
    return loss;
}

static ql_tensor_range choose_lp(const ql_hist *hist, ql_tensor_range seen, double number, int levels)
{
    ql_tensor_range best = seen;
    double least = HUGE_VAL, most = fmax(fabs((double)seen.min), fabs((double)seen.max));
    for (int step = STEPS; step >= STEPS / 16; step--) {
        double bound = most * step / STEPS;
        ql_tensor_range range = clipped(seen, -bound, bound);
        double loss = loss_of(hist, (double)range.min, (double)range.max, number, levels);
        if (loss < least) {
            least = loss;
            best = range;
        }
    }
    return best;
}

static ql_tensor_range choose_mse(const ql_hist *hist, ql_tensor_range seen, double number, int levels)
{
    (void)number;
    return choose_lp(hist, seen, 2, levels);
}

/* The magnitudes' counts in bins of the histogram's width. */
static int magnitudes(const ql_hist *hist, double *counts)
{
    int last = 0;
    for (int i = 0; i < QL_HIST_SIDE; i++) {
        counts[i] = (double)(ql_hist_at(hist, i) + ql_hist_at(hist, -1 - i));
        last = counts[i] > 0 ? i + 1 : last;
    }
    return last;
}

/* KL divergence of the first `kept` bins, what lies beyond put into the last, from the same bins in KL_BINS
 * levels. */
static double divergence(const double *counts, int bins, int kept)
{
    double beyond = 0, total = 0, approximate = 0, sum = 0;
    for (int i = kept; i < bins; i++) {
        beyond += counts[i];
    }
    for (int i = 0; i < kept; i++) {
        total += counts[i];
    }
    for (int level = 0; level < KL_BINS; level++) {
        int from = kept * level / KL_BINS, to = kept * (level + 1) / KL_BINS, filled = 0;
        double mass = 0;
        for (int i = from; i < to; i++) {
            mass += counts[i];
            filled += counts[i] > 0;
        }
        for (int i = from; i < to; i++) {
            double p = counts[i] + (i == kept - 1 ? beyond : 0), q = counts[i] > 0 ? mass / filled : 0;
            q = q > 0 ? q : 1e-4;
            approximate += q;
            sum += p > 0 ? p * log(p / q) : 0;
        }
    }
    double all = total + beyond;
    return all > 0 ? sum / all - log(all / approximate) : HUGE_VAL;
}

static ql_tensor_range choose_kl(const ql_hist *hist, ql_tensor_range seen, double number, int levels)
{
    double counts[QL_HIST_SIDE], least = HUGE_VAL;
    int bins = magnitudes(hist, counts), best = bins;
    (void)number;
    (void)levels;
    for (int kept = bins; kept > KL_BINS; kept--) {
        double found = divergence(counts, bins, kept);
        if (found < least) {
            least = found;
            best = kept;
        }
    }
    double bound = best * ql_hist_width(hist);
    return clipped(seen, -bound, bound);
}

static const ql_calibration_row rows[] = {
    {"minmax", 0, 0, 0, false, NULL},
    {"moving-average", 0.95, 0, 1, true, NULL},
    {"percentile", 99.99, 50, 100, false, choose_percentile},
    {"mse", 0, 0, 0, false, choose_mse},
    {"lp", 2.4, 0.5, 16, false, choose_lp},
    {"kl", 0, 0, 0, false, choose_kl},
};
enum { ROWS = sizeof rows / sizeof *rows };

static ql_code read_number(ql_calibration *c, const char *text, ql_err *err)
{
    char *end = NULL;
    double number = strtod(text, &end);
    if (c->row->lowest == c->row->highest || end == text || *end || !(number >= c->row->lowest) ||
        !(number <= c->row->highest)) {
        return ql_fail(err, QL_E_USAGE, "calibration %s:%.40s: %g to %g is required", c->row->name, text,
                       c->row->lowest, c->row->highest);
    }
    c->number = number;
    return QL_OK;
}

ql_code ql_calibration_parse(ql_calibration *calibration, const char *text, ql_err *err)
{
    size_t length = strcspn(text, ":");
    for (int i = 0; i < ROWS; i++) {
        if (strlen(rows[i].name) == length && !memcmp(rows[i].name, text, length)) {
            *calibration = (ql_calibration){&rows[i], rows[i].fallback};
            return text[length] ? read_number(calibration, text + length + 1, err) : QL_OK;
        }
    }
    return ql_fail(err, QL_E_USAGE,
                   "calibration '%.40s': minmax, moving-average[:0.95], percentile[:99.99], mse, lp[:2.4] or "
                   "kl is required",
                   text);
}
