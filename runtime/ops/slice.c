/* SLICE: the box of given size from a given place on.
 *
 *   in 0   x      any type of whole bytes
 *   in 1   begin  i32 | i64 [rank]
 *   in 2   size   i32 | i64 [rank]; -1: all that follows      out 0  y  type of x
 *
 * Source: TFLite kernels/slice.cc.
 */
#include "runtime/ops/common/move.h"

static ql_code check_dimension(const ql_call *c, int d, int32_t begin, int32_t *size)
{
    int32_t all = c->in[0]->dims[d];
    if (*size == -1 && begin >= 0 && begin <= all) {
        *size = all - begin;
    }
    if (begin < 0 || *size < 0 || begin > all || *size > all - begin) {
        return ql_fail_in(c, 2, QL_E_FORMAT, "%d elements from %d on in dimension %d of %d: must lie inside",
                          (int)*size, (int)begin, d, (int)all);
    }
    return QL_OK;
}

static ql_code prepare(ql_call *c)
{
    const ql_view *x = c->in[0];
    const int32_t *begin, *size;
    int begins, sizes;
    ql_code code = ql_need_same_type(c, 0, 0);
    code = code ? code : ql_known_i32s(c, 1, &begin, &begins);
    code = code ? code : ql_known_i32s(c, 2, &size, &sizes);
    if (code || !begin || !size) {
        return code ? code : ql_defer(c);
    }
    if (begins != x->rank || sizes != x->rank) {
        return ql_fail_op(c, QL_E_FORMAT, "%d begins and %d sizes for rank %d: must be as many", begins,
                          sizes, x->rank);
    }
    ql_move *move = ql_state(c, sizeof *move);
    if (!move) {
        return QL_E_NOMEM;
    }
    move->box.rank = x->rank;
    ql_dense_steps(x->rank, x->dims, move->box.from);
    for (int d = 0; d < x->rank; d++) {
        move->box.dims[d] = size[d];
        if ((code = check_dimension(c, d, begin[d], &move->box.dims[d]))) {
            return code;
        }
        move->start += begin[d] * move->box.from[d];
    }
    ql_dense_steps(x->rank, move->box.dims, move->box.to);
    return ql_set_shape(c, 0, x->rank, move->box.dims);
}

const ql_op ql_op_slice = {
    .name = "SLICE",
    .code = 65,
    .max_version = 8,
    .options_id = 48,
    .min_in = 3,
    .max_in = 3,
    .min_out = 1,
    .max_out = 1,

    .prepare = prepare,
    .run_any = ql_run_move,
    .quant = {.kind = QL_Q_SAME},
};
