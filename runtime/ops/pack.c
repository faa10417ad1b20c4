/* PACK: inputs of one shape side by side along a new dimension.
 *
 *   in 0 .. n-1  x  all of one type, shape and quantization      out 0  y  rank one more
 *
 * Source: TFLite kernels/pack.cc.
 */
#include "runtime/ops/common/move.h"

enum { VALUES_COUNT, AXIS };

static ql_code check_inputs(const ql_call *c)
{
    const ql_view *first = c->in[0];
    for (int i = 0; i < c->in_count; i++) {
        ql_code code = c->in[i] ? ql_need_same_type(c, i, 0)
                                : ql_fail_op(c, QL_E_FORMAT, "input %d is left out: it is not optional", i);
        code = code ? code : ql_need_same_quant(c, i, 0);
        if (code) {
            return code;
        }
        if (!ql_same_shape(c->in[i], first)) {
            return ql_fail_in(c, i, QL_E_FORMAT, "its shape is not input 0's: all must have one shape");
        }
    }
    return QL_OK;
}

static ql_code prepare(ql_call *c)
{
    ql_code code = check_inputs(c);
    if (code) {
        return code;
    }
    const ql_view *first = c->in[0];
    int axis, rank = first->rank + 1;
    if (rank > QL_MAX_RANK || !ql_axis(ql_opt_int(c->options, AXIS), rank, &axis)) {
        return ql_fail_op(c, QL_E_FORMAT,
                          "axis %d for a result of rank %d: must be inside it, rank at most %d",
                          ql_opt_int(c->options, AXIS), rank, QL_MAX_RANK);
    }
    int32_t dims[QL_MAX_RANK];
    for (int d = 0; d < rank; d++) {
        dims[d] = d == axis ? c->in_count : first->dims[d < axis ? d : d - 1];
    }
    int *state = ql_state(c, sizeof *state);
    if (!state) {
        return QL_E_NOMEM;
    }
    *state = axis;
    return ql_set_shape(c, 0, rank, dims);
}

static ql_code run(const ql_call *c)
{
    const ql_view *first = c->in[0];
    int axis = *(const int *)c->state;
    size_t rows = ql_dims_product(first->dims, 0, axis);
    size_t bytes = ql_dims_product(first->dims, axis, first->rank) * ql_element_bytes(first);
    for (int i = 0; i < c->in_count; i++) {
        ql_move_rows((char *)c->out[0]->data + (size_t)i * bytes, bytes * (size_t)c->in_count, c->in[i]->data,
                     bytes, bytes, rows);
    }
    return QL_OK;
}

const ql_op ql_op_pack = {
    .name = "PACK",
    .code = 83,
    .max_version = 5,
    .options_id = 59,
    .min_in = 1,
    .max_in = -1,
    .min_out = 1,
    .max_out = 1,
    .prepare = prepare,
    .run_any = run,
    .quant = {.kind = QL_Q_SAME},
};
