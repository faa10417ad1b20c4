/* From an accumulator to an output value: the multipliers of convolution-like operators. */
#ifndef QL_OPS_COMMON_REQUANT_H
#define QL_OPS_COMMON_REQUANT_H

#include "runtime/ops/op.h"

/* Which inputs an operator has its activations, weights and bias in; the bias may be left out, or be one that
 * the operator never has. */
enum { QL_NO_INPUT = INT8_MAX };
typedef struct {
    int x, w, bias;
} ql_roles;

/* One multiplier an output channel: input scale * weight scale[c] / output scale, formed in double; a single
 * weight scale serves all channels. uint8 forms the product of the two in float first, as the reference does,
 * and there the bias scale is checked against it. Checks that activations, weights and output 0 are
 * quantized as the slot needs: per-axis scales only along `axis`, one a channel, weight zero points 0 but for
 * uint8. Source: PopulateConvolutionQuantizationParams. */
ql_code ql_conv_multipliers(ql_call *c, ql_roles roles, int axis, int channels, const ql_mult **multipliers);

/* The factors of the profile rescale_in_float, one an output channel: input scale * weight scale[c] / output
 * scale, in float. *factors is NULL for the calls that XNNPACK leaves to others: not 8 bits, weights or bias
 * computed in the run, weights of types it lacks or with a zero point, a factor of 256 and more. Call
 * it after ql_conv_multipliers. */
ql_code ql_conv_factors_f32(ql_call *c, ql_roles roles, int channels, const float **factors);

/* The scales of integer weights alone (hybrid): there, finite, one or `channels` along `axis`. */
ql_code ql_check_weight_scales(const ql_call *c, int w, int axis, int channels);

/* The multiplier of an element-wise operator whose real factor the reference forms in float. FORMAT when it
 * is not finite or 2^30 and more. */
ql_code ql_rescale_by(const ql_call *c, float real, ql_mult *rescale);

/* Scale of weight channel `i`. */
static inline float ql_weight_scale(const ql_view *weights, int i)
{
    const ql_quant *quant = &weights->tensor->quant;
    return quant->scale[quant->scale_count > 1 ? i : 0];
}

/* The bias as the slot's arithmetic adds it: checks its type (float32, int32, and int64 for 16-bit
 * activations) and length. Input `i` may be left out. */
ql_code ql_check_bias(const ql_call *c, int i, int channels);

#endif
