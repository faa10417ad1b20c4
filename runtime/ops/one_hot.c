/* ONE_HOT: along a new dimension, the on value at each index and the off value elsewhere.
 *
 *   in 0   indices  i32 | i64
 *   in 1   depth    i32, one value: size of the new dimension
 *   in 2   on       any type of whole bytes, one value      in 3  off  the same type, one value
 *   out 0  y        type of on; the option axis says where the new dimension is, -1: last
 *
 * Source: TFLite kernels/one_hot.cc.
 */
#include "runtime/ops/common/move.h"

enum { AXIS };

static ql_code prepare(ql_call *c)
{
    const ql_view *x = c->in[0];
    const int32_t *depth;
    int count, axis = ql_opt_int(c->options, AXIS);
    ql_code code = ql_need_index(c, 0);
    code = code ? code : ql_need_same_type(c, 2, 0);
    code = code ? code : ql_need_same_type(c, 3, 0);
    code = code ? code : ql_known_i32s(c, 1, &depth, &count);
    if (code || !depth) {
        return code ? code : ql_defer(c);
    }
    if (count != 1 || depth[0] < 0 || c->in[2]->count != 1 || c->in[3]->count != 1) {
        return ql_fail_in(c, 1, QL_E_FORMAT, "depth, on and off of %d, %zu and %zu values: must be one each",
                          count, c->in[2]->count, c->in[3]->count);
    }
    axis = axis == -1 ? x->rank : axis;
    if (axis < 0 || axis > x->rank || x->rank == QL_MAX_RANK) {
        return ql_fail_op(c, QL_E_FORMAT, "axis %d for rank %d: must be inside, and one more rank fit", axis,
                          x->rank);
    }
    int32_t dims[QL_MAX_RANK];
    for (int d = 0; d <= x->rank; d++) {
        dims[d] = d == axis ? depth[0] : x->dims[d < axis ? d : d - 1];
    }
    size_t *inner = ql_state(c, sizeof *inner);
    if (!inner) {
        return QL_E_NOMEM;
    }
    *inner = ql_dims_product(x->dims, axis, x->rank);
    return ql_set_shape(c, 0, x->rank + 1, dims);
}

static ql_code run(const ql_call *c)
{
    size_t inner = *(const size_t *)c->state, element = ql_element_bytes(c->out[0]);
    size_t indices = c->in[0]->count, depth = indices ? c->out[0]->count / indices : 0;
    ql_fill_elements(c->out[0]->data, c->out[0]->count, c->in[3]->data, element);
    for (size_t k = 0; k < indices; k++) {
        int64_t index = (int32_t)ql_index_at(c->in[0], k); /* int64 is cut, as in the reference */
        if (index >= 0 && (size_t)index < depth) {
            size_t at = (k / inner * depth + (size_t)index) * inner + k % inner;
            ql_fill_elements((char *)c->out[0]->data + at * element, 1, c->in[2]->data, element);
        }
    }
    return QL_OK;
}

const ql_op ql_op_one_hot = {
    .name = "ONE_HOT",
    .code = 85,
    .max_version = 1,
    .options_id = 61,
    .min_in = 4,
    .max_in = 4,
    .min_out = 1,
    .max_out = 1,
    .key = 2,
    .prepare = prepare,
    .run_any = run,
    .quant = {.kind = QL_Q_NONE},
};
