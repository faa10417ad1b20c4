/* MAXIMUM: y = the larger of a and b, shapes broadcast.
 *
 *   in 0, 1  a, b   f32 | f16 | i8 | u8 | i16 | i32 | i64      out 0  y, same type
 *
 * Quantized values are compared as they are stored; their scales are taken as equal.
 * Source: TFLite kernels/maximum_minimum.cc.
 */
#include "runtime/ops/common/binary.h"
#include "runtime/tensor/half.h"

QL_BINARY(run_f32, ql_broadcast, float, float, a > b ? a : b)
QL_BINARY(run_f16, ql_broadcast, uint16_t, uint16_t, ql_f16_to_f32(a) > ql_f16_to_f32(b) ? a : b)
QL_BINARY(run_i8, ql_broadcast, int8_t, int8_t, a > b ? a : b)
QL_BINARY(run_u8, ql_broadcast, uint8_t, uint8_t, a > b ? a : b)
QL_BINARY(run_i16, ql_broadcast, int16_t, int16_t, a > b ? a : b)
QL_BINARY(run_i32, ql_broadcast, int32_t, int32_t, a > b ? a : b)
QL_BINARY(run_i64, ql_broadcast, int64_t, int64_t, a > b ? a : b)

const ql_op ql_op_maximum = {
    .name = "MAXIMUM",
    .code = 55,
    .max_version = 4,
    .options_id = 39,
    .min_in = 2,
    .max_in = 2,
    .min_out = 1,
    .max_out = 1,
    .prepare = ql_prepare_elements,
    .run = {[QL_S_F32] = run_f32,
            [QL_S_F16] = run_f16,
            [QL_S_I8] = run_i8,
            [QL_S_U8] = run_u8,
            [QL_S_I16] = run_i16,
            [QL_S_I32] = run_i32,
            [QL_S_I64] = run_i64},
    .quant = {.kind = QL_Q_SAME},
};
