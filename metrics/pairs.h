/* Inside metrics only: the pairs of a block that are finite on both sides, of one where some are not. */
#ifndef QL_METRICS_PAIRS_H
#define QL_METRICS_PAIRS_H

#include "metrics/loops.h"

typedef struct {
    float f[QL_BLOCK], q[QL_BLOCK];
    size_t count;
    size_t nan_f, inf_f, nan_q, inf_q; /* those that are not finite, side by side */
} ql_pairs;

/* Takes those of n <= QL_BLOCK pairs. */
void ql_pairs_take(ql_pairs *pairs, const float *f, const float *q, size_t n);

#endif
