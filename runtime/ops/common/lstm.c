#include "runtime/ops/common/lstm.h"

#include "runtime/ops/common/activation.h"
#include "runtime/ops/common/eigen_math.h"

#include <math.h>
#include <string.h>

int ql_lstm_input(int first, int gate)
{
    return first == QL_LSTM_NONE ? -1 : first + gate;
}

int ql_lstm_peephole(const ql_lstm *s, int gate)
{
    static const int place[QL_GATES] = {0, 1, -1, 2};
    return place[gate] < 0 ? -1 : ql_lstm_input(s->at.peephole, place[gate]);
}

static bool has(const ql_call *c, int i)
{
    return i >= 0 && ql_has(c, i);
}

/* A group's tensors are there for every gate that is computed, or for none. */
static ql_code need_gates(const ql_call *c, const ql_lstm *s, const char *what, bool wanted,
                          int (*place)(const ql_lstm *s, int gate))
{
    for (int gate = 0; gate < QL_GATES; gate++) {
        int i = place(s, gate);
        bool there = has(c, i), needed = wanted && !(s->cifg && gate == QL_GATE_INPUT) && i >= 0;
        if (there != needed) {
            return ql_fail_op(c, QL_E_FORMAT,
                              "%s of gate %d (input %d) %s: every gate must have them or none, and the input "
                              "gate none without its weights",
                              what, gate, i, there ? "are there" : "are left out");
        }
    }
    return QL_OK;
}

static int place_weights(const ql_lstm *s, int gate)
{
    return ql_lstm_input(s->at.weights, gate);
}

static int place_recurrent(const ql_lstm *s, int gate)
{
    return ql_lstm_input(s->at.recurrent, gate);
}

static int place_bias(const ql_lstm *s, int gate)
{
    return ql_lstm_input(s->at.bias, gate);
}

static int place_norm(const ql_lstm *s, int gate)
{
    return ql_lstm_input(s->at.norm, gate);
}

static int place_aux(const ql_lstm *s, int gate)
{
    return ql_lstm_input(s->at.aux_weights, gate);
}

static ql_code need_all_gates(const ql_call *c, const ql_lstm *s)
{
    ql_code code = need_gates(c, s, "weights", true, place_weights);
    code = code ? code : need_gates(c, s, "recurrent weights", true, place_recurrent);
    code = code ? code : need_gates(c, s, "biases", true, place_bias);
    code = code ? code : need_gates(c, s, "peephole weights", s->peephole, ql_lstm_peephole);
    code = code ? code : need_gates(c, s, "normalization weights", s->normed, place_norm);
    return code ? code : need_gates(c, s, "auxiliary weights", s->n_aux > 0, place_aux);
}

static ql_code find_sizes(const ql_call *c, ql_lstm *s)
{
    int w = place_weights(s, QL_GATE_OUTPUT), r = place_recurrent(s, QL_GATE_OUTPUT);
    if (!has(c, w) || !has(c, r) || c->in[w]->rank != 2 || c->in[r]->rank != 2) {
        return ql_fail_op(c, QL_E_FORMAT, "weights of the output gate (inputs %d, %d): must be matrices", w,
                          r);
    }
    const ql_view *x = c->in[s->at.input];
    s->n_input = x->dims[x->rank - 1];
    s->n_cell = c->in[w]->dims[0];
    s->n_output = c->in[r]->dims[1];
    s->n_aux = has(c, s->at.aux) ? c->in[s->at.aux]->dims[c->in[s->at.aux]->rank - 1] : 0;
    s->cifg = !has(c, place_weights(s, QL_GATE_INPUT));
    s->projected = has(c, s->at.projection);
    s->normed = has(c, place_norm(s, QL_GATE_FORGET));
    s->peephole = has(c, ql_lstm_peephole(s, QL_GATE_OUTPUT));
    if (s->n_input < 1 || s->n_cell < 1 || s->n_output < 1) {
        return ql_fail_op(c, QL_E_FORMAT, "%d inputs, %d cells, %d outputs: must be at least one each",
                          s->n_input, s->n_cell, s->n_output);
    }
    if (!s->projected && s->n_output != s->n_cell) {
        return ql_fail_op(c, QL_E_FORMAT, "%d cells and %d outputs: must be equal without a projection",
                          s->n_cell, s->n_output);
    }
    return QL_OK;
}

