/* RIGHT_SHIFT: y = a >> b, shapes broadcast; signed values keep their sign.
 *
 *   in 0, 1  a, b   integers of 8, 16 and 32 bits      out 0  y, same type
 *
 * Counts below 0 count as 0. Counts past the type's width less one count as that.
 * Source: TFLite kernels/right_shift.cc.
 */
#include "runtime/ops/common/binary.h"

static int64_t shifted(int64_t x, int64_t by, int bits)
{
    return x >> (by < 0 ? 0 : by > bits - 1 ? bits - 1 : by);
}

QL_BINARY(run_i8, ql_broadcast, int8_t, int8_t, shifted(a, b, 8))
QL_BINARY(run_u8, ql_broadcast, uint8_t, uint8_t, shifted(a, b, 8))
QL_BINARY(run_i16, ql_broadcast, int16_t, int16_t, shifted(a, b, 16))
QL_BINARY(run_u16, ql_broadcast, uint16_t, uint16_t, shifted(a, b, 16))
QL_BINARY(run_i32, ql_broadcast, int32_t, int32_t, shifted(a, b, 32))
QL_BINARY(run_u32, ql_broadcast, uint32_t, uint32_t, shifted(a, b, 32))

const ql_op ql_op_right_shift = {
    .name = "RIGHT_SHIFT",
    .code = 161,
    .max_version = 1,
    .options_id = 126,
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
