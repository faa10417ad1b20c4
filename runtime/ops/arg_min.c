/* ARG_MIN: the index of the smallest value along an axis, the first one of equals.
 *
 *   in 0   x     f32 | i8 | u8 | i32 | bool; quantized values are compared as they are
 *   in 1   axis  i32 | i64, one value      out 0  y  i32 | i64, shape of x without the axis
 *
 * NaN loses against any number.
 * Source: TFLite kernels/arg_min_max.cc.
 */
#include "runtime/ops/common/argminmax.h"

#include <math.h>

QL_ARG(run_f32, float, x < best || (isnan(best) && !isnan(x)))
QL_ARG(run_i8, int8_t, x < best)
QL_ARG(run_u8, uint8_t, x < best)
QL_ARG(run_i32, int32_t, x < best)

const ql_op ql_op_arg_min = {
    .name = "ARG_MIN",
    .code = 79,
    .max_version = 2,
    .options_id = 57,
    .min_in = 2,
    .max_in = 2,
    .min_out = 1,
    .max_out = 1,

    .prepare = ql_prepare_arg,
    .run = {[QL_S_F32] = run_f32,
            [QL_S_I8] = run_i8,
            [QL_S_U8] = run_u8,
            [QL_S_I32] = run_i32,
            [QL_S_BOOL] = run_u8},
    .quant = {.kind = QL_Q_NONE, .no_i16 = true, .reads = true},
};
