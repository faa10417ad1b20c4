/* REDUCE_ALL: whether all are true along some dimensions.
 *
 *   in 0   x     bool
 *   in 1   axes  i32; negative ones count from the end
 *   out 0  y     bool
 *
 * Source: TFLite kernels/reduce.cc.
 */
#include "runtime/ops/common/reduce.h"

QL_REDUCTION(run_bool, uint8_t, 1, total &&x)

const ql_op ql_op_reduce_all = {
    .name = "REDUCE_ALL",
    .code = 140,
    .max_version = 1,
    .options_id = 27,
    .min_in = 2,
    .max_in = 2,
    .min_out = 1,
    .max_out = 1,
    .prepare = ql_prepare_reduction,
    .run = {[QL_S_BOOL] = run_bool},
    .quant = {.kind = QL_Q_NONE},
};
