/* The integer arithmetic of the reference kernels: the one place that rounds. Every quantized operator's bits
 * follow from these functions; what differs between runtimes (rounding once or twice) is an argument.
 *
 * Source: gemmlowp fixedpoint and TFLite kernels/internal/common; docs/numerics.md "Fixed point".
 */
#ifndef QL_TENSOR_FIXED_H
#define QL_TENSOR_FIXED_H

#include <stdbool.h>
#include <stdint.h>

/* A positive or negative real factor m * 2^(shift-31), m in [2^30, 2^31) in magnitude; {0, 0} is zero. */
typedef struct {
    int32_t m;
    int shift;
} ql_mult;

typedef enum {
    QL_ROUND_DOUBLE, /* gemmlowp: a rounding doubling high multiply, then a rounding shift */
    QL_ROUND_SINGLE  /* one rounding shift of the 64-bit product (half towards +inf) */
} ql_rounding;

/* The factor nearest to `real`; magnitudes below 2^-32 become zero. What is not finite has a shift of
 * 2048, beyond every limit on shifts. */
ql_mult ql_quantize_multiplier(double real);

/* Is `scale` a power of two, to 0.1 % of an octave as the reference asks? *exponent is the nearest. */
bool ql_log2_of(float scale, int *exponent);

/* x << n, wrapping as two's complement does; 0 <= n. Shifts past 31 give 0. */
static inline int32_t ql_shift_left(int32_t x, int n)
{
    return n > 31 ? 0 : (int32_t)((uint32_t)x << n);
}

/* x + y, x - y, x * y, wrapping. */
static inline int32_t ql_wrap_add(int32_t x, int32_t y)
{
    return (int32_t)((uint32_t)x + (uint32_t)y);
}
static inline int32_t ql_wrap_sub(int32_t x, int32_t y)
{
    return (int32_t)((uint32_t)x - (uint32_t)y);
}
static inline int32_t ql_wrap_mul(int32_t x, int32_t y)
{
    return (int32_t)((uint32_t)x * (uint32_t)y);
}

static inline int32_t ql_clamp(int32_t x, int32_t lowest, int32_t highest)
{
    return x < lowest ? lowest : x > highest ? highest : x;
}

/* Saturating rounding doubling high multiply: round(a * b / 2^31), ties upwards. */
static inline int32_t ql_srdhm(int32_t a, int32_t b)
{
    if (a == INT32_MIN && b == INT32_MIN) {
        return INT32_MAX;
    }
    int64_t product = (int64_t)a * b;
    int64_t nudge = product >= 0 ? (1LL << 30) : 1 - (1LL << 30);
    return (int32_t)((product + nudge) / (1LL << 31));
}

/* The same for 16 bits: round(a * b / 2^15). */
static inline int16_t ql_srdhm16(int16_t a, int16_t b)
{
    if (a == INT16_MIN && b == INT16_MIN) {
        return INT16_MAX;
    }
    int32_t product = a * b;
    int32_t nudge = product >= 0 ? (1 << 14) : 1 - (1 << 14);
    return (int16_t)((product + nudge) / (1 << 15));
}

/* Rounding divide by 2^n, ties away from zero; 0 <= n <= 31. */
static inline int32_t ql_rdivpot(int32_t x, int n)
{
    int32_t mask = (int32_t)((1LL << n) - 1);
    int32_t remainder = x & mask;
    int32_t threshold = (mask >> 1) + (x < 0);
    return (int32_t)((int64_t)x >> n) + (remainder > threshold);
}

/* The same in 16 bits, where n from 16 on leaves a unit of x's sign; 0 <= n <= 31. */
static inline int16_t ql_rdivpot16(int16_t x, int n)
{
    return (int16_t)(n < 16 ? ql_rdivpot(x, n) : x < 0 ? -1 : 1);
}

