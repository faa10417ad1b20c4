/* Signal and noise of a candidate q against a reference f, and nothing else: for where only the SQNR of many
 * runs is wanted. The sums are those of ql_stats without channels (or as_noise), to the last bit. */
#ifndef QL_METRICS_NOISE_H
#define QL_METRICS_NOISE_H

#include "metrics/exact.h"

/* All bytes zero is empty. */
typedef struct {
    ql_exact signal, noise; /* sums of f^2 and (q-f)^2 over elements finite on both sides */
} ql_noise;

/* Adds one sample's tensor of n elements; its own sums go to *signal and *noise. */
void ql_noise_add(ql_noise *sums, const float *f, const float *q, size_t n, double *signal, double *noise);
void ql_noise_merge(ql_noise *into, const ql_noise *from);

/* Half a 95 % interval of 10 log10(sum of signal / sum of noise), whose samples' own sums these are: the
 * spread of signal/mean - noise/mean over samples. NaN for fewer than 2 samples, or without signal or noise.
 */
double ql_noise_half_width(const double *signal, const double *noise, uint64_t samples);

#endif
