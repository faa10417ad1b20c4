/* DEPTH_TO_SPACE: each pixel's channels become a block of pixels.
 *
 *   in 0   x  [N, H, W, C], any type of whole bytes; C divides by the square of the option block_size
 *   out 0  y  [N, H*b, W*b, C/(b*b)], type of x
 *
 * Source: TFLite reference_ops::DepthToSpace.
 */
#include "runtime/ops/common/move.h"

enum { BLOCK_SIZE };

static ql_code prepare(ql_call *c)
{
    int block = ql_opt_int(c->options, BLOCK_SIZE);
    const int32_t *x = c->in[0]->dims;
    ql_code code = ql_need_same_type(c, 0, 0);
    code = code ? code : ql_need_rank(c, 0, 4, 4);
    if (code) {
        return code;
    }
    if (block < 1 || block > INT16_MAX || x[3] % (block * block) || (int64_t)x[1] * block > INT32_MAX ||
        (int64_t)x[2] * block > INT32_MAX) {
        return ql_fail_in(c, 0, QL_E_FORMAT, "%d channels into blocks of %d: must divide by its square",
                          (int)x[3], block);
    }
    ql_move *move = ql_state(c, sizeof *move);
    if (!move) {
        return QL_E_NOMEM;
    }
    int32_t depth = x[3] / (block * block);
    int64_t step[4];
    ql_dense_steps(4, x, step);
    move->box = (ql_box){.rank = 6,
                         .dims = {x[0], x[1], block, x[2], block, depth},
                         .from = {step[0], step[1], (int64_t)block * depth, step[2], depth, 1}};
    ql_dense_steps(6, move->box.dims, move->box.to);
    return ql_set_shape(c, 0, 4, (int32_t[]){x[0], x[1] * block, x[2] * block, depth});
}

const ql_op ql_op_depth_to_space = {
    .name = "DEPTH_TO_SPACE",
    .code = 5,
    .max_version = 2,
    .options_id = 94,
    .min_in = 1,
    .max_in = 1,
    .min_out = 1,
    .max_out = 1,

    .prepare = prepare,
    .run_any = ql_run_move,
    .quant = {.kind = QL_Q_SAME, .no_i16 = true},
};
