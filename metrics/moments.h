/* Mean and variance, over the samples, of a figure each sample has: what an interval is made from. Exact and
 * mergeable as ql_exact is; all bytes zero is empty. */
#ifndef QL_METRICS_MOMENTS_H
#define QL_METRICS_MOMENTS_H

#include "metrics/exact.h"

typedef struct {
    uint64_t count;
    ql_exact sum, square; /* of x and of x*x, neither rounded */
} ql_moments;

/* A value that is not finite counts as absent: it is left out. */
void ql_moments_add(ql_moments *moments, double value);
void ql_moments_merge(ql_moments *into, const ql_moments *from);

/* NaN when nothing was added. */
double ql_moments_mean(const ql_moments *moments);

/* Of the samples, that is sum (x - mean)^2 / (count - 1), without cancellation; NaN below two samples. */
double ql_moments_variance(const ql_moments *moments);

/* Half the width of the 95 % interval of the mean, 1.959964 * sqrt(variance / count) (normal approximation);
 * NaN below two samples. */
double ql_moments_half_width(const ql_moments *moments);

#endif
