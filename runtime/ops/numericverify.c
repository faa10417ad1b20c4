/* NumericVerify: y = dequantized x - reference, what the QuantizationDebugger puts after each operator.
 *
 *   in 0   x          i8 | u8 | i16 | f16
 *   in 1   reference  f32, as many elements
 *   out 0  y          f32, whatever type the file gives it
 *
 * Custom options: tolerance, log_if_failed. Where both are set (tolerance at least 0.1) a difference above
 * tolerance * scale ends the run.
 * Source: TFLite kernels/numeric_verify.cc; the dequantization is DEQUANTIZE's.
 */
#include "runtime/model/flexbuffer.h"
#include "runtime/ops/op.h"

#include <math.h>

extern const ql_op ql_op_dequantize;

static double option(const ql_call *c, const char *key)
{
    return ql_flex_number(c->op->custom_options, c->op->custom_options_bytes, key, 0);
}

static ql_code check(const ql_call *c, float tolerance)
{
    const float *difference = c->out[0]->data;
    float allowed = tolerance * ql_scale(c->in[0]);
    for (size_t i = 0; i < c->out[0]->count; i++) {
        if (fabsf(difference[i]) > allowed) {
            return ql_fail_in(c, 0, QL_E_FIT, "element %zu is %g from its reference: at most %g is allowed",
                              i, (double)fabsf(difference[i]), (double)allowed);
        }
    }
    return QL_OK;
}

static ql_code run(const ql_call *c)
{
    ql_code code = ql_op_dequantize.run[c->slot](c);
    const float *reference = c->in[1]->data;
    float *y = c->out[0]->data, tolerance = (float)option(c, "tolerance");
    for (size_t i = 0; i < c->out[0]->count && !code; i++) {
        y[i] -= reference[i];
    }
    bool strict = option(c, "log_if_failed") != 0 && tolerance >= 0.1f;
    return code || !strict ? code : check(c, tolerance);
}

static ql_code prepare(ql_call *c)
{
    ql_code code = ql_need_type(c, 1, QL_F32);
    if (!code && c->in[1]->count != c->in[0]->count) {
        return ql_fail_in(c, 1, QL_E_FORMAT, "%zu elements: must be as many as input 0 has, %zu",
                          c->in[1]->count, c->in[0]->count);
    }
    c->out[0]->type = QL_F32;
    return code ? code : ql_op_dequantize.prepare(c);
}

const ql_op ql_op_numericverify = {
    .name = "NumericVerify",
    .code = 32,
    .max_version = 1,
    .min_in = 2,
    .max_in = 2,
    .min_out = 1,
    .max_out = 1,
    .prepare = prepare,
    .run = {[QL_S_I8] = run, [QL_S_U8] = run, [QL_S_I16] = run, [QL_S_F16] = run},
    .quant = {.kind = QL_Q_NONE},
};
