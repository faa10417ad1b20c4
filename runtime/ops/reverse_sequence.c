/* REVERSE_SEQUENCE: for each batch, the first `length` elements along a dimension backwards, the rest as is.
 *
 *   in 0   x        any type of whole bytes
 *   in 1   lengths  i32 | i64 [elements of the batch dimension], at most the sequence dimension
 *   out 0  y        type and shape of x
 *
 * Source: TFLite kernels/reverse_sequence.cc.
 */
#include "runtime/ops/common/move.h"

enum { SEQ_DIM, BATCH_DIM };

static ql_code prepare(ql_call *c)
{
    int sequence = ql_opt_int(c->options, SEQ_DIM), batch = ql_opt_int(c->options, BATCH_DIM);
    const ql_view *x = c->in[0];
    ql_code code = ql_need_index(c, 1);
    code = code ? code : ql_need_rank(c, 1, 1, 1);
    if (code) {
        return code;
    }
    if (sequence < 0 || batch < 0 || sequence >= x->rank || batch >= x->rank || sequence == batch) {
        return ql_fail_in(c, 0, QL_E_FORMAT,
                          "sequences along %d, batches along %d of rank %d: must be inside, "
                          "and two",
                          sequence, batch, x->rank);
    }
    if (c->in[1]->dims[0] != x->dims[batch]) {
        return ql_fail_in(c, 1, QL_E_FORMAT, "%d lengths: must be one a batch, %d", (int)c->in[1]->dims[0],
                          (int)x->dims[batch]);
    }
    return ql_prepare_unary(c);
}

static ql_code run(const ql_call *c)
{
    int sequence = ql_opt_int(c->options, SEQ_DIM), batch = ql_opt_int(c->options, BATCH_DIM);
    const ql_view *x = c->in[0];
    size_t element = ql_element_bytes(x);
    ql_box box = {.rank = x->rank};
    ql_dense_steps(x->rank, x->dims, box.to);
    for (int d = 0; d < x->rank; d++) {
        box.dims[d] = d == batch ? 1 : x->dims[d];
    }
    for (int32_t n = 0; n < x->dims[batch] && x->count; n++) {
        int64_t length = ql_index_at(c->in[1], (size_t)n), at = n * box.to[batch], step = box.to[sequence];
        if (length < 0 || length > x->dims[sequence]) {
            return ql_fail_in(c, 1, QL_E_FORMAT, "length %lld of %d elements: must be 0 to that",
                              (long long)length, (int)x->dims[sequence]);
        }
        for (int part = 0; part < 2; part++) { /* the reversed part, then the rest */
            ql_box moved = box;
            int64_t to = at + (part ? length * step : 0), from = at + (part ? length : length - 1) * step;
            moved.dims[sequence] = (int32_t)(part ? x->dims[sequence] - length : length);
            ql_dense_steps(x->rank, x->dims, moved.from);
            moved.from[sequence] = part ? step : -step;
            if (moved.dims[sequence]) {
                ql_move_box(&moved, element, (const char *)x->data + (size_t)from * element,
                            (char *)c->out[0]->data + (size_t)to * element);
            }
        }
    }
    return QL_OK;
}

const ql_op ql_op_reverse_sequence = {
    .name = "REVERSE_SEQUENCE",
    .code = 112,
    .max_version = 1,
    .options_id = 87,
    .min_in = 2,
    .max_in = 2,
    .min_out = 1,
    .max_out = 1,

    .prepare = prepare,
    .run_any = run,
    .quant = {.kind = QL_Q_SAME},
};
