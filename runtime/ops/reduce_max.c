/* REDUCE_MAX: the largest value along some dimensions.
 *
 *   in 0   x     f32 | i8 | u8 | i16 | i32 | i64
 *   in 1   axes  i32; negative ones count from the end
 *   out 0  y     type and quantization of x
 *
 * A NaN is passed over, but for one that comes first in a reduction of all dimensions.
 * Source: TFLite kernels/reduce.cc.
 */
#include "runtime/ops/common/reduce.h"

#include <float.h>

QL_REDUCTION(run_f32, float, -FLT_MAX, x > total ? x : total)
QL_REDUCTION(run_i8, int8_t, INT8_MIN, x > total ? x : total)
QL_REDUCTION(run_u8, uint8_t, 0, x > total ? x : total)
QL_REDUCTION(run_i16, int16_t, INT16_MIN, x > total ? x : total)
QL_REDUCTION(run_i32, int32_t, INT32_MIN, x > total ? x : total)
QL_REDUCTION(run_i64, int64_t, INT64_MIN, x > total ? x : total)

static ql_code prepare(ql_call *c)
{
    ql_code code = ql_need_same_quant(c, 0, 0);
    return code ? code : ql_prepare_reduction(c);
}

const ql_op ql_op_reduce_max = {
    .name = "REDUCE_MAX",
    .code = 82,
    .max_version = 3,
    .options_id = 27,
    .min_in = 2,
    .max_in = 2,
    .min_out = 1,
    .max_out = 1,
    .prepare = prepare,
    .run = {[QL_S_F32] = run_f32,
            [QL_S_I8] = run_i8,
            [QL_S_U8] = run_u8,
            [QL_S_I16] = run_i16,
            [QL_S_I32] = run_i32,
            [QL_S_I64] = run_i64},
    .quant = {.kind = QL_Q_SAME},
};
