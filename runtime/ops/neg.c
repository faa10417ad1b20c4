/* NEG: y = -x, elementwise.
 *
 *   in 0  x   f32 | f16 | i32 | i64 | i8 | i16      out 0  y   same type and shape
 *
 * Integers wrap. Quantized tensors are negated as they are stored, scales and zero points are not read.
 * Source: TFLite reference_ops::Negate.
 */
#include "runtime/ops/common/unary.h"

QL_UNARY(run_f32, float, -x)
QL_UNARY(run_f16, uint16_t, x ^ 0x8000)
QL_UNARY(run_i32, int32_t, 0u - (uint32_t)x)
QL_UNARY(run_i64, int64_t, 0u - (uint64_t)x)
QL_UNARY(run_i8, int8_t, -x)
QL_UNARY(run_i16, int16_t, -x)

/* The 16x8 converter leaves the output declared float32 behind an int16 input; the reference then makes it
 * int16. */
static ql_code prepare(ql_call *c)
{
    if (c->slot == QL_S_I16 && c->out[0]->type == QL_F32) {
        c->out[0]->type = QL_I16;
    }
    return ql_prepare_unary(c);
}

const ql_op ql_op_neg = {
    .name = "NEG",
    .code = 59,
    .max_version = 1,
    .options_id = 42,
    .min_in = 1,
    .max_in = 1,
    .min_out = 1,
    .max_out = 1,
    .prepare = prepare,
    .run = {[QL_S_F32] = run_f32,
            [QL_S_F16] = run_f16,
            [QL_S_I32] = run_i32,
            [QL_S_I64] = run_i64,
            [QL_S_I8] = run_i8,
            [QL_S_I16] = run_i16},
    .quant = {.kind = QL_Q_NONE},
};
