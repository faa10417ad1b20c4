/* NON_MAX_SUPPRESSION_V5: the best boxes, the scores of overlapping ones lowered.
 *
 *   in 0   boxes    f32 [n, 4]: y1, x1, y2, x2 of any two opposite corners
 *   in 1   scores   f32 [n]
 *   in 2   most     i32, how many boxes at most
 *   in 3   overlap  f32: intersection over union from which on a box is left out
 *   in 4   score    f32: boxes at or below are left out
 *   in 5   sigma    f32: a score falls by exp(-overlap^2 / (2 sigma)); 0 leaves it
 *   out 0  indices  i32 [most]      out 1  scores  f32 [most]; both 0 where there are fewer
 *   out 2  count    i32
 *
 * Source: TFLite reference_ops::NonMaxSuppression.
 */
#include "runtime/ops/common/nms.h"

const ql_op ql_op_non_max_suppression_v5 = {
    .name = "NON_MAX_SUPPRESSION_V5",
    .code = 121,
    .max_version = 1,
    .options_id = 96,
    .min_in = 6,
    .max_in = 6,
    .min_out = 3,
    .max_out = 3,

    .prepare = ql_prepare_nms,
    .run = {[QL_S_F32] = ql_run_nms},
    .quant = {.kind = QL_Q_NONE},
};
