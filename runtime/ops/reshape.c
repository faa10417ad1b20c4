/* RESHAPE: the same values under another shape.
 *
 *   in 0   x      any type
 *   in 1   shape  i32 [rank], may be left out: then the option new_shape; one entry may be -1
 *   out 0  y      type of x
 *
 * Source: TFLite kernels/reshape.cc. A shape input of more than one dimension, or new_shape [0], means a
 * scalar as old converters wrote it.
 */
#include "runtime/ops/op.h"

enum { NEW_SHAPE };

static ql_code wanted_shape(ql_call *c, const int32_t **dims, int *rank)
{
    if (ql_has(c, 1) && c->in[1]->rank == 1) {
        return ql_known_i32s(c, 1, dims, rank);
    }
    *rank = (int)ql_opt_i32s(c->options, NEW_SHAPE, dims);
    if (*rank == 1 && (*dims)[0] == 0) {
        *rank = 0;
    }
    static const int32_t none;
    *dims = *dims ? *dims : &none;
    return QL_OK;
}

/* Fills in the one dimension that was left open. */
static ql_code complete(ql_call *c, int32_t *dims, int rank)
{
    int open = -1;
    size_t rest = 1;
    for (int d = 0; d < rank; d++) {
        if (dims[d] == -1 && open < 0) {
            open = d;
        } else if (dims[d] < 0 || (dims[d] && rest > SIZE_MAX / (size_t)dims[d])) {
            return ql_fail_op(c, QL_E_FORMAT,
                              "dimension %d of the new shape is %d: must not be negative, but for one -1", d,
                              (int)dims[d]);
        } else {
            rest *= (size_t)dims[d];
        }
    }
    if (open >= 0) {
        dims[open] = rest ? (int32_t)(c->in[0]->count / rest) : 0;
        rest *= (size_t)dims[open];
    }
    if (rest != c->in[0]->count) {
        return ql_fail_op(c, QL_E_FORMAT, "%zu elements into a shape of %zu: must be equal", c->in[0]->count,
                          rest);
    }
    return ql_set_shape(c, 0, rank, dims);
}

static ql_code prepare(ql_call *c)
{
    const int32_t *wanted;
    int rank;
    ql_code code = ql_need_same_type(c, 0, 0);
    code = code ? code : wanted_shape(c, &wanted, &rank);
    if (code) {
        return code;
    }
    if (!wanted) {
        return ql_defer(c);
    }
    if (rank > QL_MAX_RANK) {
        return ql_fail_op(c, QL_E_UNSUPPORTED, "a shape of rank %d: at most %d is supported", rank,
                          QL_MAX_RANK);
    }
    int32_t dims[QL_MAX_RANK];
    for (int d = 0; d < rank; d++) {
        dims[d] = wanted[d];
    }
    return complete(c, dims, rank);
}

const ql_op ql_op_reshape = {
    .name = "RESHAPE",
    .code = 22,
    .max_version = 1,
    .options_id = 17,
    .min_in = 1,
    .max_in = 2,
    .min_out = 1,
    .max_out = 1,
    .prepare = prepare,
    .run = {[QL_S_I4] = ql_run_copy},
    .run_any = ql_run_copy,
    .quant = {.kind = QL_Q_SAME},
};
