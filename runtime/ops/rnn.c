/* RNN: one step of a plain recurrent network.
 *
 *   in 0   x      [batch, n]          f32
 *   in 1   W      [units, n]          f32 | i8 (hybrid)
 *   in 2   R      [units, units]      type of W
 *   in 3   b      [units]             f32
 *   in 4   state  [batch, units]      f32, a variable that lasts from run to run
 *   out 0  y      shape of x, units in place of n
 *
 * h = act(b + W x + R h); arithmetic in common/rnn.h. Source: TFLite kernels/basic_rnn.cc.
 */
#include "runtime/ops/common/rnn.h"

enum { ACTIVATION, ASYMMETRIC };

static ql_code prepare(ql_call *c)
{
    ql_code code = ql_need_rank(c, 0, 2, 2);
    return code ? code
                : ql_rnn_single_prepare(c, ql_opt_int(c->options, ACTIVATION), false,
                                        ql_opt_bool(c->options, ASYMMETRIC));
}

const ql_op ql_op_rnn = {
    .name = "RNN",
    .code = 24,
    .max_version = 3,
    .options_id = 7,
    .min_in = 5,
    .max_in = 5,
    .min_out = 1,
    .max_out = 1,
    .impure = true,
    .prepare = prepare,
    .run = {[QL_S_F32] = ql_rnn_single_run, [QL_S_HYBRID] = ql_rnn_single_run},
    .macs = ql_rnn_single_macs,
    .quant = {.kind = QL_Q_FREE, .weight = 1, .no_i8 = true, .no_i16 = true},
};
