/* Fast kernels by instruction set: one table of inner loops an instruction set, chosen when a program runs.
 *
 * Every kernel gives the very bits of the portable operators (runtime/ops): integer sums are exact modulo
 * 2^32, float sums run in the reference's order (vectors lie across outputs, never along a sum) and are
 * multiplied, then added, without fused steps. A kernel that is NULL is missing: callers then take the
 * portable way, and the row "portable" has none at all.
 *
 * Kernels know numbers and places only. They read and write within the bounds that their arguments give and
 * cannot fail. Every instruction set is one file compiled with its own flags; what they share is written over
 * a few vector primitives (vector_*.h) in *_body.h.
 *
 * The table is constant and there is no state: an exec carries the row it was given (ql_exec_options.isa).
 */
#ifndef QL_SIMD_SIMD_H
#define QL_SIMD_SIMD_H

#include "runtime/base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    QL_BLOCK = 16,      /* outputs that lie side by side in packed weights */
    QL_TILE_BLOCKS = 4, /* most blocks a tile has */
    QL_TILE_ROWS = 48,  /* most rows a tile has */
};

/* A tile of a matrix product: for each row r and output j
 *
 *     sums[r][j] = start[j] + sum over runs i, steps and the terms of a step of x[r][...] * w[...][j]
 *
 * A step is four bytes of x: one float, two int16, or four uint8. Run i of row r begins at
 * x[r] + x_at + run_at[i] bytes. Packed weights of a block are, for each step of each run, QL_BLOCK times the
 * four bytes that go with it: float, two int16, four int8. */
typedef struct {
    const void *const *x; /* one a row; any alignment */
    size_t x_at;
    const size_t *run_at;
    size_t runs, steps; /* steps: of a run */
    const void *packed;
    size_t block_bytes;   /* between blocks: at least runs * steps * QL_BLOCK * 4 */
    const int32_t *start; /* QL_BLOCK a block, the bits of floats for floats; NULL: zeros */
    int32_t *sums;        /* QL_BLOCK a block, the bits of floats for floats */
    size_t sums_stride;   /* bytes between rows */
    int rows, blocks;     /* at most QL_TILE_ROWS and QL_TILE_BLOCKS */
    const struct ql_tail
        *tail; /* tile_f32: when not NULL, y of tail_f32 is made at once and sums are not used */
} ql_tile;
typedef void (*ql_tile_fn)(const ql_tile *tile);

/* Neighbouring positions: for the first of them, where each tap reads `count` elements. */
typedef struct {
    const void *const *x;
    int positions;
} ql_taps_part;

/* Sums of `count` channels that each have a weight of their own, over taps, at positions one behind the
 * other: for the p-th position of a part and channel j
 *
 *     sums[...][j] = start[j] + sum over taps k of x[k][p * step bytes on][j] * w[k][j]
 *
 * Integers: w is int32. Floats: w is float, and so is what start holds. */
typedef struct {
    const ql_taps_part *parts;
    int part_count;
    size_t step;
    const void *const *w;
    int taps;
    size_t count;
    const int32_t *start; /* NULL: zeros */
    int32_t *sums;
    size_t sums_stride;         /* bytes between positions */
    const struct ql_tail *tail; /* taps_f32: as for ql_tile */
} ql_taps_sum;
typedef void (*ql_taps_fn)(const ql_taps_sum *sum);

/* QL_BLOCK float sums of products whose terms are added as machines with SIMD do, weights as a tile has them.
 * Term k of the whole groups of 4 or 8 terms belongs to partial sum k mod 4 or 8; 4: start + (the partial
 * sums from first to last); 8: the halves of the partial sums added until one is left; then the other terms.
 */
typedef struct {
    const float *x, *packed, *start; /* start: of the fours, QL_BLOCK */
    size_t terms;
    float *y; /* QL_BLOCK */
} ql_dots;
typedef void (*ql_dots_fn)(const ql_dots *dots);

/* What happens to rows of sums: rescaled, clamped, stored. Arrays have one entry a channel and are readable
 * up to the next multiple of QL_BLOCK. */
typedef struct ql_tail {
    const int32_t *sums;
    size_t sums_stride; /* bytes */
    int rows;
    size_t count; /* channels */
    void *y;
    size_t y_stride; /* bytes */
    /* to integers */
    const int32_t *m, *shift; /* factors m * 2^(shift-31), m >= 0 */
    bool single;              /* one rounding (QL_ROUND_SINGLE) instead of two */
    const double *factors;    /* of the double tails: round(sum * factor), half away from zero */
    int32_t zero, low, high;  /* zero is added, then clamped */
    /* to floats */
    const float *bias; /* NULL: 0.0 is added */
    float low_f32, high_f32;
    const float *w_scales; /* hybrid */
    float x_scale;
    bool scales_apart; /* (sum * w_scale) * x_scale, else sum * (x_scale * w_scale) */
} ql_tail;
typedef void (*ql_tail_fn)(const ql_tail *tail);

