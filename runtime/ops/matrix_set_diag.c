/* MATRIX_SET_DIAG: matrices with other diagonals.
 *
 *   in 0   x         [..., rows, columns], any type of whole bytes
 *   in 1   diagonal  [..., the smaller of rows and columns], type of x      out 0  y  type and shape of x
 *
 * Source: TFLite kernels/matrix_set_diag.cc.
 */
#include "runtime/ops/common/move.h"

static ql_code prepare(ql_call *c)
{
    ql_code code = ql_prepare_unary(c);
    code = code ? code : ql_need_same_type(c, 1, 0);
    code = code ? code : ql_need_rank(c, 0, 2, QL_MAX_RANK);
    if (code) {
        return code;
    }
    const ql_view *x = c->in[0];
    int32_t rows = x->dims[x->rank - 2], columns = x->dims[x->rank - 1], n = rows < columns ? rows : columns;
    size_t wanted = ql_dims_product(x->dims, 0, x->rank - 2) * (size_t)n;
    return c->in[1]->count == wanted
               ? QL_OK
               : ql_fail_in(c, 1, QL_E_FORMAT, "%zu elements: must be %zu, one a place on the diagonals",
                            c->in[1]->count, wanted);
}

static ql_code run(const ql_call *c)
{
    const ql_view *x = c->in[0];
    int32_t rows = x->dims[x->rank - 2], columns = x->dims[x->rank - 1], n = rows < columns ? rows : columns;
    ql_run_copy(c);
    if (c->in[1]->count) {
        ql_box box = {.rank = 2,
                      .dims = {(int32_t)(c->in[1]->count / (size_t)n), n},
                      .from = {n, 1},
                      .to = {(int64_t)rows * columns, (int64_t)columns + 1}};
        ql_move_box(&box, ql_element_bytes(x), c->in[1]->data, c->out[0]->data);
    }
    return QL_OK;
}

const ql_op ql_op_matrix_set_diag = {
    .name = "MATRIX_SET_DIAG",
    .code = 115,
    .max_version = 1,
    .options_id = 90,
    .min_in = 2,
    .max_in = 2,
    .min_out = 1,
    .max_out = 1,

    .prepare = prepare,
    .run_any = run,
    .quant = {.kind = QL_Q_SAME},
};
