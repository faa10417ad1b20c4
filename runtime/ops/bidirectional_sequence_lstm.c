/* BIDIRECTIONAL_SEQUENCE_LSTM: two LSTMs over a sequence, one from each end.
 *
 *   in 0       x [batch, time, n] or, time_major, [time, batch, n]   f32
 *   in 1-17    forward, as in 1-17 of UNIDIRECTIONAL_SEQUENCE_LSTM; f32, matrices and peephole also i8
 *   in 18-34   backward, the same
 *   in 35-38   forward output state and cell state, backward output state and cell state; variables, f32
 *   in 39      auxiliary input, may be left out: common/bidirectional.h
 *   in 40-47   its weights, forward and backward, in the order of the gates, may be left out
 *   out 0, 1   forward and backward outputs, or, merge_outputs, both side by side in out 0
 *
 * Source: TFLite kernels/bidirectional_sequence_lstm.cc.
 */
#include "runtime/ops/common/bidirectional.h"
#include "runtime/ops/common/lstm.h"

enum { ACTIVATION, CELL_CLIP, PROJ_CLIP, MERGE_OUTPUTS, TIME_MAJOR, ASYMMETRIC };
enum { AUX = 39, FORWARD_AUX_WEIGHTS = 40, BACKWARD_AUX_WEIGHTS = 44, INPUTS = 48 };

typedef struct {
    ql_lstm forward, backward;
    ql_both both;
} ql_bidirectional_lstm;

static ql_code prepare_direction(ql_call *c, ql_lstm *s, bool backwards, bool aux_weights)
{
    int first = backwards ? 17 : 0, state = backwards ? 37 : 35;
    bool crossed = backwards && !aux_weights && ql_has(c, AUX);
    s->at = (ql_lstm_inputs){
        .input = crossed ? AUX : 0,
        .weights = first + 1,
        .recurrent = first + 5,
        .peephole = first + 9,
        .bias = first + 12,
        .projection = first + 16,
        .projection_bias = first + 17,
        .output_state = state,
        .cell_state = state + 1,
        .norm = QL_LSTM_NONE,
        .aux = aux_weights ? AUX : QL_LSTM_NONE,
        .aux_weights = backwards ? BACKWARD_AUX_WEIGHTS : FORWARD_AUX_WEIGHTS,
    };
    s->options = (ql_lstm_options){
        .activation = ql_opt_int(c->options, ACTIVATION),
        .cell_clip = ql_opt_f32(c->options, CELL_CLIP),
        .projection_clip = ql_opt_f32(c->options, PROJ_CLIP),
        .asymmetric = ql_opt_bool(c->options, ASYMMETRIC),
    };
    s->sequence = ql_sequence_of(c->in[0], ql_opt_bool(c->options, TIME_MAJOR));
    return ql_lstm_prepare(c, s);
}

static ql_code prepare(ql_call *c)
{
    if (c->in_count != INPUTS) {
        return ql_fail_op(c, QL_E_FORMAT, "%d inputs: must be %d", c->in_count, INPUTS);
    }
    ql_bidirectional_lstm *s = ql_state(c, sizeof *s);
    ql_code code = s ? ql_need_rank(c, 0, 3, 3) : QL_E_NOMEM;
    bool aux_weights = ql_has(c, FORWARD_AUX_WEIGHTS + QL_GATE_FORGET);
    code = code ? code : ql_both_need_aux(c, AUX, aux_weights);
    code = code ? code : prepare_direction(c, &s->forward, false, aux_weights);
    code = code ? code : prepare_direction(c, &s->backward, true, aux_weights);
    if (code || c->deferred) {
        return code;
    }
    s->both = (ql_both){s->forward.n_output, s->backward.n_output, ql_opt_bool(c->options, MERGE_OUTPUTS)};
    return ql_both_shape(c, &s->both);
}

static ql_code run(const ql_call *c)
{
    const ql_bidirectional_lstm *s = c->state;
    size_t stride;
    float *y = ql_both_rows(c, &s->both, false, &stride);
    ql_lstm_run(c, &s->forward, false, y, stride);
    y = ql_both_rows(c, &s->both, true, &stride);
    ql_lstm_run(c, &s->backward, true, y, stride);
    return QL_OK;
}

static uint64_t macs(const ql_call *c)
{
    const ql_bidirectional_lstm *s = c->state;
    return ql_lstm_macs(&s->forward) + ql_lstm_macs(&s->backward);
}

const ql_op ql_op_bidirectional_sequence_lstm = {
    .name = "BIDIRECTIONAL_SEQUENCE_LSTM",
    .code = 52,
    .max_version = 3,
    .options_id = 69,
    .min_in = 1,
    .max_in = 48,
    .min_out = 1,
    .max_out = 2,
    .impure = true,
    .prepare = prepare,
    .run = {[QL_S_F32] = run, [QL_S_HYBRID] = run},
    .macs = macs,
    .quant = {.kind = QL_Q_FREE,
              .weight = 4,
              .no_i8 = true,
              .no_i16 = true,
              .hybrid = true,
              .dynamic = 0xff021ffd0ffe /* 1 to 11, 16, 18 to 28, 33, 40 to 47 */},
};
