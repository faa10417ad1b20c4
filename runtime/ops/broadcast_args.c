/* BROADCAST_ARGS: the joint shape of two shapes.
 *
 *   in 0, 1  shapes  i32 | i64 [any]      out 0  y  the same type, as long as the longer one
 *
 * Source: TFLite kernels/broadcast_args.cc.
 */
#include "runtime/ops/common/move.h"

static ql_code prepare(ql_call *c)
{
    ql_code code = ql_need_same_type(c, 0, 0);
    code = code ? code : ql_need_same_type(c, 1, 0);
    code = code ? code : ql_need_rank(c, 0, 1, 1);
    code = code ? code : ql_need_rank(c, 1, 1, 1);
    int32_t a = c->in[0]->dims[0], b = c->in[1]->dims[0];
    return code ? code : ql_set_shape(c, 0, 1, (int32_t[]){a > b ? a : b});
}

/* Size k from the end; 1 before the first. */
static int64_t size_from_end(const ql_view *view, size_t k)
{
    return k < view->count ? ql_index_at(view, view->count - 1 - k) : 1;
}

static ql_code run(const ql_call *c)
{
    ql_view *y = c->out[0];
    for (size_t k = 0; k < y->count; k++) {
        int64_t a = size_from_end(c->in[0], k), b = size_from_end(c->in[1], k);
        if (a != b && a != 1 && b != 1) {
            return ql_fail_in(c, 1, QL_E_FORMAT, "size %lld against %lld: must be equal or 1", (long long)b,
                              (long long)a);
        }
        int64_t joint = a == 1 ? b : a;
        size_t at = y->count - 1 - k;
        if (y->type == QL_I32) {
            ((int32_t *)y->data)[at] = (int32_t)joint;
        } else {
            ((int64_t *)y->data)[at] = joint;
        }
    }
    return QL_OK;
}

const ql_op ql_op_broadcast_args = {
    .name = "BROADCAST_ARGS",
    .code = 145,
    .max_version = 1,
    .options_id = 0,
    .min_in = 2,
    .max_in = 2,
    .min_out = 1,
    .max_out = 1,

    .prepare = prepare,
    .run = {[QL_S_I32] = run, [QL_S_I64] = run},
    .quant = {.kind = QL_Q_NONE},
};
