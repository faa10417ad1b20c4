/* SUM: the total along some dimensions.
 *
 *   in 0   x     f32 | i8 | u8 | i16 | i32 | i64
 *   in 1   axes  i32; negative ones count from the end
 *   out 0  y     type of x; keep_dims leaves dimensions of 1
 *
 * float: in memory order. integers without scale wrap. quantized: (sum - zero * count) * x scale / y scale,
 * uint8 in fixed point, int8 and int16 in float: BUILTIN_REF of TF 2.21 reads and writes those as uint8, so
 * the optimized kernel is followed. Profiles: sum_bytes_as_unsigned does as BUILTIN_REF does, sum_fixed_point
 * takes fixed point for all.
 *
 * Source: TFLite reference_ops::ReduceGeneric, QuantizedMeanOrSum,
 * optimized_ops::QuantizedMeanOrSum. docs/numerics.md "SUM".
 */
#include "runtime/ops/common/meansum.h"

QL_REDUCTION(run_f32, float, 0, total + x)
QL_REDUCTION(run_i32, int32_t, 0, (uint32_t)total + (uint32_t)x)
QL_REDUCTION(run_i64, int64_t, 0, (uint64_t)total + (uint64_t)x)

static ql_code prepare(ql_call *c)
{
    bool quantized = c->slot == QL_S_I8 || c->slot == QL_S_U8 || c->slot == QL_S_I16;
    return quantized ? ql_prepare_meansum(c, false) : ql_prepare_reduction(c);
}

const ql_op ql_op_sum = {
    .name = "SUM",
    .code = 74,
    .max_version = 2,
    .options_id = 27,
    .min_in = 2,
    .max_in = 2,
    .min_out = 1,
    .max_out = 1,
    .prepare = prepare,
    .run = {[QL_S_F32] = run_f32,
            [QL_S_I8] = ql_run_meansum_i8,
            [QL_S_U8] = ql_run_meansum_u8,
            [QL_S_I16] = ql_run_meansum_i16,
            [QL_S_I32] = run_i32,
            [QL_S_I64] = run_i64},
    .quant = {.kind = QL_Q_FREE, .fragile = true},
};
