/* Fused activations: the clamp at the end of an operator. */
#ifndef QL_OPS_COMMON_ACTIVATION_H
#define QL_OPS_COMMON_ACTIVATION_H

#include "runtime/ops/op.h"

#include <math.h>

/* ActivationFunctionType of the schema. */
enum { QL_ACT_NONE, QL_ACT_RELU, QL_ACT_RELU_N1_TO_1, QL_ACT_RELU6, QL_ACT_TANH, QL_ACT_SIGN_BIT };

typedef struct {
    float lowest, highest;
} ql_clamp_f32;

typedef struct {
    int32_t lowest, highest;
} ql_clamp_q;

/* Lets every value through. */
#define QL_NO_CLAMP ((ql_clamp_f32){-INFINITY, INFINITY})

/* The float clamp of an activation; none clamps to +-FLT_MAX, as the reference does. */
ql_clamp_f32 ql_activation_f32(int activation);

/* The clamp of an activation in output o's quantized values. FORMAT when a bound fits no int32. Source:
 * CalculateActivationRangeQuantized; activations other than the RELUs clamp to the type's range. */
ql_code ql_activation_q(const ql_call *c, int o, int activation, ql_clamp_q *clamp);

/* The clamp to any real range: bounds of +-FLT_MAX do not bind. */
ql_code ql_clamp_range_q(const ql_call *c, int o, ql_clamp_f32 real, ql_clamp_q *clamp);

typedef struct {
    int64_t lowest, highest;
} ql_clamp_i64;

/* The clamp of an activation on plain integers of `type` (int16, int32, int64, uint32) that have no
 * quantization. */
ql_clamp_i64 ql_activation_i64(int activation, ql_type type);

static inline int64_t ql_clamped_i64(int64_t x, ql_clamp_i64 clamp)
{
    return x < clamp.lowest ? clamp.lowest : x > clamp.highest ? clamp.highest : x;
}

/* min(max(x, lowest), highest) as std::min and std::max order it: NaN stays NaN. */
static inline float ql_clamped(float x, ql_clamp_f32 clamp)
{
    float raised = x < clamp.lowest ? clamp.lowest : x;
    return clamp.highest < raised ? clamp.highest : raised;
}

/* Applies an activation to `count` values as hybrid and recurrent operators do: no clamp to finite values,
 * and tanh and sign bit as well. Source: tensor_utils::ApplyActivationToVector. */
void ql_activate(float *y, size_t count, int activation);

#endif
