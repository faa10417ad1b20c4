/* Inside metrics only: the pairs of a block that are finite on both sides. */
#ifndef QL_METRICS_PAIRS_H
#define QL_METRICS_PAIRS_H

#include "metrics/loops.h"

typedef struct {
    const float *f, *q; /* as given where all are finite, else copies of those that are */
    size_t count;
    const uint16_t *place;             /* of each within the block; NULL: all are there */
    size_t nan_f, inf_f, nan_q, inf_q; /* those that are not finite, side by side */
    float own[2][QL_BLOCK];
    uint16_t places[QL_BLOCK];
} ql_pairs;

/* Takes n <= QL_BLOCK pairs, which must stay where they are as long as `pairs` is used. */
void ql_pairs_take(ql_pairs *pairs, const ql_loops *loops, const float *f, const float *q, size_t n);

#endif
