/* ROUND: y = x rounded, halves to even, elementwise.
 *
 *   in 0  x   f32 | f16      out 0  y   same type and shape
 *
 * Source: TFLite reference_ops::Round.
 */
#include "runtime/ops/common/unary.h"

#include <math.h>

/* rintf without the floating-point environment */
static float nearest(float x)
{
    float below = floorf(x), part = x - below;
    if (part < 0.5f || (part == 0.5f && fmodf(below, 2) == 0)) {
        return below;
    }
    return below + 1.0f;
}

QL_UNARY(run_f32, float, nearest(x))
QL_UNARY_F16(run_f16, nearest(x))

const ql_op ql_op_round = {
    .name = "ROUND",
    .code = 116,
    .max_version = 1,
    .min_in = 1,
    .max_in = 1,
    .min_out = 1,
    .max_out = 1,
    .prepare = ql_prepare_unary,
    .run = {[QL_S_F32] = run_f32, [QL_S_F16] = run_f16},
    .quant = {.kind = QL_Q_NONE},
};
