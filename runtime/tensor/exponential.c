#include "runtime/tensor/exponential.h"

#include <math.h>
#include <string.h>

const uint64_t ql_exp_powers[QL_EXP_POWERS] = {
    UINT64_C(0x3ff0000000000000), UINT64_C(0x3fefd9b0d3158574), UINT64_C(0x3fefb5586cf9890f),
    UINT64_C(0x3fef9301d0125b51), UINT64_C(0x3fef72b83c7d517b), UINT64_C(0x3fef54873168b9aa),
    UINT64_C(0x3fef387a6e756238), UINT64_C(0x3fef1e9df51fdee1), UINT64_C(0x3fef06fe0a31b715),
    UINT64_C(0x3feef1a7373aa9cb), UINT64_C(0x3feedea64c123422), UINT64_C(0x3feece086061892d),
    UINT64_C(0x3feebfdad5362a27), UINT64_C(0x3feeb42b569d4f82), UINT64_C(0x3feeab07dd485429),
    UINT64_C(0x3feea47eb03a5585), UINT64_C(0x3feea09e667f3bcd), UINT64_C(0x3fee9f75e8ec5f74),
    UINT64_C(0x3feea11473eb0187), UINT64_C(0x3feea589994cce13), UINT64_C(0x3feeace5422aa0db),
    UINT64_C(0x3feeb737b0cdc5e5), UINT64_C(0x3feec49182a3f090), UINT64_C(0x3feed503b23e255d),
    UINT64_C(0x3feee89f995ad3ad), UINT64_C(0x3feeff76f2fb5e47), UINT64_C(0x3fef199bdd85529c),
    UINT64_C(0x3fef3720dcef9069), UINT64_C(0x3fef5818dcfba487), UINT64_C(0x3fef7c97337b9b5f),
    UINT64_C(0x3fefa4afa2a490da), UINT64_C(0x3fefd0765b6e4540),
};

float ql_exp_f32(float x)
{
    if (!(x >= QL_EXP_LOWEST && x <= QL_EXP_HIGHEST)) {
        return isnan(x) ? x + x : x < 0 ? 0.0f : INFINITY;
    }
    double steps = QL_EXP_STEPS * (double)x, whole = steps + QL_EXP_WHOLE, power;
    uint64_t bits;
    memcpy(&bits, &whole, sizeof bits);
    double r = steps - (whole - QL_EXP_WHOLE), square = r * r;
    bits = ql_exp_powers[bits % QL_EXP_POWERS] + (bits << 47);
    memcpy(&power, &bits, sizeof power);
    double upper = QL_EXP_C0 * r + QL_EXP_C1, lower = QL_EXP_C2 * r + 1;
    return (float)((upper * square + lower) * power);
}

float ql_logistic_f32(float x)
{
    return x > QL_LOGISTIC_UPPER   ? 1.0f
           : x < QL_LOGISTIC_LOWER ? ql_exp_f32(x)
                                   : 1.0f / (1.0f + ql_exp_f32(0.0f - x));
}
