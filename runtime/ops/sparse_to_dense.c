/* SPARSE_TO_DENSE: a default value everywhere but at the given coordinates.
 *
 *   in 0   indices  i32 | i64: one index, a vector of them, or [n, rank]
 *   in 1   shape    i32 | i64 [rank]
 *   in 2   values   any type of whole bytes: one for all, or [n]
 *   in 3   default  the same type, one      out 0  y  the same type
 *
 * Later values win. An index outside fails the run.
 * Source: TFLite kernels/sparse_to_dense.cc.
 */
#include "runtime/ops/common/move.h"

static ql_code prepare(ql_call *c)
{
    const ql_view *indices = c->in[0], *values = c->in[2];
    const int32_t *dims;
    int rank;
    ql_code code = ql_need_index(c, 0);
    code = code ? code : ql_need_rank(c, 0, 0, 2);
    code = code ? code : ql_need_same_type(c, 2, 0);
    code = code ? code : ql_need_same_type(c, 3, 0);
    code = code ? code : ql_known_i32s(c, 1, &dims, &rank);
    if (code || !dims) {
        return code ? code : ql_defer(c);
    }
    int wanted = indices->rank == 2 ? indices->dims[1] : 1;
    size_t tuples = indices->rank == 2 ? (size_t)indices->dims[0] : indices->count;
    if (rank != wanted) {
        return ql_fail_in(c, 1, QL_E_FORMAT, "%d dimensions, indices of %d: must be as many", rank, wanted);
    }
    if ((values->rank && values->count != tuples) || c->in[3]->count != 1) {
        return ql_fail_in(c, 2, QL_E_FORMAT, "%zu values for %zu indices: must be as many, or a scalar",
                          values->count, tuples);
    }
    return ql_set_shape(c, 0, rank, dims);
}

static ql_code place(const ql_call *c, size_t k, size_t *at)
{
    const ql_view *y = c->out[0];
    *at = 0;
    for (int d = 0; d < y->rank; d++) {
        int64_t index = ql_index_at(c->in[0], k * (size_t)y->rank + (size_t)d);
        if (index < 0 || index >= y->dims[d]) {
            return ql_fail_in(c, 0, QL_E_FORMAT, "index %lld along dimension %d of %d: must be inside",
                              (long long)index, d, (int)y->dims[d]);
        }
        *at = *at * (size_t)y->dims[d] + (size_t)index;
    }
    return QL_OK;
}

static ql_code run(const ql_call *c)
{
    ql_view *y = c->out[0];
    size_t element = ql_element_bytes(y), tuples = y->rank ? c->in[0]->count / (size_t)y->rank : 0;
    ql_fill_elements(y->data, y->count, c->in[3]->data, element);
    for (size_t k = 0; k < tuples; k++) {
        size_t at, from = c->in[2]->rank ? k : 0;
        ql_code code = place(c, k, &at);
        if (code) {
            return code;
        }
        ql_fill_elements((char *)y->data + at * element, 1, (const char *)c->in[2]->data + from * element,
                         element);
    }
    return QL_OK;
}

const ql_op ql_op_sparse_to_dense = {
    .name = "SPARSE_TO_DENSE",
    .code = 68,
    .max_version = 3,
    .options_id = 50,
    .min_in = 4,
    .max_in = 4,
    .min_out = 1,
    .max_out = 1,
    .key = 2,
    .prepare = prepare,
    .run_any = run,
    .quant = {.kind = QL_Q_NONE},
};
