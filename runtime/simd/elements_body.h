/* Element by element, over the vector primitives: the arithmetic of ADD, SUB, MUL and of quantizing floats.
 */
#include "runtime/simd/simd.h"

#include <string.h>

/* Rounds x / 2^n half away from zero, the same n in all lanes. */
static inline vi divided_all(vi x, int n)
{
    int32_t mask = (int32_t)(((int64_t)1 << n) - 1);
    vi threshold = vi_sub(vi_set(mask >> 1), vi_greater(vi_set(0), x));
    return vi_sub(vi_shift_right_all(x, n), vi_greater(vi_and(x, vi_set(mask)), threshold));
}

static inline vi rescaled_all(vi x, int32_t m, int shift)
{
    vi raised = shift > 0 ? vi_shift_left_all(x, shift) : x;
    vi high = vi_high_rounded(raised, vi_set(m));
    return shift < 0 ? divided_all(high, -shift) : high;
}

static inline vi sum_of(const ql_pairwise *p, vi a, vi b)
{
    a = vi_shift_left_all(vi_sub(a, vi_set(p->zero[0])), p->headroom);
    b = vi_shift_left_all(vi_sub(b, vi_set(p->zero[1])), p->headroom);
    a = rescaled_all(a, p->in_m[0], p->in_shift[0]);
    b = rescaled_all(b, p->in_m[1], p->in_shift[1]);
    return p->subtract ? vi_sub(a, b) : vi_add(a, b);
}

static inline vi product_of(const ql_pairwise *p, vi a, vi b)
{
    return vi_mul(vi_sub(a, vi_set(p->zero[0])), vi_sub(b, vi_set(p->zero[1])));
}

/* PAIRWISE(name, element, load, combine, store) */
#define PAIRWISE(name, element, load, combine, store)                                                        \
    static inline vi name##_operand(const element *x, size_t step, size_t i, size_t n)                       \
    {                                                                                                        \
        if (!step) {                                                                                         \
            return vi_set(x[0]);                                                                             \
        }                                                                                                    \
        if (n == LANES) {                                                                                    \
            return load(x + i);                                                                              \
        }                                                                                                    \
        element some[LANES] = {0};                                                                           \
        memcpy(some, x + i, n * sizeof *some);                                                               \
        return load(some);                                                                                   \
    }                                                                                                        \
    static void name(const ql_pairwise *p)                                                                   \
    {                                                                                                        \
        vi zero = vi_set(p->out_zero), low = vi_set(p->low), high = vi_set(p->high);                         \
        for (size_t i = 0; i < p->n; i += LANES) {                                                           \
            size_t n = p->n - i < LANES ? p->n - i : LANES;                                                  \
            vi a = name##_operand(p->a, p->a_step, i, n), b = name##_operand(p->b, p->b_step, i, n);         \
            vi y = vi_add(rescaled_all(combine(p, a, b), p->out_m, p->out_shift), zero);                     \
            store((element *)p->y + i, vi_clamp(y, low, high), n);                                           \
        }                                                                                                    \
    }

PAIRWISE(sum_pairs_i8, int8_t, vi_load_i8, sum_of, vi_store_8)
PAIRWISE(sum_pairs_u8, uint8_t, vi_load_u8, sum_of, vi_store_8)
PAIRWISE(sum_pairs_i16, int16_t, vi_load_i16, sum_of, vi_store_16)
PAIRWISE(product_i8, int8_t, vi_load_i8, product_of, vi_store_8)
PAIRWISE(product_u8, uint8_t, vi_load_u8, product_of, vi_store_8)
PAIRWISE(product_i16, int16_t, vi_load_i16, product_of, vi_store_16)

static inline vi bytes_at(const int8_t *x, size_t n)
{
    return n == LANES ? vi_load_i8(x) : vi_some_i8(x, n);
}

