/* What is read off a histogram: quantiles, shares, display bins, divergence. */
#include "metrics/hist.h"

#include "metrics/hist_text.h"

#include <math.h>
#include <string.h>

static double clamp(double x, double low, double high)
{
    return x < low ? low : x > high ? high : x;
}

double ql_hist_quantile(const ql_hist *hist, double p)
{
    if (hist->count == 0 || isnan(p)) {
        return (double)NAN;
    }
    double rank = clamp(p, 0.0, 1.0) * (double)hist->count, width = ql_hist_width(hist);
    uint64_t below = 0;
    for (int i = -QL_HIST_SIDE; i < QL_HIST_SIDE; i++) {
        uint64_t here = ql_hist_at(hist, i);
        if (here && rank <= (double)(below + here)) {
            double into = clamp((rank - (double)below) / (double)here, 0.0, 1.0);
            double value = (i + into) * width;
            return p <= 0 ? hist->min : p >= 1 ? hist->max : clamp(value, hist->min, hist->max);
        }
        below += here;
    }
    return hist->max;
}

double ql_hist_share_below(const ql_hist *hist, double x)
{
    if (hist->count == 0 || isnan(x)) {
        return (double)NAN;
    }
    double place = x / ql_hist_width(hist), below = 0;
    for (int i = -QL_HIST_SIDE; i < QL_HIST_SIDE; i++) {
        below += clamp(place - i, 0.0, 1.0) * (double)ql_hist_at(hist, i);
    }
    return below / (double)hist->count;
}

bool ql_hist_rebin(const ql_hist *hist, double low, double high, size_t bins, uint64_t *out)
{
    if (bins == 0 || !(low < high) || !isfinite(high - low)) {
        return false;
    }
    memset(out, 0, bins * sizeof *out);
    double width = ql_hist_width(hist), per = (double)bins / (high - low);
    for (int i = -QL_HIST_SIDE; i < QL_HIST_SIDE; i++) {
        uint64_t here = ql_hist_at(hist, i);
        if (here) {
            double place = clamp(((i + 0.5) * width - low) * per, 0.0, (double)bins);
            size_t at = (size_t)place;
            out[at < bins ? at : bins - 1] += here;
        }
    }
    return true;
}

enum { COARSE = QL_HIST_SIDE >> QL_HIST_FOLD };

/* As a folded histogram would have them. */
static int folded(const ql_hist *hist)
{
    return hist->grown + QL_HIST_FOLD - hist->fold;
}

static void coarse_counts(const ql_hist *hist, int grown, uint64_t counts[2 * COARSE])
{
    memset(counts, 0, 2 * COARSE * sizeof *counts);
    for (int i = -QL_HIST_SIDE; i < QL_HIST_SIDE; i++) {
        uint64_t here = ql_hist_at(hist, i);
        if (here) { /* a folded one has none further out */
            counts[COARSE + ql_hist_coarser(i, grown - hist->grown)] += here;
        }
    }
}

double ql_hist_kl(const ql_hist *p, const ql_hist *q)
{
    if (p->count == 0 || q->count == 0) {
        return (double)NAN;
    }
    uint64_t in_p[2 * COARSE], in_q[2 * COARSE];
    int grown = folded(p) > folded(q) ? folded(p) : folded(q);
    coarse_counts(p, grown, in_p);
    coarse_counts(q, grown, in_q);
    double total = (double)q->count, divergence = 0;
    for (int i = 0; i < 2 * COARSE; i++) {
        total += in_p[i] && !in_q[i] ? 0.5 : 0.0;
    }
    for (int i = 0; i < 2 * COARSE; i++) {
        if (in_p[i]) {
            double share_p = (double)in_p[i] / (double)p->count;
            double share_q = (in_q[i] ? (double)in_q[i] : 0.5) / total;
            divergence += share_p * log(share_p / share_q);
        }
    }
    return divergence > 0 ? divergence : 0.0;
}
