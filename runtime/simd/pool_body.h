/* Windows of pooling over the vector primitives: vectors of channels, taps in order. */
#include "runtime/simd/inline.h"
#include "runtime/simd/simd.h"

#include <float.h>

/* POOL(name, element, vector type, start, load, load_some, fold, finish, store): the last vector of many
 * channels overlaps the one before. */
#define POOL(name, element, type, start, load, load_some, fold, finish, store)                               \
    INLINE void name##_at(const ql_pool_window *w, size_t at, size_t n, bool whole)                          \
    {                                                                                                        \
        type total = start;                                                                                  \
        const char *row = (const char *)((const element *)w->x + at);                                        \
        for (int i = 0; i < w->rows; i++, row += w->row) {                                                   \
            const char *x = row;                                                                             \
            for (int k = 0; k < w->columns; k++, x += w->column) {                                           \
                total = fold(total, whole ? load(x) : load_some(x, n));                                      \
            }                                                                                                \
        }                                                                                                    \
        store((element *)w->y + at, finish(w, total), whole ? LANES : n);                                    \
    }                                                                                                        \
    static void name(const ql_pool_window *w)                                                                \
    {                                                                                                        \
        size_t at = 0;                                                                                       \
        for (; at + LANES <= w->count; at += LANES) {                                                        \
            name##_at(w, at, LANES, true);                                                                   \
        }                                                                                                    \
        if (at < w->count && w->count >= LANES) {                                                            \
            name##_at(w, w->count - LANES, LANES, true);                                                     \
        } else if (at < w->count) {                                                                          \
            name##_at(w, at, w->count - at, false);                                                          \
        }                                                                                                    \
    }

INLINE vf larger_f32(vf total, vf x)
{
    return vf_higher(x, total);
}

INLINE vf clamped_f32(const ql_pool_window *w, vf x)
{
    return vf_clamp(x, vf_set(w->low_f32), vf_set(w->high_f32));
}

INLINE vf mean_f32(const ql_pool_window *w, vf total)
{
    return clamped_f32(w, vf_div(total, vf_set((float)(w->rows * w->columns))));
}

INLINE vi clamped_i32(const ql_pool_window *w, vi x)
{
    return vi_clamp(x, vi_set(w->low), vi_set(w->high));
}

/* The sum's size over the count, halves up: by a quotient of floats that is at most one off, then its sign.
 */
INLINE vi mean_i32(const ql_pool_window *w, vi total)
{
    int count = w->rows * w->columns;
    vi none = vi_set(0), negative = vi_greater(none, total);
    vi size = vi_add(vi_max(total, vi_sub(none, total)), vi_set(count / 2));
    vi y = vi_cut(vf_mul(vf_from(size), vf_set(1.0f / (float)count)));
    vi rest = vi_sub(size, vi_mul(y, vi_set(count)));
    y = vi_sub(vi_add(y, vi_greater(none, rest)), vi_greater(rest, vi_set(count - 1)));
    return clamped_i32(w, vi_sub(y, vi_shift_left_all(vi_and(y, negative), 1)));
}

POOL(max_f32, float, vf, vf_set(-FLT_MAX), vf_load, vf_load_some, larger_f32, clamped_f32, vf_store_n)
POOL(max_i8, int8_t, vi, vi_set(INT8_MIN), vi_load_i8, vi_some_i8, vi_max, clamped_i32, vi_store_8)
POOL(max_u8, uint8_t, vi, vi_set(0), vi_load_u8, vi_some_u8, vi_max, clamped_i32, vi_store_8)
POOL(max_i16, int16_t, vi, vi_set(INT16_MIN), vi_load_i16, vi_some_i16, vi_max, clamped_i32, vi_store_16)
POOL(mean_of_f32, float, vf, vf_set(0.0f), vf_load, vf_load_some, vf_add, mean_f32, vf_store_n)
POOL(mean_of_i8, int8_t, vi, vi_set(0), vi_load_i8, vi_some_i8, vi_add, mean_i32, vi_store_8)
POOL(mean_of_u8, uint8_t, vi, vi_set(0), vi_load_u8, vi_some_u8, vi_add, mean_i32, vi_store_8)
POOL(mean_of_i16, int16_t, vi, vi_set(0), vi_load_i16, vi_some_i16, vi_add, mean_i32, vi_store_16)
