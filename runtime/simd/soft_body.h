/* Exponentials, and tables of 16 bits, over the vector primitives: SOFTMAX, LOGISTIC, TANH. */
#include "runtime/simd/inline.h"
#include "runtime/simd/simd.h"
#include "runtime/tensor/exponential.h"

#include <float.h>
#include <math.h>
#include <string.h>

static inline vd exp_of_doubles(vd x)
{
    vd one = vd_set(1.0), shift = vd_set(QL_EXP_WHOLE);
    vd steps = vd_mul(vd_set(QL_EXP_STEPS), x), whole = vd_add(steps, shift);
    vd r = vd_sub(steps, vd_sub(whole, shift)), square = vd_mul(r, r);
    vd upper = vd_add(vd_mul(vd_set(QL_EXP_C0), r), vd_set(QL_EXP_C1));
    vd lower = vd_add(vd_mul(vd_set(QL_EXP_C2), r), one);
    return vd_mul(vd_add(vd_mul(upper, square), lower), vd_power(ql_exp_powers, whole));
}

/* ql_exp_f32 */
static inline vf exp_of(vf x)
{
    vf y = vf_of(exp_of_doubles(vd_low(x)), exp_of_doubles(vd_high(x)));
    y = vf_if_greater(vf_set(QL_EXP_LOWEST), x, vf_set(0.0f), y);
    y = vf_if_greater(x, vf_set(QL_EXP_HIGHEST), vf_set(INFINITY), y);
    return vf_if_number(x, y, vf_add(x, x));
}

static inline vf floats_at(const float *x, size_t n)
{
    return n == LANES ? vf_load(x) : vf_load_some(x, n);
}

static float largest(const float *x, size_t n)
{
    vf most = vf_set(-FLT_MAX);
    float lanes[LANES], found = -FLT_MAX;
    size_t i = 0;
    for (; i + LANES <= n; i += LANES) {
        most = vf_higher(vf_load(x + i), most);
    }
    vf_store(lanes, most);
    for (int k = 0; k < LANES; k++) {
        found = found < lanes[k] ? lanes[k] : found;
    }
    for (; i < n; i++) {
        found = found < x[i] ? x[i] : found;
    }
    return found;
}

static void exponentials(const float *x, float *y, size_t n, float beta)
{
    vf most = vf_set(largest(x, n)), factor = vf_set(beta);
    for (size_t i = 0; i < n; i += LANES) {
        size_t some = n - i < LANES ? n - i : LANES;
        vf_store_n(y + i, exp_of(vf_mul(vf_sub(floats_at(x + i, some), most), factor)), some);
    }
}

/* Sums keep their order; those of neighbouring rows wait for each other no more. */
enum { ROWS_ABREAST = 4 };

INLINE void softmax_of_rows(const float *x, float *y, size_t rows, size_t depth, float beta)
{
    float sums[ROWS_ABREAST] = {0};
    for (size_t r = 0; r < rows; r++) {
        exponentials(x + r * depth, y + r * depth, depth, beta);
    }
    for (size_t i = 0; i < depth; i++) {
        UNROLL for (size_t r = 0; r < rows; r++)
        {
            sums[r] += y[r * depth + i];
        }
    }
    for (size_t r = 0; r < rows; r++, y += depth) {
        for (size_t i = 0; i < depth; i += LANES) {
            size_t some = depth - i < LANES ? depth - i : LANES;
            vf_store_n(y + i, vf_div(floats_at(y + i, some), vf_set(sums[r])), some);
        }
    }
}

static void softmax_f32(const float *x, float *y, size_t rows, size_t depth, float beta)
{
    size_t row = 0;
    for (; row + ROWS_ABREAST <= rows; row += ROWS_ABREAST) {
        softmax_of_rows(x + row * depth, y + row * depth, ROWS_ABREAST, depth, beta);
    }
    for (; row < rows; row++) {
        softmax_of_rows(x + row * depth, y + row * depth, 1, depth, beta);
    }
}

static void logistic_f32(const float *x, float *y, size_t n)
{
    vf one = vf_set(1.0f), low = vf_set(QL_LOGISTIC_LOWER);
    for (size_t i = 0; i < n; i += LANES) {
        size_t some = n - i < LANES ? n - i : LANES;
        vf at = floats_at(x + i, some);
        vf e = exp_of(vf_if_greater(low, at, at, vf_sub(vf_set(0.0f), at)));
        vf value = vf_if_greater(low, at, e, vf_div(one, vf_add(one, e)));
        vf_store_n(y + i, vf_if_greater(at, vf_set(QL_LOGISTIC_UPPER), one, value), some);
    }
}

/* Differences to the row's maximum. */
static inline vi differences(const ql_softmax_row *row, size_t i, size_t n)
{
    const uint8_t *x = (const uint8_t *)row->x + i;
    vi value = row->is_signed ? (n == LANES ? vi_load_i8(x) : vi_some_i8(x, n))
                              : (n == LANES ? vi_load_u8(x) : vi_some_u8(x, n));
    return vi_sub(vi_set(row->max), value);
}

static int64_t softmax_sum(const ql_softmax_row *row)
{
    enum { MOST = 2048 }; /* so many terms below 2^20 a lane */
    int64_t total = 0;
    size_t i = 0;
    while (i + LANES <= row->n) {
        int32_t lanes[LANES];
        vi sum = vi_set(0);
        for (int k = 0; k < MOST && i + LANES <= row->n; k++, i += LANES) {
            sum = vi_add(sum, vi_pick(row->table, differences(row, i, LANES)));
        }
        vi_store(lanes, sum);
        for (int k = 0; k < LANES; k++) {
            total += lanes[k];
        }
    }
    for (; i < row->n; i++) {
        int x = row->is_signed ? ((const int8_t *)row->x)[i] : ((const uint8_t *)row->x)[i];
        total += row->table[row->max - x];
    }
    return total;
}