static ql_code prepare_gate(ql_call *c, ql_lstm *s, int gate, ql_type bias, ql_type norm, ql_type peephole)
{
    ql_code code = ql_matvec_prepare(c, place_weights(s, gate), s->n_cell, s->n_input, &s->weights[gate]);
    int p = ql_lstm_peephole(s, gate);
    code = code ? code
                : ql_matvec_prepare(c, place_recurrent(s, gate), s->n_cell, s->n_output, &s->recurrent[gate]);
    if (!code && s->n_aux) {
        code = ql_matvec_prepare(c, place_aux(s, gate), s->n_cell, s->n_aux, &s->aux[gate]);
    }
    code = code ? code : ql_need_vector(c, place_bias(s, gate), bias, s->n_cell);
    if (!code && s->normed) {
        code = ql_need_vector(c, place_norm(s, gate), norm, s->n_cell);
    }
    return !code && s->peephole && p >= 0 ? ql_need_vector(c, p, peephole, s->n_cell) : code;
}

static ql_code prepare_projection(ql_call *c, ql_lstm *s, ql_type bias)
{
    if (has(c, s->at.projection_bias)) {
        if (!s->projected) {
            return ql_fail_in(c, s->at.projection_bias, QL_E_FORMAT,
                              "a projection bias without projection weights: they must be there");
        }
        ql_code code = ql_need_vector(c, s->at.projection_bias, bias, s->n_output);
        if (code) {
            return code;
        }
    }
    return s->projected ? ql_matvec_prepare(c, s->at.projection, s->n_output, s->n_cell, &s->projection)
                        : QL_OK;
}

static ql_code check_options(const ql_call *c, const ql_lstm_options *options)
{
    if (!(options->cell_clip >= 0 && options->projection_clip >= 0)) {
        return ql_fail_op(c, QL_E_FORMAT, "clips %g and %g: must not be negative", (double)options->cell_clip,
                          (double)options->projection_clip);
    }
    return ql_need_activation(c, options->activation);
}

ql_code ql_lstm_prepare_common(ql_call *c, ql_lstm *s, ql_type bias_type, ql_type norm_type,
                               ql_type peephole_type)
{
    ql_code code = check_options(c, &s->options);
    code = code ? code : find_sizes(c, s);
    code = code ? code : need_all_gates(c, s);
    for (int gate = s->cifg ? 1 : 0; gate < QL_GATES && !code; gate++) {
        code = prepare_gate(c, s, gate, bias_type, norm_type, peephole_type);
    }
    return code ? code : prepare_projection(c, s, bias_type);
}

/* Memory of one step, cut from the call's scratch. */
typedef struct {
    float *gates[QL_GATES], *sums;
    int8_t *x, *aux, *h;
    size_t columns, column; /* sequences whose steps are computed at once; this one among them */
} step_memory;

static size_t widest(const ql_lstm *s)
{
    return (size_t)(s->n_output > s->n_cell ? s->n_output : s->n_cell);
}

static size_t floats_of(const ql_lstm *s)
{
    return (size_t)s->n_cell * QL_GATES + widest(s);
}

static step_memory memory_of(const ql_call *c, const ql_lstm *s)
{
    step_memory m;
    for (int gate = 0; gate < QL_GATES; gate++) {
        m.gates[gate] = (float *)c->scratch + (size_t)gate * (size_t)s->n_cell;
    }
    m.sums = (float *)c->scratch + (size_t)QL_GATES * (size_t)s->n_cell;
    m.x = (int8_t *)((float *)c->scratch + floats_of(s));
    m.aux = m.x + s->n_input;
    m.h = m.aux + s->n_aux;
    return m;
}

