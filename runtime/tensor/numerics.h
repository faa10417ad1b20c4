/* Numerics profiles: what differs between the runtimes a model may meet, as data. A kernel asks its call's
 * profile, never the build. Adding a profile is one row in numerics.c. */
#ifndef QL_TENSOR_NUMERICS_H
#define QL_TENSOR_NUMERICS_H

#include "runtime/tensor/fixed.h"

#include <stdbool.h>

typedef struct {
    const char *name;
    const char *meaning;
    ql_rounding rounding;        /* of 32-bit accumulators */
    bool fc_double_rescale;      /* FULLY_CONNECTED multiplies by a double and rounds, else fixed point */
    bool fc16_double_rescale;    /* the same for int16 activations with a 64-bit bias */
    bool quantize_ties_to_even;  /* QUANTIZE of floats: ties to even, else away from zero */
    bool softmax_float_table;    /* 8-bit SOFTMAX from a float table, else gemmlowp */
    bool logistic16_fixed_point; /* int16 LOGISTIC, TANH of 2^-12: gemmlowp, else a table */
    bool
        sum_bytes_as_unsigned; /* quantized SUM as BUILTIN_REF of TF 2.21 computes it (wrong but for uint8) */
    bool sum_fixed_point; /* int8 and int16 SUM in fixed point, else in float as LiteRT's optimized kernel */
    bool eigen_products;  /* float CONV_2D and FULLY_CONNECTED add in the order of Eigen's AVX code */
    bool conv_threads;    /* those of CONV_2D as the kernel for several threads adds them */
    bool eigen_functions; /* float LOGISTIC and TANH by Eigen's approximations, else the C library's */
    bool depthwise_from_bias;     /* float DEPTHWISE_CONV_2D starts its sums at the bias, else adds it last */
    bool conv_hybrid_fused_scale; /* hybrid CONV_2D groups acc * (weight scale * input scale) */

    /* XNNPACK's 8-bit kernels, for the calls that its delegate takes: */
    bool rescale_in_float;    /* sums of convolutions, FULLY_CONNECTED and MUL times a float, ties to even */
    bool mean_in_float;       /* MEAN, SUM: sum times a float plus a float, half away from zero */
    bool add_one_shift;       /* ADD, SUB: integer factors of 21 bits, one shift, half up */
    bool quantize_by_inverse; /* QUANTIZE of floats: x * (1 / scale), else x / scale; saturates */
    bool rescale_8_bits;      /* QUANTIZE to the same type, LEAKY_RELU: factors of 8 fraction bits, half up */
    bool lut_rounds_with_zero; /* LOGISTIC (in double), TANH, ELU: the zero point is added, then rounded */
    bool bilinear_11_bits;     /* RESIZE_BILINEAR: places in 1/2048 pixels, half up */
} ql_numerics;

/* The profile of that name ("litert-ref", "litert-opt", "litert-opt-mt" ...); NULL when there is none. */
const ql_numerics *ql_numerics_named(const char *name);

/* The i-th profile, NULL past the last; 0 is the default. */
const ql_numerics *ql_numerics_at(int i);

#endif
