/* LOGISTIC and TANH of 16-bit activations: linear interpolation in a 256-entry table.
 * Source: TFLite reference_integer_ops::Logistic and Tanh for int16; docs/numerics.md "LOGISTIC". */
#ifndef QL_OPS_COMMON_SIGMOID16_H
#define QL_OPS_COMMON_SIGMOID16_H

#include "runtime/ops/op.h"

/* The input times multiplier * 2^-shift is in units of 1/(24 * 512) (logistic) or 1/(24 * 256) / 2 (tanh). */
typedef struct {
    int32_t multiplier;
    int shift;
} ql_sigmoid16;

ql_sigmoid16 ql_logistic16_scale(float in_scale);
ql_sigmoid16 ql_tanh16_scale(float in_scale);

/* Outputs have scale 1/32768. */
int16_t ql_logistic16(int16_t x, const ql_sigmoid16 *scale);
int16_t ql_tanh16(int16_t x, const ql_sigmoid16 *scale);

/* The same of `n` values, on the kernel of an instruction set where it has one. */
void ql_logistic16_all(const ql_isa *isa, const ql_sigmoid16 *scale, const int16_t *x, int16_t *y, size_t n);
void ql_tanh16_all(const ql_isa *isa, const ql_sigmoid16 *scale, const int16_t *x, int16_t *y, size_t n);

#endif
