/* Sums over taps of channels that have weights of their own, over the vector primitives. */
#include "runtime/simd/inline.h"
#include "runtime/simd/simd.h"

/* Four vectors of channels at a time keep the adders busy; then two, one; then what is left, through a buffer
 * so that nothing outside the rows is read. */
enum { ABREAST = 4, MOST_HELD = 9 };

/* Where sums of a vector of channels go, position by position. */
typedef struct {
    char *y;
    size_t step, n; /* n: lanes that are stored */
    bool fused;
    float_params params;
} taps_end;

INLINE taps_end end_of_i32(const ql_taps_sum *s, size_t p, size_t at)
{
    return (taps_end){.y = (char *)s->sums + p * s->sums_stride + at * sizeof *s->sums,
                      .step = s->sums_stride};
}

INLINE void leave_taps_i32(const taps_end *end, char *y, vi sum)
{
    (void)end;
    vi_store(y, sum);
}

INLINE taps_end end_of_f32(const ql_taps_sum *s, size_t p, size_t at)
{
    const ql_tail *tail = s->tail;
    if (!tail) {
        return end_of_i32(s, p, at);
    }
    return (taps_end){.y = (char *)tail->y + p * tail->y_stride + at * sizeof(float),
                      .step = tail->y_stride,
                      .n = lanes_left(tail, at),
                      .fused = true,
                      .params = float_params_of(tail, at)};
}

INLINE void leave_taps_f32(const taps_end *end, char *y, vf sum)
{
    if (end->fused) {
        vf_store_n(y, with_bias(&end->params, sum), end->n);
    } else {
        vf_store(y, sum);
    }
}

