/* RELU_N1_TO_1: y = min(max(x, -1), 1), elementwise.
 *
 *   in 0  x   f32 | i8 | u8      out 0  y   same type and shape, its own scale
 *
 * Source: common/relu.h.
 */
#include "runtime/ops/common/relu.h"

static ql_code prepare(ql_call *c)
{
    return ql_prepare_relu(c, (ql_clamp_f32){-1, 1});
}

const ql_op ql_op_relu_n1_to_1 = {
    .name = "RELU_N1_TO_1",
    .code = 20,
    .max_version = 1,
    .min_in = 1,
    .max_in = 1,
    .min_out = 1,
    .max_out = 1,
    .prepare = prepare,
    .run = {[QL_S_F32] = ql_run_relu_f32, [QL_S_I8] = ql_run_relu_i8, [QL_S_U8] = ql_run_relu_u8},
    .quant = {.kind = QL_Q_FREE, .no_i16 = true},
};
