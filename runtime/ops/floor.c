/* FLOOR: y = floor(x), elementwise.
 *
 *   in 0  x   f32 | f16      out 0  y   same type and shape
 *
 * Source: TFLite reference_ops::Floor.
 */
#include "runtime/ops/common/unary.h"

#include <math.h>

QL_UNARY(run_f32, float, floorf(x))
QL_UNARY_F16(run_f16, floorf(x))

const ql_op ql_op_floor = {
    .name = "FLOOR",
    .code = 8,
    .max_version = 1,
    .min_in = 1,
    .max_in = 1,
    .min_out = 1,
    .max_out = 1,
    .prepare = ql_prepare_unary,
    .run = {[QL_S_F32] = run_f32, [QL_S_F16] = run_f16},
    .quant = {.kind = QL_Q_NONE},
};