/* x * factor on a 32-bit accumulator ("MultiplyByQuantizedMultiplier"); a left shift wraps. */
static inline int32_t ql_mul32(int32_t x, ql_mult by, ql_rounding rounding)
{
    if (rounding == QL_ROUND_SINGLE) {
        int total = 31 - by.shift; /* 1 at least: factors of 2^30 and more do not occur */
        return total > 62 ? 0 : (int32_t)(((int64_t)x * by.m + (1LL << (total - 1))) >> total);
    }
    int left = by.shift > 0 ? by.shift : 0, right = by.shift < 0 ? -by.shift : 0;
    return ql_rdivpot(ql_srdhm(ql_shift_left(x, left), by.m), right);
}

/* The factor's m cut to 16 bits, as the next function has it. */
static inline int32_t ql_reduced(int32_t m)
{
    return m < 0x7fff0000 ? (m + (1 << 15)) >> 16 : 0x7fff;
}

/* x * factor on a 64-bit accumulator, with the factor cut to 16 bits; half towards +inf. |x| < 2^47,
 * by.shift < 14. */
static inline int32_t ql_mul64(int64_t x, ql_mult by)
{
    int32_t reduced = ql_reduced(by.m);
    int total = 15 - by.shift;
    return (int32_t)(((int64_t)((uint64_t)x * (uint64_t)(int64_t)reduced) + (1LL << (total - 1))) >> total);
}

/* Round half away from zero in float32, and what x86 makes of a float that no int32 can hold: INT32_MIN, NaN
 * too. */
int32_t ql_round_to_i32(float x);

/* The same from double. */
int32_t ql_round_to_i32_d(double x);

/* x * factor in float32, ties to even, plus zero, within lowest .. highest, whose distances from zero are
 * below 2^22; NaN gives any of them. */
static inline int32_t ql_rescale_f32(int32_t x, float factor, int32_t zero, int32_t lowest, int32_t highest)
{
    const float ulp_is_one = 12582912.0f; /* 1.5 * 2^23: adding it rounds to an integer */
    float y = (float)x * factor, low = (float)(lowest - zero), high = (float)(highest - zero);
    y = y > low ? y : low;
    y = y < high ? y : high;
    return (int32_t)((y + ulp_is_one) - ulp_is_one) + zero;
}

static inline int16_t ql_sat16(int32_t x)
{
    return (int16_t)ql_clamp(x, INT16_MIN, INT16_MAX);
}

/* --- gemmlowp fixed-point functions. A raw int32 with `ib` integer bits stands for raw * 2^(ib-31). --- */

/* Saturating x * 2^n; n < 0 divides, rounding half away. */
int32_t ql_mul_pot(int32_t x, int n);

/* (a + b) / 2, half away from zero. */
int32_t ql_half_sum(int32_t a, int32_t b);

/* exp(a) for a <= 0 with `ib` integer bits; the result has none. */
int32_t ql_fixed_exp_neg(int32_t a, int ib);

/* 1 / (1 + a), a in [0, 1], no integer bits in or out. */
int32_t ql_fixed_one_over_1px(int32_t a);

/* 1 / (x * 2^-digits...) as the reference's GetReciprocal: the result has no integer bits, *bits_over_unit =
 * the place of x's leading bit over the unit. x > 0. */
int32_t ql_fixed_reciprocal(int32_t x, int digits, int *bits_over_unit);

/* ln(x) of x >= 1 with `in_bits` integer bits; the result has `out_bits`. */
int32_t ql_fixed_log(int32_t x, int in_bits, int out_bits);

/* Logistic and tanh of a value with `ib` integer bits; results have none. */
int32_t ql_fixed_logistic(int32_t a, int ib);
int32_t ql_fixed_tanh(int32_t a, int ib);

/* The same with 16-bit raw values (raw * 2^(ib-15)) and 16-bit steps: what integer LSTMs use. 0 <= ib <= 6.
 */
int16_t ql_fixed_logistic16(int16_t a, int ib);
int16_t ql_fixed_tanh16(int16_t a, int ib);

/* Saturating x * 2^n in 16 bits; n < 0 divides, rounding half away. */
int16_t ql_mul_pot16(int16_t x, int n);

/* 1/sqrt(v) as a multiplier (GetInvSqrtQuantizedMultiplierExp with reverse shift -1), v >= 0. */
ql_mult ql_fixed_inv_sqrt(int32_t v);

#endif
