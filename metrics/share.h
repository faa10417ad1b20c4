/* How sure a share of counted cases is. */
#ifndef QL_METRICS_SHARE_H
#define QL_METRICS_SHARE_H

#include <stdint.h>

/* Wilson's 95 % interval of the share part/whole, within 0..1; both NaN when whole is 0. */
void ql_wilson(uint64_t part, uint64_t whole, double *low, double *high);

/* McNemar's test of two classifiers on the same cases, of which `a` only the one has right and `b` only the
 * other: how likely a difference this large is when neither is better (two-sided). Exact (binomial) up to
 * 1000 cases that differ, else by chi-square with continuity correction. 1 when none differs. */
double ql_mcnemar(uint64_t a, uint64_t b);

#endif
