/* SIGN: y = -1, 0 or 1 as x is below, at or above 0, elementwise.
 *
 *   in 0  x   f32 | f64 | i32      out 0  y   same type and shape
 *
 * NaN gives 0, as in TF 2.21.
 * Source: TFLite kernels/sign.cc.
 */
#include "runtime/ops/common/unary.h"

QL_UNARY(run_f32, float, x > 0 ? 1.0f : x < 0 ? -1.0f : 0.0f)
QL_UNARY(run_f64, double, x > 0 ? 1.0 : x < 0 ? -1.0 : 0.0)
QL_UNARY(run_i32, int32_t, (x > 0) - (x < 0))

const ql_op ql_op_sign = {
    .name = "SIGN",
    .code = 158,
    .max_version = 2,
    .options_id = 123,
    .min_in = 1,
    .max_in = 1,
    .min_out = 1,
    .max_out = 1,
    .prepare = ql_prepare_unary,
    .run = {[QL_S_F32] = run_f32, [QL_S_F64] = run_f64, [QL_S_I32] = run_i32},
    .quant = {.kind = QL_Q_NONE},
};
