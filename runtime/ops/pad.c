/* PAD: a tensor with a border of what stands for 0 (a quantized output's zero point).
 *
 *   in 0   x     any type of whole bytes
 *   in 1   pads  i16 | i32 | i64 [rank, 2]: elements before and after each dimension
 *   in 2   may hold the border's value, as in PADV2      out 0  y  type and quantization of x
 *
 * Source: TFLite kernels/pad.cc.
 */
#include "runtime/ops/common/pad.h"

const ql_op ql_op_pad = {
    .name = "PAD",
    .code = 34,
    .max_version = 6,
    .options_id = 22,
    .min_in = 2,
    .max_in = 3,
    .min_out = 1,
    .max_out = 1,

    .prepare = ql_prepare_pad,
    .run_any = ql_run_pad,
    .quant = {.kind = QL_Q_SAME},
};
