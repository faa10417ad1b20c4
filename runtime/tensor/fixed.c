#include "runtime/tensor/fixed.h"

#include <math.h>

ql_mult ql_quantize_multiplier(double real)
{
    ql_mult mult = {0, 0};
    if (real == 0) {
        return mult;
    }
    if (!isfinite(real)) {
        return (ql_mult){0, 2048};
    }
    int64_t m = (int64_t)round(frexp(real, &mult.shift) * (double)(1LL << 31));
    if (m == 1LL << 31) {
        m /= 2;
        mult.shift++;
    }
    if (mult.shift < -31) {
        return (ql_mult){0, 0};
    }
    mult.m = (int32_t)m;
    return mult;
}

bool ql_log2_of(float scale, int *exponent)
{
    float log = logf(scale) * (1.0f / logf(2.0f)), rounded = roundf(log);
    *exponent = isfinite(rounded) ? (int)rounded : 0;
    return fabsf(log - rounded) < 1e-3f;
}

int32_t ql_round_to_i32(float x)
{
    float rounded = roundf(x);
    return rounded >= -2147483648.0f && rounded < 2147483648.0f ? (int32_t)rounded : INT32_MIN;
}

int32_t ql_round_to_i32_d(double x)
{
    double rounded = round(x);
    return rounded >= -2147483648.0 && rounded < 2147483648.0 ? (int32_t)rounded : INT32_MIN;
}

int32_t ql_mul_pot(int32_t x, int n)
{
    if (n <= 0) {
        return ql_rdivpot(x, -n);
    }
    int32_t threshold = (int32_t)((1LL << (31 - n)) - 1);
    return x > threshold ? INT32_MAX : x < -threshold ? INT32_MIN : ql_shift_left(x, n);
}

int32_t ql_half_sum(int32_t a, int32_t b)
{
    int64_t sum = (int64_t)a + b;
    return (int32_t)((sum + (sum >= 0 ? 1 : -1)) / 2);
}

/* exp(a) on [-1/4, 0): a Taylor polynomial around -1/8. */
static int32_t exp_interval(int32_t a)
{
    enum { EXP_MINUS_EIGHTH = 1895147668, ONE_THIRD = 715827883 };
    int32_t x = a + (1 << 28), x2 = ql_srdhm(x, x), x3 = ql_srdhm(x2, x);
    int32_t x4_over_4 = ql_rdivpot(ql_srdhm(x2, x2), 2);
    int32_t tail = ql_rdivpot(ql_srdhm(x4_over_4 + x3, ONE_THIRD) + x2, 1);
    return EXP_MINUS_EIGHTH + ql_srdhm(EXP_MINUS_EIGHTH, x + tail);
}

int32_t ql_fixed_exp_neg(int32_t a, int ib)
{
    static const struct {
        int exponent;
        int32_t factor; /* exp(-2^exponent) */
    } barrel[] = {{-2, 1672461947}, {-1, 1302514674}, {0, 790015084}, {1, 290630308},
                  {2, 39332535},    {3, 720401},      {4, 242}};
    if (a == 0) {
        return INT32_MAX;
    }
    int fraction_bits = 31 - ib;
    int32_t quarter = 1 << (fraction_bits - 2);
    int32_t inside = (a & (quarter - 1)) - quarter;
    int32_t result = exp_interval(ql_mul_pot(inside, ib));
    int32_t rest = ql_wrap_sub(inside, a);
    for (unsigned i = 0; i < sizeof barrel / sizeof *barrel; i++) {
        if (ib > barrel[i].exponent && rest & (1 << (fraction_bits + barrel[i].exponent))) {
            result = ql_srdhm(result, barrel[i].factor);
        }
    }
    if (ib > 5 && a < -(1 << (fraction_bits + 5))) {
        return 0;
    }
    return result;
}

/* Three Newton steps towards 1/half_denominator, two integer bits. */
static int32_t newton_reciprocal(int32_t half_denominator)
{
    enum { FORTY_EIGHT_17THS = 1515870810, MINUS_32_17THS = -1010580540 };
    int32_t x = FORTY_EIGHT_17THS + ql_srdhm(half_denominator, MINUS_32_17THS);
    for (int i = 0; i < 3; i++) {
        int32_t left = (1 << 29) - ql_srdhm(half_denominator, x);
        x = ql_wrap_add(x, ql_mul_pot(ql_srdhm(x, left), 2));
    }
    return x;
}

int32_t ql_fixed_one_over_1px(int32_t a)
{
    return ql_mul_pot(newton_reciprocal(ql_half_sum(a, INT32_MAX)), 1);
}

static int leading_zeros(uint32_t x)
{
    int count = 0;
    for (uint32_t bit = 1u << 31; bit && !(x & bit); bit >>= 1) {
        count++;
    }
    return count;
}

int32_t ql_fixed_reciprocal(int32_t x, int digits, int *bits_over_unit)
{
    int zeros = leading_zeros((uint32_t)x);
    *bits_over_unit = digits - zeros;
    return ql_fixed_one_over_1px((int32_t)(((uint32_t)x << zeros) - (1u << 31)));
}

