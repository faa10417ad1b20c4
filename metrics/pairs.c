#include "metrics/pairs.h"

#include <math.h>

static void keep_finite(ql_pairs *pairs, const float *f, const float *q, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (isfinite(f[i]) && isfinite(q[i])) {
            pairs->own[0][pairs->count] = f[i];
            pairs->own[1][pairs->count] = q[i];
            pairs->places[pairs->count++] = (uint16_t)i;
        }
        pairs->nan_f += isnan(f[i]) != 0;
        pairs->inf_f += isinf(f[i]) != 0;
        pairs->nan_q += isnan(q[i]) != 0;
        pairs->inf_q += isinf(q[i]) != 0;
    }
}

void ql_pairs_take(ql_pairs *pairs, const ql_loops *loops, const float *f, const float *q, size_t n)
{
    bool all = loops->all_finite(f, n) && loops->all_finite(q, n);
    pairs->f = all ? f : pairs->own[0];
    pairs->q = all ? q : pairs->own[1];
    pairs->count = all ? n : 0;
    pairs->place = all ? NULL : pairs->places;
    pairs->nan_f = pairs->inf_f = pairs->nan_q = pairs->inf_q = 0;
    if (!all) {
        keep_finite(pairs, f, q, n);
    }
}
