#include "analyzer/json/number.h"

#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A positive number is term * 2^exponent, and digits of it are those of term * 5^k * 2^(exponent + k): whole
 * numbers of 192 bits hold that for the sizes that figures have. What they do not hold, and what is too near
 * to call, is left to printf and strtod. */

enum {
    LIMBS = 3,
    MOST_BITS = 64 * LIMBS - 12, /* that leave room for three digits and twice as much */
    TABLE_FIVES = 27,
    MOST_FIVES = 2 * TABLE_FIVES,
    MOST_EXACT_TENS = 17, /* that `tens` has; doubles hold them exactly */
    SHORT_DIGITS = 15,
    FULL_DIGITS = 17,
    FLOAT_DIGITS = 6,
    MOST_FLOAT_DIGITS = 9
};

/* Where it pays to try; the least normal float, because others have fewer bits. */
static const double LEAST = 1e-38, LEAST_FLOAT = 0x1p-126, MOST = 1e17, MOST_FLOAT = 1e9;

static const uint64_t fives[TABLE_FIVES + 1] = {1,
                                                5,
                                                25,
                                                125,
                                                625,
                                                3125,
                                                15625,
                                                78125,
                                                390625,
                                                1953125,
                                                9765625,
                                                48828125,
                                                244140625,
                                                1220703125,
                                                6103515625,
                                                30517578125,
                                                152587890625,
                                                762939453125,
                                                3814697265625,
                                                19073486328125,
                                                95367431640625,
                                                476837158203125,
                                                2384185791015625,
                                                11920928955078125,
                                                59604644775390625,
                                                298023223876953125,
                                                1490116119384765625,
                                                7450580596923828125};

static const uint64_t tens[] = {1,
                                10,
                                100,
                                1000,
                                10000,
                                100000,
                                1000000,
                                10000000,
                                100000000,
                                1000000000,
                                10000000000,
                                100000000000,
                                1000000000000,
                                10000000000000,
                                100000000000000,
                                1000000000000000,
                                10000000000000000,
                                100000000000000000};

typedef struct {
    uint64_t limb[LIMBS]; /* lowest first */
} wide;

typedef struct {
    uint64_t term, lowest; /* lowest: the least term of its binade, below which neighbours are half as far */
    int exponent, bits;    /* bits: of the term */
} parts;

/* The first digits, cut off; what is left behind them, of 2^bits; a term in the same unit. */
typedef struct {
    uint64_t digits;
    int count, tens; /* tens: the power of ten of the first digit */
    wide left, step;
    int bits;
} exact;

/* Fewer digits, rounded, and how far they are from the number. */
typedef struct {
    uint64_t digits;
    int count, tens;
    wide off;
    bool below, same;
} decimal;

typedef enum { YES, NO, UNSURE } answer;

static uint64_t multiply_add(uint64_t a, uint64_t b, uint64_t add, uint64_t *high)
{
    uint64_t a0 = a & UINT32_MAX, a1 = a >> 32, b0 = b & UINT32_MAX, b1 = b >> 32;
    uint64_t low = a0 * b0, middle = a1 * b0 + (low >> 32), other = a0 * b1 + (middle & UINT32_MAX);
    uint64_t sum = (other << 32 | (low & UINT32_MAX)) + add;
    *high = a1 * b1 + (middle >> 32) + (other >> 32) + (sum < add);
    return sum;
}

static wide times(wide x, uint64_t by)
{
    uint64_t carry = 0;
    for (int i = 0; i < LIMBS; i++) {
        x.limb[i] = multiply_add(x.limb[i], by, carry, &carry);
    }
    return x;
}

static wide minus(wide a, wide b)
{
    uint64_t borrow = 0;
    for (int i = 0; i < LIMBS; i++) {
        uint64_t x = a.limb[i], y = b.limb[i], less = x - y - borrow;
        borrow = x < y || (x == y && borrow);
        a.limb[i] = less;
    }
    return a;
}

