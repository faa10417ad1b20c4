/* MIRROR_PAD: a tensor with a border of its own values mirrored at the edge.
 *
 *   in 0   x     any type of whole bytes
 *   in 1   pads  i32 | i64 [rank, 2]: elements before and after each dimension
 *   out 0  y     type and quantization of x
 *
 * The option mode: 0 leaves the edge itself out of the mirror (reflect), 1 repeats it (symmetric). A border
 * is at most as wide as what there is to mirror. Source: TFLite kernels/mirror_pad.cc.
 */
#include "runtime/ops/common/pad.h"

enum { MODE };

static ql_code pick_dimension(ql_call *c, ql_picks *picks, int d, const int32_t *pads)
{
    int edge = ql_opt_int(c->options, MODE) == 0 ? 1 : 0; /* elements the mirror leaves out */
    int32_t size = c->in[0]->dims[d], out = c->out[0]->dims[d], most = size - edge;
    if (pads[2 * d] > most || pads[2 * d + 1] > most) {
        return ql_fail_in(c, 1, QL_E_FORMAT,
                          "%d before and %d after dimension %d: at most %d can be mirrored", (int)pads[2 * d],
                          (int)pads[2 * d + 1], d, (int)most);
    }
    int32_t *pick = ql_plan_take(c, (size_t)out, sizeof *pick);
    for (int32_t i = 0; pick && i < out; i++) {
        int32_t at = i - pads[2 * d];
        pick[i] = at < 0 ? -at - 1 + edge : at >= size ? 2 * size - 1 - edge - at : at;
    }
    picks->pick[d] = pick;
    return pick ? QL_OK : QL_E_NOMEM;
}

static ql_code prepare(ql_call *c)
{
    const int32_t *pads;
    ql_code code = ql_read_pads(c, &pads);
    code = code ? code : ql_need_same_quant(c, 0, 0);
    if (code || !pads) {
        return code ? code : ql_defer(c);
    }
    ql_picks *picks = ql_state(c, sizeof *picks);
    code = picks ? QL_OK : QL_E_NOMEM;
    for (int d = 0; !code && d < c->in[0]->rank; d++) {
        code = pick_dimension(c, picks, d, pads);
    }
    return code;
}

static ql_code run(const ql_call *c)
{
    return ql_move_picks(c, c->state);
}

const ql_op ql_op_mirror_pad = {
    .name = "MIRROR_PAD",
    .code = 100,
    .max_version = 3,
    .options_id = 77,
    .min_in = 2,
    .max_in = 2,
    .min_out = 1,
    .max_out = 1,

    .prepare = prepare,
    .run_any = run,
    .quant = {.kind = QL_Q_SAME},
};
