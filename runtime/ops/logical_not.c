/* LOGICAL_NOT: y = not x, elementwise.
 *
 *   in 0  x  bool      out 0  y  bool
 *
 * Source: TFLite kernels/elementwise.cc.
 */
#include "runtime/ops/common/unary.h"

QL_UNARY(run_bool, uint8_t, !x)

const ql_op ql_op_logical_not = {
    .name = "LOGICAL_NOT",
    .code = 87,
    .max_version = 1,
    .options_id = 63,
    .min_in = 1,
    .max_in = 1,
    .min_out = 1,
    .max_out = 1,
    .prepare = ql_prepare_unary,
    .run = {[QL_S_BOOL] = run_bool},
    .quant = {.kind = QL_Q_NONE},
};