/* Two quantized tensors, element by element: y[i] from a[i * a_step] and b[i * b_step], steps 0 or 1.
 *
 * Sums: each input, less its zero point, is shifted left by `headroom`, times in[] (shift at most 0),
 * rounding twice; the sum or difference times out (shift at most 0), plus out_zero, clamped. Products: of the
 * inputs less their zero points, times out (any shift), rounding twice, and so on. */
typedef struct {
    const void *a, *b;
    size_t a_step, b_step, n;
    void *y;
    int32_t zero[2], in_m[2];
    int in_shift[2], headroom;
    bool subtract;
    int32_t out_m;
    int out_shift;
    int32_t out_zero, low, high;
} ql_pairwise;
typedef void (*ql_pairwise_fn)(const ql_pairwise *pairs);

/* Two float tensors, element by element: a + b, a - b or a * b of a[i * a_step] and b[i * b_step], steps 0 or
 * 1, clamped as min(max(x, low), high) of C++: NaN stays. */
typedef struct {
    const float *a, *b;
    size_t a_step, b_step, n;
    float *y; /* may be a or b */
    float low, high;
} ql_float_pairs;
typedef void (*ql_float_pairs_fn)(const ql_float_pairs *pairs);

/* Weighted means of four int8: y[i] = sum of x[k][i] * w[k], 2^QL_BLEND_BITS the weight of one, rounded half
 * away from zero (zero itself, too: a half below is added). int32 must hold the sums, int8 the means. */
enum { QL_BLEND_BITS = 20 };
typedef struct {
    const int8_t *x[4];
    int32_t w[4];
    size_t n;
    int8_t *y;
} ql_blend;
typedef void (*ql_blend_fn)(const ql_blend *blend);

/* y[i] = x[i] * by, x uint8 or float. */
typedef void (*ql_scale_fn)(const void *x, float by, float *y, size_t n);

/* A row of pixels of `depth` elements between two rows of others, which are weighed already: pixel p is
 *
 *     top[left ..] * from_left + bottom[left ..] * from_left + top[right ..] * from_right
 *                              + bottom[right ..] * from_right
 *
 * added from left to right. To floats 0.0 is added, to uint8 0.5 before they are cut and clamped. QL_BLOCK
 * elements are readable behind top and bottom. */
typedef struct {
    size_t left, right; /* elements */
    float from_left, from_right;
} ql_blend_place;
typedef struct {
    const float *top, *bottom;
    const ql_blend_place *places; /* one a pixel */
    size_t pixels, depth;
    void *y;
} ql_blend_row;
typedef void (*ql_blend_row_fn)(const ql_blend_row *row);

/* Floats to integers: y = clamp(round(x / scale or x * scale) + zero), half away from zero or, `even`, to
 * even; what no int32 holds rounds to INT32_MIN, and the sum wraps. `bounded`: what is rounded is first held
 * within 1e9 of 0, NaN at the lower end. */
typedef struct {
    const float *x;
    size_t n;
    void *y;
    float scale;
    bool divide, even, bounded;
    int32_t zero, low, high;
} ql_to_integers;
typedef void (*ql_quantize_fn)(const ql_to_integers *values);

/* The extremes of n > 0 floats: of NaNs only the first element's counts, and then it is both. */
typedef void (*ql_range_fn)(const float *x, size_t n, float *lowest, float *highest);

/* One position of a pooling window: of each channel the largest, or the mean, of all taps, clamped. Means of
 * integers are rounded half away from zero; they may have QL_POOL_MOST taps. */
enum { QL_POOL_MOST = 65535 };
typedef struct {
    const void *x;      /* the first tap */
    size_t row, column; /* bytes from one tap to the next */
    int rows, columns;
    size_t count; /* channels */
    void *y;
    int32_t low, high;
    float low_f32, high_f32;
} ql_pool_window;
typedef void (*ql_pool_window_fn)(const ql_pool_window *window);
typedef struct {
    ql_pool_window_fn f32, i8, u8, i16;
} ql_pool_kernels;

/* SOFTMAX of `rows` rows of `depth` floats: e^((x - the row's largest) * beta) over their sum, which is added
 * from first to last; e^x is ql_exp_f32. y may be x. */
typedef void (*ql_softmax_f32_fn)(const float *x, float *y, size_t rows, size_t depth, float beta);

/* A row of 8 bits: `table` by the difference to `max`. sum: of the table's entries, each below 2^20. The
 * others: clamp(entry * scale * 2^(-31 - shift) + low), rounded as ql_srdhm and ql_rdivpot do, shift 0 to 31.
 */
