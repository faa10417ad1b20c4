/* L2_NORMALIZATION: y = x / sqrt(sum of x^2 along the last dimension).
 *
 *   in 0   x   f32 | i8 | u8, rank 1 or more
 *   out 0  y   same type and shape; i8 and u8 scale exactly 1/128 with zero point 0 and 128
 *
 * float: the root is at least 1e-6. 8 bits: a fixed-point inverse root of the sum of (q - zero)^2; a sum of 0
 * counts as 1, one past 31 bits is halved in pairs (the official sum overflows there).
 * Source: TFLite reference_ops::L2Normalization, reference_integer_ops::L2Normalization.
 */
#include "runtime/ops/op.h"

#include <math.h>

enum { ACTIVATION, OUT_BITS = 7 };

static ql_code run_f32(const ql_call *c)
{
    size_t depth = (size_t)ql_dim(c->in[0], -1);
    for (size_t at = 0; at < c->in[0]->count; at += depth) {
        const float *x = (const float *)c->in[0]->data + at;
        float *y = (float *)c->out[0]->data + at, sum = 0;
        for (size_t i = 0; i < depth; i++) {
            sum += x[i] * x[i];
        }
        float norm = sqrtf(sum);
        norm = norm < 1e-6f ? 1e-6f : norm;
        for (size_t i = 0; i < depth; i++) {
            y[i] = x[i] / norm;
        }
    }
    return QL_OK;
}

static ql_mult inverse_norm(int64_t sum)
{
    int halvings = 0;
    for (; sum > INT32_MAX; sum /= 4) {
        halvings++;
    }
    ql_mult norm = ql_fixed_inv_sqrt((int32_t)sum);
    norm.shift -= halvings;
    return norm;
}

static int32_t value_at(const ql_call *c, size_t i)
{
    return (c->slot == QL_S_I8 ? ((const int8_t *)c->in[0]->data)[i] : ((const uint8_t *)c->in[0]->data)[i]) -
           ql_zero(c->in[0]);
}

static void normalize(const ql_call *c, size_t at, size_t depth)
{
    int64_t sum = 0;
    for (size_t i = at; i < at + depth; i++) {
        sum += value_at(c, i) * value_at(c, i);
    }
    ql_mult norm = inverse_norm(sum), raised = {norm.m, norm.shift + OUT_BITS};
    for (size_t i = at; i < at + depth; i++) {
        int32_t x = value_at(c, i);
        if (c->slot == QL_S_I8) {
            int32_t y = ql_mul32(x, raised, c->numerics->rounding);
            ((int8_t *)c->out[0]->data)[i] = (int8_t)ql_clamp(y, INT8_MIN, INT8_MAX);
        } else {
            int32_t y = 128 + ql_mul32(x * (1 << OUT_BITS), norm, QL_ROUND_DOUBLE);
            ((uint8_t *)c->out[0]->data)[i] = (uint8_t)ql_clamp(y, 0, UINT8_MAX);
        }
    }
}

static ql_code run_8(const ql_call *c)
{
    size_t depth = (size_t)ql_dim(c->in[0], -1);
    for (size_t at = 0; at < c->in[0]->count; at += depth) {
        normalize(c, at, depth);
    }
    return QL_OK;
}

static ql_code prepare(ql_call *c)
{
    ql_code code = ql_need_rank(c, 0, 1, QL_MAX_RANK);
    code = code ? code : ql_prepare_unary(c);
    if (!code && ql_opt_int(c->options, ACTIVATION)) {
        return ql_fail_op(c, QL_E_UNSUPPORTED, "activation %d: this operator has none",
                          ql_opt_int(c->options, ACTIVATION));
    }
    if (code || c->slot == QL_S_F32) {
        return code;
    }
    code = ql_need_quant_in(c, 0);
    return code ? code : ql_need_fixed_out(c, 0, 1.0f / 128, c->slot == QL_S_U8 ? 128 : 0);
}

const ql_op ql_op_l2_normalization = {
    .name = "L2_NORMALIZATION",
    .code = 11,
    .max_version = 2,
    .options_id = 12,
    .min_in = 1,
    .max_in = 1,
    .min_out = 1,
    .max_out = 1,
    .prepare = prepare,
    .run = {[QL_S_F32] = run_f32, [QL_S_I8] = run_8, [QL_S_U8] = run_8},
    .quant = {.kind = QL_Q_FIXED, .i8_scale = 1.0f / 128, .u8_zero = 128, .no_i16 = true},
};
