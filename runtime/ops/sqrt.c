/* SQRT: y = sqrt(x), elementwise.
 *
 *   in 0  x   f32 | i8 | i16      out 0  y   same type and shape, its own scale
 *
 * Quantized: the root of the real value in float, divided by y's scale and cut (not rounded). A value below 0
 * ends the run.
 * Source: TFLite kernels/elementwise.cc SqrtEvalQuantized.
 */
#include "runtime/ops/common/unary.h"

#include <math.h>

QL_UNARY(run_f32, float, sqrtf(x))

/* An int32 holds the quotient: at most sqrt(2^16 * largest scale) over the least, cut where it does not. */
static int32_t root(const ql_call *c, int32_t q)
{
    float quotient = sqrtf(ql_scale(c->in[0]) * (float)(q - ql_zero(c->in[0]))) / ql_scale(c->out[0]);
    return (int32_t)fminf(quotient, 1e9f) + ql_zero(c->out[0]);
}

#define ROOTS(name, type, lowest, highest)                                                                   \
    static ql_code name(const ql_call *c)                                                                    \
    {                                                                                                        \
        const type *x = c->in[0]->data;                                                                      \
        type *y = c->out[0]->data;                                                                           \
        for (size_t i = 0; i < c->in[0]->count; i++) {                                                       \
            if (x[i] < ql_zero(c->in[0])) {                                                                  \
                return ql_fail_in(c, 0, QL_E_FORMAT, "element %zu is below 0: it has no square root", i);    \
            }                                                                                                \
            y[i] = (type)ql_clamp(root(c, x[i]), lowest, highest);                                           \
        }                                                                                                    \
        return QL_OK;                                                                                        \
    }

ROOTS(run_i8, int8_t, INT8_MIN, INT8_MAX)
ROOTS(run_i16, int16_t, INT16_MIN, INT16_MAX)

static ql_code prepare(ql_call *c)
{
    ql_code code = ql_prepare_unary(c);
    if (code || c->slot == QL_S_F32) {
        return code;
    }
    code = ql_need_quant_in(c, 0);
    return code ? code : ql_need_quant_out(c, 0);
}

const ql_op ql_op_sqrt = {
    .name = "SQRT",
    .code = 75,
    .max_version = 2,
    .min_in = 1,
    .max_in = 1,
    .min_out = 1,
    .max_out = 1,
    .prepare = prepare,
    .run = {[QL_S_F32] = run_f32, [QL_S_I8] = run_i8, [QL_S_I16] = run_i16},
    .quant = {.kind = QL_Q_FREE, .no_i16 = true},
};