static void blend_i8(const ql_blend *b)
{
    const vi none = vi_set(0), half = vi_set(1 << (QL_BLEND_BITS - 1)),
             rest = vi_set((1 << QL_BLEND_BITS) - 1);
    for (size_t i = 0; i < b->n; i += LANES) {
        size_t n = b->n - i < LANES ? b->n - i : LANES;
        vi sum = none;
        for (int k = 0; k < 4; k++) {
            sum = vi_add(sum, vi_mul(bytes_at(b->x[k] + i, n), vi_set(b->w[k])));
        }
        vi positive = vi_greater(sum, none); /* all ones where it is */
        sum = vi_sub(vi_add(sum, vi_and(positive, vi_add(half, half))), half);
        sum = vi_add(sum, vi_and(vi_greater(none, sum), rest)); /* cut towards zero */
        vi_store_8(b->y + i, vi_shift_right_all(sum, QL_BLEND_BITS), n);
    }
}

static inline vf float_operand(const float *x, size_t step, size_t i, size_t n)
{
    return !step ? vf_set(x[0]) : n == LANES ? vf_load(x + i) : vf_load_some(x + i, n);
}

/* FLOATS(name, combine): two floats become one, clamped. */
#define FLOATS(name, combine)                                                                                \
    static void name(const ql_float_pairs *p)                                                                \
    {                                                                                                        \
        vf low = vf_set(p->low), high = vf_set(p->high);                                                     \
        for (size_t i = 0; i < p->n; i += LANES) {                                                           \
            size_t n = p->n - i < LANES ? p->n - i : LANES;                                                  \
            vf a = float_operand(p->a, p->a_step, i, n), b = float_operand(p->b, p->b_step, i, n);           \
            vf y = vf_clamp(combine(a, b), low, high);                                                       \
            if (n == LANES) {                                                                                \
                vf_store(p->y + i, y);                                                                       \
            } else {                                                                                         \
                vf_store_some(p->y + i, y, n);                                                               \
            }                                                                                                \
        }                                                                                                    \
    }

FLOATS(sum_f32_pairs, vf_add)
FLOATS(difference_f32_pairs, vf_sub)
FLOATS(product_f32_pairs, vf_mul)

static inline vf floats_of_u8(const void *x)
{
    return vf_from(vi_load_u8(x));
}

static inline vf some_of_u8(const void *x, size_t n)
{
    return vf_from(vi_some_u8(x, n));
}

/* SCALE(name, element, load, load_some) */
#define SCALE(name, element, load, load_some)                                                                \
    static void name(const void *x, float by, float *y, size_t n)                                            \
    {                                                                                                        \
        vf factor = vf_set(by);                                                                              \
        size_t i = 0;                                                                                        \
        for (; i + LANES <= n; i += LANES) {                                                                 \
            vf_store(y + i, vf_mul(load((const element *)x + i), factor));                                   \
        }                                                                                                    \
        if (i < n) {                                                                                         \
            vf_store_some(y + i, vf_mul(load_some((const element *)x + i, n - i), factor), n - i);           \
        }                                                                                                    \
    }

SCALE(scale_f32, float, vf_load, vf_load_some)
SCALE(scale_u8, uint8_t, floats_of_u8, some_of_u8)

static inline void leave_blend_f32(float *y, vf x, size_t n)
{
    x = vf_add(x, vf_set(0.0f));
    if (n == LANES) {
        vf_store(y, x);
    } else {
        vf_store_some(y, x, n);
    }
}

static inline void leave_blend_u8(uint8_t *y, vf x, size_t n)
{
    vi_store_8(y, vi_clamp(vi_cut(vf_add(x, vf_set(0.5f))), vi_set(0), vi_set(255)), n);
}

/* Whole vectors are stored as long as the row has room, beyond a pixel's end too: the next one comes there.
 */