static wide plus(wide a, wide b)
{
    uint64_t carry = 0;
    for (int i = 0; i < LIMBS; i++) {
        uint64_t sum = a.limb[i] + b.limb[i], all = sum + carry;
        carry = sum < b.limb[i] || all < sum;
        a.limb[i] = all;
    }
    return a;
}

static int compare(wide a, wide b)
{
    int i = LIMBS - 1;
    while (i > 0 && a.limb[i] == b.limb[i]) {
        i--;
    }
    return a.limb[i] < b.limb[i] ? -1 : a.limb[i] > b.limb[i];
}

/* x * 2^bits, of which 192 bits hold all */
static wide raised(uint64_t x, int bits)
{
    wide made = {{0}};
    int limb = bits / 64, by = bits % 64;
    made.limb[limb] = x << by;
    if (by && limb + 1 < LIMBS) {
        made.limb[limb + 1] = x >> (64 - by);
    }
    return made;
}

/* x mod 2^bits */
static wide rest(wide x, int bits)
{
    for (int i = 0; i < LIMBS; i++) {
        int left = bits - i * 64;
        x.limb[i] = left <= 0 ? 0 : left >= 64 ? x.limb[i] : x.limb[i] & (((uint64_t)1 << left) - 1);
    }
    return x;
}

/* The low 64 bits of x / 2^bits. */
static uint64_t shifted(wide x, int bits)
{
    int limb = bits / 64, by = bits % 64;
    uint64_t high = limb + 1 < LIMBS && by ? x.limb[limb + 1] << (64 - by) : 0;
    return x.limb[limb] >> by | high;
}

static wide with_fives(uint64_t x, int k)
{
    wide made = {{0}};
    made.limb[0] = multiply_add(x, fives[k < TABLE_FIVES ? k : TABLE_FIVES], 0, &made.limb[1]);
    return k > TABLE_FIVES ? times(made, fives[k - TABLE_FIVES]) : made;
}

static bool cut_at(const parts *x, int count, int tens_of_first, exact *e)
{
    int k = count - 1 - tens_of_first, bits = -(x->exponent + k);
    if (k < 0 || k > MOST_FIVES || bits <= 0 || bits > MOST_BITS) {
        return false;
    }
    wide product = with_fives(x->term, k);
    e->digits = shifted(product, bits);
    e->left = rest(product, bits);
    e->step = with_fives(1, k);
    e->bits = bits;
    e->count = count;
    e->tens = tens_of_first;
    return true;
}

/* The first `count` digits; false where the sizes do not allow it. */
static bool cut(const parts *x, int count, exact *e)
{
    /* a little less than log2; mostly enough to know the first digit's place */
    double log2_least = x->exponent + x->bits - 1 + (double)(x->term - x->lowest) / (double)x->lowest;
    int first = (int)floor(log2_least * 0.30102999566398);
    bool done = cut_at(x, count, first, e);
    return done && e->digits >= tens[count] ? cut_at(x, count, first + 1, e) : done;
}

/* Leaves out the last `fewer` digits, to the nearest, halves to even, as printf does. */
static decimal rounded(const exact *e, int fewer)
{
    uint64_t unit = tens[fewer], behind = e->digits % unit;
    decimal d = {.digits = e->digits / unit, .count = e->count - fewer, .tens = e->tens};
    wide whole = raised(unit, e->bits), left = plus(raised(behind, e->bits), e->left), none = {{0}};
    int half = compare(plus(left, left), whole);
    d.below = half < 0 || (!half && d.digits % 2 == 0);
    d.same = !compare(left, none);
    d.off = d.below ? left : minus(whole, left);
    d.digits += !d.below;
    if (d.digits == tens[d.count]) {
        d.digits /= 10;
        d.tens++;
    }
    return d;
}

static answer nearer(wide off, wide limit)
{
    int order = compare(off, limit);
    return order < 0 ? YES : order > 0 ? NO : UNSURE;
}

