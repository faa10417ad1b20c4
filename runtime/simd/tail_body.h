/* From sums to outputs, over the vector primitives: the arithmetic of runtime/ops/common/finish.c. */
#include "runtime/simd/simd.h"
#include "runtime/tensor/fixed.h"

static inline size_t lanes_left(const ql_tail *t, size_t at)
{
    return t->count - at < LANES ? t->count - at : LANES;
}

/* TAIL(name, setup, element, the value of one vector of sums, store) */
#define TAIL(name, setup, element, value, store)                                                             \
    static void name(const ql_tail *t)                                                                       \
    {                                                                                                        \
        setup;                                                                                               \
        for (int r = 0; r < t->rows; r++) {                                                                  \
            const int32_t *sums =                                                                            \
                (const int32_t *)(const void *)((const char *)t->sums + (size_t)r * t->sums_stride);         \
            element *y = (element *)(void *)((char *)t->y + (size_t)r * t->y_stride);                        \
            for (size_t at = 0; at < t->count; at += LANES) {                                                \
                store(y + at, value, lanes_left(t, at));                                                     \
            }                                                                                                \
        }                                                                                                    \
    }

static inline void vf_store_n(float *y, vf x, size_t n)
{
    if (n == LANES) {
        vf_store(y, x);
    } else {
        vf_store_some(y, x, n);
    }
}

static inline vf bias_at(const ql_tail *t, size_t at)
{
    return t->bias ? vf_load(t->bias + at) : vf_set(0.0f);
}

#define FLOAT_BOUNDS vf low = vf_set(t->low_f32), high = vf_set(t->high_f32)
TAIL(tail_f32, FLOAT_BOUNDS, float, vf_clamp(vf_add(vf_load(sums + at), bias_at(t, at)), low, high),
     vf_store_n)

static inline vf scaled(const ql_tail *t, const int32_t *sums, size_t at)
{
    vf sum = vf_from(vi_load(sums + at)), w = vf_load(t->w_scales + at), x = vf_set(t->x_scale);
    return t->scales_apart ? vf_mul(vf_mul(sum, w), x) : vf_mul(sum, vf_mul(x, w));
}
TAIL(tail_hybrid, FLOAT_BOUNDS, float, vf_clamp(vf_add(scaled(t, sums, at), bias_at(t, at)), low, high),
     vf_store_n)

#ifdef HAS_TAILS
/* Rounds x / 2^n half away from zero. */
static inline vi divided(vi x, vi n)
{
    vi mask = vi_sub(vi_shift_left(vi_set(1), n), vi_set(1));
    vi negative = vi_greater(vi_set(0), x);
    vi threshold = vi_sub(vi_shift_right(mask, vi_set(1)), negative);
    return vi_sub(vi_shift_right(x, n), vi_greater(vi_and(x, mask), threshold));
}

static inline vi rescaled_double(vi x, vi m, vi shift)
{
    vi left = vi_max(shift, vi_set(0)), right = vi_max(vi_sub(vi_set(0), shift), vi_set(0));
    return divided(vi_high_rounded(vi_shift_left(x, left), m), right);
}

/* (x * m + 2^(total-1)) >> total in 64 bits, of even or odd lanes. */
static inline vi shifted64(vi product, vi total)
{
    vi half = vi_shift_left64(vi_set64(1), vi_add64(total, vi_set64(-1)));
    return vi_shift_right64(vi_add64(product, half), total);
}

static inline vi rounded_once(vi x, vi m, vi total)
{
    vi2 p = vi_wide(x, m);
    p.even = shifted64(p.even, vi_even64(total));
    p.odd = shifted64(p.odd, vi_odd64(total));
    return vi_join((vi2){vi_even64(p.even), p.odd});
}

static inline vi rescaled(const ql_tail *t, const int32_t *sums, size_t at)
{
    vi x = vi_load(sums + at), m = vi_load(t->m + at), shift = vi_load(t->shift + at);
    vi y = t->single ? rounded_once(x, m, vi_sub(vi_set(31), shift)) : rescaled_double(x, m, shift);
    return vi_add(y, vi_set(t->zero));
}

static inline vi rescaled_wide(const ql_tail *t, const int32_t *sums, size_t at)
{
    return rounded_once(vi_load(sums + at), vi_load(t->m + at), vi_sub(vi_set(15), vi_load(t->shift + at)));
}

#define BOUNDS vi low = vi_set(t->low), high = vi_set(t->high)
TAIL(tail_8, BOUNDS, int8_t, vi_clamp(rescaled(t, sums, at), low, high), vi_store_8)
TAIL(tail_16, BOUNDS, int16_t, vi_clamp(rescaled(t, sums, at), low, high), vi_store_16)
TAIL(tail_wide, BOUNDS, int16_t, vi_clamp(rescaled_wide(t, sums, at), low, high), vi_store_16)
#else
/* Without shifts by lane: one by one. */
static inline int32_t rescaled(const ql_tail *t, int32_t sum, size_t i)
{
    ql_mult by = {t->m[i], t->shift[i]};
    int32_t y = t->single ? ql_mul32(sum, by, QL_ROUND_SINGLE) : ql_mul32(sum, by, QL_ROUND_DOUBLE);
    return ql_wrap_add(y, t->zero);
}

static inline int32_t rescaled_wide(const ql_tail *t, int32_t sum, size_t i)
{
    int total = 15 - t->shift[i];
    return (int32_t)(((int64_t)sum * t->m[i] + ((int64_t)1 << (total - 1))) >> total);
}

#define TAIL_BY_ONE(name, element, value)                                                                    \
    static void name(const ql_tail *t)                                                                       \
    {                                                                                                        \
        for (int r = 0; r < t->rows; r++) {                                                                  \
            const int32_t *sums =                                                                            \
                (const int32_t *)(const void *)((const char *)t->sums + (size_t)r * t->sums_stride);         \
            element *y = (element *)(void *)((char *)t->y + (size_t)r * t->y_stride);                        \
            for (size_t i = 0; i < t->count; i++) {                                                          \
                y[i] = (element)ql_clamp(value(t, sums[i], i), t->low, t->high);                             \
            }                                                                                                \
        }                                                                                                    \
    }
TAIL_BY_ONE(tail_8, int8_t, rescaled)
TAIL_BY_ONE(tail_16, int16_t, rescaled)
TAIL_BY_ONE(tail_wide, int16_t, rescaled_wide)
#endif
