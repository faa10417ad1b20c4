/* Comparisons: EQUAL, NOT_EQUAL, LESS, LESS_EQUAL, GREATER, GREATER_EQUAL; shapes broadcast.
 *
 * Quantized: each side is brought to real units with 8 fraction bits by its own scale, and the integers are
 * compared. That is coarse for small scales, and is what the official kernels answer. Scales of 1 and more,
 * where those shift by a negative count, are computed as meant.
 * Source: TFLite kernels/comparisons.cc, reference_ops::ComparisonWithScaling. */
#ifndef QL_OPS_COMMON_COMPARE_H
#define QL_OPS_COMMON_COMPARE_H

#include "runtime/ops/common/binary.h"
#include "runtime/ops/common/requant.h"
#include "runtime/tensor/half.h"

typedef struct {
    ql_broadcast broadcast;
    int32_t zero[2];
    ql_mult scale[2];
} ql_compare;

/* The value that input's element q is compared by. */
int64_t ql_compared(const ql_compare *s, int input, int32_t q);

ql_code ql_prepare_compare(ql_call *c);

/* Defines the kernels compare_f32, _f16, _i32, _i64, _i8, _u8 and _i16 (as stored). */
#define QL_COMPARE(op)                                                                                       \
    QL_BINARY(compare_f32, ql_compare, float, uint8_t, a op b)                                               \
    QL_BINARY(compare_f16, ql_compare, uint16_t, uint8_t, ql_f16_to_f32(a) op ql_f16_to_f32(b))              \
    QL_BINARY(compare_i32, ql_compare, int32_t, uint8_t, a op b)                                             \
    QL_BINARY(compare_i64, ql_compare, int64_t, uint8_t, a op b)                                             \
    QL_BINARY(compare_i16, ql_compare, int16_t, uint8_t, a op b)                                             \
    QL_BINARY(compare_i8, ql_compare, int8_t, uint8_t, ql_compared(s, 0, a) op ql_compared(s, 1, b))         \
    QL_BINARY(compare_u8, ql_compare, uint8_t, uint8_t, ql_compared(s, 0, a) op ql_compared(s, 1, b))

#define QL_RUN_COMPARE                                                                                       \
    [QL_S_F32] = compare_f32, [QL_S_F16] = compare_f16, [QL_S_I32] = compare_i32, [QL_S_I64] = compare_i64,  \
    [QL_S_I8] = compare_i8, [QL_S_U8] = compare_u8, [QL_S_I16] = compare_i16

#endif
