#include "runtime/ops/common/eigen_math.h"

#include <math.h>

static float polynomial(float x, const float *coefficients, int count)
{
    float sum = coefficients[0];
    for (int i = 1; i < count; i++) {
        sum = sum * x + coefficients[i];
    }
    return sum;
}

/* A quotient of polynomials in x^2, exactly 1 from the bound on. */
float ql_eigen_tanh(float x)
{
    static const float above[] = {1.394553628e-8f, 2.102733560e-5f, 3.520756727e-3f, 1.340216100e-1f};
    static const float below[] = {8.015776984e-7f, 3.326951409e-4f, 2.597254514e-2f, 4.673548340e-1f, 1.0f};
    const float bound = 7.90738964080810547f;
    if (isnan(x)) {
        return x;
    }
    x = x > bound ? bound : x < -bound ? -bound : x;
    float square = x * x, cube = square * x;
    return (cube * polynomial(square, above, 4) + x) / polynomial(square, below, 5);
}

/* e^x = (2^m e^r)^2 with x / 2 = m ln 2 + r; e^x / (1 + e^x). */
float ql_eigen_logistic(float x)
{
    const float ln2_high = -0.693359375f, ln2_low = 2.12194440e-4f;
    if (isnan(x) || x < -104.0f) {
        return isnan(x) ? x : 0.0f;
    }
    x = 0.5f * (x < 16.6355324f ? x : 16.6355324f);
    float m = floorf(x * 1.44269504088896341f + 0.5f);
    float r = m * ln2_high + x;
    r = m * ln2_low + r;
    float square = r * r;
    float even = square * 4.1898667812347412109375e-2f + 0.49999141693115234375f;
    float odd = square * 8.33471305668354034423828125e-3f + 0.16666877269744873046875f;
    float sum = square * (r * odd + even) + (r + 1.0f);
    float e = ldexpf(sum, (int)m);
    e *= e;
    return e / (1.0f + e);
}
