/* An exact sum of doubles. Whatever the order of the additions and however they are split and merged, the
 * state that is written as text and the rounded value are the same bits.
 *
 * The sum is a fixed-point number over the whole range of double (2^-1074 up to 2^1024) with room for more
 * additions than a run can make; nothing is rounded until ql_exact_value. NaN and infinities are counted
 * apart. All bytes zero is the empty sum; a sum owns no memory and may be copied by assignment. */
#ifndef QL_METRICS_EXACT_H
#define QL_METRICS_EXACT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define QL_EXACT_DIGITS 68

typedef struct {
    int64_t digit[QL_EXACT_DIGITS];    /* of weight 2^(32*i - 1074), carries not yet passed on */
    uint64_t nan, plus_inf, minus_inf; /* values that are not in the digits */
    uint32_t pending;                  /* bounds the carries held: |digit| <= pending * 2^33 */
} ql_exact;

void ql_exact_add(ql_exact *sum, double value);

/* Adds a*b with no rounding of the product, as long as it neither overflows nor falls below 2^-1021. */
void ql_exact_add_product(ql_exact *sum, double a, double b);

/* Adds all that `from` holds. */
void ql_exact_merge(ql_exact *into, const ql_exact *from);

/* The sum rounded once to the nearest double, ties to even; +-Inf past the largest. NaN when a NaN or both
 * infinities were added, else the infinity that was. The empty sum is +0. */
double ql_exact_value(const ql_exact *sum);

/* Compact text, "0" or [-]HEX@LOW (HEX * 2^(32*LOW - 1074)), with "~NAN,PLUS,MINUS" after it when values were
 * counted apart. One value has one text. Writes at most size bytes with the end mark (out may be NULL when
 * size is 0) and returns the length the whole text has without it. */
size_t ql_exact_write(const ql_exact *sum, char *out, size_t size);

/* Reads exactly what ql_exact_write writes; false, with *sum empty, for anything else. */
bool ql_exact_parse(ql_exact *sum, const char *text, size_t length);

#endif
