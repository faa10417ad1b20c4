/* GREATER_EQUAL: y = a >= b, shapes broadcast.
 *
 *   in 0, 1  a, b   f32 | f16 | i8 | u8 | i16 | i32 | i64      out 0  y  bool
 *
 * int16 is compared as it is stored.
 * Source: common/compare.h.
 */
#include "runtime/ops/common/compare.h"

QL_COMPARE(>=)

const ql_op ql_op_greater_equal = {
    .name = "GREATER_EQUAL",
    .code = 62,
    .max_version = 3,
    .options_id = 45,
    .min_in = 2,
    .max_in = 2,
    .min_out = 1,
    .max_out = 1,
    .prepare = ql_prepare_compare,
    .run = {QL_RUN_COMPARE},
    .quant = {.kind = QL_Q_NONE, .no_i16 = true, .reads = true},
};
