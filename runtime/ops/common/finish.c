#include "runtime/ops/common/finish.h"

static const void *bias_from(const ql_call *c, const ql_finish *f, int channel, size_t element)
{
    return ql_has(c, f->roles.bias) ? (const char *)c->in[f->roles.bias]->data + (size_t)channel * element
                                    : NULL;
}

void ql_finish_f32(const ql_call *c, const ql_finish *f, const ql_sums *sums, size_t at, int channel,
                   int lanes, ql_hybrid x)
{
    const float *bias = bias_from(c, f, channel, sizeof *bias);
    float *y = (float *)c->out[0]->data + at;
    (void)x;
    for (int i = 0; i < lanes; i++) {
        y[i] = ql_clamped(sums->f32[i] + (bias ? bias[i] : 0.0f), f->clamp_f32);
    }
}

static int32_t rescaled(const ql_call *c, const ql_finish *f, int32_t sum, int channel)
{
    if (f->factors_f32) {
        return ql_rescale_f32(sum, f->factors_f32[channel], ql_zero(c->out[0]), f->clamp.lowest,
                              f->clamp.highest);
    }
    int32_t y = f->factors ? ql_round_to_i32_d((double)sum * f->factors[channel])
                           : ql_mul32(sum, f->multipliers[channel], c->numerics->rounding);
    return ql_clamp(ql_wrap_add(y, ql_zero(c->out[0])), f->clamp.lowest, f->clamp.highest);
}

#define FINISH(name, type)                                                                                   \
    void name(const ql_call *c, const ql_finish *f, const ql_sums *sums, size_t at, int channel, int lanes,  \
              ql_hybrid x)                                                                                   \
    {                                                                                                        \
        const int32_t *bias = bias_from(c, f, channel, sizeof *bias);                                        \
        type *y = (type *)c->out[0]->data + at;                                                              \
        (void)x;                                                                                             \
        for (int i = 0; i < lanes; i++) {                                                                    \
            y[i] = (type)rescaled(c, f, ql_wrap_add(sums->i32[i], bias ? bias[i] : 0), channel + i);         \
        }                                                                                                    \
    }

/* int8 and uint8 outputs are both the low byte of the clamped value. */
FINISH(ql_finish_8, uint8_t)
FINISH(ql_finish_16, int16_t)

void ql_finish_16_wide(const ql_call *c, const ql_finish *f, const ql_sums *sums, size_t at, int channel,
                       int lanes, ql_hybrid x)
{
    const int64_t *bias = bias_from(c, f, channel, sizeof *bias);
    int16_t *y = (int16_t *)c->out[0]->data + at;
    (void)x;
    for (int i = 0; i < lanes; i++) {
        int64_t sum = (int64_t)((uint64_t)sums->i64[i] + (uint64_t)(bias ? bias[i] : 0));
        int32_t scaled = f->factors ? ql_round_to_i32_d((double)sum * f->factors[channel + i])
                                    : ql_mul64(sum, f->multipliers[channel + i]);
        y[i] = (int16_t)ql_clamp(scaled, f->clamp.lowest, f->clamp.highest);
    }
}

void ql_finish_hybrid(const ql_call *c, const ql_finish *f, const ql_sums *sums, size_t at, int channel,
                      int lanes, ql_hybrid x)
{
    const float *bias = bias_from(c, f, channel, sizeof *bias);
    float *y = (float *)c->out[0]->data + at;
    for (int i = 0; i < lanes; i++) {
        float w_scale = ql_weight_scale(c->in[f->roles.w], channel + i), sum = (float)sums->i32[i];
        sum = f->scales_apart ? sum * w_scale * x.scale : sum * (x.scale * w_scale);
        y[i] = ql_clamped(sum + (bias ? bias[i] : 0.0f), f->clamp_f32);
    }
}
