/* Tiles of matrix products over the vector primitives: the same loop for floats, pairs of int16 and quads of
 * int8. Sums of a tile stay in registers; every count of rows has code of its own. Included by the file of an
 * instruction set after its primitives and TILE_VECTORS, the vectors a tile is wide. */
#include "runtime/simd/simd.h"

#include <string.h>

#if defined(__GNUC__)
#define INLINE static inline __attribute__((always_inline))
#else
#define INLINE static inline
#endif
#if defined(__GNUC__) && !defined(__clang__)
#define UNROLL _Pragma("GCC unroll 16")
#else
#define UNROLL
#endif

enum { VECTORS = QL_BLOCK / LANES }; /* a block */

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

/* TILE(name, vector type, zero, load, store, broadcast, add): `rows` rows, `width` vectors from vector `at`
 * on. */
#define TILE(name, type, zero, load, store, spread, add)                                                     \
    INLINE void name(const ql_tile *t, const char *x, int32_t *sums, int at, int rows, int width)            \
    {                                                                                                        \
        type sum[QL_TILE_ROWS][TILE_VECTORS];                                                                \
        UNROLL for (int v = 0; v < width; v++)                                                               \
        {                                                                                                    \
            type start = t->start ? load(t->start + (at + v) * LANES) : zero;                                \
            UNROLL for (int r = 0; r < rows; r++)                                                            \
            {                                                                                                \
                sum[r][v] = start;                                                                           \
            }                                                                                                \
        }                                                                                                    \
        const char *w[TILE_VECTORS];                                                                         \
        UNROLL for (int v = 0; v < width; v++)                                                               \
        {                                                                                                    \
            w[v] = (const char *)t->packed + (size_t)((at + v) / VECTORS) * t->block_bytes +                 \
                   (size_t)((at + v) % VECTORS) * LANES * 4;                                                 \
        }                                                                                                    \
        for (size_t k = 0; k < t->steps; k++) {                                                              \
            type weights[TILE_VECTORS];                                                                      \
            UNROLL for (int v = 0; v < width; v++)                                                           \
            {                                                                                                \
                weights[v] = load(w[v] + k * QL_BLOCK * 4);                                                  \
            }                                                                                                \
            UNROLL for (int r = 0; r < rows; r++)                                                            \
            {                                                                                                \
                type value = spread(x + (size_t)r * t->x_stride + k * 4);                                    \
                UNROLL for (int v = 0; v < width; v++)                                                       \
                {                                                                                            \
                    sum[r][v] = add(sum[r][v], value, weights[v]);                                           \
                }                                                                                            \
            }                                                                                                \
        }                                                                                                    \
        UNROLL for (int r = 0; r < rows; r++)                                                                \
        {                                                                                                    \
            UNROLL for (int v = 0; v < width; v++)                                                           \
            {                                                                                                \
                store((char *)sums + (size_t)r * t->sums_stride + (size_t)(at + v) * LANES * 4, sum[r][v]);  \
            }                                                                                                \
        }                                                                                                    \
    }

/* Code for every count of rows up to TILE_HEIGHT. */
#define ROWS(name, n, width)                                                                                 \
    case n:                                                                                                  \
        name(t, x, sums, at, n, width);                                                                      \
        break
#define HEIGHTS_4(name, width)                                                                               \
    ROWS(name, 1, width);                                                                                    \
    ROWS(name, 2, width);                                                                                    \
    ROWS(name, 3, width);                                                                                    \
    ROWS(name, 4, width)
#define HEIGHTS_6(name, width)                                                                               \
    HEIGHTS_4(name, width);                                                                                  \
    ROWS(name, 5, width);                                                                                    \
    ROWS(name, 6, width)
#define HEIGHTS_12(name, width)                                                                              \
    HEIGHTS_6(name, width);                                                                                  \
    ROWS(name, 7, width);                                                                                    \
    ROWS(name, 8, width);                                                                                    \
    ROWS(name, 9, width);                                                                                    \
    ROWS(name, 10, width);                                                                                   \
    ROWS(name, 11, width);                                                                                   \
    ROWS(name, 12, width)

#define SWITCH(name, sum, width)                                                                             \
    static void name(const ql_tile *t, const char *x, int32_t *sums, int at, int rows)                       \
    {                                                                                                        \
        switch (rows) {                                                                                      \
            TILE_HEIGHTS(sum, width);                                                                        \
        default:                                                                                             \
            break;                                                                                           \
        }                                                                                                    \
    }

/* A whole tile: strips of TILE_VECTORS vectors by at most TILE_HEIGHT rows, evened out; then what is left of
 * the width. */
#define TILES(name, wide, narrow)                                                                            \
    static void name(const ql_tile *t)                                                                       \
    {                                                                                                        \
        int vectors = t->blocks * VECTORS, r = 0;                                                            \
        while (r < t->rows) {                                                                                \
            int left = t->rows - r, strips = (left + TILE_HEIGHT - 1) / TILE_HEIGHT;                         \
            int rows = (left + strips - 1) / strips, at = 0;                                                 \
            const char *x = (const char *)t->x + (size_t)r * t->x_stride;                                    \
            int32_t *sums = (int32_t *)(void *)((char *)t->sums + (size_t)r * t->sums_stride);               \
            for (; at + TILE_VECTORS <= vectors; at += TILE_VECTORS) {                                       \
                wide(t, x, sums, at, rows);                                                                  \
            }                                                                                                \
            for (; at < vectors; at++) {                                                                     \
                narrow(t, x, sums, at, rows);                                                                \
            }                                                                                                \
            r += rows;                                                                                       \
        }                                                                                                    \
    }

INLINE vf add_f32(vf sum, vf x, vf w)
{
    return vf_add(sum, vf_mul(x, w));
}

TILE(sum_f32, vf, vf_set(0.0f), vf_load, vf_store, broadcast_f32, add_f32)
SWITCH(wide_f32, sum_f32, TILE_VECTORS)
SWITCH(narrow_f32, sum_f32, 1)
TILES(tile_f32, wide_f32, narrow_f32)

TILE(sum_i16, vi, vi_set(0), vi_load, vi_store, broadcast, add_pairs)
SWITCH(wide_i16, sum_i16, TILE_VECTORS)
SWITCH(narrow_i16, sum_i16, 1)
TILES(tile_i16, wide_i16, narrow_i16)

#ifdef HAS_QUADS
TILE(sum_u8, vi, vi_set(0), vi_load, vi_store, broadcast, add_quads)
SWITCH(wide_u8, sum_u8, TILE_VECTORS)
SWITCH(narrow_u8, sum_u8, 1)
TILES(tile_u8, wide_u8, narrow_u8)
#endif
