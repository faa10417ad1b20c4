#include "runtime/tensor/numerics.h"

#include <stddef.h>
#include <string.h>

static const ql_numerics profiles[] = {
    {
        .name = "litert-ref",
        .meaning = "the bits of LiteRT's reference kernels (BUILTIN_REF)",
        .rounding = QL_ROUND_DOUBLE,
        .fc_double_rescale = true,
        .fc16_double_rescale = true,
    },
    {
        .name = "litert-opt",
        .meaning = "LiteRT's optimized kernels without a delegate, where they round differently",
        .rounding = QL_ROUND_DOUBLE,
        .fc16_double_rescale = true,
        .quantize_ties_to_even = true,
        .softmax_float_table = true,
        .logistic16_fixed_point = true,
        .eigen_products = true,
        .eigen_functions = true,
        .depthwise_from_bias = true,
        .conv_hybrid_fused_scale = true,
    },
    {
        .name = "litert-opt-mt",
        .meaning = "litert-opt with more than one thread: what TensorFlow 2.21's converter calibrates on",
        .rounding = QL_ROUND_DOUBLE,
        .fc16_double_rescale = true,
        .quantize_ties_to_even = true,
        .softmax_float_table = true,
        .logistic16_fixed_point = true,
        .eigen_products = true,
        .conv_threads = true,
        .eigen_functions = true,
        .depthwise_from_bias = true,
        .conv_hybrid_fused_scale = true,
    },
    {
        .name = "xnnpack",
        .meaning = "LiteRT's default on CPUs: XNNPACK's 8-bit kernels, litert-opt where it takes none",
        .rounding = QL_ROUND_DOUBLE,
        .fc16_double_rescale = true,
        .quantize_ties_to_even = true,
        .softmax_float_table = true,
        .logistic16_fixed_point = true,
        .conv_hybrid_fused_scale = true,
        .rescale_in_float = true,
        .mean_in_float = true,
        .add_one_shift = true,
        .quantize_by_inverse = true,
        .rescale_8_bits = true,
        .lut_rounds_with_zero = true,
        .bilinear_11_bits = true,
    },
    {
        .name = "tflm",
        .meaning = "TensorFlow Lite for Microcontrollers' reference kernels",
        .rounding = QL_ROUND_DOUBLE,
        .sum_fixed_point = true,
    },
};
enum { PROFILE_COUNT = sizeof profiles / sizeof *profiles };

const ql_numerics *ql_numerics_at(int i)
{
    return i >= 0 && i < PROFILE_COUNT ? &profiles[i] : NULL;
}

const ql_numerics *ql_numerics_named(const char *name)
{
    for (int i = 0; i < PROFILE_COUNT; i++) {
        if (!strcmp(profiles[i].name, name)) {
            return &profiles[i];
        }
    }
    return NULL;
}
