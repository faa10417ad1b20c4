/* AVERAGE_POOL_2D: y = act(mean of the window's taps inside the image), channel by channel.
 *
 *   in 0   x   [N, H, W, C]    f32 | i8 | u8 | i16
 *   out 0  y   [N, OH, OW, C]  same type; the raw values are averaged, scales are taken as equal
 *
 * Integers: the mean of the stored values, halves away from 0 by the sign of the raw sum (u8: up).
 * Source: TFLite reference_ops::AveragePool, reference_integer_ops::AveragePool.
 */
#include "runtime/ops/common/pool.h"

static int32_t mean(const ql_pool *s, int64_t sum, int count)
{
    int64_t half = sum > 0 ? count / 2 : -(count / 2);
    return ql_clamp((int32_t)((sum + half) / count), s->clamp.lowest, s->clamp.highest);
}

QL_POOL(run_f32, float, float, 0, total + x, ql_clamped(total / (float)count, s->clamp_f32))
QL_POOL(run_i8, int8_t, int64_t, 0, total + x, mean(s, total, count))
QL_POOL(run_u8, uint8_t, int64_t, 0, total + x, mean(s, total, count))
QL_POOL(run_i16, int16_t, int64_t, 0, total + x, mean(s, total, count))

static ql_code prepare(ql_call *c)
{
    return ql_prepare_pool_on(c, &c->isa->mean_pool);
}

const ql_op ql_op_average_pool_2d = {
    .name = "AVERAGE_POOL_2D",
    .code = 1,
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
