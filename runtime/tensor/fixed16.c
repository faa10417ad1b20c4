/* gemmlowp's functions on 16-bit raw values: the algorithms of the 32-bit ones, with constants cut to their
 * rounded upper halves and sums that wrap at 16 bits. */
#include "runtime/tensor/fixed.h"

static int16_t wrap16(int32_t x)
{
    return (int16_t)(uint16_t)x;
}

static int16_t half_sum16(int16_t a, int16_t b)
{
    int32_t sum = a + b;
    return (int16_t)((sum + (sum >= 0 ? 1 : -1)) / 2);
}

int16_t ql_mul_pot16(int16_t x, int n)
{
    if (n <= 0) {
        return (int16_t)ql_rdivpot(x, -n);
    }
    int32_t threshold = (1 << (15 - n)) - 1;
    return x > threshold ? INT16_MAX : x < -threshold ? INT16_MIN : wrap16(ql_shift_left(x, n));
}

/* exp(a) on [-1/4, 0). */
static int16_t exp_interval16(int16_t a)
{
    enum { EXP_MINUS_EIGHTH = 28918, ONE_THIRD = 10923 };
    int16_t x = wrap16(a + (1 << 12)), x2 = ql_srdhm16(x, x), x3 = ql_srdhm16(x2, x);
    int16_t x4_over_4 = ql_mul_pot16(ql_srdhm16(x2, x2), -2);
    int16_t tail = ql_mul_pot16(wrap16(ql_srdhm16(wrap16(x4_over_4 + x3), ONE_THIRD) + x2), -1);
    return ql_sat16(EXP_MINUS_EIGHTH + ql_srdhm16(EXP_MINUS_EIGHTH, wrap16(x + tail)));
}

/* exp(a), a <= 0. */
static int16_t exp_neg16(int16_t a, int ib)
{
    static const struct {
        int exponent;
        int16_t factor; /* exp(-2^exponent) */
    } barrel[] = {{-2, 25520}, {-1, 19875}, {0, 12055}, {1, 4435}, {2, 600}, {3, 11}, {4, 0}};
    if (a == 0) {
        return INT16_MAX;
    }
    int fraction_bits = 15 - ib;
    int32_t quarter = 1 << (fraction_bits - 2);
    int16_t inside = wrap16((a & (quarter - 1)) - quarter);
    int16_t result = exp_interval16(ql_mul_pot16(inside, ib)), rest = wrap16(inside - a);
    for (unsigned i = 0; i < sizeof barrel / sizeof *barrel; i++) {
        if (ib > barrel[i].exponent && rest & (1 << (fraction_bits + barrel[i].exponent))) {
            result = ql_srdhm16(result, barrel[i].factor);
        }
    }
    return ib > 5 && a < -(1 << (fraction_bits + 5)) ? 0 : result;
}

/* Three Newton steps towards 1/half_denominator, two integer bits. */
static int16_t newton_reciprocal16(int16_t half_denominator)
{
    enum { FORTY_EIGHT_17THS = 23130, MINUS_32_17THS = -15420 };
    int16_t x = wrap16(FORTY_EIGHT_17THS + ql_srdhm16(half_denominator, MINUS_32_17THS));
    for (int i = 0; i < 3; i++) {
        int16_t left = wrap16((1 << 13) - ql_srdhm16(half_denominator, x));
        x = wrap16(x + ql_mul_pot16(ql_srdhm16(x, left), 2));
    }
    return x;
}

int16_t ql_fixed_logistic16(int16_t a, int ib)
{
    if (a == 0) {
        return 1 << 14;
    }
    int16_t half = half_sum16(exp_neg16(a > 0 ? wrap16(-a) : a, ib), INT16_MAX);
    int16_t result = ql_mul_pot16(newton_reciprocal16(half), 1);
    return a > 0 ? result : wrap16(INT16_MAX - result);
}

int16_t ql_fixed_tanh16(int16_t a, int ib)
{
    if (a == 0) {
        return 0;
    }
    /* exp(2a): the same raw value with one integer bit more */
    int16_t half = half_sum16(exp_neg16(a > 0 ? wrap16(-a) : a, ib + 1), INT16_MAX);
    int16_t result = ql_mul_pot16(wrap16(newton_reciprocal16(half) - (1 << 13)), 2);
    return a > 0 ? result : wrap16(-result);
}
