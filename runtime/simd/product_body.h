/* Tiles of matrix products over the vector primitives: the same loop for floats, pairs of int16 and quads of
 * int8. Sums of a tile stay in registers; every count of rows has code of its own. Included by the file of an
 * instruction set after its primitives and its shapes of tiles: TILE_ of integers, F32_ of floats; VECTORS
 * wide, HEIGHT rows high, and as many steps TOGETHER. */
#include "runtime/simd/inline.h"
#include "runtime/simd/simd.h"

#include <string.h>

/* VECTORS: a block. The others: room for every shape of tile. */
enum { VECTORS = QL_BLOCK / LANES, MOST_VECTORS = 4, MOST_HEIGHT = 25, MOST_TOGETHER = 4 };

INLINE vi broadcast(const char *x)
{
    int32_t bits;
    memcpy(&bits, x, sizeof bits);
    return vi_set(bits);
}

INLINE vf broadcast_f32(const char *x)
{
    float value;
    memcpy(&value, x, sizeof value);
    return vf_set(value);
}

/* TILE(name, vector type, zero, load, broadcast, add, leave): `rows` rows from row `first`, `width` vectors
 * from vector `at` on; `together` steps at a time, so that a row's place is looked up once for them. */
#define TILE(name, type, zero, load, spread, add, leave)                                                     \
    INLINE void name##_steps(type(*sum)[MOST_VECTORS], const char *const *x, size_t x_at,                    \
                             const char *const *w, size_t w_at, int rows, int width, int count)              \
    {                                                                                                        \
        type weights[MOST_TOGETHER][MOST_VECTORS];                                                           \
        UNROLL for (int k = 0; k < count; k++)                                                               \
        {                                                                                                    \
            UNROLL for (int v = 0; v < width; v++)                                                           \
            {                                                                                                \
                weights[k][v] = load(w[v] + w_at + (size_t)(k * QL_BLOCK * 4));                              \
            }                                                                                                \
        }                                                                                                    \
        UNROLL for (int r = 0; r < rows; r++)                                                                \
        {                                                                                                    \
            UNROLL for (int k = 0; k < count; k++)                                                           \
            {                                                                                                \
                type value = spread(x[r] + x_at + (size_t)(k * 4));                                          \
                UNROLL for (int v = 0; v < width; v++)                                                       \
                {                                                                                            \
                    sum[r][v] = add(sum[r][v], value, weights[k][v]);                                        \
                }                                                                                            \
            }                                                                                                \
        }                                                                                                    \
    }                                                                                                        \
    INLINE void name(const ql_tile *t, int first, int at, int rows, int width, int together)                 \
    {                                                                                                        \
        type sum[MOST_HEIGHT][MOST_VECTORS];                                                                 \
        const char *w[MOST_VECTORS], *const *x = (const char *const *)t->x + first;                          \
        UNROLL for (int v = 0; v < width; v++)                                                               \
        {                                                                                                    \
            type start = t->start ? load(t->start + (at + v) * LANES) : zero;                                \
            w[v] = (const char *)t->packed + (size_t)((at + v) / VECTORS) * t->block_bytes +                 \
                   (size_t)((at + v) % VECTORS) * LANES * 4;                                                 \
            UNROLL for (int r = 0; r < rows; r++)                                                            \
            {                                                                                                \
                sum[r][v] = start;                                                                           \
            }                                                                                                \
        }                                                                                                    \
        size_t w_at = 0;                                                                                     \
        for (size_t run = 0; run < t->runs; run++) {                                                         \
            size_t x_at = t->x_at + t->run_at[run], k = 0;                                                   \
            for (; k + (size_t)together <= t->steps; k += (size_t)together) {                                \
                name##_steps(sum, x, x_at, w, w_at, rows, width, together);                                  \
                x_at += (size_t)together * 4;                                                                \
                w_at += (size_t)together * QL_BLOCK * 4;                                                     \
            }                                                                                                \
            for (; together > 1 && k < t->steps; k++) {                                                      \
                name##_steps(sum, x, x_at, w, w_at, rows, width, 1);                                         \
                x_at += 4;                                                                                   \
                w_at += QL_BLOCK * 4;                                                                        \
            }                                                                                                \
        }                                                                                                    \
        leave(t, sum, first, at, rows, width);                                                               \
    }

