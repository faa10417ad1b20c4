/* ELU: y = x < 0 ? exp(x) - 1 : x, elementwise.
 *
 *   in 0  x   f32 | i8      out 0  y   same type and shape, its own scale
 *
 * 8 bits: a table of all 256 values.
 * Source: TFLite kernels/activations.cc (optimized_ops::Elu; there is no reference kernel).
 */
#include "runtime/ops/common/lut.h"
#include "runtime/ops/common/unary.h"

#include <math.h>

static float elu(float x)
{
    return x < 0 ? expm1f(x) : x;
}

QL_UNARY(run_f32, float, elu(x))

static ql_code prepare(ql_call *c)
{
    ql_function f = {.at = elu, .with_zero = c->numerics->lut_rounds_with_zero};
    return c->slot == QL_S_F32 ? ql_prepare_unary(c) : ql_prepare_lut_of(c, f);
}

const ql_op ql_op_elu = {
    .name = "ELU",
    .code = 111,
    .max_version = 1,
    .min_in = 1,
    .max_in = 1,
    .min_out = 1,
    .max_out = 1,
    .prepare = prepare,
    .run = {[QL_S_F32] = run_f32, [QL_S_I8] = ql_run_lut},
    .quant = {.kind = QL_Q_FREE, .no_i8 = true, .no_i16 = true},
};
