/* WHERE: the coordinates of the elements that are not 0, in memory order.
 *
 *   in 0   x  bool | f32 | i32 | i64 | i8 | u8 | u32      out 0  y  i64 [how many, rank of x]
 *
 * Source: TFLite kernels/where.cc.
 */
#include "runtime/ops/op.h"

static bool is_set(const ql_view *x, size_t k)
{
    switch (x->type) {
    case QL_F32:
        return ((const float *)x->data)[k] != 0;
    case QL_I32:
    case QL_U32:
        return ((const uint32_t *)x->data)[k] != 0;
    case QL_I64:
        return ((const uint64_t *)x->data)[k] != 0;
    default:
        return ((const uint8_t *)x->data)[k] != 0;
    }
}

static ql_code prepare(ql_call *c)
{
    ql_code code = ql_need_out_type(c, 0, QL_I64);
    code = code ? code : ql_need_rank(c, 0, 1, QL_MAX_RANK);
    if (code || !ql_known(c, 0)) {
        return code ? code : ql_defer(c);
    }
    int32_t count = 0;
    for (size_t k = 0; k < c->in[0]->count; k++) {
        count += is_set(c->in[0], k);
    }
    return ql_set_shape(c, 0, 2, (int32_t[]){count, c->in[0]->rank});
}

static ql_code run(const ql_call *c)
{
    const ql_view *x = c->in[0];
    int64_t *y = c->out[0]->data;
    for (size_t k = 0; k < x->count; k++) {
        if (is_set(x, k)) {
            size_t rest = k;
            for (int d = x->rank - 1; d >= 0; d--) {
                y[d] = (int64_t)(rest % (size_t)x->dims[d]);
                rest /= (size_t)x->dims[d];
            }
            y += x->rank;
        }
    }
    return QL_OK;
}

const ql_op ql_op_where = {
    .name = "WHERE",
    .code = 109,
    .max_version = 2,
    .options_id = 85,
    .min_in = 1,
    .max_in = 1,
    .min_out = 1,
    .max_out = 1,

    .prepare = prepare,
    .run = {[QL_S_BOOL] = run,
            [QL_S_F32] = run,
            [QL_S_I32] = run,
            [QL_S_I64] = run,
            [QL_S_I8] = run,
            [QL_S_U8] = run,
            [QL_S_U32] = run},
    .quant = {.kind = QL_Q_NONE},
};
