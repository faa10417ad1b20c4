/* LOCAL_RESPONSE_NORMALIZATION: y[c] = x[c] * (bias + alpha * sum of x[k]^2)^-beta, k from c - radius up to,
 * but without, c + radius, along the last dimension.
 *
 *   in 0  x  [N, H, W, C] f32      out 0  y  f32
 *
 * Source: TFLite reference_ops::LocalResponseNormalization (its window leaves out c + radius).
 */
#include "runtime/ops/op.h"

#include <math.h>

enum { RADIUS, BIAS, ALPHA, BETA };

static ql_code run_f32(const ql_call *c)
{
    int64_t depth = c->in[0]->dims[3], radius = ql_opt_int(c->options, RADIUS);
    float bias = ql_opt_f32(c->options, BIAS), alpha = ql_opt_f32(c->options, ALPHA);
    float beta = ql_opt_f32(c->options, BETA);
    for (size_t at = 0; at < c->in[0]->count; at += (size_t)depth) {
        const float *x = (const float *)c->in[0]->data + at;
        float *y = (float *)c->out[0]->data + at;
        for (int64_t i = 0; i < depth; i++) {
            float sum = 0;
            int64_t end = i + radius < depth ? i + radius : depth;
            for (int64_t k = i > radius ? i - radius : 0; k < end; k++) {
                sum += x[k] * x[k];
            }
            y[i] = x[i] * powf(bias + alpha * sum, -beta);
        }
    }
    return QL_OK;
}

static uint64_t work(const ql_call *c)
{
    uint64_t depth = (uint64_t)c->in[0]->dims[3], window = 2 * (uint64_t)ql_opt_int(c->options, RADIUS);
    return c->in[0]->count * (window < depth ? window : depth);
}

static ql_code prepare(ql_call *c)
{
    ql_code code = ql_need_rank(c, 0, 4, 4);
    if (!code && ql_opt_int(c->options, RADIUS) < 0) {
        return ql_fail_op(c, QL_E_FORMAT, "radius %d: must not be negative", ql_opt_int(c->options, RADIUS));
    }
    return code ? code : ql_prepare_unary(c);
}

const ql_op ql_op_local_response_normalization = {
    .name = "LOCAL_RESPONSE_NORMALIZATION",
    .code = 13,
    .max_version = 1,
    .options_id = 13,
    .min_in = 1,
    .max_in = 1,
    .min_out = 1,
    .max_out = 1,
    .prepare = prepare,
    .work = work,
    .run = {[QL_S_F32] = run_f32},
    .quant = {.kind = QL_Q_NONE},
};
