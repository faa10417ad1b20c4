/* NON_MAX_SUPPRESSION_V4 and _V5: the best boxes that do not overlap too much. */
#ifndef QL_OPS_COMMON_NMS_H
#define QL_OPS_COMMON_NMS_H

#include "runtime/ops/op.h"

/* in 0 boxes f32 [n, 4] (y1, x1, y2, x2), in 1 scores f32 [n], in 2 how many at most i32, in 3 and 4 the
 * thresholds of overlap and score f32, in 5 (V5) sigma f32 >= 0. Outputs: indices i32 [most], with sigma also
 * scores f32 [most], then how many i32, a scalar; what is left over is 0. */
ql_code ql_prepare_nms(ql_call *c);
ql_code ql_run_nms(const ql_call *c);

#endif
