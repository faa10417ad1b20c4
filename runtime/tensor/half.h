/* 16-bit floats as they lie in memory: IEEE half (float16) and the upper half of a float32 (bfloat16). */
#ifndef QL_TENSOR_HALF_H
#define QL_TENSOR_HALF_H

#include <stdint.h>

/* Exact. */
float ql_f16_to_f32(uint16_t half);
float ql_bf16_to_f32(uint16_t bits);

/* The nearest, ties to even; too large becomes infinite, NaN stays NaN. */
uint16_t ql_f32_to_f16(float value);
uint16_t ql_f32_to_bf16(float value);

#endif
