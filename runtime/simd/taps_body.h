/* Sums over taps of channels that have weights of their own, over the vector primitives. */
#include "runtime/simd/simd.h"

/* Four vectors of channels at a time keep the adders busy; then two, one; then what is left, through a buffer
 * so that nothing outside the rows is read. */
enum { ABREAST = 4 };

#define TAPS(name, type, element, zero, load_start, load_x, some_x, load_w, store, add)                      \
    INLINE void name##_at(const ql_taps_sum *s, size_t p, size_t at, int width, int taps)                    \
    {                                                                                                        \
        type sum[ABREAST];                                                                                   \
        UNROLL for (int v = 0; v < width; v++)                                                               \
        {                                                                                                    \
            sum[v] = s->start ? load_start(s->start + at + (size_t)(v * LANES)) : zero;                      \
        }                                                                                                    \
        for (int k = 0; k < taps; k++) {                                                                     \
            const element *x = (const element *)((const char *)s->x[k] + p * s->step[k]) + at;               \
            const float *w = (const float *)s->w[k] + at;                                                    \
            UNROLL for (int v = 0; v < width; v++)                                                           \
            {                                                                                                \
                sum[v] = add(sum[v], load_x(x + v * LANES), load_w(w + v * LANES));                          \
            }                                                                                                \
        }                                                                                                    \
        char *sums = (char *)s->sums + p * s->sums_stride + at * sizeof *s->sums;                            \
        UNROLL for (int v = 0; v < width; v++)                                                               \
        {                                                                                                    \
            store(sums + v * LANES * 4, sum[v]);                                                             \
        }                                                                                                    \
    }                                                                                                        \
    static void name##_rest(const ql_taps_sum *s, size_t p, size_t at, size_t n)                             \
    {                                                                                                        \
        type sum = s->start ? load_start(s->start + at) : zero;                                              \
        for (int k = 0; k < s->taps; k++) {                                                                  \
            const element *x = (const element *)((const char *)s->x[k] + p * s->step[k]) + at;               \
            sum = add(sum, some_x(x, n), load_w((const float *)s->w[k] + at));                               \
        }                                                                                                    \
        store((char *)s->sums + p * s->sums_stride + at * sizeof *s->sums, sum);                             \
    }                                                                                                        \
    static void name(const ql_taps_sum *s)                                                                   \
    {                                                                                                        \
        for (size_t p = 0; p < (size_t)s->positions; p++) {                                                  \
            size_t at = 0;                                                                                   \
            for (; at + ABREAST * LANES <= s->count; at += ABREAST * LANES) {                                \
                name##_at(s, p, at, ABREAST, s->taps);                                                       \
            }                                                                                                \
            if (at + ABREAST / 2 * LANES <= s->count) {                                                      \
                name##_at(s, p, at, ABREAST / 2, s->taps);                                                   \
                at += ABREAST / 2 * LANES;                                                                   \
            }                                                                                                \
            for (; at + LANES <= s->count; at += LANES) {                                                    \
                name##_at(s, p, at, 1, s->taps);                                                             \
            }                                                                                                \
            if (at < s->count && s->count >= LANES) {                                                        \
                name##_at(s, p, s->count - LANES, 1, s->taps);                                               \
            } else if (at < s->count) {                                                                      \
                name##_rest(s, p, at, s->count - at);                                                        \
            }                                                                                                \
        }                                                                                                    \
    }

INLINE vi add_product(vi sum, vi x, vi w)
{
    return vi_add(sum, vi_mul(x, w));
}

TAPS(taps_f32, vf, float, vf_set(0.0f), vf_load, vf_load, vf_load_some, vf_load, vf_store, add_f32)
TAPS(taps_i8, vi, int8_t, vi_set(0), vi_load, vi_load_i8, vi_some_i8, vi_load, vi_store, add_product)
TAPS(taps_u8, vi, uint8_t, vi_set(0), vi_load, vi_load_u8, vi_some_u8, vi_load, vi_store, add_product)
TAPS(taps_i16, vi, int16_t, vi_set(0), vi_load, vi_load_i16, vi_some_i16, vi_load, vi_store, add_product)
