/* e^x of floats, in double arithmetic of a fixed order: the same bits in every C library and instruction set.
 *
 *   k = 32 x / ln 2 rounded to an integer, r what is left: e^x = 2^(k/32) * (1 + c2 r + c1 r^2 + c0 r^3)
 *
 * Source: Arm Optimized Routines expf, which is glibc's too. Of all floats two have another last bit in glibc
 * where it fuses multiplications with additions: 0x1.04845ep+5 and -0x1.f8cbb2p+5. */
#ifndef QL_TENSOR_EXPONENTIAL_H
#define QL_TENSOR_EXPONENTIAL_H

#include <stdint.h>

/* Below the first e^x is 0, above the second infinite. */
#define QL_EXP_LOWEST  (-0x1.9fe368p6f)
#define QL_EXP_HIGHEST 0x1.62e42ep6f

#define QL_EXP_STEPS 0x1.71547652b82fep+5 /* 32 / ln 2 */
#define QL_EXP_WHOLE 0x1.8p52             /* adding it rounds to an integer, which is in the low bits then */
#define QL_EXP_C0    (0x1.c6af84b912394p-5 / 32768)
#define QL_EXP_C1    (0x1.ebfce50fac4f3p-3 / 1024)
#define QL_EXP_C2    (0x1.62e42ff0c52d6p-1 / 32)

/* The bits of 2^(i/32) less i * 2^47, so that adding k * 2^47 gives those of 2^(k/32). */
enum { QL_EXP_POWERS = 32 };
extern const uint64_t ql_exp_powers[QL_EXP_POWERS];

float ql_exp_f32(float x);

/* 1 / (1 + e^-x); 1 above the upper bound, e^x below the lower one. Source: reference_ops::Logistic. */
#define QL_LOGISTIC_UPPER 16.619047164916992188f
#define QL_LOGISTIC_LOWER (-9.0f)
float ql_logistic_f32(float x);

#endif
