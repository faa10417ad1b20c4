/* LOGISTIC and TANH of floats as LiteRT's optimized kernels compute them: Eigen's approximations, compiled
 * for AVX without fused multiply-add. Source: Eigen functors/UnaryFunctors.h (scalar_logistic_op) and
 * GenericPacketMathFunctions.h (ptanh_float). docs/numerics.md "litert-opt". */
#ifndef QL_OPS_COMMON_EIGEN_MATH_H
#define QL_OPS_COMMON_EIGEN_MATH_H

float ql_eigen_tanh(float x);

float ql_eigen_logistic(float x);

/* 1 - erf(x), which the reference GELU takes too. Eigen multiplies by an estimate of 1 / x^2 that is mended
 * once and differs between processors where |x| > 1; here it is divided. */
float ql_eigen_erfc(float x);

#endif
