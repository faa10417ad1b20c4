/* SEGMENT_SUM: the sum of the slices of each segment, whose ids come in order.
 *
 *   in 0   x    f32 | i32 [n, ...]
 *   in 1   ids  i32 [n]: begin with 0, never fall, rise by at most 1      out 0  y  [last id + 1, ...]
 *
 * Source: TFLite kernels/segment_sum.cc.
 */
#include "runtime/ops/common/segment.h"

#include <string.h>

QL_SEGMENT(run_f32, float, 0, total + x)
QL_SEGMENT(run_i32, int32_t, 0, (uint32_t)total + (uint32_t)x)

static ql_code prepare(ql_call *c)
{
    const ql_view *x = c->in[0];
    const int32_t *ids;
    int count;
    ql_code code = ql_need_same_type(c, 0, 0);
    code = code ? code : ql_need_type(c, 1, QL_I32);
    code = code ? code : ql_need_rank(c, 0, 1, QL_MAX_RANK);
    code = code ? code : ql_need_rank(c, 1, 1, 1);
    code = code ? code : ql_known_i32s(c, 1, &ids, &count);
    if (code || !ids) {
        return code ? code : ql_defer(c);
    }
    if (count != x->dims[0]) {
        return ql_fail_in(c, 1, QL_E_FORMAT, "%d ids: must be one a slice, %d", count, (int)x->dims[0]);
    }
    int32_t last = -1;
    for (int i = 0; i < count; i++) {
        if (ids[i] != last + 1 && (ids[i] != last || i == 0)) {
            return ql_fail_in(c, 1, QL_E_FORMAT, "id %d after %d: must begin with 0 and rise by at most 1",
                              (int)ids[i], (int)last);
        }
        last = ids[i];
    }
    int32_t dims[QL_MAX_RANK];
    memcpy(dims, x->dims, sizeof dims);
    dims[0] = last + 1;
    return ql_set_shape(c, 0, x->rank, dims);
}

const ql_op ql_op_segment_sum = {
    .name = "SEGMENT_SUM",
    .code = 125,
    .max_version = 1,
    .options_id = 100,
    .min_in = 2,
    .max_in = 2,
    .min_out = 1,
    .max_out = 1,

    .prepare = prepare,
    .run = {[QL_S_F32] = run_f32, [QL_S_I32] = run_i32},
    .quant = {.kind = QL_Q_NONE},
};
