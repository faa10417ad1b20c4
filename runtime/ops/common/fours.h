/* Float sums as the reference's recurrent operators form them on machines with SIMD: four partial sums over
 * whole groups of four terms, added from first to last, then the terms that are left one by one.
 * Source: TFLite neon_tensor_utils MatrixBatchVectorMultiplyAccumulate, VectorVectorDotProduct,
 * ReductionSumVector, which x86 builds use too. */
#ifndef QL_OPS_COMMON_FOURS_H
#define QL_OPS_COMMON_FOURS_H

/* start + sum of a[i] * b[i], i = 0 .. count-1. */
float ql_dot_fours(float start, const float *a, const float *b, int count);

/* The sum of a[0 .. count-1]. */
float ql_sum_fours(const float *a, int count);

#endif
