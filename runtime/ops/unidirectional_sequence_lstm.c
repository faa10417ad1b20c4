/* UNIDIRECTIONAL_SEQUENCE_LSTM: an LSTM over a sequence; states last from run to run.
 *
 *   in 0       x [batch, time, n] or, time_major, [time, batch, n]   f32 | i8
 *   in 1-4     input weights of the input, forget, cell and output gate [cells, n]  f32 | i8 (hybrid, i8)
 *   in 5-8     recurrent weights [cells, outputs]
 *   in 9-11    peephole weights of the input, forget and output gate [cells], may be left out (i16 for i8)
 *   in 12-15   biases [cells] f32 | i32
 *   in 16, 17  projection weights [outputs, cells] and bias [outputs], may be left out
 *   in 18, 19  output state and cell state, variables [batch, outputs], [batch, cells]; f32, or i8 and i16
 *   in 20-23   layer normalization weights [cells], may be left out; f32 | i16
 *   out 0      y [batch, time, outputs]
 *
 * Without input gate tensors (in 1, 5, 9, 12, 20) the input gate is 1 - forget gate. Arithmetic:
 * common/lstm.h, common/lstm_q.h. Source: TFLite kernels/unidirectional_sequence_lstm.cc.
 */
#include "runtime/ops/common/lstm_full.h"

enum { ACTIVATION, CELL_CLIP, PROJ_CLIP, TIME_MAJOR, ASYMMETRIC, DIAGONAL };

static ql_code prepare(ql_call *c)
{
    if (ql_opt_bool(c->options, DIAGONAL)) {
        return ql_fail_op(c, QL_E_UNSUPPORTED, "diagonal recurrent tensors: matrices are required");
    }
    ql_code code = ql_need_rank(c, 0, 3, 3);
    ql_lstm_options options = {
        .activation = ql_opt_int(c->options, ACTIVATION),
        .cell_clip = ql_opt_f32(c->options, CELL_CLIP),
        .projection_clip = ql_opt_f32(c->options, PROJ_CLIP),
        .asymmetric = ql_opt_bool(c->options, ASYMMETRIC),
    };
    return code ? code : ql_lstm_full_prepare(c, &options, ql_opt_bool(c->options, TIME_MAJOR));
}

const ql_op ql_op_unidirectional_sequence_lstm = {
    .name = "UNIDIRECTIONAL_SEQUENCE_LSTM",
    .code = 44,
    .max_version = 3,
    .options_id = 71,
    .min_in = 1,
    .max_in = 24,
    .min_out = 1,
    .max_out = 1,
    .impure = true,
    .prepare = prepare,
    .run = {[QL_S_F32] = ql_lstm_full_run_float,
            [QL_S_HYBRID] = ql_lstm_full_run_float,
            [QL_S_I8] = ql_lstm_full_run_i8},
    .macs = ql_lstm_full_macs,
    .quant = {.kind = QL_Q_FREE,
              .weight = 4,
              .lstm = true,
              .no_i16 = true,
              .hybrid = true,
              .dynamic = 0x10ffe /* 1 to 11, 16 */},
};
