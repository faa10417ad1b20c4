#include "metrics/exact.h"

#include "metrics/exact_text.h"

#include <math.h>
#include <string.h>

#define MASK ((int64_t)0xffffffff)

enum { PENDING_MAX = 1 << 28 };

static void carry(ql_exact *sum)
{
    for (int i = 0; i + 1 < QL_EXACT_DIGITS; i++) {
        int64_t low = sum->digit[i] & MASK;
        sum->digit[i + 1] += (sum->digit[i] - low) / (MASK + 1);
        sum->digit[i] = low;
    }
    sum->pending = 1;
}

static void add_apart(ql_exact *sum, double value)
{
    sum->nan += isnan(value) != 0;
    sum->plus_inf += value > 0;
    sum->minus_inf += value < 0;
}

void ql_exact_add(ql_exact *sum, double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    unsigned exponent = bits >> 52 & 0x7ff;
    if (exponent == 0x7ff) {
        add_apart(sum, value);
        return;
    }
    uint64_t mantissa = (bits & 0xfffffffffffff) | (uint64_t)(exponent != 0) << 52;
    unsigned place = exponent ? exponent - 1 : 0; /* value = mantissa * 2^(place - 1074) */
    uint64_t low = (mantissa & 0xffffffff) << place % 32;
    uint64_t high = (mantissa >> 32) << place % 32;
    int64_t sign = bits >> 63 ? -1 : 1;
    int64_t *digit = sum->digit + place / 32;
    digit[0] += sign * (int64_t)(low & 0xffffffff);
    digit[1] += sign * (int64_t)((low >> 32) + (high & 0xffffffff));
    digit[2] += sign * (int64_t)(high >> 32);
    if (++sum->pending >= PENDING_MAX) {
        carry(sum);
    }
}

void ql_exact_add_product(ql_exact *sum, double a, double b)
{
    double product = a * b;
    ql_exact_add(sum, product);
    if (isfinite(product)) {
        ql_exact_add(sum, fma(a, b, -product));
    }
}

void ql_exact_merge(ql_exact *into, const ql_exact *from)
{
    carry(into); /* then even two sums of PENDING_MAX stay below 2^62 */
    for (int i = 0; i < QL_EXACT_DIGITS; i++) {
        into->digit[i] += from->digit[i];
    }
    into->pending += from->pending;
    into->nan += from->nan;
    into->plus_inf += from->plus_inf;
    into->minus_inf += from->minus_inf;
    if (into->pending >= PENDING_MAX) {
        carry(into);
    }
}

bool ql_exact_magnitude(ql_exact *sum)
{
    carry(sum);
    bool negative = sum->digit[QL_EXACT_DIGITS - 1] < 0;
    for (int i = 0; negative && i < QL_EXACT_DIGITS; i++) {
        sum->digit[i] = -sum->digit[i];
    }
    carry(sum);
    return negative;
}

static uint64_t digit_at(const ql_exact *sum, int i)
{
    return i < 0 ? 0 : (uint64_t)sum->digit[i];
}

static double round_magnitude(const ql_exact *sum)
{
    int top = QL_EXACT_DIGITS - 1;
    while (top >= 0 && sum->digit[top] == 0) {
        top--;
    }
    if (top < 0) {
        return 0.0;
    }
    int shift = 0;
    while (!(digit_at(sum, top) << shift & 0x80000000)) {
        shift++;
    }
    uint64_t third = digit_at(sum, top - 2) << shift; /* 32 bits to keep above 32 bits to round */
    uint64_t leading = (digit_at(sum, top) << 32 | digit_at(sum, top - 1)) << shift | third >> 32;
    bool rest = third & 0xffffffff;
    for (int i = top - 3; i >= 0 && !rest; i--) {
        rest = sum->digit[i] != 0;
    }
    /* The last of 64 bits stands for all below it: rounding to 53 goes the right way. A result below the
     * normal range has no bits to round, so ldexp never rounds a second time. */
    return ldexp((double)(leading | rest), 32 * (top - 1) - shift - 1074);
}

double ql_exact_value(const ql_exact *sum)
{
    if (sum->nan || (sum->plus_inf && sum->minus_inf)) {
        return (double)NAN;
    }
    if (sum->plus_inf || sum->minus_inf) {
        return sum->plus_inf ? (double)INFINITY : -(double)INFINITY;
    }
    ql_exact copy = *sum;
    bool negative = ql_exact_magnitude(&copy);
    double size = round_magnitude(&copy);
    return negative ? -size : size;
}
