/* LOG: y = ln(x), elementwise.
 *
 *   in 0  x   f32 | i8 | i16      out 0  y   same type and shape, its own scale
 *
 * Quantized: a table of all 256 values, or an interpolated one of 513; values that are not positive give the
 * lowest output.
 * Source: TFLite kernels/elementwise.cc LogLUTPrepare.
 */
#include "runtime/ops/common/lut.h"
#include "runtime/ops/common/unary.h"

#include <math.h>

QL_UNARY(run_f32, float, logf(x))

static ql_code prepare(ql_call *c)
{
    if (c->slot == QL_S_F32) {
        return ql_prepare_unary(c);
    }
    int32_t lowest = c->slot == QL_S_I8 ? INT8_MIN : INT16_MIN;
    float rest = (float)(lowest - ql_zero(c->out[0])) * ql_scale(c->out[0]);
    return ql_prepare_lut_of(c, (ql_function){.at = logf, .positive_only = true, .rest = rest});
}

const ql_op ql_op_log = {
    .name = "LOG",
    .code = 73,
    .max_version = 2,
    .min_in = 1,
    .max_in = 1,
    .min_out = 1,
    .max_out = 1,
    .prepare = prepare,
    .run = {[QL_S_F32] = run_f32, [QL_S_I8] = ql_run_lut, [QL_S_I16] = ql_run_lut},
    .quant = {.kind = QL_Q_FREE},
};