/* Code for every count of rows up to a height. */
#define ROWS(name, n, ...)                                                                                   \
    case n:                                                                                                  \
        name(t, first, at, n, __VA_ARGS__);                                                                  \
        break
#define HEIGHTS_4(name, ...)                                                                                 \
    ROWS(name, 1, __VA_ARGS__);                                                                              \
    ROWS(name, 2, __VA_ARGS__);                                                                              \
    ROWS(name, 3, __VA_ARGS__);                                                                              \
    ROWS(name, 4, __VA_ARGS__)
#define HEIGHTS_6(name, ...)                                                                                 \
    HEIGHTS_4(name, __VA_ARGS__);                                                                            \
    ROWS(name, 5, __VA_ARGS__);                                                                              \
    ROWS(name, 6, __VA_ARGS__)
#define HEIGHTS_12(name, ...)                                                                                \
    HEIGHTS_6(name, __VA_ARGS__);                                                                            \
    ROWS(name, 7, __VA_ARGS__);                                                                              \
    ROWS(name, 8, __VA_ARGS__);                                                                              \
    ROWS(name, 9, __VA_ARGS__);                                                                              \
    ROWS(name, 10, __VA_ARGS__);                                                                             \
    ROWS(name, 11, __VA_ARGS__);                                                                             \
    ROWS(name, 12, __VA_ARGS__)
#define HEIGHTS_25(name, ...)                                                                                \
    HEIGHTS_12(name, __VA_ARGS__);                                                                           \
    ROWS(name, 13, __VA_ARGS__);                                                                             \
    ROWS(name, 14, __VA_ARGS__);                                                                             \
    ROWS(name, 15, __VA_ARGS__);                                                                             \
    ROWS(name, 16, __VA_ARGS__);                                                                             \
    ROWS(name, 17, __VA_ARGS__);                                                                             \
    ROWS(name, 18, __VA_ARGS__);                                                                             \
    ROWS(name, 19, __VA_ARGS__);                                                                             \
    ROWS(name, 20, __VA_ARGS__);                                                                             \
    ROWS(name, 21, __VA_ARGS__);                                                                             \
    ROWS(name, 22, __VA_ARGS__);                                                                             \
    ROWS(name, 23, __VA_ARGS__);                                                                             \
    ROWS(name, 24, __VA_ARGS__);                                                                             \
    ROWS(name, 25, __VA_ARGS__)

#define SWITCH(name, sum, heights, ...)                                                                      \
    static void name(const ql_tile *t, int first, int at, int rows)                                          \
    {                                                                                                        \
        switch (rows) {                                                                                      \
            heights(sum, __VA_ARGS__);                                                                       \
        default:                                                                                             \
            break;                                                                                           \
        }                                                                                                    \
    }

/* A whole tile: strips of `width` vectors by at most `height` rows, evened out; then what is left of the
 * width. */
#define TILES(name, wide, narrow, width, height)                                                             \
    static void name(const ql_tile *t)                                                                       \
    {                                                                                                        \
        int vectors = t->blocks * VECTORS;                                                                   \
        for (int first = 0, rows; first < t->rows; first += rows) {                                          \
            int left = t->rows - first, strips = (left + height - 1) / height, at = 0;                       \
            rows = (left + strips - 1) / strips;                                                             \
            for (; at + width <= vectors; at += width) {                                                     \
                wide(t, first, at, rows);                                                                    \
            }                                                                                                \
            for (; at < vectors; at++) {                                                                     \
                narrow(t, first, at, rows);                                                                  \
            }                                                                                                \
        }                                                                                                    \
    }

