/* A histogram whose counts depend only on the values, not on their order or on how they were split.
 *
 * Bins have the width 2^k and one edge at 0: bin i holds [i * 2^k, (i+1) * 2^k), i from -1024 to 1023. k is
 * the smallest number, at least QL_HIST_K_MIN, with which every |value| < 1024 * 2^k; when a value does not
 * fit, k grows and neighbours merge (bin i goes to bin floor(i / 2)). A folded one has bins 16 times as wide,
 * of which 128 are used: what ql_hist_kl looks at, in little memory. All bytes zero is the empty histogram;
 * it owns no memory. Values must be finite. */
#ifndef QL_METRICS_HIST_H
#define QL_METRICS_HIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define QL_HIST_SIDE  1024 /* bins on each side of 0 */
#define QL_HIST_FOLD  4    /* a folded histogram has a sixteenth of them */
#define QL_HIST_K_MIN (-60)

typedef struct {
    uint64_t count;
    double min, max; /* of all values, -0 taken as +0; both 0 when empty */
    int grown;       /* k - QL_HIST_K_MIN */
    int fold;        /* 0, or QL_HIST_FOLD: to be set while it is empty */
    uint64_t bin[2 * QL_HIST_SIDE];
} ql_hist;

typedef struct {
    double min, max;
} ql_range;

/* Adds n values; the range of just these (0..0 when n is 0). */
ql_range ql_hist_add(ql_hist *hist, const double *values, size_t n);
void ql_hist_merge(ql_hist *into, const ql_hist *from);

/* Gives both the larger of their k, so that their bins can be compared. */
void ql_hist_share(ql_hist *a, ql_hist *b);

int ql_hist_k(const ql_hist *hist);
double ql_hist_width(const ql_hist *hist); /* 2^k */

/* The count of bin i, -1024 <= i < 1024. */
uint64_t ql_hist_at(const ql_hist *hist, int i);

/* The value below which the share `p` (0..1) of the values lies, interpolated linearly in its bin and kept
 * within min..max; off by at most one bin width. p <= 0 gives min, p >= 1 max; NaN when empty or p is NaN. */
double ql_hist_quantile(const ql_hist *hist, double p);

/* The share of values in bins wholly or partly below x, the bin of x counted linearly; NaN when empty. */
double ql_hist_share_below(const ql_hist *hist, double x);

/* Counts for display: `bins` bins of equal width over [low, high]. A bin's count goes undivided to the
 * display bin where its middle lies, those outside to the first or last: no count is lost. Nothing is written
 * when bins is 0 or not low < high; false then. */
bool ql_hist_rebin(const ql_hist *hist, double low, double high, size_t bins, uint64_t *out);

/* KL divergence in nats of q's values from p's, sum P log(P / Q), on bins of 16 neighbours (index
 * floor(i / 16) at the larger k of the two; bins of folded ones as they are), over the bins that p or q
 * fills: P = p's count / p's total; Q = q's count / the sum of these, where a bin that only p fills counts
 * half an element in q. 0 when both have the same counts, never negative; NaN when either is empty. */
double ql_hist_kl(const ql_hist *p, const ql_hist *q);

/* Text "K/COUNT/MIN/MAX/START:C,C,C;START:C...", with "f" before it when folded (runs of bins that are not 0,
 * ascending; MIN and MAX as the hex of their bits), "empty" when empty at the smallest k. As ql_exact_write
 * and ql_exact_parse; the parser also refuses counts, limits and bins that contradict each other. */
size_t ql_hist_write(const ql_hist *hist, char *out, size_t size);
bool ql_hist_parse(ql_hist *hist, const char *text, size_t length);

#endif
