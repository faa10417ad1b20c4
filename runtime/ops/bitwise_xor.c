/* BITWISE_XOR: y = a ^ b, shapes broadcast.
 *
 *   in 0, 1  a, b   integers of 8, 16 and 32 bits      out 0  y, same type
 *
 * Source: TFLite kernels/bitwise_xor.cc.
 */
#include "runtime/ops/common/binary.h"

QL_BINARY(run_i8, ql_broadcast, int8_t, int8_t, a ^ b)
QL_BINARY(run_u8, ql_broadcast, uint8_t, uint8_t, a ^ b)
QL_BINARY(run_i16, ql_broadcast, int16_t, int16_t, a ^ b)
QL_BINARY(run_u16, ql_broadcast, uint16_t, uint16_t, a ^ b)
QL_BINARY(run_i32, ql_broadcast, int32_t, int32_t, a ^ b)
QL_BINARY(run_u32, ql_broadcast, uint32_t, uint32_t, a ^ b)

const ql_op ql_op_bitwise_xor = {
    .name = "BITWISE_XOR",
    .code = 160,
    .max_version = 1,
    .options_id = 125,
    .min_in = 2,
    .max_in = 2,
    .min_out = 1,
    .max_out = 1,
    .prepare = ql_prepare_elements,
    .run = {[QL_S_I8] = run_i8,
            [QL_S_U8] = run_u8,
            [QL_S_I16] = run_i16,
            [QL_S_U16] = run_u16,
            [QL_S_I32] = run_i32,
            [QL_S_U32] = run_u32},
    .quant = {.kind = QL_Q_NONE},
};
