#include "runtime/ops/common/pad.h"

ql_code ql_read_pads(ql_call *c, const int32_t **pads)
{
    const ql_view *x = c->in[0];
    int count;
    ql_code code = ql_need_same_type(c, 0, 0);
    code = code ? code : ql_need_rank(c, 1, 2, 2);
    code = code ? code : ql_known_i32s(c, 1, pads, &count);
    if (code || !*pads) {
        return code;
    }
    if (c->in[1]->dims[0] != x->rank || c->in[1]->dims[1] != 2) {
        return ql_fail_in(c, 1, QL_E_FORMAT, "shape [%d, %d]: must be [%d, 2], two a dimension",
                          (int)c->in[1]->dims[0], (int)c->in[1]->dims[1], x->rank);
    }
    int32_t dims[QL_MAX_RANK];
    for (int d = 0; d < x->rank; d++) {
        int32_t before = (*pads)[2 * d], after = (*pads)[2 * d + 1];
        int64_t size = (int64_t)x->dims[d] + before + after;
        if (before < 0 || after < 0 || size > INT32_MAX) {
            return ql_fail_in(c, 1, QL_E_FORMAT, "%d before and %d after dimension %d: must not be negative",
                              (int)before, (int)after, d);
        }
        dims[d] = (int32_t)size;
    }
    return ql_set_shape(c, 0, x->rank, dims);
}

static ql_code check_border(const ql_call *c)
{
    if (!ql_has(c, 2)) {
        return ql_need_same_quant(c, 0, 0);
    }
    ql_code code = ql_need_same_type(c, 2, 0);
    if (!code && c->in[2]->count != 1) {
        return ql_fail_in(c, 2, QL_E_FORMAT, "%zu values: must be one", c->in[2]->count);
    }
    return code || !c->out[0]->tensor->quant.scale_count ? code : ql_need_same_quant(c, 2, 0);
}

ql_code ql_prepare_pad(ql_call *c)
{
    const int32_t *pads;
    ql_code code = ql_read_pads(c, &pads);
    code = code ? code : check_border(c);
    if (code || !pads) {
        return code ? code : ql_defer(c);
    }
    ql_move *move = ql_state(c, sizeof *move);
    if (!move) {
        return QL_E_NOMEM;
    }
    const ql_view *x = c->in[0];
    move->box.rank = x->rank;
    ql_dense_steps(x->rank, x->dims, move->box.from);
    ql_dense_steps(x->rank, c->out[0]->dims, move->box.to);
    for (int d = 0; d < x->rank; d++) {
        move->box.dims[d] = x->dims[d];
        move->start += pads[2 * d] * move->box.to[d];
    }
    return QL_OK;
}

ql_code ql_run_pad(const ql_call *c)
{
    const ql_move *move = c->state; /* here `start` is where x begins in y */
    const ql_view *y = c->out[0];
    size_t element = ql_element_bytes(y);
    if (ql_has(c, 2)) {
        ql_fill_elements(y->data, y->count, c->in[2]->data, element);
    } else {
        ql_fill_zero(c);
    }
    if (c->in[0]->count) {
        ql_move_box(&move->box, element, c->in[0]->data, (char *)y->data + (size_t)move->start * element);
    }
    return QL_OK;
}
