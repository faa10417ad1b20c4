/* L2_POOL_2D: y = act(root of the mean square of the window's taps inside the image), channel by channel.
 *
 *   in 0   x   [N, H, W, C] f32      out 0  y   [N, OH, OW, C] f32
 *
 * Source: TFLite reference_ops::L2Pool.
 */
#include "runtime/ops/common/pool.h"

#include <math.h>

QL_POOL(run_f32, float, float, 0, total + x * x, ql_clamped(sqrtf(total / (float)count), s->clamp_f32))

const ql_op ql_op_l2_pool_2d = {
    .name = "L2_POOL_2D",
    .code = 12,
    .max_version = 1,
    .options_id = 5,
    .min_in = 1,
    .max_in = 1,
    .min_out = 1,
    .max_out = 1,
    .prepare = ql_prepare_pool,
    .work = ql_pool_work,
    .run = {[QL_S_F32] = run_f32},
    .quant = {.kind = QL_Q_NONE},
};
