#include "metrics/rank.h"

#include <math.h>
#include <stdbool.h>

/* A strict total order, so that every rank is unique. */
static bool before(const float *x, size_t a, size_t b)
{
    bool nan_a = isnan(x[a]), nan_b = isnan(x[b]);
    if (nan_a || nan_b || x[a] == x[b]) {
        return nan_a == nan_b ? a < b : nan_b;
    }
    return x[a] > x[b];
}

size_t ql_argmax(const float *x, size_t n)
{
    size_t best = 0;
    for (size_t i = 1; i < n; i++) {
        best = before(x, i, best) ? i : best;
    }
    return n ? best : SIZE_MAX;
}

size_t ql_top_k(const float *x, size_t n, size_t k, size_t *out)
{
    size_t held = 0;
    for (size_t i = 0; i < n && k; i++) {
        if (held == k && !before(x, i, out[held - 1])) {
            continue;
        }
        size_t at = held < k ? held++ : held - 1;
        for (; at > 0 && before(x, i, out[at - 1]); at--) {
            out[at] = out[at - 1];
        }
        out[at] = i;
    }
    return held;
}

size_t ql_rank_of(const float *x, size_t n, size_t i)
{
    size_t rank = 0;
    for (size_t k = 0; k < n; k++) {
        rank += before(x, k, i);
    }
    return rank;
}

/* The element that follows `last` in the order (the first when last is n), n when there is none. */
static size_t next_in_order(const float *x, size_t n, size_t last)
{
    size_t best = n;
    for (size_t i = 0; i < n; i++) {
        if ((last == n || before(x, last, i)) && (best == n || before(x, i, best))) {
            best = i;
        }
    }
    return best;
}

size_t ql_top_overlap(const float *f, const float *q, size_t n, size_t k)
{
    size_t common = 0, at = n;
    for (size_t i = 0; i < k && i < n; i++) {
        at = next_in_order(f, n, at);
        common += ql_rank_of(q, n, at) < k;
    }
    return common;
}

void ql_agreement_add(ql_agreement *agreement, const float *f, const float *q, size_t n)
{
    if (n == 0) {
        return;
    }
    size_t top = ql_argmax(f, n);
    agreement->rows++;
    agreement->top1 += ql_argmax(q, n) == top;
    agreement->top1_in_5 += ql_rank_of(q, n, top) < QL_TOP;
    agreement->overlap += ql_top_overlap(f, q, n, QL_TOP);
    agreement->possible += n < QL_TOP ? n : QL_TOP;
}

void ql_agreement_merge(ql_agreement *into, const ql_agreement *from)
{
    into->rows += from->rows;
    into->top1 += from->top1;
    into->top1_in_5 += from->top1_in_5;
    into->overlap += from->overlap;
    into->possible += from->possible;
}

static double share(uint64_t part, uint64_t whole)
{
    return whole ? (double)part / (double)whole : (double)NAN;
}

double ql_agreement_top1(const ql_agreement *agreement)
{
    return share(agreement->top1, agreement->rows);
}

double ql_agreement_top1_in_5(const ql_agreement *agreement)
{
    return share(agreement->top1_in_5, agreement->rows);
}

double ql_agreement_overlap(const ql_agreement *agreement)
{
    return share(agreement->overlap, agreement->possible);
}