static ql_vector take(const ql_call *c, const ql_lstm *s, const step_memory *m, const float *x, int count,
                      int8_t *q)
{
    ql_vector vector = ql_vector_take(c, x, count, s->options.asymmetric, q);
    vector.columns = m->columns;
    vector.column = m->column;
    vector.sums = m->sums;
    return vector;
}

ql_code ql_lstm_prepare(ql_call *c, ql_lstm *s)
{
    ql_type peephole = c->slot == QL_S_HYBRID ? QL_I8 : QL_F32;
    ql_code code = ql_lstm_prepare_common(c, s, QL_F32, QL_F32, peephole);
    size_t batch = (size_t)s->sequence.batch;
    code = code ? code : ql_need_state(c, s->at.output_state, QL_F32, batch * (size_t)s->n_output);
    code = code ? code : ql_need_state(c, s->at.cell_state, QL_F32, batch * (size_t)s->n_cell);
    size_t bytes = floats_of(s) * sizeof(float) + (size_t)s->n_input + (size_t)s->n_aux + widest(s);
    c->scratch_bytes = bytes > c->scratch_bytes ? bytes : c->scratch_bytes;
    return code;
}

/* out = (x - mean) / sqrt(variance + 1e-8), in place. */
static void normalize(float *x, int count)
{
    float sum = 0, squares = 0;
    for (int i = 0; i < count; i++) {
        sum += x[i];
    }
    float mean = sum / (float)count;
    for (int i = 0; i < count; i++) {
        float difference = x[i] - mean;
        squares += difference * difference;
    }
    float inverse = 1.0f / sqrtf(squares / (float)count + 1e-8f);
    for (int i = 0; i < count; i++) {
        x[i] = (x[i] - mean) * inverse;
    }
}

static void add_peephole(const ql_call *c, const ql_lstm *s, int gate, const float *cell, float *sum)
{
    int p = ql_lstm_peephole(s, gate);
    if (!s->peephole || p < 0) {
        return;
    }
    bool is_float = c->in[p]->type == QL_F32;
    const float *w = c->in[p]->data;
    const int8_t *q = c->in[p]->data;
    for (int i = 0; i < s->n_cell; i++) {
        sum[i] += (is_float ? w[i] : ql_scale(c->in[p]) * (float)q[i]) * cell[i];
    }
}

typedef struct {
    ql_vector x, aux, h;
    float *cell;
} step_input;

static void sigmoid(float *x, int count)
{
    for (int i = 0; i < count; i++) {
        x[i] = ql_eigen_logistic(x[i]);
    }
}

static void compute_gate(const ql_call *c, const ql_lstm *s, int gate, const step_input *in, float *y)
{
    const float *bias = c->in[place_bias(s, gate)]->data;
    for (int i = 0; i < s->n_cell; i++) {
        y[i] = s->normed ? 0.0f : bias[i];
    }
    ql_matvec_add(c, &s->weights[gate], &in->x, y);
    if (s->n_aux) {
        ql_matvec_add(c, &s->aux[gate], &in->aux, y);
    }
    ql_matvec_add(c, &s->recurrent[gate], &in->h, y);
    add_peephole(c, s, gate, in->cell, y);
    if (s->normed) {
        const float *norm = c->in[place_norm(s, gate)]->data;
        normalize(y, s->n_cell);
        for (int i = 0; i < s->n_cell; i++) {
            y[i] = y[i] * norm[i] + bias[i];
        }
    }
    if (gate == QL_GATE_CELL) {
        ql_activate(y, (size_t)s->n_cell, s->options.activation);
    } else {
        sigmoid(y, s->n_cell);
    }
}

static void clip(float *x, int count, float bound)
{
    for (int i = 0; i < count && bound > 0; i++) {
        x[i] = x[i] > bound ? bound : x[i] < -bound ? -bound : x[i];
    }
}