static int32_t saturated(int64_t x)
{
    return (int32_t)(x > INT32_MAX ? INT32_MAX : x < INT32_MIN ? INT32_MIN : x);
}

/* ln(r) * (1 + p * ...) around 2^-1/4, r in [sqrt(1/2), 1]: numerator and denominator - 1 of a rational
 * function. */
static void log_rational(int32_t r, int32_t *numerator, int32_t *denominator)
{
    enum {
        ROOT_ROOT_HALF = 1805811301,
        ALPHA_N = 117049297,
        ALPHA_D = 127690142,
        ALPHA_I = 1057819769,
        ALPHA_F = 638450708
    };
    int32_t p = ql_half_sum(r, ROOT_ROOT_HALF), q = ql_wrap_sub(r, ROOT_ROOT_HALF);
    q = ql_wrap_add(q, q);
    int32_t square = ql_srdhm(q, q);
    *numerator = ql_wrap_add(ql_srdhm(q, r), ql_srdhm(ql_srdhm(q, square), ALPHA_N));
    int32_t inner = ql_wrap_add(ql_wrap_add(ALPHA_I, q), ql_srdhm(ALPHA_D, square));
    *denominator = ql_wrap_add(ql_srdhm(p, inner), ql_srdhm(ALPHA_F, q));
}

int32_t ql_fixed_log(int32_t x, int in_bits, int out_bits)
{
    enum { LN_2 = 1488522236, ROOT_HALF = 1518500250 };
    int wide = out_bits + 1, fraction = 31 - wide;
    int32_t quarter = ql_rdivpot(1 << 29, wide);
    /* x = 2^power * r, once with r as it falls and once with r times sqrt(1/2) */
    int zeros = leading_zeros((uint32_t)x);
    int32_t r_a = ql_mul_pot(ql_srdhm(ql_mul_pot(x, zeros - 1), ROOT_HALF), 1);
    int32_t power_a = saturated((int64_t)ql_mul_pot(in_bits - zeros, fraction) + quarter);
    int room = leading_zeros((uint32_t)ql_srdhm(x, ROOT_HALF)) - 1;
    int32_t r_b = ql_mul_pot(x, room);
    int32_t power_b = saturated((int64_t)ql_mul_pot(in_bits - room, fraction) - quarter);
    int32_t numerator, denominator;
    log_rational(r_a < r_b ? r_a : r_b, &numerator, &denominator);
    int32_t whole = ql_srdhm(power_a > power_b ? power_a : power_b, LN_2);
    int32_t part = ql_srdhm(ql_rdivpot(numerator, wide), ql_fixed_one_over_1px(denominator));
    return ql_mul_pot(ql_wrap_add(whole, part), 1);
}

int32_t ql_fixed_logistic(int32_t a, int ib)
{
    if (a == 0) {
        return 1 << 30;
    }
    int32_t negative = a > 0 ? ql_wrap_sub(0, a) : a;
    int32_t result = ql_fixed_one_over_1px(ql_fixed_exp_neg(negative, ib));
    return a > 0 ? result : INT32_MAX - result;
}

int32_t ql_fixed_tanh(int32_t a, int ib)
{
    if (a == 0) {
        return 0;
    }
    int32_t negative = a > 0 ? ql_wrap_sub(0, a) : a;
    /* exp(2a): the same raw value with one integer bit more */
    int32_t half = ql_half_sum(ql_fixed_exp_neg(negative, ib + 1), INT32_MAX);
    int32_t result = ql_mul_pot(ql_wrap_sub(newton_reciprocal(half), 1 << 29), 2);
    return a > 0 ? result : ql_wrap_sub(0, result);
}

ql_mult ql_fixed_inv_sqrt(int32_t v)
{
    if (v <= 1) {
        return (ql_mult){INT32_MAX, 0};
    }
    int shift = 11;
    while (v >= 1 << 29) {
        v /= 4;
        shift++;
    }
    int pairs = (leading_zeros((uint32_t)v) - 1) / 2 - 1;
    shift -= pairs;
    v <<= 2 * pairs;
    enum { ONE_3 = 1 << 28, HALF_THREE_3 = (1 << 28) + (1 << 27), HALF_SQRT_2 = 1518500250 };
    int32_t half_input = ql_rdivpot(v >> 1, 1), x = ONE_3;
    for (int i = 0; i < 5; i++) {
        int32_t cube = ql_mul_pot(ql_srdhm(ql_srdhm(x, x), x), 6);
        x = ql_mul_pot(ql_wrap_sub(ql_srdhm(HALF_THREE_3, x), ql_srdhm(half_input, cube)), 3);
    }
    x = ql_srdhm(x, HALF_SQRT_2);
    if (shift < 0) {
        x = ql_shift_left(x, -shift);
        shift = 0;
    }
    return (ql_mult){x, -shift};
}
