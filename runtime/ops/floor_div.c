/* FLOOR_DIV: y = floor(a / b), shapes broadcast.
 *
 *   in 0, 1  a, b   f32 | i8 | i16 | i32      out 0  y, same type
 *
 * The quotient is formed in double. A divisor that is 0 ends the run, in float too. Quantized values are
 * divided as they are stored. Source: TFLite kernels/floor_div.cc, reference_ops::FloorDiv.
 */
#include "runtime/ops/common/binary.h"

#include <math.h>

static double quotient(double a, double b)
{
    return floor(a / b);
}

QL_BINARY(divide_f32, ql_broadcast, float, float, quotient((double)a, (double)b))
QL_BINARY(divide_i8, ql_broadcast, int8_t, int8_t, (int32_t)quotient(a, b))
QL_BINARY(divide_i16, ql_broadcast, int16_t, int16_t, (int32_t)quotient(a, b))
QL_BINARY(divide_i32, ql_broadcast, int32_t, int32_t, ql_round_to_i32_d(quotient(a, b)))

/* A divisor that is 0 ends the run. */
QL_DIVISION(run_f32, ql_broadcast, float, 0, divide_f32)
QL_DIVISION(run_i8, ql_broadcast, int8_t, 0, divide_i8)
QL_DIVISION(run_i16, ql_broadcast, int16_t, 0, divide_i16)
QL_DIVISION(run_i32, ql_broadcast, int32_t, 0, divide_i32)

const ql_op ql_op_floor_div = {
    .name = "FLOOR_DIV",
    .code = 90,
    .max_version = 3,
    .options_id = 65,
    .min_in = 2,
    .max_in = 2,
    .min_out = 1,
    .max_out = 1,
    .prepare = ql_prepare_elements,
    .run = {[QL_S_F32] = run_f32, [QL_S_I8] = run_i8, [QL_S_I16] = run_i16, [QL_S_I32] = run_i32},
    .quant = {.kind = QL_Q_NONE},
};
