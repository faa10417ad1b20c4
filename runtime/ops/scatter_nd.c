/* SCATTER_ND: zeros, with updates added at the places that index tuples name.
 *
 *   in 0   indices  i32 [..., n]
 *   in 1   updates  f32 | i8 | u8 | i32 | i64 | bool; shape indices[: -1] + y[n :]
 *   in 2   shape    i32 [rank]      out 0  y  type of updates
 *
 * Places that are named twice add up: integers wrap, bools are ored. An index outside fails the run.
 * Source: TFLite kernels/scatter_nd.cc, reference_ops::ScatterNd.
 */
#include "runtime/ops/common/coordinates.h"

#include <string.h>

static ql_code check_updates(const ql_call *c, const ql_coordinates *s, int rank, const int32_t *dims)
{
    const ql_view *indices = c->in[0], *updates = c->in[1];
    int outer = indices->rank - 1;
    bool fits = updates->rank == outer + rank - s->length;
    for (int d = 0; fits && d < updates->rank; d++) {
        fits = updates->dims[d] == (d < outer ? indices->dims[d] : dims[s->length + d - outer]);
    }
    return fits
               ? QL_OK
               : ql_fail_in(c, 1, QL_E_FORMAT,
                            "its shape does not fit: must be that of the indices without the last dimension, "
                            "then what a tuple names");
}

static ql_code prepare(ql_call *c)
{
    const int32_t *dims;
    int rank;
    ql_code code = ql_need_same_type(c, 1, 0);
    code = code ? code : ql_known_i32s(c, 2, &dims, &rank);
    if (code || !dims) {
        return code ? code : ql_defer(c);
    }
    code = ql_set_shape(c, 0, rank, dims);
    ql_coordinates *s = code ? NULL : ql_state(c, sizeof *s);
    if (!s) {
        return code ? code : QL_E_NOMEM;
    }
    code = ql_coordinates_prepare(c, 0, rank, dims, s);
    return code ? code : check_updates(c, s, rank, dims);
}

#define SCATTER(name, type, sum)                                                                             \
    static ql_code name(const ql_call *c)                                                                    \
    {                                                                                                        \
        const ql_coordinates *s = c->state;                                                                  \
        memset(c->out[0]->data, 0, c->out[0]->bytes);                                                        \
        const type *update = c->in[1]->data;                                                                 \
        for (size_t k = 0; k < s->tuples && s->slice; k++) {                                                 \
            size_t at;                                                                                       \
            ql_code code = ql_coordinates_at(c, s, k, &at);                                                  \
            if (code) {                                                                                      \
                return code;                                                                                 \
            }                                                                                                \
            type *y = (type *)c->out[0]->data + at;                                                          \
            for (size_t i = 0; i < s->slice; i++, update++) {                                                \
                y[i] = (type)(sum);                                                                          \
            }                                                                                                \
        }                                                                                                    \
        return QL_OK;                                                                                        \
    }

SCATTER(run_f32, float, y[i] + *update)
SCATTER(run_i8, int8_t, y[i] + *update)
SCATTER(run_u8, uint8_t, y[i] + *update)
SCATTER(run_bool, uint8_t, y[i] || *update)
SCATTER(run_i32, int32_t, (uint32_t)y[i] + (uint32_t)*update)
SCATTER(run_i64, int64_t, (uint64_t)y[i] + (uint64_t)*update)

const ql_op ql_op_scatter_nd = {
    .name = "SCATTER_ND",
    .code = 122,
    .max_version = 1,
    .options_id = 97,
    .min_in = 3,
    .max_in = 3,
    .min_out = 1,
    .max_out = 1,
    .key = 1,
    .prepare = prepare,
    .run = {[QL_S_F32] = run_f32,
            [QL_S_I8] = run_i8,
            [QL_S_U8] = run_u8,
            [QL_S_BOOL] = run_bool,
            [QL_S_I32] = run_i32,
            [QL_S_I64] = run_i64},
    .quant = {.kind = QL_Q_SAME},
};