#define BLEND_ROW(name, element, leave)                                                                      \
    static void name(const ql_blend_row *row)                                                                \
    {                                                                                                        \
        element *y = row->y;                                                                                 \
        size_t left = row->pixels * row->depth;                                                              \
        for (const ql_blend_place *at = row->places; at < row->places + row->pixels; at++) {                 \
            vf a = vf_set(at->from_left), b = vf_set(at->from_right);                                        \
            for (size_t k = 0; k < row->depth; k += LANES) {                                                 \
                vf sum = vf_add(vf_mul(vf_load(row->top + at->left + k), a),                                 \
                                vf_mul(vf_load(row->bottom + at->left + k), a));                             \
                sum = vf_add(sum, vf_mul(vf_load(row->top + at->right + k), b));                             \
                sum = vf_add(sum, vf_mul(vf_load(row->bottom + at->right + k), b));                          \
                leave(y + k, sum, left - k < LANES ? left - k : LANES);                                      \
            }                                                                                                \
            y += row->depth;                                                                                 \
            left -= row->depth;                                                                              \
        }                                                                                                    \
    }

BLEND_ROW(blend_row_f32, float, leave_blend_f32)
BLEND_ROW(blend_row_u8, uint8_t, leave_blend_u8)

#ifdef HAS_ROUNDING
#define BOUND 1e9f

#define QUANTIZE(name, element, store)                                                                       \
    static void name(const ql_to_integers *q)                                                                \
    {                                                                                                        \
        vf scale = vf_set(q->scale);                                                                         \
        vi zero = vi_set(q->zero), low = vi_set(q->low), high = vi_set(q->high);                             \
        for (size_t i = 0; i < q->n; i += LANES) {                                                           \
            size_t n = q->n - i < LANES ? q->n - i : LANES;                                                  \
            vf x = n == LANES ? vf_load(q->x + i) : vf_load_some(q->x + i, n);                               \
            vf steps = q->divide ? vf_div(x, scale) : vf_mul(x, scale);                                      \
            steps = q->bounded ? vf_lower(vf_higher(steps, vf_set(-BOUND)), vf_set(BOUND)) : steps;          \
            vi y = vi_rounded_away(q->even ? vf_even(steps) : steps);                                        \
            store((element *)q->y + i, vi_clamp(vi_add(y, zero), low, high), n);                             \
        }                                                                                                    \
    }

QUANTIZE(quantize_8, int8_t, vi_store_8)
QUANTIZE(quantize_16, int16_t, vi_store_16)

static void range(const float *x, size_t n, float *lowest, float *highest)
{
    enum { ABREAST_OF_RANGE = 4 };
    vf low[ABREAST_OF_RANGE], high[ABREAST_OF_RANGE];
    float lows[LANES], highs[LANES];
    size_t i = 0;
    for (int k = 0; k < ABREAST_OF_RANGE; k++) {
        low[k] = high[k] = vf_set(x[0]);
    }
    for (; i + ABREAST_OF_RANGE * LANES <= n; i += ABREAST_OF_RANGE * LANES) {
        for (int k = 0; k < ABREAST_OF_RANGE; k++) {
            vf v = vf_load(x + i + (size_t)(k * LANES));
            low[k] = vf_lower(v, low[k]);
            high[k] = vf_higher(v, high[k]);
        }
    }
    for (int k = 1; k < ABREAST_OF_RANGE; k++) {
        low[0] = vf_lower(low[k], low[0]);
        high[0] = vf_higher(high[k], high[0]);
    }
    vf_store(lows, low[0]);
    vf_store(highs, high[0]);
    *lowest = lows[0];
    *highest = highs[0];
    for (int k = 1; k < LANES; k++) {
        *lowest = lows[k] < *lowest ? lows[k] : *lowest;
        *highest = highs[k] > *highest ? highs[k] : *highest;
    }
    for (; i < n; i++) {
        *lowest = x[i] < *lowest ? x[i] : *lowest;
        *highest = x[i] > *highest ? x[i] : *highest;
    }
}
#endif
