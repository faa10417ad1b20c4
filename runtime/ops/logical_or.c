/* LOGICAL_OR: y = a or b, shapes broadcast.
 *
 *   in 0, 1  a, b  bool      out 0  y  bool
 *
 * Source: TFLite kernels/logical.cc.
 */
#include "runtime/ops/common/binary.h"

QL_BINARY(run_bool, ql_broadcast, uint8_t, uint8_t, a || b)

const ql_op ql_op_logical_or = {
    .name = "LOGICAL_OR",
    .code = 84,
    .max_version = 1,
    .options_id = 60,
    .min_in = 2,
    .max_in = 2,
    .min_out = 1,
    .max_out = 1,
    .prepare = ql_prepare_elements,
    .run = {[QL_S_BOOL] = run_bool},
    .quant = {.kind = QL_Q_NONE},
};
