/* NON_MAX_SUPPRESSION_V4: the best boxes that do not overlap too much with better ones.
 *
 *   in 0   boxes    f32 [n, 4]: y1, x1, y2, x2 of any two opposite corners
 *   in 1   scores   f32 [n]
 *   in 2   most     i32, how many boxes at most
 *   in 3   overlap  f32: intersection over union from which on a box is left out
 *   in 4   score    f32: boxes at or below are left out
 *   out 0  indices  i32 [most], 0 where there are fewer      out 1  count  i32
 *
 * Source: TFLite reference_ops::NonMaxSuppression.
 */
#include "runtime/ops/common/nms.h"

const ql_op ql_op_non_max_suppression_v4 = {
    .name = "NON_MAX_SUPPRESSION_V4",
    .code = 120,
    .max_version = 1,
    .options_id = 95,
    .min_in = 5,
    .max_in = 5,
    .min_out = 2,
    .max_out = 2,

    .prepare = ql_prepare_nms,
    .run = {[QL_S_F32] = ql_run_nms},
    .quant = {.kind = QL_Q_NONE},
};
