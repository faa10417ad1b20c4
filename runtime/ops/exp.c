/* EXP: y = exp(x), elementwise.
 *
 *   in 0  x   f32 | i8 | i16      out 0  y   same type and shape, its own scale
 *
 * 8 bits: a table of all 256 values; 16 bits: an interpolated table of 513.
 * Source: TFLite kernels/exp.cc.
 */
#include "runtime/ops/common/lut.h"
#include "runtime/ops/common/unary.h"

#include <math.h>

QL_UNARY(run_f32, float, expf(x))

static ql_code prepare(ql_call *c)
{
    return c->slot == QL_S_F32 ? ql_prepare_unary(c) : ql_prepare_lut(c, expf);
}

const ql_op ql_op_exp = {
    .name = "EXP",
    .code = 47,
    .max_version = 2,
    .options_id = 33,
    .min_in = 1,
    .max_in = 1,
    .min_out = 1,
    .max_out = 1,
    .prepare = prepare,
    .run = {[QL_S_F32] = run_f32, [QL_S_I8] = ql_run_lut, [QL_S_I16] = ql_run_lut},
    .quant = {.kind = QL_Q_FREE},
};
