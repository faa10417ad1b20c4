/* BIDIRECTIONAL_SEQUENCE_RNN: two plain recurrent networks over a sequence, one from each end.
 *
 *   in 0       x [batch, time, n] or, time_major, [time, batch, n]   f32
 *   in 1-4     forward W [units, n], R [units, units], b [units], state [batch, units]; f32, W and R also i8
 *   in 5-8     backward, the same
 *   in 9       auxiliary input, may be left out: common/bidirectional.h
 *   in 10, 11  its weights, forward and backward, may be left out
 *   out 0, 1   forward and backward outputs, or, merge_outputs, both side by side in out 0
 *
 * Two ways of the reference are kept: hybrid and time_major, it runs the whole sequence `time` times, states
 * going on from one time to the next; batch-major, the backward direction reads x even where the auxiliary
 * input has no weights. Source: TFLite kernels/bidirectional_sequence_rnn.cc.
 */
#include "runtime/ops/common/bidirectional.h"
#include "runtime/ops/common/rnn.h"

enum { TIME_MAJOR, ACTIVATION, MERGE_OUTPUTS, ASYMMETRIC };
enum { AUX = 9, FORWARD_AUX_WEIGHTS = 10 };

typedef struct {
    ql_rnn forward, backward;
    ql_both both;
    int times; /* how often the sequence is run */
} ql_bidirectional_rnn;

static ql_code prepare_direction(ql_call *c, ql_rnn *s, bool backwards)
{
    static const ql_rnn_inputs places[] = {{0, 1, 2, 3, 4, AUX, 10}, {0, 5, 6, 7, 8, AUX, 11}};
    bool time_major = ql_opt_bool(c->options, TIME_MAJOR), crossed = !ql_has(c, FORWARD_AUX_WEIGHTS);
    s->at = places[backwards];
    if (backwards && crossed && time_major && ql_has(c, AUX)) {
        s->at.input = AUX;
    }
    s->sequence = ql_sequence_of(c->in[0], time_major);
    s->activation = ql_opt_int(c->options, ACTIVATION);
    s->asymmetric = ql_opt_bool(c->options, ASYMMETRIC);
    return ql_rnn_prepare(c, s);
}

static ql_code prepare(ql_call *c)
{
    ql_bidirectional_rnn *s = ql_state(c, sizeof *s);
    ql_code code = s ? ql_need_rank(c, 0, 3, 3) : QL_E_NOMEM;
    bool aux_weights = ql_has(c, FORWARD_AUX_WEIGHTS);
    if (!code && aux_weights != ql_has(c, FORWARD_AUX_WEIGHTS + 1)) {
        return ql_fail_op(c, QL_E_FORMAT, "auxiliary weights of one direction: both must have them or none");
    }
    code = code ? code : ql_both_need_aux(c, AUX, aux_weights);
    code = code ? code : prepare_direction(c, &s->forward, false);
    code = code ? code : prepare_direction(c, &s->backward, true);
    if (code || c->deferred) {
        return code;
    }
    bool again = c->slot == QL_S_HYBRID && s->forward.sequence.time_major;
    s->times = again ? s->forward.sequence.time : 1;
    s->both = (ql_both){s->forward.units, s->backward.units, ql_opt_bool(c->options, MERGE_OUTPUTS)};
    return ql_both_shape(c, &s->both);
}

static ql_code run(const ql_call *c)
{
    const ql_bidirectional_rnn *s = c->state;
    size_t stride;
    for (int i = 0; i < s->times; i++) {
        float *y = ql_both_rows(c, &s->both, false, &stride);
        ql_rnn_run(c, &s->forward, false, y, stride);
        y = ql_both_rows(c, &s->both, true, &stride);
        ql_rnn_run(c, &s->backward, true, y, stride);
    }
    return QL_OK;
}

static uint64_t macs(const ql_call *c)
{
    const ql_bidirectional_rnn *s = c->state;
    return ql_rnn_macs(&s->forward) + ql_rnn_macs(&s->backward);
}

const ql_op ql_op_bidirectional_sequence_rnn = {
    .name = "BIDIRECTIONAL_SEQUENCE_RNN",
    .code = 46,
    .max_version = 3,
    .options_id = 70,
    .min_in = 9,
    .max_in = 12,
    .min_out = 1,
    .max_out = 2,
    .impure = true,
    .prepare = prepare,
    .run = {[QL_S_F32] = run, [QL_S_HYBRID] = run},
    .macs = macs,
    .quant = {.kind = QL_Q_FREE, .weight = 1, .no_i8 = true, .no_i16 = true},
};
