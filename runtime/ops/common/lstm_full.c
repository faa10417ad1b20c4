#include "runtime/ops/common/lstm_full.h"

static const ql_lstm_inputs places = {
    .input = 0,
    .weights = 1,
    .recurrent = 5,
    .peephole = 9,
    .bias = 12,
    .projection = 16,
    .projection_bias = 17,
    .output_state = 18,
    .cell_state = 19,
    .norm = 20,
    .aux = QL_LSTM_NONE,
    .aux_weights = QL_LSTM_NONE,
};
enum { INPUTS = 20, INPUTS_WITH_NORM = 24 };

/* ql_lstm is the first member of ql_lstm_q: c->state is either, by the slot. */
ql_code ql_lstm_full_prepare(ql_call *c, const ql_lstm_options *options, bool time_major)
{
    if (c->in_count != INPUTS && c->in_count != INPUTS_WITH_NORM) {
        return ql_fail_op(c, QL_E_FORMAT, "%d inputs: must be %d or %d", c->in_count, INPUTS,
                          INPUTS_WITH_NORM);
    }
    ql_lstm_q *q = ql_state(c, sizeof *q);
    if (!q) {
        return QL_E_NOMEM;
    }
    ql_lstm *s = &q->common;
    s->at = places;
    s->options = *options;
    s->sequence = ql_sequence_of(c->in[0], time_major);
    ql_code code = ql_need_same_type(c, 0, 0);
    code = code ? code : c->slot == QL_S_I8 ? ql_lstm_q_prepare(c, q) : ql_lstm_prepare(c, s);
    return code || c->deferred ? code : ql_sequence_shape(c, 0, s->n_output);
}

ql_code ql_lstm_full_run_float(const ql_call *c)
{
    const ql_lstm_q *q = c->state;
    ql_lstm_run(c, &q->common, false, c->out[0]->data, (size_t)q->common.n_output);
    return QL_OK;
}

ql_code ql_lstm_full_run_i8(const ql_call *c)
{
    ql_lstm_q_run(c, c->state);
    return QL_OK;
}

uint64_t ql_lstm_full_macs(const ql_call *c)
{
    const ql_lstm_q *q = c->state;
    return ql_lstm_macs(&q->common);
}
