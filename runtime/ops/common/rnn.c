#include "runtime/ops/common/rnn.h"

#include "runtime/ops/common/activation.h"

#include <string.h>

static ql_code find_sizes(const ql_call *c, ql_rnn *s)
{
    const ql_view *x = c->in[s->at.input];
    ql_code code = ql_need_rank(c, s->at.weights, 2, 2);
    if (code) {
        return code;
    }
    s->n_input = x->dims[x->rank - 1];
    s->units = c->in[s->at.weights]->dims[0];
    bool has_aux = s->at.aux_weights >= 0 && ql_has(c, s->at.aux_weights);
    s->n_aux = has_aux ? c->in[s->at.aux]->dims[c->in[s->at.aux]->rank - 1] : 0;
    if (s->n_input < 1 || s->units < 1) {
        return ql_fail_op(c, QL_E_FORMAT, "%d inputs and %d units: must be at least one each", s->n_input,
                          s->units);
    }
    return QL_OK;
}

ql_code ql_rnn_prepare(ql_call *c, ql_rnn *s)
{
    ql_code code = ql_need_activation(c, s->activation);
    code = code ? code : find_sizes(c, s);
    code = code ? code : ql_matvec_prepare(c, s->at.weights, s->units, s->n_input, &s->weights);
    code = code ? code : ql_matvec_prepare(c, s->at.recurrent, s->units, s->units, &s->recurrent);
    if (!code && s->n_aux) {
        code = ql_matvec_prepare(c, s->at.aux_weights, s->units, s->n_aux, &s->aux);
    }
    code = code ? code : ql_need_vector(c, s->at.bias, QL_F32, s->units);
    size_t state = (size_t)s->sequence.batch * (size_t)s->units;
    size_t bytes = (size_t)s->n_input + (size_t)s->n_aux + (size_t)s->units;
    c->scratch_bytes = bytes > c->scratch_bytes ? bytes : c->scratch_bytes;
    return code ? code : ql_need_state(c, s->at.state, QL_F32, state);
}

static void add_product(const ql_call *c, const ql_rnn *s, const ql_matvec *matrix, const float *x, int8_t *q,
                        float *y)
{
    ql_vector vector = ql_vector_take(c, x, matrix->cols, s->asymmetric, q);
    ql_matvec_add(c, matrix, &vector, y);
}

static void step(const ql_call *c, const ql_rnn *s, size_t row, float *state, float *y)
{
    int8_t *q = c->scratch;
    const float *x = (const float *)c->in[s->at.input]->data + row * (size_t)s->n_input;
    memcpy(y, c->in[s->at.bias]->data, (size_t)s->units * sizeof *y);
    add_product(c, s, &s->weights, x, q, y);
    if (s->n_aux) {
        const float *aux = (const float *)c->in[s->at.aux]->data + row * (size_t)s->n_aux;
        add_product(c, s, &s->aux, aux, q + s->n_input, y);
    }
    add_product(c, s, &s->recurrent, state, q + s->n_input + s->n_aux, y);
    ql_activate(y, (size_t)s->units, s->activation);
    memcpy(state, y, (size_t)s->units * sizeof *y);
}

void ql_rnn_run(const ql_call *c, const ql_rnn *s, bool backwards, float *y, size_t stride)
{
    for (int b = 0; b < s->sequence.batch; b++) {
        float *state = (float *)c->in[s->at.state]->data + (size_t)b * (size_t)s->units;
        for (int t = 0; t < s->sequence.time; t++) {
            size_t row = ql_sequence_row(&s->sequence, b, backwards ? s->sequence.time - 1 - t : t);
            step(c, s, row, state, y + row * stride);
        }
    }
}

uint64_t ql_rnn_macs(const ql_rnn *s)
{
    uint64_t terms = (uint64_t)s->n_input + (uint64_t)s->n_aux + (uint64_t)s->units;
    return terms * (uint64_t)s->units * (uint64_t)s->sequence.batch * (uint64_t)s->sequence.time;
}

ql_code ql_rnn_single_prepare(ql_call *c, int activation, bool time_major, bool asymmetric)
{
    static const ql_rnn_inputs places = {0, 1, 2, 3, 4, QL_RNN_NONE, QL_RNN_NONE};
    ql_rnn *s = ql_state(c, sizeof *s);
    if (!s) {
        return QL_E_NOMEM;
    }
    s->at = places;
    s->sequence = ql_sequence_of(c->in[0], time_major);
    s->activation = activation;
    s->asymmetric = asymmetric;
    ql_code code = ql_need_same_type(c, 0, 0);
    code = code ? code : ql_rnn_prepare(c, s);
    return code || c->deferred ? code : ql_sequence_shape(c, 0, s->units);
}

ql_code ql_rnn_single_run(const ql_call *c)
{
    const ql_rnn *s = c->state;
    ql_rnn_run(c, s, false, c->out[0]->data, (size_t)s->units);
    return QL_OK;
}

uint64_t ql_rnn_single_macs(const ql_call *c)
{
    return ql_rnn_macs(c->state);
}