#define TAPS(name, type, element, zero, load_start, load_x, some_x, load_w, add, end_of, leave)              \
    INLINE void name##_at(const ql_taps_sum *s, const void *const *from, size_t moved, size_t p, size_t at,  \
                          int width, int taps)                                                               \
    {                                                                                                        \
        type sum[ABREAST];                                                                                   \
        UNROLL for (int v = 0; v < width; v++)                                                               \
        {                                                                                                    \
            sum[v] = s->start ? load_start(s->start + at + (size_t)(v * LANES)) : zero;                      \
        }                                                                                                    \
        for (int k = 0; k < taps; k++) {                                                                     \
            const element *x = (const element *)((const char *)from[k] + moved) + at;                        \
            const float *w = (const float *)s->w[k] + at;                                                    \
            UNROLL for (int v = 0; v < width; v++)                                                           \
            {                                                                                                \
                sum[v] = add(sum[v], load_x(x + v * LANES), load_w(w + v * LANES));                          \
            }                                                                                                \
        }                                                                                                    \
        UNROLL for (int v = 0; v < width; v++)                                                               \
        {                                                                                                    \
            taps_end end = end_of(s, p, at + (size_t)(v * LANES));                                           \
            leave(&end, end.y, sum[v]);                                                                      \
        }                                                                                                    \
    }                                                                                                        \
    static void name##_rest(const ql_taps_sum *s, const void *const *from, size_t moved, size_t p,           \
                            size_t at, size_t n)                                                             \
    {                                                                                                        \
        type sum = s->start ? load_start(s->start + at) : zero;                                              \
        for (int k = 0; k < s->taps; k++) {                                                                  \
            const element *x = (const element *)((const char *)from[k] + moved) + at;                        \
            sum = add(sum, some_x(x, n), load_w((const float *)s->w[k] + at));                               \
        }                                                                                                    \
        taps_end end = end_of(s, p, at);                                                                     \
        leave(&end, end.y, sum);                                                                             \
    }                                                                                                        \
    /* a vector of channels at all positions: the weights of few taps stay in registers */                   \
    INLINE void name##_down(const ql_taps_sum *s, size_t at, int taps)                                       \
    {                                                                                                        \
        type w[MOST_HELD], start = s->start ? load_start(s->start + at) : zero;                              \
        const char *x[MOST_HELD];                                                                            \
        UNROLL for (int k = 0; k < taps; k++)                                                                \
        {                                                                                                    \
            w[k] = load_w((const float *)s->w[k] + at);                                                      \
        }                                                                                                    \
        taps_end end = end_of(s, 0, at);                                                                     \
        char *y = end.y;                                                                                     \
        for (int i = 0; i < s->part_count; i++) {                                                            \
            const ql_taps_part *part = &s->parts[i];                                                         \
            UNROLL for (int k = 0; k < taps; k++)                                                            \
            {                                                                                                \
                x[k] = (const char *)((const element *)part->x[k] + at);                                     \
            }                                                                                                \
            size_t from = 0;                                                                                 \
            for (int p = 0; p < part->positions; p++, from += s->step, y += end.step) {                      \
                type sum = start;                                                                            \
                UNROLL for (int k = 0; k < taps; k++)                                                        \
                {                                                                                            \
                    sum = add(sum, load_x(x[k] + from), w[k]);                                               \
                }                                                                                            \
                leave(&end, y, sum);                                                                         \
            }                                                                                                \
        }                                                                                                    \
    }                                                                                                        \
    INLINE void name##_all_down(const ql_taps_sum *s, int taps)                                              \
    {                                                                                                        \
        for (size_t at = 0; at < s->count; at += LANES) {                                                    \
            name##_down(s, at + LANES <= s->count ? at : s->count - LANES, taps);                            \
        }                                                                                                    \
    }                                                                                                        \
    static void name##_one(const ql_taps_sum *s, const void *const *x, size_t moved, size_t p)               \
    {                                                                                                        \
        size_t at = 0;                                                                                       \
        for (; at + ABREAST * LANES <= s->count; at += ABREAST * LANES) {                                    \
            name##_at(s, x, moved, p, at, ABREAST, s->taps);                                                 \
        }                                                                                                    \
        if (at + ABREAST / 2 * LANES <= s->count) {                                                          \
            name##_at(s, x, moved, p, at, ABREAST / 2, s->taps);                                             \
            at += ABREAST / 2 * LANES;                                                                       \
        }                                                                                                    \
        for (; at + LANES <= s->count; at += LANES) {                                                        \
            name##_at(s, x, moved, p, at, 1, s->taps);                                                       \
        }                                                                                                    \
        if (at < s->count && s->count >= LANES) {                                                            \
            name##_at(s, x, moved, p, s->count - LANES, 1, s->taps);                                         \
        } else if (at < s->count) {                                                                          \
            name##_rest(s, x, moved, p, at, s->count - at);                                                  \
        }                                                                                                    \
    }                                                                                                        \
    static void name(const ql_taps_sum *s)                                                                   \
    {                                                                                                        \
        size_t at = 0;                                                                                       \
        if (s->taps == 9 && s->count >= LANES) {                                                             \
            name##_all_down(s, 9);                                                                           \
            return;                                                                                          \
        }                                                                                                    \
        if (s->taps == 6 && s->count >= LANES) {                                                             \
            name##_all_down(s, 6);                                                                           \
            return;                                                                                          \
        }                                                                                                    \
        for (int i = 0; i < s->part_count; i++) {                                                            \
            for (int p = 0; p < s->parts[i].positions; p++) {                                                \
                name##_one(s, s->parts[i].x, (size_t)p * s->step, at++);                                     \
            }                                                                                                \
        }                                                                                                    \
    }

INLINE vi add_product(vi sum, vi x, vi w)
{
    return vi_add(sum, vi_mul(x, w));
}

TAPS(taps_f32, vf, float, vf_set(0.0f), vf_load, vf_load, vf_load_some, vf_load, add_f32, end_of_f32,
     leave_taps_f32)
TAPS(taps_i8, vi, int8_t, vi_set(0), vi_load, vi_load_i8, vi_some_i8, vi_load, add_product, end_of_i32,
     leave_taps_i32)
TAPS(taps_u8, vi, uint8_t, vi_set(0), vi_load, vi_load_u8, vi_some_u8, vi_load, add_product, end_of_i32,
     leave_taps_i32)
TAPS(taps_i16, vi, int16_t, vi_set(0), vi_load, vi_load_i16, vi_some_i16, vi_load, add_product, end_of_i32,
     leave_taps_i32)