/* LEAVE(name, vector type, store): sums go where they are wanted. */
#define LEAVE(name, type, store)                                                                             \
    INLINE void name(const ql_tile *t, type(*sum)[MOST_VECTORS], int first, int at, int rows, int width)     \
    {                                                                                                        \
        UNROLL for (int r = 0; r < rows; r++)                                                                \
        {                                                                                                    \
            char *to = (char *)t->sums + (size_t)(first + r) * t->sums_stride + (size_t)at * LANES * 4;      \
            UNROLL for (int v = 0; v < width; v++)                                                           \
            {                                                                                                \
                store(to + v * LANES * 4, sum[r][v]);                                                        \
            }                                                                                                \
        }                                                                                                    \
    }

LEAVE(leave_sums_f32, vf, vf_store)
LEAVE(leave_i32, vi, vi_store)

INLINE void leave_f32(const ql_tile *t, vf (*sum)[MOST_VECTORS], int first, int at, int rows, int width)
{
    const ql_tail *tail = t->tail;
    if (!tail) {
        leave_sums_f32(t, sum, first, at, rows, width);
        return;
    }
    UNROLL for (int v = 0; v < width; v++)
    {
        size_t done = (size_t)(at + v) * LANES;
        if (done >= tail->count) {
            return;
        }
        float_params params = float_params_of(tail, done);
        size_t n = lanes_left(tail, done);
        char *y = (char *)tail->y + (size_t)first * tail->y_stride + done * sizeof(float);
        UNROLL for (int r = 0; r < rows; r++, y += tail->y_stride)
        {
            vf_store_n(y, with_bias(&params, sum[r][v]), n);
        }
    }
}

INLINE vf add_f32(vf sum, vf x, vf w)
{
    return vf_add(sum, vf_mul(x, w));
}

TILE(sum_f32, vf, vf_set(0.0f), vf_load, broadcast_f32, add_f32, leave_f32)
SWITCH(wide_f32, sum_f32, F32_HEIGHTS, F32_VECTORS, F32_TOGETHER)
#if F32_VECTORS > 1
SWITCH(narrow_f32, sum_f32, F32_HEIGHTS, 1, F32_TOGETHER)
#else
#define narrow_f32 wide_f32
#endif
#ifdef F32_LOW
SWITCH(low_f32, sum_f32, HEIGHTS_6, F32_LOW, 1)
TILES(high_tile_f32, wide_f32, narrow_f32, F32_VECTORS, F32_HEIGHT)
TILES(low_tile_f32, low_f32, narrow_f32, F32_LOW, 6)

/* Few rows leave registers for more columns, and sums that wait for each other keep the adders idle. */
static void tile_f32(const ql_tile *t)
{
    (t->rows <= 6 ? low_tile_f32 : high_tile_f32)(t);
}
#else
TILES(tile_f32, wide_f32, narrow_f32, F32_VECTORS, F32_HEIGHT)
#endif

TILE(sum_i16, vi, vi_set(0), vi_load, broadcast, add_pairs, leave_i32)
SWITCH(wide_i16, sum_i16, TILE_HEIGHTS, TILE_VECTORS, 1)
SWITCH(narrow_i16, sum_i16, TILE_HEIGHTS, 1, 1)
TILES(tile_i16, wide_i16, narrow_i16, TILE_VECTORS, TILE_HEIGHT)

#ifdef HAS_QUADS
TILE(sum_u8, vi, vi_set(0), vi_load, broadcast, add_quads, leave_i32)
SWITCH(wide_u8, sum_u8, TILE_HEIGHTS, TILE_VECTORS, 1)
SWITCH(narrow_u8, sum_u8, TILE_HEIGHTS, 1, 1)
TILES(tile_u8, wide_u8, narrow_u8, TILE_VECTORS, TILE_HEIGHT)
#endif
