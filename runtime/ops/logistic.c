/* LOGISTIC: y = 1 / (1 + exp(-x)), elementwise.
 *
 *   in 0   x   f32 | f16 | i8 | u8 | i16
 *   out 0  y   same type and shape; i8 and u8 scale exactly 1/256 with zero point -128 and 0, i16 1/32768 and
 * 0
 *
 * float: 1 above 16.619047, exp(x) below -9, the formula between. 8 bits: a table of all 256 values.
 * 16 bits: linear interpolation in a 256-entry table of the upper half.
 * Source: TFLite reference_ops::Logistic, LUTPopulate, reference_integer_ops::Logistic.
 */
#include "runtime/ops/common/eigen_math.h"
#include "runtime/ops/common/lut.h"
#include "runtime/ops/common/sigmoid16.h"
#include "runtime/ops/common/unary.h"
#include "runtime/tensor/exponential.h"

#include <math.h>

static float logistic(float x)
{
    return 1.0f / (1.0f + expf(-x));
}

static float logistic_in_double(float x)
{
    double e = exp((double)x);
    return x > 100 ? 1.0f : (float)(e / (1 + e));
}

QL_UNARY(run_portable, float, ql_logistic_f32(x))
QL_UNARY(run_eigen, float, ql_eigen_logistic(x))
QL_UNARY_F16(run_f16, ql_logistic_f32(x))
QL_UNARY(run_i16_fixed, int16_t, ql_fixed_logistic16(x, 3))

static ql_code run_f32(const ql_call *c)
{
    if (!c->isa->logistic_f32) {
        return run_portable(c);
    }
    c->isa->logistic_f32(c->in[0]->data, c->out[0]->data, c->in[0]->count);
    return QL_OK;
}

static ql_code run_i16(const ql_call *c)
{
    ql_logistic16_all(c->isa, c->state, c->in[0]->data, c->out[0]->data, c->in[0]->count);
    return QL_OK;
}

static ql_code prepare_i16(ql_call *c)
{
    ql_code code = ql_prepare_unary(c);
    code = code ? code : ql_need_quant_in(c, 0);
    code = code ? code : ql_need_fixed_out(c, 0, 1.0f / 32768, 0);
    ql_sigmoid16 *s = code ? NULL : ql_state(c, sizeof *s);
    if (s) {
        *s = ql_logistic16_scale(ql_scale(c->in[0]));
        bool exact = s->multiplier == 3 && !s->shift; /* x has 3 integer bits as it is stored */
        c->run = exact && c->numerics->logistic16_fixed_point ? run_i16_fixed : run_i16;
    }
    return code ? code : s ? QL_OK : QL_E_NOMEM;
}

static ql_code prepare(ql_call *c)
{
    if (c->slot == QL_S_F32 && c->numerics->eigen_functions) {
        c->run = run_eigen;
    }
    if (c->slot == QL_S_F32 || c->slot == QL_S_F16) {
        return ql_prepare_unary(c);
    }
    if (c->slot == QL_S_I16) {
        return prepare_i16(c);
    }
    ql_code code = ql_need_fixed_out(c, 0, 1.0f / 256, c->slot == QL_S_U8 ? 0 : -128);
    bool xnnpack = c->numerics->lut_rounds_with_zero;
    ql_function f = {.at = xnnpack ? logistic_in_double : logistic, .with_zero = xnnpack};
    return code ? code : ql_prepare_lut_of(c, f);
}

const ql_op ql_op_logistic = {
    .name = "LOGISTIC",
    .code = 14,
    .max_version = 3,
    .min_in = 1,
    .max_in = 1,
    .min_out = 1,
    .max_out = 1,
    .prepare = prepare,
    .run = {[QL_S_F32] = run_f32,
            [QL_S_F16] = run_f16,
            [QL_S_I8] = ql_run_lut,
            [QL_S_U8] = ql_run_lut,
            [QL_S_I16] = run_i16},
    .quant = {.kind = QL_Q_FIXED, .i8_scale = 1.0f / 256, .i8_zero = -128, .i16_scale = 1.0f / 32768},
};
