#include "runtime/ops/common/hybrid.h"

#include <math.h>
#include <string.h>

static void range_of(const ql_isa *isa, const float *x, size_t count, float *lowest, float *highest)
{
    if (isa->range && count) {
        isa->range(x, count, lowest, highest);
        return;
    }
    *lowest = *highest = count ? x[0] : 0;
    for (size_t i = 1; i < count; i++) {
        *lowest = x[i] < *lowest ? x[i] : *lowest;
        *highest = x[i] > *highest ? x[i] : *highest;
    }
}

static void quantize(const ql_isa *isa, const float *x, size_t count, float inverse, int32_t zero,
                     int32_t lowest, int8_t *q)
{
    if (isa->quantize_8) {
        isa->quantize_8(&(ql_to_integers){
            .x = x, .n = count, .y = q, .scale = inverse, .zero = zero, .low = lowest, .high = 127});
        return;
    }
    for (size_t i = 0; i < count; i++) {
        q[i] = (int8_t)ql_clamp(ql_wrap_add(ql_round_to_i32(x[i] * inverse), zero), lowest, 127);
    }
}

ql_hybrid ql_hybrid_symmetric(const ql_isa *isa, const float *x, size_t count, int8_t *q)
{
    float lowest, highest;
    range_of(isa, x, count, &lowest, &highest);
    float range = fabsf(lowest) > fabsf(highest) ? fabsf(lowest) : fabsf(highest);
    if (range == 0) {
        memset(q, 0, count);
        return (ql_hybrid){1, 0};
    }
    quantize(isa, x, count, 127.0f / range, 0, -127, q);
    return (ql_hybrid){range / 127.0f, 0};
}

ql_hybrid ql_hybrid_asymmetric(const ql_isa *isa, const float *x, size_t count, int8_t *q)
{
    float lowest, highest;
    range_of(isa, x, count, &lowest, &highest);
    lowest = lowest < 0 ? lowest : 0;
    highest = highest > 0 ? highest : 0;
    if (lowest == highest) {
        memset(q, 0, count);
        return (ql_hybrid){1, 0};
    }
    double wide = (double)(highest - lowest) / 255.0;
    double low_steps = (double)lowest / wide, high_steps = (double)highest / wide;
    /* the end of the range that loses less to rounding fixes the zero point */
    double zero = 128 + fabs(low_steps) < 127 + fabs(high_steps) ? -128 - low_steps : 127 - high_steps;
    if (isnan(zero)) {
        zero = 0; /* infinities: what is left of the conversion to 8 bits on x86 */
    }
    int32_t nudged = zero <= -128 ? -128 : zero >= 127 ? 127 : (int32_t)round(zero);
    float scale = (float)wide, inverse = (float)(1.0 / (double)scale);
    quantize(isa, x, count, inverse, nudged, -128, q);
    return (ql_hybrid){scale, nudged};
}
