/* MATRIX_DIAG: vectors on the diagonals of square matrices of zeros.
 *
 *   in 0   x  [..., n], any type of whole bytes      out 0  y  [..., n, n], type of x
 *
 * Source: TFLite kernels/matrix_diag.cc.
 */
#include "runtime/ops/common/move.h"

#include <string.h>

static ql_code prepare(ql_call *c)
{
    const ql_view *x = c->in[0];
    ql_code code = ql_need_same_type(c, 0, 0);
    code = code ? code : ql_need_rank(c, 0, 1, QL_MAX_RANK - 1);
    if (code) {
        return code;
    }
    int32_t dims[QL_MAX_RANK];
    memcpy(dims, x->dims, sizeof dims);
    dims[x->rank] = x->dims[x->rank - 1];
    return ql_set_shape(c, 0, x->rank + 1, dims);
}

static ql_code run(const ql_call *c)
{
    const ql_view *x = c->in[0];
    int32_t n = x->dims[x->rank - 1];
    if (!x->count) {
        return QL_OK;
    }
    memset(c->out[0]->data, 0, c->out[0]->bytes);
    ql_box box = {.rank = 2,
                  .dims = {(int32_t)(x->count / (size_t)n), n},
                  .from = {n, 1},
                  .to = {(int64_t)n * n, (int64_t)n + 1}};
    ql_move_box(&box, ql_element_bytes(x), x->data, c->out[0]->data);
    return QL_OK;
}

const ql_op ql_op_matrix_diag = {
    .name = "MATRIX_DIAG",
    .code = 113,
    .max_version = 1,
    .options_id = 88,
    .min_in = 1,
    .max_in = 1,
    .min_out = 1,
    .max_out = 1,

    .prepare = prepare,
    .run_any = run,
    .quant = {.kind = QL_Q_SAME},
};
