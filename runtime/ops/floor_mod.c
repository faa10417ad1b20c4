/* FLOOR_MOD: y = a - floor(a / b) * b, which has b's sign; shapes broadcast.
 *
 *   in 0, 1  a, b   f32 | i8 | i16 | i32 | i64      out 0  y, same type
 *
 * An integer divisor that is 0 ends the run. Quantized values are divided as they are stored.
 * Source: TFLite kernels/floor_mod.cc, reference_ops::FloorMod.
 */
#include "runtime/ops/common/binary.h"

#include <math.h>

static float remainder_f32(float a, float b)
{
    float rest = fmodf(a, b);
    return rest != 0 && (b < 0) != (rest < 0) ? rest + b : rest;
}

static int64_t remainder_i64(int64_t a, int64_t b)
{
    int64_t rest = b == -1 ? 0 : a % b; /* the lowest value by -1 overflows */
    return rest && (b < 0) != (rest < 0) ? rest + b : rest;
}

QL_BINARY(run_f32, ql_broadcast, float, float, remainder_f32(a, b))
QL_BINARY(divide_i8, ql_broadcast, int8_t, int8_t, remainder_i64(a, b))
QL_BINARY(divide_i16, ql_broadcast, int16_t, int16_t, remainder_i64(a, b))
QL_BINARY(divide_i32, ql_broadcast, int32_t, int32_t, remainder_i64(a, b))
QL_BINARY(divide_i64, ql_broadcast, int64_t, int64_t, remainder_i64(a, b))

/* An integer divisor that is 0 ends the run. */
QL_DIVISION(run_i8, ql_broadcast, int8_t, 0, divide_i8)
QL_DIVISION(run_i16, ql_broadcast, int16_t, 0, divide_i16)
QL_DIVISION(run_i32, ql_broadcast, int32_t, 0, divide_i32)
QL_DIVISION(run_i64, ql_broadcast, int64_t, 0, divide_i64)

const ql_op ql_op_floor_mod = {
    .name = "FLOOR_MOD",
    .code = 95,
    .max_version = 2,
    .options_id = 72,
    .min_in = 2,
    .max_in = 2,
    .min_out = 1,
    .max_out = 1,
    .prepare = ql_prepare_elements,
    .run = {[QL_S_F32] = run_f32,
            [QL_S_I8] = run_i8,
            [QL_S_I16] = run_i16,
            [QL_S_I32] = run_i32,
            [QL_S_I64] = run_i64},
    .quant = {.kind = QL_Q_NONE},
};
