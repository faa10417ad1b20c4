/* The formulas of quantization parameters, and constants in them. Bits are those of TensorFlow 2.21's
 * converter: scales in float32, values rounded half away from zero. docs/quantizer.md, docs/numerics.md. */
#ifndef QL_REWRITE_SCALES_H
#define QL_REWRITE_SCALES_H

#include "analyzer/calibrate/ranges.h"
#include "runtime/runtime.h"

typedef struct {
    bool set;
    float scale;
    int32_t zero;
} ql_param;

bool ql_param_equal(ql_param a, ql_param b);

/* Of activations over a range, which is widened to hold 0 and to at least 1e-6. I8: asymmetric; I16:
 * symmetric, zero point 0; U8: as I8, shifted by 128. */
ql_param ql_activation_param(ql_tensor_range range, ql_type type);

/* The scale in int16 that holds all that 8 bits (I8 or U8) of these parameters hold. */
float ql_wide_scale(float scale, int64_t zero, ql_type type);

/* Symmetric int8 scales, -127..127, of constant weights: one along each index of `axis`, or one for all when
 * axis is -1; `scales` has room for them. */
void ql_weight_scales(const ql_tensor *weights, int axis, float *scales);

/* How many scales that is. */
int ql_weight_channels(const ql_tensor *weights, int axis);

/* round(x / scale), clamped. */
void ql_quantize_weights(const ql_tensor *weights, int axis, const float *scales, int8_t *out);

/* round(x / scale) + zero, clamped to the type (I8 or I16). */
void ql_quantize_values(const float *values, size_t count, ql_param param, ql_type type, void *out);

/* The scale of a bias: the product in double. */
float ql_bias_scale(float input, float weight);

/* Where a bias would need more than half of int32, its scale grows until it does not, and the weights' scale
 * with it. False when it need not. */
bool ql_relieve_bias(float bias, float input_scale, float *weight_scale, float *bias_scale);

/* round(x / scale), clamped to int32, or with `wide` round(x * (1 / scale)) in float32, clamped to int64.
 * `scales` is one or one a value. */
void ql_quantize_bias(const float *values, size_t count, const float *scales, int scale_count, bool wide,
                      void *out);

/* float32 to float16, to nearest even, finite values clamped to +-65504. */
uint16_t ql_half_of(float value);

#endif
