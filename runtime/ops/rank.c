/* RANK: how many dimensions x has.
 *
 *   in 0   x  any type and shape      out 0  y  i32, a scalar
 *
 * Source: TFLite kernels/rank.cc.
 */
#include "runtime/ops/op.h"

static ql_code prepare(ql_call *c)
{
    return ql_set_shape(c, 0, 0, (int32_t[]){0}); /* a scalar */
}

static ql_code run(const ql_call *c)
{
    *(int32_t *)c->out[0]->data = c->in[0]->rank;
    return QL_OK;
}

const ql_op ql_op_rank = {
    .name = "RANK",
    .code = 110,
    .max_version = 1,
    .options_id = 86,
    .min_in = 1,
    .max_in = 1,
    .min_out = 1,
    .max_out = 1,
    .key = -1,
    .shape_only = true,
    .prepare = prepare,
    .run = {[QL_S_I32] = run},
    .quant = {.kind = QL_Q_NONE},
};
