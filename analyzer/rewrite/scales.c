#include "analyzer/rewrite/scales.h"

#include <float.h>
#include <math.h>

bool ql_param_equal(ql_param a, ql_param b)
{
    return a.set == b.set && a.scale == b.scale && a.zero == b.zero;
}

static float finite_scale(float scale)
{
    return scale < FLT_MIN ? FLT_MIN : scale > FLT_MAX ? FLT_MAX : scale;
}

/* Ranges of hardly any width would make values that overflow. */
static void widen(float *min, float *max)
{
    *min = *min < 0 ? *min : 0;
    *max = *max > 0 ? *max : 0;
    if ((double)*max - (double)*min <= 1e-6) {
        *min = *min < -5e-7f ? *min : -5e-7f;
        *max = *max > 5e-7f ? *max : 5e-7f;
    }
}

ql_param ql_activation_param(ql_tensor_range range, ql_type type)
{
    float min = range.min, max = range.max;
    widen(&min, &max);
    if (type == QL_I16) {
        float most = fabsf(min) > fabsf(max) ? fabsf(min) : fabsf(max);
        return (ql_param){true, finite_scale(most / 32767.0f), 0};
    }
    float scale = finite_scale((max - min) / 255.0f);
    float zero = roundf(-128.0f - min / scale);
    zero = zero < -128.0f ? -128.0f : zero > 127.0f ? 127.0f : zero;
    return (ql_param){true, scale, (int32_t)zero + (type == QL_U8 ? 128 : 0)};
}

float ql_wide_scale(float scale, int64_t zero, ql_type type)
{
    double lowest = type == QL_U8 ? 0 : -128, highest = lowest + 255, z = (double)zero;
    return (float)(fmax(fabs(lowest - z), fabs(highest - z)) * (double)scale / 32767.0);
}

int ql_weight_channels(const ql_tensor *weights, int axis)
{
    return axis < 0 ? 1 : weights->shape[axis];
}

static size_t inner_of(const ql_tensor *weights, int axis)
{
    size_t inner = 1;
    for (int d = axis + 1; d < weights->rank; d++) {
        inner *= (size_t)weights->shape[d];
    }
    return inner;
}

static size_t channel_of(size_t i, size_t inner, int channels)
{
    return channels > 1 ? i / inner % (size_t)channels : 0;
}

void ql_weight_scales(const ql_tensor *weights, int axis, float *scales)
{
    int channels = ql_weight_channels(weights, axis);
    size_t inner = inner_of(weights, axis), count = weights->bytes / sizeof(float);
    const float *values = weights->data;
    for (int c = 0; c < channels; c++) {
        scales[c] = 0;
    }
    for (size_t i = 0; i < count; i++) {
        float *most = &scales[channel_of(i, inner, channels)];
        *most = isfinite(values[i]) && fabsf(values[i]) > *most ? fabsf(values[i]) : *most;
    }
    for (int c = 0; c < channels; c++) {
        float most = 2.0 * (double)scales[c] <= 1e-6 ? 5e-7f : scales[c];
        scales[c] = finite_scale(most / 127.0f);
    }
}

static double rounded(float value, float scale, double lowest, double highest)
{
    double q = round((double)value / (double)scale);
    return isnan(q) ? 0 : q < lowest ? lowest : q > highest ? highest : q;
}

void ql_quantize_weights(const ql_tensor *weights, int axis, const float *scales, int8_t *out)
{
    int channels = ql_weight_channels(weights, axis);
    size_t inner = inner_of(weights, axis), count = weights->bytes / sizeof(float);
    const float *values = weights->data;
    for (size_t i = 0; i < count; i++) {
        out[i] = (int8_t)rounded(values[i], scales[channel_of(i, inner, channels)], -127, 127);
    }
}

void ql_quantize_values(const float *values, size_t count, ql_param param, ql_type type, void *out)
{
    double zero = param.zero;
    for (size_t i = 0; i < count; i++) {
        if (type == QL_I16) {
            ((int16_t *)out)[i] = (int16_t)rounded(values[i], param.scale, -32768, 32767);
        } else {
            double q = zero + rounded(values[i], param.scale, -128 - zero, 127 - zero);
            ((int8_t *)out)[i] = (int8_t)q;
        }
    }
}

float ql_bias_scale(float input, float weight)
{
    return finite_scale((float)((double)input * (double)weight));
}

bool ql_relieve_bias(float bias, float input_scale, float *weight_scale, float *bias_scale)
{
    const double most = INT32_MAX / 2;
    double size = fabs((double)bias);
    if (!isfinite(size) || size / (double)*bias_scale <= most) {
        return false;
    }
    *bias_scale = finite_scale((float)(size / most));
    *weight_scale = finite_scale((float)(size / most / (double)input_scale));
    return true;
}

void ql_quantize_bias(const float *values, size_t count, const float *scales, int scale_count, bool wide,
                      void *out)
{
    for (size_t i = 0; i < count; i++) {
        float scale = scales[scale_count > 1 ? i : 0];
        if (wide) { /* bounds: the largest double below 2^63 */
            float scaled = values[i] * (1.0f / scale);
            ((int64_t *)out)[i] = (int64_t)rounded(scaled, 1, -0x1p63, 0x1.fffffffffffffp62);
        } else {
            ((int32_t *)out)[i] = (int32_t)rounded(values[i], scale, INT32_MIN, INT32_MAX);
        }
    }
}

uint16_t ql_half_of(float value)
{
    float size = 65504.0f;
    return ql_f32_to_f16(value > size ? size : value < -size ? -size : value);
}
