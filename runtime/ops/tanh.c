/* TANH: y = tanh(x), elementwise.
 *
 *   in 0   x   f32 | f16 | i8 | u8 | i16
 *   out 0  y   same type and shape; 8 bits in its own scale, i16 in 1/32768 and 0
 *
 * 8 bits: a table of all 256 values. 16 bits: linear interpolation in a 256-entry table of the upper half.
 * Source: TFLite reference_ops::Tanh, LUTPopulate, reference_integer_ops::Tanh.
 */
#include "runtime/ops/common/eigen_math.h"
#include "runtime/ops/common/lut.h"
#include "runtime/ops/common/sigmoid16.h"
#include "runtime/ops/common/unary.h"

#include <math.h>

QL_UNARY(run_f32, float, tanhf(x))
QL_UNARY(run_eigen, float, ql_eigen_tanh(x))
QL_UNARY_F16(run_f16, tanhf(x))
QL_UNARY(run_i16_fixed, int16_t, ql_fixed_tanh16(x, 3))
QL_UNARY(run_i16_fixed_doubled, int16_t, ql_fixed_tanh16(ql_mul_pot16(x, 1), 3))

static ql_code run_i16(const ql_call *c)
{
    ql_tanh16_all(c->isa, c->state, c->in[0]->data, c->out[0]->data, c->in[0]->count);
    return QL_OK;
}

static ql_code prepare_i16(ql_call *c)
{
    int exponent;
    ql_sigmoid16 *s = ql_state(c, sizeof *s);
    ql_code code = s ? ql_prepare_unary(c) : QL_E_NOMEM;
    code = code ? code : ql_need_quant_in(c, 0);
    code = code ? code : ql_need_quant_out(c, 0);
    if (!code && (!ql_log2_of(ql_scale(c->out[0]), &exponent) || exponent != -15)) {
        return ql_fail_out(c, 0, QL_E_FORMAT, "output scale %g: must be 1/32768",
                           (double)ql_scale(c->out[0]));
    }
    if (!code) {
        *s = ql_tanh16_scale(ql_scale(c->in[0]));
        bool exact = !s->shift && c->numerics->logistic16_fixed_point;
        c->run = exact && s->multiplier == 3   ? run_i16_fixed
                 : exact && s->multiplier == 6 ? run_i16_fixed_doubled
                                               : run_i16;
    }
    return code;
}

static ql_code prepare(ql_call *c)
{
    if (c->slot == QL_S_F32 && c->numerics->eigen_functions) {
        c->run = run_eigen;
    }
    return c->slot == QL_S_F32 || c->slot == QL_S_F16 ? ql_prepare_unary(c)
           : c->slot == QL_S_I16
               ? prepare_i16(c)
               : ql_prepare_lut_of(
                     c, (ql_function){.at = tanhf, .with_zero = c->numerics->lut_rounds_with_zero});
}

const ql_op ql_op_tanh = {
    .name = "TANH",
    .code = 28,
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
    .quant =
        {.kind = QL_Q_FIXED, .i8_scale = 1.0f / 128, .i8_zero = 0, .u8_zero = 128, .i16_scale = 1.0f / 32768},
};
