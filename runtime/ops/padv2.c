/* PADV2: a tensor with a border of a given value.
 *
 *   in 0   x      any type of whole bytes
 *   in 1   pads   i16 | i32 | i64 [rank, 2]: elements before and after each dimension
 *   in 2   value  one, type and quantization of x      out 0  y  type and quantization of x
 *
 * Source: TFLite kernels/pad.cc.
 */
#include "runtime/ops/common/pad.h"

const ql_op ql_op_padv2 = {
    .name = "PADV2",
    .code = 60,
    .max_version = 6,
    .options_id = 43,
    .min_in = 3,
    .max_in = 3,
    .min_out = 1,
    .max_out = 1,

    .prepare = ql_prepare_pad,
    .run_any = ql_run_pad,
    .quant = {.kind = QL_Q_SAME},
};
