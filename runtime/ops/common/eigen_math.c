#include "runtime/ops/common/eigen_math.h"

#include <math.h>
#ifdef __SSE__
#include <xmmintrin.h>
#endif

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

/* e^x, with x = m ln 2 + r, as 2^m (1 + r + r^2 (p0 + p1 r + ... )); x within -104 .. 88. Odd and even powers
 * of r are added apart. */
static float power_of_e(float x, const float *p, int count)
{
    const float ln2_high = -0.693359375f, ln2_low = 2.12194440e-4f;
    float m = floorf(x * 1.44269504088896341f + 0.5f);
    float r = m * ln2_high + x;
    r = m * ln2_low + r;
    float square = r * r, even = p[2];
    if (count > 4) {
        even = square * p[4] + even;
    }
    even = square * even + p[0];
    float odd = square * p[3] + p[1];
    float sum = square * (r * odd + even) + (r + 1.0f);
    return ldexpf(sum, (int)m);
}

/* e^x = (e^(x/2))^2; e^x / (1 + e^x). */
float ql_eigen_logistic(float x)
{
    static const float p[] = {0.49999141693115234375f, 0.16666877269744873046875f,
                              4.1898667812347412109375e-2f, 8.33471305668354034423828125e-3f};
    if (isnan(x) || x < -104.0f) {
        return isnan(x) ? x : 0.0f;
    }
    float e = power_of_e(0.5f * (x < 16.6355324f ? x : 16.6355324f), p, 4);
    e *= e;
    return e / (1.0f + e);
}

/* The processor's own estimate, to 12 bits, mended by one of Newton's steps: which last bits come out depends
 * on the processor. Every x86-64 has the instruction. */
static float reciprocal(float x)
{
#ifdef __SSE__
    float estimate = _mm_cvtss_f32(_mm_rcp_ss(_mm_set_ss(x)));
    return estimate * (1.0f - x * estimate) + estimate;
#else
    return 1.0f / x;
#endif
}

/* Up to 1 a polynomial, beyond e^(-x^2) / x times a quotient of polynomials in 1 / x^2. */
float ql_eigen_erfc(float x)
{
    static const float small[] = {
        5.61802298761904239654541015625e-04f, -4.91381669417023658752441406250e-03f,
        2.67075151205062866210937500000e-02f, -1.12800106406211853027343750000e-01f,
        3.76122951507568359375000000000e-01f, -1.12837910652160644531250000000e+00f};
    static const float above[] = {1.0208116471767425537109375e-01f, 4.2920666933059692382812500e-01f,
                                  3.2379078865051269531250000e-01f, 5.3971976041793823242187500e-02f};
    static const float below[] = {1.7251677811145782470703125e-02f, 3.9137163758277893066406250e-01f, 1.0f,
                                  6.2173241376876831054687500e-01f, 9.5662862062454223632812500e-02f};
    static const float p[] = {0.49999988079071044921875f, 0.16666518151760101318359375f,
                              4.166965186595916748046875e-2f, 8.36894474923610687255859375e-3f,
                              1.37449637986719608306884765625e-3f};
    const float bound = 11.0f;
    if (isnan(x)) {
        return x;
    }
    x = x > bound ? bound : x < -bound ? -bound : x;
    float square = x * x;
    if (square <= 1.0f) {
        return x * polynomial(square, small, 6) + 1.0f;
    }
    float rest = (float)((double)x * (double)x - (double)square),
          e = square < 104.0f ? power_of_e(-square, p, 5) : 0.0f;
    e = e - e * rest;
    float inverse = reciprocal(square);
    float quotient = polynomial(inverse, above, 4) / (x * polynomial(inverse, below, 5));
    return e * quotient + (x < 0.0f ? 2.0f : 0.0f);
}
