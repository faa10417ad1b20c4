#include "metrics/noise.h"

#include "metrics/pairs.h"

#include <math.h>

static ql_block_sums sums_of(const ql_loops *loops, const float *f, const float *q, size_t n)
{
    ql_block_sums sums;
    loops->sums(f, q, n, &sums, NULL);
    if (isfinite(sums.abs_e)) {
        return sums;
    }
    ql_pairs pairs;
    ql_pairs_take(&pairs, f, q, n);
    sums = (ql_block_sums){0};
    if (pairs.count) {
        loops->sums(pairs.f, pairs.q, pairs.count, &sums, NULL);
    }
    return sums;
}

void ql_noise_add(ql_noise *sums, const float *f, const float *q, size_t n, double *signal, double *noise)
{
    const ql_loops *loops = ql_loops_best();
    *signal = *noise = 0;
    for (size_t i = 0; i < n; i += QL_BLOCK) {
        ql_block_sums block = sums_of(loops, f + i, q + i, n - i < QL_BLOCK ? n - i : QL_BLOCK);
        *signal += block.ff;
        *noise += block.ee;
    }
    ql_exact_add(&sums->signal, *signal);
    ql_exact_add(&sums->noise, *noise);
}

void ql_noise_merge(ql_noise *into, const ql_noise *from)
{
    ql_exact_merge(&into->signal, &from->signal);
    ql_exact_merge(&into->noise, &from->noise);
}

double ql_noise_half_width(const double *signal, const double *noise, uint64_t samples)
{
    double f = 0, e = 0, square = 0, n = (double)samples;
    for (uint64_t i = 0; i < samples; i++) {
        f += signal[i];
        e += noise[i];
    }
    if (samples < 2 || !(f > 0) || !(e > 0) || !isfinite(f) || !isfinite(e)) {
        return (double)NAN;
    }
    for (uint64_t i = 0; i < samples; i++) {
        double off = signal[i] / (f / n) - noise[i] / (e / n); /* the logarithm's slope; its mean is 0 */
        square += off * off;
    }
    return 1.959964 * 10 / log(10) * sqrt(square / (n - 1) / n);
}
