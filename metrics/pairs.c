#include "metrics/pairs.h"

#include <math.h>

void ql_pairs_take(ql_pairs *pairs, const float *f, const float *q, size_t n)
{
    pairs->count = pairs->nan_f = pairs->inf_f = pairs->nan_q = pairs->inf_q = 0;
    for (size_t i = 0; i < n; i++) {
        if (isfinite(f[i]) && isfinite(q[i])) {
            pairs->f[pairs->count] = f[i];
            pairs->q[pairs->count++] = q[i];
        }
        pairs->nan_f += isnan(f[i]) != 0;
        pairs->inf_f += isinf(f[i]) != 0;
        pairs->nan_q += isnan(q[i]) != 0;
        pairs->inf_q += isinf(q[i]) != 0;
    }
}
