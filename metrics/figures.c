#include "metrics/figures.h"

#include <math.h>

double ql_decibel(double signal, double noise)
{
    return signal > 0 && noise > 0 ? ql_finite(10.0 * log10(signal / noise)) : (double)NAN;
}

double ql_finite(double figure)
{
    return isfinite(figure) ? figure : (double)NAN;
}

double ql_cosine(double fq, double ff, double qq)
{
    if (!(ff > 0) || !(qq > 0)) {
        return ff > 0 || qq > 0 ? 0.0 : (double)NAN;
    }
    return fmin(fmax(fq / sqrt(ff * qq), -1.0), 1.0); /* sums of float squares cannot overflow here */
}
