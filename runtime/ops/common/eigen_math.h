/* Functions of floats as LiteRT computes them in its recurrent and hybrid operators, in GELU, and in the
 * optimized LOGISTIC and TANH: Eigen's approximations, a few ulps off libm's, compiled for AVX without fused
 * multiply-add. Hybrid operators quantize what comes out, so that an ulp can become a step.
 * Source: Eigen functors/UnaryFunctors.h (scalar_logistic_op), GenericPacketMathFunctions.h (ptanh_float) and
 * SpecialFunctionsImpl.h (erfc). docs/numerics.md. */
#ifndef QL_OPS_COMMON_EIGEN_MATH_H
#define QL_OPS_COMMON_EIGEN_MATH_H

float ql_eigen_tanh(float x);

float ql_eigen_logistic(float x);

/* 1 - erf(x), which the reference GELU takes too. Where |x| > 1, Eigen starts from the processor's estimate
 * of 1 / x^2, which is not the same on all of them; so does this on x86, elsewhere it divides. */
float ql_eigen_erfc(float x);

#endif
