/* UNSORTED_SEGMENT_PROD: the product of the slices of each segment, whose ids come in any order.
 *
 *   in 0   x         f32 | i32
 *   in 1   ids       i32, shape a prefix of x's; slices with a negative id are left out
 *   in 2   segments  i32, one value      out 0  y  [segments] + the rest of x's shape
 *
 * A segment without slices has 1. Integers wrap. An id beyond the segments fails the run.
 * Source: TFLite kernels/unsorted_segment.cc.
 */
#include "runtime/ops/common/segment.h"

QL_SEGMENT(run_f32, float, 1, total *x)
QL_SEGMENT(run_i32, int32_t, 1, (uint32_t)total *(uint32_t)x)

const ql_op ql_op_unsorted_segment_prod = {
    .name = "UNSORTED_SEGMENT_PROD",
    .code = 153,
    .max_version = 1,
    .options_id = 118,
    .min_in = 3,
    .max_in = 3,
    .min_out = 1,
    .max_out = 1,

    .prepare = ql_prepare_unsorted_segment,
    .run = {[QL_S_F32] = run_f32, [QL_S_I32] = run_i32},
    .quant = {.kind = QL_Q_NONE},
};
