/* Tables: what the reference computes for all 256 values of an 8-bit input, or interpolates for 16 bits. */
#ifndef QL_OPS_COMMON_LUT_H
#define QL_OPS_COMMON_LUT_H

#include "runtime/ops/op.h"

typedef float (*ql_unary_f32)(float x);

/* A function, or one that only positive values have and others give `rest`. */
typedef struct {
    ql_unary_f32 at;
    bool positive_only;
    float rest;
    bool with_zero; /* 8 bits: rounded after the zero point is added, else before */
} ql_function;

typedef double (*ql_unary_f64)(double x);

/* table[q - lowest] = output byte for every value q of an 8-bit input 0, by f on the dequantized value.
 * Source: LUTPopulate<int8_t / uint8_t>. */
void ql_lut8(const ql_call *c, ql_unary_f32 f, uint8_t table[256]);

/* y[i] = table[x[i]], on the kernel of an instruction set where it has one. */
void ql_lookup(const ql_isa *isa, const uint8_t table[256], const uint8_t *x, uint8_t *y, size_t n);

/* y[i] = ql_lut16_at(x[i], table), likewise. */
void ql_lookup_16(const ql_isa *isa, const int16_t table[513], const int16_t *x, int16_t *y, size_t n);

/* Applies an 8-bit table to input 0. */
void ql_lut8_apply(const ql_call *c, const uint8_t table[256]);

/* The 513-entry interpolation table of 16-bit operators: f over the whole input range, computed in float or
 * in double. Source: LUTPopulate<int16_t>. */
void ql_lut16(float in_scale, int32_t in_zero, float out_scale, int32_t out_zero, ql_unary_f32 f,
              int16_t table[513]);
void ql_lut16_d(double in_scale, int32_t in_zero, double out_scale, int32_t out_zero, ql_unary_f64 f,
                int16_t table[513]);
int16_t ql_lut16_at(int16_t value, const int16_t table[513]);

/* prepare of an operator that is one table: checks types and quantization, gives the shape, keeps the table
 * in c->state; ql_run_lut applies it. Slots i8, u8 and i16. */
ql_code ql_prepare_lut(ql_call *c, ql_unary_f32 f);
ql_code ql_prepare_lut_of(ql_call *c, ql_function f);
ql_code ql_run_lut(const ql_call *c);

#endif
