/* GATHER: the slices of x along an axis that indices name.
 *
 *   in 0   x        any type of whole bytes
 *   in 1   indices  i16 | i32 | i64
 *   out 0  y        type of x; shape x[: axis] + indices[batch_dims :] + x[axis + 1 :]
 *
 * The first batch_dims dimensions of both go together. An index outside fails the run.
 * Source: TFLite kernels/gather.cc.
 */
#include "runtime/ops/common/move.h"

enum { AXIS, BATCH_DIMS };

typedef struct {
    size_t batches, outer, size, indices; /* indices: in one batch */
    size_t bytes;                         /* of one slice */
} ql_gather;

static ql_code check_dims(const ql_call *c, int *axis, int *batch_dims)
{
    const ql_view *x = c->in[0], *indices = c->in[1];
    *batch_dims = ql_opt_int(c->options, BATCH_DIMS);
    *batch_dims += *batch_dims < 0 ? indices->rank : 0;
    if (!ql_axis(ql_opt_int(c->options, AXIS), x->rank, axis)) {
        return ql_fail_in(c, 0, QL_E_FORMAT, "axis %d of rank %d: must be inside it",
                          ql_opt_int(c->options, AXIS), x->rank);
    }
    if (*batch_dims < 0 || *batch_dims > *axis || *batch_dims > indices->rank) {
        return ql_fail_in(c, 1, QL_E_FORMAT, "%d batch dimensions of rank %d: at most axis %d, and the rank",
                          *batch_dims, indices->rank, *axis);
    }
    for (int d = 0; d < *batch_dims; d++) {
        if (x->dims[d] != indices->dims[d]) {
            return ql_fail_in(c, 1, QL_E_FORMAT, "%d elements along batch dimension %d: must be %d as in x",
                              (int)indices->dims[d], d, (int)x->dims[d]);
        }
    }
    if (x->rank + indices->rank - 1 - *batch_dims > QL_MAX_RANK) {
        return ql_fail_out(c, 0, QL_E_UNSUPPORTED, "rank %d: at most %d is supported",
                           x->rank + indices->rank - 1 - *batch_dims, QL_MAX_RANK);
    }
    return ql_need_index(c, 1);
}

static ql_code prepare(ql_call *c)
{
    const ql_view *x = c->in[0], *indices = c->in[1];
    int axis, batch_dims, rank = 0;
    ql_code code = ql_need_same_type(c, 0, 0);
    code = code ? code : check_dims(c, &axis, &batch_dims);
    ql_gather *s = code ? NULL : ql_state(c, sizeof *s);
    if (!s) {
        return code ? code : QL_E_NOMEM;
    }
    int32_t dims[QL_MAX_RANK];
    for (int d = 0; d < axis; d++) {
        dims[rank++] = x->dims[d];
    }
    for (int d = batch_dims; d < indices->rank; d++) {
        dims[rank++] = indices->dims[d];
    }
    for (int d = axis + 1; d < x->rank; d++) {
        dims[rank++] = x->dims[d];
    }
    s->batches = ql_dims_product(x->dims, 0, batch_dims);
    s->outer = ql_dims_product(x->dims, batch_dims, axis);
    s->size = (size_t)x->dims[axis];
    s->indices = ql_dims_product(indices->dims, batch_dims, indices->rank);
    s->bytes = ql_dims_product(x->dims, axis + 1, x->rank) * ql_element_bytes(x);
    return ql_set_shape(c, 0, rank, dims);
}

static ql_code run(const ql_call *c)
{
    const ql_gather *s = c->state;
    const char *x = c->in[0]->data;
    char *y = c->out[0]->data;
    for (size_t row = 0; row < s->batches * s->outer && c->out[0]->count; row++) {
        for (size_t k = 0; k < s->indices; k++, y += s->bytes) {
            int64_t index = ql_index_at(c->in[1], row / s->outer * s->indices + k);
            if (index < 0 || (uint64_t)index >= s->size) {
                return ql_fail_in(c, 1, QL_E_FORMAT, "index %lld into %zu slices: must be inside",
                                  (long long)index, s->size);
            }
            ql_move_rows(y, 0, x + (row * s->size + (size_t)index) * s->bytes, 0, s->bytes, 1);
        }
    }
    return QL_OK;
}

const ql_op ql_op_gather = {
    .name = "GATHER",
    .code = 36,
    .max_version = 8,
    .options_id = 23,
    .min_in = 2,
    .max_in = 2,
    .min_out = 1,
    .max_out = 1,

    .prepare = prepare,
    .run_any = run,
    .quant = {.kind = QL_Q_SAME, .dynamic = 1u << 0},
};
