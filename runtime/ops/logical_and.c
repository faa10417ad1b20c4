/* LOGICAL_AND: y = a and b, shapes broadcast.
 *
 *   in 0, 1  a, b  bool      out 0  y  bool
 *
 * Source: TFLite kernels/logical.cc.
 */
#include "runtime/ops/common/binary.h"

QL_BINARY(run_bool, ql_broadcast, uint8_t, uint8_t, a &&b)

const ql_op ql_op_logical_and = {
    .name = "LOGICAL_AND",
    .code = 86,
    .max_version = 1,
    .options_id = 62,
    .min_in = 2,
    .max_in = 2,
    .min_out = 1,
    .max_out = 1,
    .prepare = ql_prepare_elements,
    .run = {[QL_S_BOOL] = run_bool},
    .quant = {.kind = QL_Q_NONE},
};
