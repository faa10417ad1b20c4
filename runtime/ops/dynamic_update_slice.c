/* DYNAMIC_UPDATE_SLICE: x with a box of it replaced.
 *
 *   in 0   x       any type of whole bytes
 *   in 1   update  type and rank of x, no larger in any dimension
 *   in 2   start   i32 | i64 [rank]: where the box begins, moved so that it lies inside
 *   out 0  y       type and shape of x
 *
 * Source: TFLite kernels/dynamic_update_slice.cc.
 */
#include "runtime/ops/common/move.h"

static ql_code prepare(ql_call *c)
{
    const ql_view *x = c->in[0], *update = c->in[1];
    ql_code code = ql_prepare_unary(c);
    code = code ? code : ql_need_same_type(c, 1, 0);
    code = code ? code : ql_need_rank(c, 1, x->rank, x->rank);
    code = code ? code : ql_need_index(c, 2);
    if (!code && c->in[2]->count != (size_t)x->rank) {
        code = ql_fail_in(c, 2, QL_E_FORMAT, "%zu starts: must be one a dimension, %d", c->in[2]->count,
                          x->rank);
    }
    for (int d = 0; !code && d < x->rank; d++) {
        if (update->dims[d] > x->dims[d]) {
            code = ql_fail_in(c, 1, QL_E_FORMAT, "%d elements along dimension %d of %d: must not be more",
                              (int)update->dims[d], d, (int)x->dims[d]);
        }
    }
    return code;
}

static ql_code run(const ql_call *c)
{
    const ql_view *x = c->in[0], *update = c->in[1];
    size_t element = ql_element_bytes(x);
    ql_box box = {.rank = x->rank};
    int64_t at = 0;
    ql_dense_steps(x->rank, update->dims, box.from);
    ql_dense_steps(x->rank, x->dims, box.to);
    for (int d = 0; d < x->rank; d++) {
        int64_t start = ql_index_at(c->in[2], (size_t)d), most = x->dims[d] - update->dims[d];
        at += (start < 0 ? 0 : start > most ? most : start) * box.to[d];
        box.dims[d] = update->dims[d];
    }
    ql_run_copy(c);
    if (update->count) {
        ql_move_box(&box, element, update->data, (char *)c->out[0]->data + (size_t)at * element);
    }
    return QL_OK;
}

const ql_op ql_op_dynamic_update_slice = {
    .name = "DYNAMIC_UPDATE_SLICE",
    .code = 151,
    .max_version = 6,
    .options_id = 117,
    .min_in = 3,
    .max_in = 3,
    .min_out = 1,
    .max_out = 1,

    .prepare = prepare,
    .run_any = run,
    .quant = {.kind = QL_Q_SAME},
};
