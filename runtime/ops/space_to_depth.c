/* SPACE_TO_DEPTH: each block of pixels becomes one pixel with the channels of all of them.
 *
 *   in 0   x  [N, H, W, C], any type of whole bytes; H and W divide by the option block_size
 *   out 0  y  [N, H/b, W/b, C*b*b], type of x
 *
 * Source: TFLite reference_ops::SpaceToDepth.
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
    if (block < 1 || block > INT16_MAX || x[1] % block || x[2] % block ||
        (int64_t)x[3] * block * block > INT32_MAX) {
        return ql_fail_in(c, 0, QL_E_FORMAT, "%d x %d pixels in blocks of %d: must divide evenly", (int)x[1],
                          (int)x[2], block);
    }
    ql_move *move = ql_state(c, sizeof *move);
    if (!move) {
        return QL_E_NOMEM;
    }
    int64_t step[4];
    ql_dense_steps(4, x, step);
    move->box = (ql_box){.rank = 6,
                         .dims = {x[0], x[1] / block, x[2] / block, block, block, x[3]},
                         .from = {step[0], block * step[1], block * step[2], step[1], step[2], 1}};
    ql_dense_steps(6, move->box.dims, move->box.to);
    return ql_set_shape(c, 0, 4, (int32_t[]){x[0], x[1] / block, x[2] / block, x[3] * block * block});
}

const ql_op ql_op_space_to_depth = {
    .name = "SPACE_TO_DEPTH",
    .code = 26,
    .max_version = 2,
    .options_id = 19,
    .min_in = 1,
    .max_in = 1,
    .min_out = 1,
    .max_out = 1,

    .prepare = prepare,
    .run_any = ql_run_move,
    .quant = {.kind = QL_Q_SAME, .no_i16 = true},
};
