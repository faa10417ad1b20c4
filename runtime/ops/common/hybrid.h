/* Hybrid operators: float activations are quantized to int8 on the way in, weights are integers.
 *
 * Source: tensor_utils SymmetricQuantizeFloats and AsymmetricQuantizeFloats, the variants with SIMD that all
 * common builds use (docs/numerics.md "Hybrid"). */
#ifndef QL_OPS_COMMON_HYBRID_H
#define QL_OPS_COMMON_HYBRID_H

#include "runtime/ops/op.h"

typedef struct {
    float scale;
    int32_t zero;
} ql_hybrid;

/* Quantizes `count` floats with one scale, on the kernels of `isa`; all-zero input gives scale 1 and zeros.
 */
ql_hybrid ql_hybrid_symmetric(const ql_isa *isa, const float *x, size_t count, int8_t *q);
ql_hybrid ql_hybrid_asymmetric(const ql_isa *isa, const float *x, size_t count, int8_t *q);

#endif
