/* SPACE_TO_BATCH_ND: pixels that are `block` apart become images of their own.
 *
 *   in 0   x      [N, H, C] or [N, H, W, C], any type of whole bytes
 *   in 1   block  i32 [1 or 2]      in 2  padding  i32 [1 or 2, 2], filled with what stands for 0
 *   out 0  y      type and quantization of x
 *
 * Source: TFLite reference_ops::SpaceToBatchND.
 */
#include "runtime/ops/common/blocks.h"

static ql_code prepare(ql_call *c)
{
    return ql_prepare_blocks(c, true);
}

const ql_op ql_op_space_to_batch_nd = {
    .name = "SPACE_TO_BATCH_ND",
    .code = 38,
    .max_version = 4,
    .options_id = 25,
    .min_in = 3,
    .max_in = 3,
    .min_out = 1,
    .max_out = 1,

    .prepare = prepare,
    .run_any = ql_run_space_to_batch,
    .quant = {.kind = QL_Q_SAME},
};