/* Would it be read back as a double that is at most one step from the number? */
static answer near_double(const parts *x, const exact *e, const decimal *d)
{
    bool at_edge = x->term < x->lowest + 4 || x->term > 2 * x->lowest - 4;
    wide thrice = plus(plus(e->step, e->step), e->step);
    return d->same ? YES : at_edge ? UNSURE : nearer(plus(d->off, d->off), thrice);
}

/* Would it be read back as the float? */
static answer is_float(const parts *x, const exact *e, const decimal *d)
{
    bool at_edge = x->term == x->lowest && d->below;
    return d->same ? YES : at_edge ? UNSURE : nearer(plus(d->off, d->off), e->step);
}

static char *put(char *to, const char *from, int count)
{
    memcpy(to, from, (size_t)count);
    return to + count;
}

static char *fill(char *to, int zeros)
{
    for (; zeros > 0; zeros--) {
        *to++ = '0';
    }
    return to;
}

static char *put_exponent(char *to, int exponent)
{
    int size = exponent < 0 ? -exponent : exponent;
    *to++ = 'e';
    *to++ = exponent < 0 ? '-' : '+';
    if (size >= 100) {
        *to++ = (char)('0' + size / 100);
    }
    *to++ = (char)('0' + size / 10 % 10);
    *to++ = (char)('0' + size % 10);
    return to;
}

/* As "%g" does: without zeros behind the point, and with an exponent where it is far away. */
static size_t set_out(bool negative, const decimal *d, char *to)
{
    char digits[24], *at = to;
    uint64_t left = d->digits;
    int count = d->count, whole = d->tens + 1;
    for (int i = count; i-- > 0; left /= 10) {
        digits[i] = (char)('0' + left % 10);
    }
    while (count > 1 && digits[count - 1] == '0') {
        count--;
    }
    at = negative ? put(at, "-", 1) : at;
    if (d->tens < -4 || d->tens >= d->count) {
        at = put(at, digits, 1);
        at = count > 1 ? put(put(at, ".", 1), digits + 1, count - 1) : at;
        at = put_exponent(at, d->tens);
    } else if (whole <= 0) {
        at = put(fill(put(at, "0.", 2), -whole), digits, count);
    } else if (count <= whole) {
        at = fill(put(at, digits, count), whole - count);
    } else {
        at = put(put(put(at, digits, whole), ".", 1), digits + whole, count - whole);
    }
    *at = 0;
    return (size_t)(at - to);
}

/* A whole number of at most 15 digits. */
static size_t set_whole(bool negative, uint64_t number, char *to)
{
    char digits[24];
    int count = 0;
    do {
        digits[count++] = (char)('0' + number % 10);
        number /= 10;
    } while (number);
    char *at = negative ? put(to, "-", 1) : to;
    while (count) {
        *at++ = digits[--count];
    }
    *at = 0;
    return (size_t)(at - to);
}

static size_t print(int digits, double number, char *to)
{
    int length = snprintf(to, QL_NUMBER_ROOM, "%.*g", digits, number);
    return length > 0 ? (size_t)length : 0;
}

static size_t print_double(double number, char *to)
{
    size_t length = print(SHORT_DIGITS, number, to);
    double again = strtod(to, NULL);
    double larger = fabs(again) > fabs(number) ? fabs(again) : fabs(number);
    bool near = fabs(again - number) <= larger * DBL_EPSILON;
    return near ? length : print(FULL_DIGITS, number, to);
}

static size_t print_float(float number, char *to)
{
    size_t length;
    int digits = FLOAT_DIGITS;
    do {
        length = print(digits, (double)number, to);
    } while (digits++ < MOST_FLOAT_DIGITS && strtof(to, NULL) != number);
    return length;
}

/* `size` is positive, normal, and has no more than `bits` bits. */
static parts parts_of(double size, int bits)
{
    uint64_t all, fraction = ((uint64_t)1 << (DBL_MANT_DIG - 1)) - 1;
    memcpy(&all, &size, sizeof all);
    int exponent = (int)(all >> (DBL_MANT_DIG - 1)) - (DBL_MAX_EXP - 2), fewer = DBL_MANT_DIG - bits;
    return (parts){.term = ((all & fraction) | (fraction + 1)) >> fewer,
                   .lowest = (fraction + 1) >> fewer,
                   .exponent = exponent - bits,
                   .bits = bits};
}

