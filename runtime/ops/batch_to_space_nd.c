/* BATCH_TO_SPACE_ND: images whose pixels interleave, `block` apart, to one image; edges are cropped.
 *
 *   in 0   x      [N, H, C] or [N, H, W, C], any type of whole bytes
 *   in 1   block  i32 [1 or 2]      in 2  crops  i32 [1 or 2, 2]
 *   out 0  y      type and quantization of x
 *
 * Source: TFLite reference_ops::BatchToSpaceND.
 */
#include "runtime/ops/common/blocks.h"

static ql_code prepare(ql_call *c)
{
    return ql_prepare_blocks(c, false);
}

const ql_op ql_op_batch_to_space_nd = {
    .name = "BATCH_TO_SPACE_ND",
    .code = 37,
    .max_version = 4,
    .options_id = 24,
    .min_in = 3,
    .max_in = 3,
    .min_out = 1,
    .max_out = 1,

    .prepare = prepare,
    .run_any = ql_run_batch_to_space,
    .quant = {.kind = QL_Q_SAME},
};
