/* LOGISTIC and TANH of floats as LiteRT's optimized kernels compute them: Eigen's approximations, compiled
 * for AVX without fused multiply-add. Source: Eigen functors/UnaryFunctors.h (scalar_logistic_op) and
 * GenericPacketMathFunctions.h (ptanh_float). docs/numerics.md "litert-opt". */
#ifndef QL_OPS_COMMON_EIGEN_MATH_H
#define QL_OPS_COMMON_EIGEN_MATH_H

float ql_eigen_tanh(float x);

float ql_eigen_logistic(float x);

#endif
