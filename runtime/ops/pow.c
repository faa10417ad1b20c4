/* POW: y = a to the power b, shapes broadcast.
 *
 *   in 0, 1  a, b   f32 | i32 (exponents not negative)      out 0  y, same type
 *
 * One exponent for many bases that is a whole number of 1 and more is computed by squaring; float results
 * then stop at +-FLT_MAX and int32 wraps. Else powf, and int32 by pow in double; what no int32 holds is
 * -2^31. Source: TFLite kernels/pow.cc, optimized_ops::BroadcastPow4D, IntegerExponentPow.
 */
#include "runtime/ops/common/activation.h"
#include "runtime/ops/common/binary.h"

#include <math.h>

static int32_t power_i32(int32_t a, int32_t b)
{
    return ql_round_to_i32_d(trunc(pow((double)a, (double)b)));
}

QL_BINARY(general_f32, ql_broadcast, float, float, powf(a, b))
QL_BINARY(general_i32, ql_broadcast, int32_t, int32_t, power_i32(a, b))

#define BY_SQUARING(name, type, product)                                                                     \
    static type name(type x, int exponent)                                                                   \
    {                                                                                                        \
        type y = x;                                                                                          \
        for (int bit = 30, started = 0; bit >= 0; bit--) {                                                   \
            bool set = exponent >> bit & 1;                                                                  \
            if (started) {                                                                                   \
                y = product(y, y);                                                                           \
                y = set ? product(x, y) : y;                                                                 \
            }                                                                                                \
            started |= set;                                                                                  \
        }                                                                                                    \
        return y;                                                                                            \
    }

static float bounded_product(float a, float b)
{
    return ql_clamped(a * b, ql_activation_f32(QL_ACT_NONE));
}

BY_SQUARING(squaring_f32, float, bounded_product)
BY_SQUARING(squaring_i32, int32_t, ql_wrap_mul)

static bool one_exponent(const ql_call *c)
{
    return c->in[1]->count == 1 && !ql_same_shape(c->in[0], c->in[1]);
}

static ql_code run_f32(const ql_call *c)
{
    const float *x = c->in[0]->data, *b = c->in[1]->data;
    float *y = c->out[0]->data;
    if (!one_exponent(c) || !(fabsf(b[0]) < 1e9f)) {
        return general_f32(c);
    }
    float rounded = roundf(b[0]);
    if (fabsf(b[0] - rounded) >= 1e-5f || rounded < 1) {
        return general_f32(c);
    }
    for (size_t i = 0; i < c->in[0]->count; i++) {
        y[i] = squaring_f32(x[i], (int)rounded);
    }
    return QL_OK;
}

static ql_code run_i32(const ql_call *c)
{
    const int32_t *x = c->in[0]->data, *b = c->in[1]->data;
    int32_t *y = c->out[0]->data;
    for (size_t i = 0; i < c->in[1]->count; i++) {
        if (b[i] < 0) {
            return ql_fail_in(c, 1, QL_E_FORMAT, "exponent %d: integers need exponents that are not negative",
                              (int)b[i]);
        }
    }
    if (!one_exponent(c) || b[0] < 1) {
        return general_i32(c);
    }
    for (size_t i = 0; i < c->in[0]->count; i++) {
        y[i] = squaring_i32(x[i], b[0]);
    }
    return QL_OK;
}

const ql_op ql_op_pow = {
    .name = "POW",
    .code = 78,
    .max_version = 1,
    .options_id = 56,
    .min_in = 2,
    .max_in = 2,
    .min_out = 1,
    .max_out = 1,
    .prepare = ql_prepare_elements,
    .run = {[QL_S_F32] = run_f32, [QL_S_I32] = run_i32},
    .quant = {.kind = QL_Q_NONE},
};
