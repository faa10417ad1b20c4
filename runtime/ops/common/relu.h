/* RELU, RELU6, RELU_N1_TO_1, RELU_0_TO_1: y = x clamped to a range.
 *
 * Quantized: x is rescaled by x.scale / y.scale (formed in float), then clamped to the range in y's values.
 * Source: TFLite kernels/activations.cc QuantizedReluX, reference_ops::ReluX. */
#ifndef QL_OPS_COMMON_RELU_H
#define QL_OPS_COMMON_RELU_H

#include "runtime/ops/common/activation.h"

/* +-FLT_MAX do not bind. */
ql_code ql_prepare_relu(ql_call *c, ql_clamp_f32 range);

ql_code ql_run_relu_f32(const ql_call *c);
ql_code ql_run_relu_i8(const ql_call *c);
ql_code ql_run_relu_u8(const ql_call *c);
ql_code ql_run_relu_i16(const ql_call *c);

#endif
