#include "runtime/ops/common/activation.h"

#include "runtime/ops/common/eigen_math.h"

#include <float.h>
#include <math.h>

ql_clamp_f32 ql_activation_f32(int activation)
{
    switch (activation) {
    case QL_ACT_RELU:
        return (ql_clamp_f32){0, FLT_MAX};
    case QL_ACT_RELU_N1_TO_1:
        return (ql_clamp_f32){-1, 1};
    case QL_ACT_RELU6:
        return (ql_clamp_f32){0, 6};
    default:
        return (ql_clamp_f32){-FLT_MAX, FLT_MAX};
    }
}

static bool quantized(const ql_view *view, float bound, int32_t *q)
{
    float rounded = roundf(bound / ql_scale(view));
    if (!(rounded >= -2147483648.0f && rounded < 2147483648.0f)) {
        return false;
    }
    *q = ql_wrap_add(ql_zero(view), (int32_t)rounded);
    return true;
}

ql_code ql_clamp_range_q(const ql_call *c, int o, ql_clamp_f32 real, ql_clamp_q *clamp)
{
    const ql_view *out = c->out[o];
    if (!ql_type_range(out->type, &clamp->lowest, &clamp->highest)) {
        return ql_fail_out(c, o, QL_E_UNSUPPORTED, "type %s: an integer type is required",
                           ql_type_name(out->type));
    }
    int32_t low = clamp->lowest, high = clamp->highest;
    if ((real.lowest > -FLT_MAX && !quantized(out, real.lowest, &low)) ||
        (real.highest < FLT_MAX && !quantized(out, real.highest, &high))) {
        return ql_fail_out(c, o, QL_E_FORMAT, "scale %g: the activation's bounds must fit 32 bits",
                           (double)ql_scale(out));
    }
    clamp->lowest = low > clamp->lowest ? low : clamp->lowest;
    clamp->highest = high < clamp->highest ? high : clamp->highest;
    return QL_OK;
}

ql_code ql_activation_q(const ql_call *c, int o, int activation, ql_clamp_q *clamp)
{
    return ql_clamp_range_q(c, o, ql_activation_f32(activation), clamp);
}

ql_clamp_i64 ql_activation_i64(int activation, ql_type type)
{
    int32_t low, high;
    ql_clamp_i64 range = {INT64_MIN, INT64_MAX};
    if (type == QL_U32) {
        range = (ql_clamp_i64){0, UINT32_MAX};
    } else if (ql_type_range(type, &low, &high)) {
        range = (ql_clamp_i64){low, high};
    }
    if (activation >= QL_ACT_RELU && activation <= QL_ACT_RELU6) {
        ql_clamp_f32 real = ql_activation_f32(activation);
        range.lowest = range.lowest > (int64_t)real.lowest ? range.lowest : (int64_t)real.lowest;
        range.highest = activation == QL_ACT_RELU ? range.highest : (int64_t)real.highest;
    }
    return range;
}

static float activated(float x, int activation)
{
    switch (activation) {
    case QL_ACT_RELU:
        return 0 < x ? x : 0;
    case QL_ACT_RELU_N1_TO_1:
        return -1 < (x < 1 ? x : 1) ? (x < 1 ? x : 1) : -1;
    case QL_ACT_RELU6:
        return 0 < (x < 6 ? x : 6) ? (x < 6 ? x : 6) : 0;
    case QL_ACT_TANH:
        return ql_eigen_tanh(x);
    case QL_ACT_SIGN_BIT:
        return signbit(x) ? 1 : 0;
    default:
        return x;
    }
}

void ql_activate(float *y, size_t count, int activation)
{
    for (size_t i = 0; activation != QL_ACT_NONE && i < count; i++) {
        y[i] = activated(y[i], activation);
    }
}
