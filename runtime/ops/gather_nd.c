/* GATHER_ND: the elements or slices of x that index tuples name.
 *
 *   in 0   x        any type of whole bytes
 *   in 1   indices  i16 | i32 | i64 [..., n], n at most x's rank
 *   out 0  y        type of x; shape indices[: -1] + x[n :]
 *
 * An index outside fails the run.
 * Source: TFLite kernels/gather_nd.cc.
 */
#include "runtime/ops/common/coordinates.h"

static ql_code prepare(ql_call *c)
{
    const ql_view *x = c->in[0], *indices = c->in[1];
    ql_coordinates *s = ql_state(c, sizeof *s);
    ql_code code = s ? ql_need_same_type(c, 0, 0) : QL_E_NOMEM;
    code = code ? code : ql_coordinates_prepare(c, 1, x->rank, x->dims, s);
    if (code) {
        return code;
    }
    int32_t dims[2 * QL_MAX_RANK];
    int rank = 0;
    for (int d = 0; d < indices->rank - 1; d++) {
        dims[rank++] = indices->dims[d];
    }
    for (int d = s->length; d < x->rank; d++) {
        dims[rank++] = x->dims[d];
    }
    return ql_set_shape(c, 0, rank, dims);
}

static ql_code run(const ql_call *c)
{
    const ql_coordinates *s = c->state;
    size_t element = ql_element_bytes(c->in[0]), bytes = s->slice * element, at;
    char *y = c->out[0]->data;
    for (size_t k = 0; k < s->tuples && bytes; k++) {
        ql_code code = ql_coordinates_at(c, s, k, &at);
        if (code) {
            return code;
        }
        ql_move_rows(y + k * bytes, 0, (const char *)c->in[0]->data + at * element, 0, bytes, 1);
    }
    return QL_OK;
}

const ql_op ql_op_gather_nd = {
    .name = "GATHER_ND",
    .code = 107,
    .max_version = 6,
    .options_id = 83,
    .min_in = 2,
    .max_in = 2,
    .min_out = 1,
    .max_out = 1,

    .prepare = prepare,
    .run_any = run,
    .quant = {.kind = QL_Q_SAME},
};
