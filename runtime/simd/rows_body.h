/* The row of an instruction set: after its primitives and tile sizes. */
#include "runtime/simd/elements_body.h"
#include "runtime/simd/tail_body.h"

#include "runtime/simd/bytes_body.h"
#include "runtime/simd/dots_body.h"
#include "runtime/simd/pool_body.h"
#include "runtime/simd/product_body.h"
#include "runtime/simd/random_body.h"
#include "runtime/simd/soft_body.h"
#include "runtime/simd/taps_body.h"

#ifdef HAS_QUADS
#define QUADS .tile_u8 = tile_u8,
#else
#define QUADS
#endif

#ifdef HAS_ROUNDING
#define QUANTIZERS .quantize_8 = quantize_8, .quantize_16 = quantize_16, .range = range,
#else
#define QUANTIZERS
#endif

#ifdef HAS_LOOKUP
#define LOOKUP .lookup = lookup,
#else
#define LOOKUP
#endif

#ifdef HAS_MIXING
#define RANDOM .random = random_floats,
#else
#define RANDOM
#endif

#ifdef HAS_DOUBLES
#define DOUBLES .tail_double_8 = tail_double_8, .tail_double_16 = tail_double_16,
#else
#define DOUBLES
#endif

#define QL_ISA(id, meaning_, present_)                                                                       \
    const ql_isa ql_isa_##id = {                                                                             \
        .name = #id,                                                                                         \
        .meaning = meaning_,                                                                                 \
        .present = present_,                                                                                 \
        .tile_f32 = tile_f32,                                                                                \
        .tile_i16 = tile_i16,                                                                                \
        QUADS.taps_f32 = taps_f32,                                                                           \
        .taps_i8 = taps_i8,                                                                                  \
        .taps_u8 = taps_u8,                                                                                  \
        .taps_i16 = taps_i16,                                                                                \
        .tail_f32 = tail_f32,                                                                                \
        QUANTIZERS LOOKUP RANDOM DOUBLES.sum_i8 = sum_pairs_i8,                                              \
        .sum_u8 = sum_pairs_u8,                                                                              \
        .sum_i16 = sum_pairs_i16,                                                                            \
        .product_i8 = product_i8,                                                                            \
        .product_u8 = product_u8,                                                                            \
        .product_i16 = product_i16,                                                                          \
        .sum_f32 = sum_f32_pairs,                                                                            \
        .difference_f32 = difference_f32_pairs,                                                              \
        .product_f32 = product_f32_pairs,                                                                    \
        .blend_i8 = blend_i8,                                                                                \
        .scale_f32 = scale_f32,                                                                              \
        .scale_u8 = scale_u8,                                                                                \
        .blend_row_f32 = blend_row_f32,                                                                      \
        .blend_row_u8 = blend_row_u8,                                                                        \
        .dots_4 = dots_4,                                                                                    \
        .dots_8 = dots_8,                                                                                    \
        .lookup_16 = lookup_16,                                                                              \
        .curve_16 = curve_16,                                                                                \
        .softmax_f32 = softmax_f32,                                                                          \
        .softmax_sum = softmax_sum,                                                                          \
        .softmax_8 = softmax_8,                                                                              \
        .softmax_16 = softmax_16,                                                                            \
        .softmax_exp_16 = softmax_exp_16,                                                                    \
        .softmax_scale_16 = softmax_scale_16,                                                                \
        .logistic_f32 = logistic_f32,                                                                        \
        .max_pool = {max_f32, max_i8, max_u8, max_i16},                                                      \
        .mean_pool = {mean_of_f32, mean_of_i8, mean_of_u8, mean_of_i16},                                     \
        .tail_hybrid = tail_hybrid,                                                                          \
        .tail_8 = tail_8,                                                                                    \
        .tail_16 = tail_16,                                                                                  \
        .tail_wide = tail_wide,                                                                              \
    }