static void update_cell(const ql_lstm *s, const step_memory *m, float *cell)
{
    const float *forget = m->gates[QL_GATE_FORGET], *fresh = m->gates[QL_GATE_CELL];
    for (int i = 0; i < s->n_cell; i++) {
        float let_in = s->cifg ? 1.0f - forget[i] : m->gates[QL_GATE_INPUT][i];
        cell[i] = cell[i] * forget[i] + fresh[i] * let_in;
    }
    clip(cell, s->n_cell, s->options.cell_clip);
}

static void update_output(const ql_call *c, const ql_lstm *s, const step_memory *m, const float *cell,
                          float *h)
{
    float *hidden = m->gates[QL_GATE_CELL];
    memcpy(hidden, cell, (size_t)s->n_cell * sizeof *cell);
    ql_activate(hidden, (size_t)s->n_cell, s->options.activation);
    for (int i = 0; i < s->n_cell; i++) {
        hidden[i] = m->gates[QL_GATE_OUTPUT][i] * hidden[i];
    }
    if (!s->projected) {
        memcpy(h, hidden, (size_t)s->n_cell * sizeof *h);
        return;
    }
    const float *bias = has(c, s->at.projection_bias) ? c->in[s->at.projection_bias]->data : NULL;
    for (int i = 0; i < s->n_output; i++) {
        h[i] = bias ? bias[i] : 0.0f;
    }
    ql_vector vector = take(c, s, m, hidden, s->n_cell, m->h);
    ql_matvec_add(c, &s->projection, &vector, h);
    clip(h, s->n_output, s->options.projection_clip);
}

static void step(const ql_call *c, const ql_lstm *s, const step_memory *m, size_t row, float *h, float *cell)
{
    const float *x = (const float *)c->in[s->at.input]->data + row * (size_t)s->n_input;
    step_input in = {.cell = cell};
    in.x = take(c, s, m, x, s->n_input, m->x);
    if (s->n_aux) {
        const float *aux = (const float *)c->in[s->at.aux]->data + row * (size_t)s->n_aux;
        in.aux = take(c, s, m, aux, s->n_aux, m->aux);
    }
    in.h = take(c, s, m, h, s->n_output, m->h);
    for (int gate = s->cifg ? 1 : 0; gate < QL_GATE_OUTPUT; gate++) {
        compute_gate(c, s, gate, &in, m->gates[gate]);
    }
    update_cell(s, m, cell);
    compute_gate(c, s, QL_GATE_OUTPUT, &in, m->gates[QL_GATE_OUTPUT]);
    update_output(c, s, m, cell, h);
}

void ql_lstm_run(const ql_call *c, const ql_lstm *s, bool backwards, float *y, size_t stride)
{
    step_memory m = memory_of(c, s);
    m.columns = s->sequence.time_major ? (size_t)s->sequence.batch : 1;
    for (int b = 0; b < s->sequence.batch; b++) {
        m.column = s->sequence.time_major ? (size_t)b : 0;
        float *h = (float *)c->in[s->at.output_state]->data + (size_t)b * (size_t)s->n_output;
        float *cell = (float *)c->in[s->at.cell_state]->data + (size_t)b * (size_t)s->n_cell;
        for (int t = 0; t < s->sequence.time; t++) {
            size_t row = ql_sequence_row(&s->sequence, b, backwards ? s->sequence.time - 1 - t : t);
            step(c, s, &m, row, h, cell);
            memcpy(y + row * stride, h, (size_t)s->n_output * sizeof *h);
        }
    }
}

uint64_t ql_lstm_macs(const ql_lstm *s)
{
    uint64_t gates = s->cifg ? 3 : 4, cells = (uint64_t)s->n_cell, outputs = (uint64_t)s->n_output;
    uint64_t in = (uint64_t)s->n_input + (uint64_t)s->n_aux + outputs;
    uint64_t step_macs = gates * cells * in + (s->projected ? cells * outputs : 0);
    return step_macs * (uint64_t)s->sequence.batch * (uint64_t)s->sequence.time;
}