enum { QL_SOFTMAX_LEVELS = 256 };
typedef struct {
    const void *x;
    void *y;
    size_t n;
    bool is_signed;
    int32_t max;
    const int32_t *table; /* QL_SOFTMAX_LEVELS */
    int32_t scale, low, high;
    int shift;
} ql_softmax_row;
typedef int64_t (*ql_softmax_sum_fn)(const ql_softmax_row *row);
typedef void (*ql_softmax_row_fn)(const ql_softmax_row *row);

/* A row of 16 bits. exp: y = ql_lut16_at of x - max, which is rescaled by m (not negative) and shift,
 * rounding twice. scale: y = clamp((y * m + half) >> shift) to 0 and above, m an int16, shift at most 30. */
typedef struct {
    const int16_t *x, *table;
    int16_t *y;
    size_t n;
    int32_t max, m;
    int shift;
} ql_softmax_words;
typedef void (*ql_softmax_words_fn)(const ql_softmax_words *row);

/* y[i] = ql_lut16_at(x[i], table); y may be x. */
typedef void (*ql_lookup_16_fn)(const int16_t table[513], const int16_t *x, int16_t *y, size_t n);

/* A curve through 256 points of uint16, the same on both sides of zero: x times multiplier * 2^-shift is its
 * place in 2^-bits of a point; beyond the last two stands `top`. Then `add`, and of negative x the negative
 * value and add_negative too, over 2^out_shift. */
typedef struct {
    const uint16_t *table;
    int32_t multiplier, top, add, add_negative;
    int shift, bits, out_shift;
} ql_curve16;
typedef void (*ql_curve16_fn)(const ql_curve16 *curve, const int16_t *x, int16_t *y, size_t n);

/* y[i] of x[i]. */
typedef void (*ql_floats_fn)(const float *x, float *y, size_t n);

/* Random floats: y[i] = (float)(low + u * span), where u is in [0, 1): the upper 53 bits of SplitMix64's
 * value for the counter at + i. */
typedef struct {
    uint64_t at;
    size_t n;
    double low, span;
    float *y;
} ql_random;
typedef void (*ql_random_fn)(const ql_random *random);

/* y[i] = table[x[i]]; y may be x. */
typedef void (*ql_lookup_fn)(const uint8_t table[256], const uint8_t *x, uint8_t *y, size_t n);

typedef struct {
    const char *name, *meaning;
    bool (*present)(void); /* can this machine run it? */
    ql_tile_fn tile_f32, tile_i16, tile_u8;
    ql_dots_fn dots_4, dots_8;
    ql_taps_fn taps_f32, taps_i8, taps_u8, taps_i16;
    ql_tail_fn tail_f32;    /* sum + bias */
    ql_tail_fn tail_hybrid; /* integer sum scaled, + bias */
    ql_tail_fn tail_8;      /* ql_mul32 to 8 bits, signed or not */
    ql_tail_fn tail_16;     /* ql_mul32 to int16 */
    ql_tail_fn tail_wide;   /* ql_mul64 of sums that int32 holds, m reduced, to int16; no zero point */
    ql_tail_fn tail_double_8, tail_double_16;
    ql_pairwise_fn sum_i8, sum_u8, sum_i16, product_i8, product_u8, product_i16;
    ql_float_pairs_fn sum_f32, difference_f32, product_f32;
    ql_blend_fn blend_i8;
    ql_scale_fn scale_f32, scale_u8;
    ql_blend_row_fn blend_row_f32, blend_row_u8;
    ql_quantize_fn quantize_8, quantize_16;
    ql_range_fn range;
    ql_pool_kernels max_pool, mean_pool;
    ql_random_fn random;
    ql_lookup_fn lookup;
    ql_lookup_16_fn lookup_16;
    ql_curve16_fn curve_16;
    ql_softmax_f32_fn softmax_f32;
    ql_softmax_sum_fn softmax_sum;
    ql_softmax_row_fn softmax_8, softmax_16;
    ql_softmax_words_fn softmax_exp_16, softmax_scale_16;
    ql_floats_fn logistic_f32; /* ql_logistic_f32 */
} ql_isa;

/* The i-th row, slowest first; NULL past the last. 0 is "portable". */
const ql_isa *ql_isa_at(int i);

/* The row of that name that this machine can run. USAGE for a name that is none (the message lists those
 * there are), UNSUPPORTED for one that this machine lacks. */
ql_code ql_isa_named(const char *name, const ql_isa **isa, ql_err *err);

/* The row named by the environment variable QLOUPE_ISA; when that is not set or empty, the fastest one that
 * this machine can run. Fails as ql_isa_named. */
ql_code ql_isa_choose(const ql_isa **isa, ql_err *err);

#endif