static size_t double_text(double number, char *to)
{
    parts x = parts_of(fabs(number), DBL_MANT_DIG);
    exact e;
    if (!cut(&x, FULL_DIGITS, &e)) {
        return print_double(number, to);
    }
    decimal d = rounded(&e, FULL_DIGITS - SHORT_DIGITS);
    answer near = near_double(&x, &e, &d);
    if (near == UNSURE) {
        return print_double(number, to);
    }
    if (near == NO) {
        d = rounded(&e, 0);
    }
    return set_out(number < 0, &d, to);
}

size_t ql_number_text(double number, char *to)
{
    double size = fabs(number);
    if (size < 1e15 && (double)(uint64_t)size >= size) {
        return set_whole(signbit(number) != 0, (uint64_t)size, to);
    }
    return size >= LEAST && size < MOST ? double_text(number, to) : print_double(number, to);
}

size_t ql_float_text(float number, char *to)
{
    double size = fabs((double)number);
    exact e;
    if (!(size >= LEAST_FLOAT && size < MOST_FLOAT)) {
        return print_float(number, to);
    }
    parts x = parts_of(size, FLT_MANT_DIG);
    bool fits = cut(&x, MOST_FLOAT_DIGITS, &e);
    for (int digits = FLOAT_DIGITS; fits && digits <= MOST_FLOAT_DIGITS; digits++) {
        decimal d = rounded(&e, MOST_FLOAT_DIGITS - digits);
        answer same = digits < MOST_FLOAT_DIGITS ? is_float(&x, &e, &d) : YES;
        if (same == YES) {
            return set_out(number < 0, &d, to);
        }
        fits = same == NO;
    }
    return print_float(number, to);
}

/* The first digits as a whole number; false where there are more than a double's whole numbers have. */
static bool read_digits(const char **text, uint64_t *digits, int *count, int *behind)
{
    const char *at = *text;
    bool point = false;
    for (; (*at >= '0' && *at <= '9') || (*at == '.' && !point); at++) {
        if (*at == '.') {
            point = true;
            continue;
        }
        *digits = *digits * 10 + (uint64_t)(*at - '0');
        *behind += point;
        if (++*count > FULL_DIGITS) {
            return false;
        }
    }
    *text = at;
    return *count > 0 && *digits < (uint64_t)1 << DBL_MANT_DIG;
}

/* Both factors are exact, so that one rounding makes the number: it is that of strtod. */
double ql_number_read(const char *text)
{
    const char *at = text + (*text == '-');
    uint64_t digits = 0;
    int count = 0, behind = 0, size = 0;
    bool plain = read_digits(&at, &digits, &count, &behind);
    if (plain && (*at == 'e' || *at == 'E')) {
        bool below = at[1] == '-';
        at += at[1] == '-' || at[1] == '+' ? 2 : 1;
        plain = *at >= '0' && *at <= '9';
        for (; *at >= '0' && *at <= '9' && size < 1000; at++) {
            size = size * 10 + (*at - '0');
        }
        behind += below ? size : -size;
    }
    if (!plain || *at || behind > MOST_EXACT_TENS || -behind > MOST_EXACT_TENS) {
        return strtod(text, NULL);
    }
    uint64_t by = tens[behind < 0 ? -behind : behind];
    double number = behind < 0 ? (double)digits * (double)by : (double)digits / (double)by;
    return *text == '-' ? -number : number;
}

double ql_number_settled(double number)
{
    char text[QL_NUMBER_ROOM];
    double size = fabs(number);
    if (size < 1e15 && (double)(uint64_t)size >= size) {
        return number;
    }
    ql_number_text(number, text);
    return ql_number_read(text);
}
