/* SIN: y = sin(x), elementwise.
 *
 *   in 0  x   f32      out 0  y   same type and shape
 *
 * Source: TFLite kernels/elementwise.cc.
 */
#include "runtime/ops/common/unary.h"

#include <math.h>

QL_UNARY(run_f32, float, sinf(x))

const ql_op ql_op_sin = {
    .name = "SIN",
    .code = 66,
    .max_version = 1,
    .min_in = 1,
    .max_in = 1,
    .min_out = 1,
    .max_out = 1,
    .prepare = ql_prepare_unary,
    .run = {[QL_S_F32] = run_f32},
    .quant = {.kind = QL_Q_NONE},
};
