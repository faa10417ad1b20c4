/* LOG_SOFTMAX: y = x - max - ln(sum of exp(x - max)), along the last dimension.
 *
 *   in 0   x   f32 | i8 | u8, rank 1 or more
 *   out 0  y   same type and shape; i8 and u8 scale exactly 16/256 with zero point 127 and 255
 *
 * 8 bits: as SOFTMAX in Q5.26, with gemmlowp's logarithm of the Q12.19 sum. Rows so long that the official
 * sum overflows are summed in 64 bits. Source: TFLite reference_ops::LogSoftmax,
 * reference_integer_ops::LogSoftmax.
 */
#include "runtime/ops/common/softexp.h"

#include <float.h>
#include <math.h>

enum { OUT_BITS = 4 };

typedef struct {
    ql_softexp exp;
    ql_mult reverse; /* from Q5.26 to input steps */
} ql_log_softmax;

static ql_code run_f32(const ql_call *c)
{
    size_t depth = (size_t)ql_dim(c->in[0], -1);
    for (size_t at = 0; at < c->in[0]->count; at += depth) {
        const float *x = (const float *)c->in[0]->data + at;
        float *y = (float *)c->out[0]->data + at, max = -FLT_MAX, sum = 0;
        for (size_t i = 0; i < depth; i++) {
            max = max < x[i] ? x[i] : max;
        }
        for (size_t i = 0; i < depth; i++) {
            sum += expf(x[i] - max);
        }
        float log_sum = logf(sum);
        for (size_t i = 0; i < depth; i++) {
            y[i] = x[i] - max - log_sum;
        }
    }
    return QL_OK;
}

static int32_t log_of(int64_t sum)
{
    enum { LN_2 = 46516320 }; /* Q5.26 */
    int32_t halvings = 0;
    for (; sum > INT32_MAX; sum >>= 1) {
        halvings++;
    }
    return ql_fixed_log((int32_t)sum, QL_SOFTEXP_SUM_BITS, QL_SOFTEXP_DIFF_BITS) + halvings * LN_2;
}

static ql_code run_8(const ql_call *c)
{
    const ql_log_softmax *s = c->state;
    size_t depth = (size_t)ql_dim(c->in[0], -1);
    uint8_t flip = c->in[0]->type == QL_I8 ? 0x80 : 0;
    for (size_t at = 0; at < c->in[0]->count; at += depth) {
        const uint8_t *x = (const uint8_t *)c->in[0]->data + at;
        uint8_t *y = (uint8_t *)c->out[0]->data + at, max = ql_row_max(x, depth, flip);
        int32_t log_sum = log_of(ql_softexp_sum(c->isa, &s->exp, x, depth, flip, max));
        int32_t reach = -ql_mul32(ql_wrap_add(log_sum, INT32_MIN), s->reverse, QL_ROUND_DOUBLE);
        reach = reach < s->exp.radius + 1 ? reach : s->exp.radius + 1;
        for (size_t i = 0; i < depth; i++) {
            int diff = max - (x[i] ^ flip);
            int32_t real = ql_wrap_sub(ql_softexp_rescaled(&s->exp, diff), log_sum);
            int32_t q = ql_rdivpot(real, 31 - QL_SOFTEXP_DIFF_BITS - OUT_BITS) + 255;
            y[i] = (uint8_t)(diff < reach ? ql_clamp(q, 0, 255) : 0) ^ flip;
        }
    }
    return QL_OK;
}

static ql_code prepare(ql_call *c)
{
    ql_code code = ql_need_rank(c, 0, 1, QL_MAX_RANK);
    code = code ? code : ql_prepare_unary(c);
    if (code || c->slot == QL_S_F32) {
        return code;
    }
    ql_log_softmax *s = ql_state(c, sizeof *s);
    code = s ? ql_need_quant_in(c, 0) : QL_E_NOMEM;
    code = code ? code : ql_need_fixed_out(c, 0, 16.0f / 256, c->slot == QL_S_U8 ? 255 : 127);
    code = code ? code : ql_softexp_fill(c, 1.0f, &s->exp);
    if (!code) {
        s->reverse = ql_quantize_multiplier(ldexp(1, 31 - s->exp.by.shift) / s->exp.by.m);
    }
    return code;
}

const ql_op ql_op_log_softmax = {
    .name = "LOG_SOFTMAX",
    .code = 50,
    .max_version = 2,
    .options_id = 36,
    .min_in = 1,
    .max_in = 1,
    .min_out = 1,
    .max_out = 1,
    .prepare = prepare,
    .run = {[QL_S_F32] = run_f32, [QL_S_I8] = run_8, [QL_S_U8] = run_8},
    .quant = {.kind = QL_Q_FIXED, .i8_scale = 16.0f / 256, .i8_zero = 127, .u8_zero = 255, .no_i16 = true},
};
