#include "metrics/share.h"

#include <math.h>

enum { EXACT_MOST = 1000 };

void ql_wilson(uint64_t part, uint64_t whole, double *low, double *high)
{
    const double z = 1.959964;
    if (!whole) {
        *low = *high = (double)NAN;
        return;
    }
    double n = (double)whole, p = (double)part / n, spread = 1 + z * z / n;
    double middle = (p + z * z / (2 * n)) / spread;
    double half = z * sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / spread;
    *low = part ? fmax(middle - half, 0) : 0;
    *high = part < whole ? fmin(middle + half, 1) : 1;
}

double ql_mcnemar(uint64_t a, uint64_t b)
{
    uint64_t n = a + b, least = a < b ? a : b;
    if (n > EXACT_MOST) {
        double difference = fabs((double)a - (double)b) - 1;
        return difference > 0 ? erfc(sqrt(difference * difference / (double)n / 2)) : 1;
    }
    double term = ldexp(1, -(int)n), sum = term; /* the chance of 0, then of 1, 2 ... */
    for (uint64_t i = 1; i <= least; i++) {
        term *= (double)(n - i + 1) / (double)i;
        sum += term;
    }
    return fmin(2 * sum, 1);
}