/* SOFTMAX_ROW(name, element, store) */
#define SOFTMAX_ROW(name, element, store)                                                                    \
    static void name(const ql_softmax_row *row)                                                              \
    {                                                                                                        \
        vi scale = vi_set(row->scale), low = vi_set(row->low), high = vi_set(row->high);                     \
        for (size_t i = 0; i < row->n; i += LANES) {                                                         \
            size_t n = row->n - i < LANES ? row->n - i : LANES;                                              \
            vi at = n == LANES ? differences(row, i, n)                                                      \
                               : vi_and(differences(row, i, n), vi_set(QL_SOFTMAX_LEVELS - 1));              \
            vi y = divided_all(vi_high_rounded(scale, vi_pick(row->table, at)), row->shift);                 \
            store((element *)row->y + i, vi_clamp(vi_add(y, low), low, high), n);                            \
        }                                                                                                    \
    }

SOFTMAX_ROW(softmax_8, int8_t, vi_store_8)
SOFTMAX_ROW(softmax_16, int16_t, vi_store_16)

/* Sixteen bits of a lane, the lower or the upper ones, as the pairs of a table hold them. */
static inline vi lower_half(vi pairs)
{
    return vi_shift_right_all(vi_shift_left_all(pairs, 16), 16);
}
static inline vi upper_half(vi pairs)
{
    return vi_shift_right_all(pairs, 16);
}

/* ql_lut16_at */
static inline vi interpolated(const int16_t *table, vi x)
{
    vi pairs = vi_pick_pairs(table, vi_add(vi_shift_right_all(x, 7), vi_set(256)));
    vi base = lower_half(pairs), slope = lower_half(vi_sub(upper_half(pairs), base));
    vi part = vi_mul(slope, vi_and(x, vi_set(127)));
    return lower_half(vi_add(base, vi_shift_right_all(vi_add(part, vi_set(64)), 7)));
}

static inline vi words_at(const int16_t *x, size_t n)
{
    return n == LANES ? vi_load_i16(x) : vi_some_i16(x, n);
}

static void lookup_16(const int16_t table[513], const int16_t *x, int16_t *y, size_t n)
{
    for (size_t i = 0; i < n; i += LANES) {
        size_t some = n - i < LANES ? n - i : LANES;
        vi_store_16(y + i, interpolated(table, words_at(x + i, some)), some);
    }
}

/* ql_logistic16 and ql_tanh16 */
static inline vi on_curve(const ql_curve16 *c, vi x)
{
    vi none = vi_set(0), half = vi_set(c->shift ? INT32_C(1) << (c->shift - 1) : 0);
    x = vi_shift_right_all(vi_add(vi_mul(x, vi_set(c->multiplier)), half), c->shift);
    x = vi_max(x, vi_set(-INT32_MAX));
    vi negative = vi_greater(none, x), size = vi_max(x, vi_sub(none, x));
    vi at = vi_shift_right_all(size, c->bits), beyond = vi_greater(at, vi_set(254));
    vi pairs = vi_pick_pairs(c->table, vi_clamp(at, none, vi_set(254))), word = vi_set(0xffff);
    vi base = vi_and(pairs, word), slope = vi_sub(vi_and(upper_half(pairs), word), base);
    vi part = vi_and(size, vi_set((INT32_C(1) << c->bits) - 1));
    vi y = vi_add(vi_shift_left_all(base, c->bits), vi_mul(part, slope));
    y = vi_add(y, vi_and(vi_sub(vi_set(c->top), y), beyond));
    y = vi_sub(y, vi_shift_left_all(vi_and(y, negative), 1));
    y = vi_add(vi_add(y, vi_set(c->add)), vi_and(negative, vi_set(c->add_negative)));
    return vi_shift_right_all(y, c->out_shift);
}

static void curve_16(const ql_curve16 *c, const int16_t *x, int16_t *y, size_t n)
{
    for (size_t i = 0; i < n; i += LANES) {
        size_t some = n - i < LANES ? n - i : LANES;
        vi_store_16(y + i, on_curve(c, words_at(x + i, some)), some);
    }
}

static void softmax_exp_16(const ql_softmax_words *row)
{
    vi low = vi_set(INT16_MIN), high = vi_set(INT16_MAX), max = vi_set(row->max);
    for (size_t i = 0; i < row->n; i += LANES) {
        size_t some = row->n - i < LANES ? row->n - i : LANES;
        vi steps = rescaled_all(vi_sub(words_at(row->x + i, some), max), row->m, row->shift);
        vi at = vi_clamp(vi_add(steps, high), low, high);
        vi_store_16(row->y + i, interpolated(row->table, at), some);
    }
}

static void softmax_scale_16(const ql_softmax_words *row)
{
    vi none = vi_set(0), high = vi_set(INT16_MAX), by = vi_set(row->m);
    vi half = vi_set(row->shift ? INT32_C(1) << (row->shift - 1) : 0);
    for (size_t i = 0; i < row->n; i += LANES) {
        size_t some = row->n - i < LANES ? row->n - i : LANES;
        vi y = vi_add(vi_mul(words_at(row->y + i, some), by), half);
        vi_store_16(row->y + i, vi_clamp(vi_shift_right_all(y, row->shift), none, high), some);
    }
}
