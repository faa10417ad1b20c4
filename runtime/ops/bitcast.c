/* BITCAST: the same bytes as another type.
 *
 *   in 0   x  any type of whole bytes
 *   out 0  y  any; a narrower type adds a last dimension, a wider one takes the last, which must fit, away
 *
 * Source: TFLite kernels/bitcast.cc.
 */
#include "runtime/ops/common/move.h"

#include <string.h>

static ql_code prepare(ql_call *c)
{
    const ql_view *x = c->in[0];
    size_t from = ql_element_bytes(x), to = ql_element_bytes(c->out[0]);
    int32_t dims[QL_MAX_RANK + 1];
    int rank = x->rank;
    memcpy(dims, x->dims, sizeof x->dims);
    if (!to) {
        return ql_fail_out(c, 0, QL_E_UNSUPPORTED, "type %s: whole bytes are required",
                           ql_type_name(c->out[0]->type));
    }
    if (from > to) {
        dims[rank++] = (int32_t)(from / to);
    } else if (from < to) {
        if (!rank || (size_t)dims[rank - 1] * from != to) {
            return ql_fail_in(c, 0, QL_E_FORMAT, "%d elements of %zu bytes: must make one of %zu",
                              rank ? (int)dims[rank - 1] : 0, from, to);
        }
        rank--;
    }
    return ql_set_shape(c, 0, rank, dims);
}

const ql_op ql_op_bitcast = {
    .name = "BITCAST",
    .code = 159,
    .max_version = 1,
    .options_id = 124,
    .min_in = 1,
    .max_in = 1,
    .min_out = 1,
    .max_out = 1,

    .prepare = prepare,
    .run_any = ql_run_copy,
    .quant = {.kind = QL_Q_NONE},
};
