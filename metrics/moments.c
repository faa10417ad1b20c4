#include "metrics/moments.h"

#include <math.h>

void ql_moments_add(ql_moments *moments, double value)
{
    if (isfinite(value)) {
        moments->count++;
        ql_exact_add(&moments->sum, value);
        ql_exact_add_product(&moments->square, value, value);
    }
}

void ql_moments_merge(ql_moments *into, const ql_moments *from)
{
    into->count += from->count;
    ql_exact_merge(&into->sum, &from->sum);
    ql_exact_merge(&into->square, &from->square);
}

double ql_moments_mean(const ql_moments *moments)
{
    return moments->count ? ql_exact_value(&moments->sum) / (double)moments->count : (double)NAN;
}

double ql_moments_variance(const ql_moments *moments)
{
    if (moments->count < 2) {
        return (double)NAN;
    }
    double n = (double)moments->count;
    double high = ql_exact_value(&moments->sum), mean = high / n;
    ql_exact rest = moments->sum;
    ql_exact_add(&rest, -high);
    double low = ql_exact_value(&rest);

    /* sum (x - m)^2 = sum x^2 - 2m sum x + n m^2 holds for any m, so m may be rounded if nothing else is. */
    ql_exact deviation = moments->square;
    ql_exact_add_product(&deviation, -2.0 * mean, high);
    ql_exact_add_product(&deviation, -2.0 * mean, low);
    double square = mean * mean;
    ql_exact_add_product(&deviation, n, square);
    ql_exact_add_product(&deviation, n, fma(mean, mean, -square));
    return fmax(ql_exact_value(&deviation), 0.0) / (n - 1.0);
}

double ql_moments_half_width(const ql_moments *moments)
{
    return 1.959964 * sqrt(ql_moments_variance(moments) / (double)moments->count);
}
