/* ZEROS_LIKE: y = zeros of x's shape and type.
 *
 *   in 0  x   f32 | i32 | i64      out 0  y
 *
 * Source: TFLite kernels/zeros_like.cc.
 */
#include "runtime/ops/op.h"

#include <string.h>

static ql_code run(const ql_call *c)
{
    if (c->out[0]->bytes) {
        memset(c->out[0]->data, 0, c->out[0]->bytes);
    }
    return QL_OK;
}

const ql_op ql_op_zeros_like = {
    .name = "ZEROS_LIKE",
    .code = 93,
    .max_version = 1,
    .options_id = 67,
    .min_in = 1,
    .max_in = 1,
    .min_out = 1,
    .max_out = 1,
    .shape_only = true,
    .prepare = ql_prepare_unary,
    .run = {[QL_S_F32] = run, [QL_S_I32] = run, [QL_S_I64] = run},
    .quant = {.kind = QL_Q_NONE},
};
