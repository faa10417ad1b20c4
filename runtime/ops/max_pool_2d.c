/* MAX_POOL_2D: y = act(largest of the window's taps inside the image), channel by channel.
 *
 *   in 0   x   [N, H, W, C]    f32 | i8 | u8 | i16
 *   out 0  y   [N, OH, OW, C]  same type; the raw values are compared, scales are taken as equal
 *
 * Source: TFLite reference_ops::MaxPool, reference_integer_ops::MaxPool.
 */
#include "runtime/ops/common/pool.h"

#include <float.h>

QL_POOL(run_f32, float, float, -FLT_MAX, total < x ? x : total, ql_clamped(total, s->clamp_f32))
QL_POOL(run_i8, int8_t, int8_t, INT8_MIN, total < x ? x : total,
        ql_clamp(total, s->clamp.lowest, s->clamp.highest))
QL_POOL(run_u8, uint8_t, uint8_t, 0, total < x ? x : total,
        ql_clamp(total, s->clamp.lowest, s->clamp.highest))
QL_POOL(run_i16, int16_t, int16_t, INT16_MIN, total < x ? x : total,
        ql_clamp(total, s->clamp.lowest, s->clamp.highest))

static ql_code prepare(ql_call *c)
{
    return ql_prepare_pool_on(c, &c->isa->max_pool);
}

const ql_op ql_op_max_pool_2d = {
    .name = "MAX_POOL_2D",
    .code = 17,
    .max_version = 3,
    .options_id = 5,
    .min_in = 1,
    .max_in = 1,
    .min_out = 1,
    .max_out = 1,
    .prepare = prepare,
    .work = ql_pool_work,
    .run = {[QL_S_F32] = run_f32, [QL_S_I8] = run_i8, [QL_S_U8] = run_u8, [QL_S_I16] = run_i16},
    .quant = {.kind = QL_Q_SAME},
};
