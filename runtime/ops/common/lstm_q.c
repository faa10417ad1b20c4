#include "runtime/ops/common/lstm_q.h"

#include <math.h>
#include <string.h>

enum { HIDDEN = 4, INTERMEDIATES = 5 };

static ql_code check_intermediates(const ql_call *c, bool normed)
{
    if (c->op->intermediate_count != INTERMEDIATES) {
        return ql_fail_op(c, QL_E_UNSUPPORTED, "%d intermediate tensors: an integer LSTM must have %d%s",
                          c->op->intermediate_count, INTERMEDIATES,
                          c->op->intermediate_count == 12 ? " (the 8x8_8 variant is not supported)" : "");
    }
    for (int i = normed ? 0 : HIDDEN; i < INTERMEDIATES; i++) {
        const ql_view *view = c->intermediates[i];
        if (!view || !view->tensor->quant.scale_count || !isnormal(ql_scale(view)) || ql_scale(view) < 0 ||
            ql_zero(view) < INT16_MIN || ql_zero(view) > INT16_MAX) {
            return ql_fail_op(c, QL_E_FORMAT, "intermediate tensor %d has no sane scale: it must have one",
                              i);
        }
    }
    return QL_OK;
}

/* The cell state's exponent, to the reference's tolerance. */
static ql_code find_cell_exponent(const ql_call *c, ql_lstm_q *q)
{
    const ql_view *cell = c->in[q->common.at.cell_state];
    float scale = ql_scale(cell);
    if (!ql_log2_of(scale, &q->cell_exponent) || q->cell_exponent > -9 || q->cell_exponent < -15) {
        return ql_fail_in(c, q->common.at.cell_state, QL_E_FORMAT,
                          "cell state scale %g: must be a power of two, 2^-15 to 2^-9", (double)scale);
    }
    return QL_OK;
}

static ql_code multiplier(const ql_call *c, double real, ql_mult *out)
{
    *out = isfinite(real) ? ql_quantize_multiplier(real) : (ql_mult){0, 31};
    return out->shift > 30 ? ql_fail_op(c, QL_E_FORMAT, "a scale factor of %g: too large to rescale by", real)
                           : QL_OK;
}

/* Each factor is formed in float as the reference does; a power of two enters in double. */
static ql_code gate_multipliers(const ql_call *c, ql_lstm_q *q, int gate)
{
    const ql_lstm *s = &q->common;
    ql_lstm_gate_q *g = &q->gates[gate];
    float sum_scale = s->normed ? ql_scale(c->intermediates[gate]) : 1.0f / 4096;
    float x_scale = ql_scale(c->in[s->at.input]), h_scale = ql_scale(c->in[s->at.output_state]);
    int p = ql_lstm_peephole(s, gate), n = ql_lstm_input(s->at.norm, gate);
    ql_code code = multiplier(c, (double)(s->weights[gate].scale * x_scale / sum_scale), &g->weights);
    code =
        code ? code : multiplier(c, (double)(s->recurrent[gate].scale * h_scale / sum_scale), &g->recurrent);
    if (!code && s->peephole && p >= 0) {
        double real = ldexp(1, q->cell_exponent) * (double)ql_scale(c->in[p]) / (double)sum_scale;
        code = multiplier(c, (double)(float)real, &g->peephole);
    }
    if (!code && s->normed) {
        float scale = ql_scale(c->in[n]);
        code = multiplier(c, (double)scale, &g->norm);
        g->variance_guard = ql_clamp(ql_round_to_i32_d(trunc((double)(10000 * scale))), 1, INT32_MAX);
        g->norm.shift += 12;
        if (!code && g->norm.shift > 30) {
            code = ql_fail_in(c, n, QL_E_FORMAT, "scale %g: must be below 2^18", (double)scale);
        }
    }
    return code;
}

static ql_code output_multipliers(const ql_call *c, ql_lstm_q *q)
{
    const ql_lstm *s = &q->common;
    float hidden = ql_scale(c->intermediates[HIDDEN]), h_scale = ql_scale(c->in[s->at.output_state]);
    q->hidden_zero = ql_zero(c->intermediates[HIDDEN]);
    ql_code code = multiplier(c, (double)(float)(ldexp(1, -15) / (double)hidden * ldexp(1, -15)), &q->hidden);
    if (!code && s->projected) {
        code = multiplier(c, (double)(s->projection.scale * hidden / h_scale), &q->projection);
    }
    return code;
}

static int32_t quantized_clip(float clip, float scale, float lowest, float highest)
{
    if (!(clip > 0)) {
        return 0;
    }
    float steps = clip / scale;
    return (int32_t)(steps < lowest ? lowest : steps > highest ? highest : steps);
}

static ql_code check_quantization(ql_call *c, const ql_lstm *s)
{
    size_t batch = (size_t)s->sequence.batch;
    ql_code code = ql_need_quant_in(c, s->at.input);
    code = code ? code : ql_need_quant_out(c, 0);
    code = code ? code : ql_need_state(c, s->at.output_state, QL_I8, batch * (size_t)s->n_output);
    code = code ? code : ql_need_quant_in(c, s->at.output_state);
    code = code ? code : ql_need_state(c, s->at.cell_state, QL_I16, batch * (size_t)s->n_cell);
    code = code ? code : ql_need_quant_in(c, s->at.cell_state);
    return code ? code : check_intermediates(c, s->normed);
}

ql_code ql_lstm_q_prepare(ql_call *c, ql_lstm_q *q)
{
    ql_lstm *s = &q->common;
    ql_code code = ql_lstm_prepare_common(c, s, QL_I32, QL_I16, QL_I16);
    code = code ? code : check_quantization(c, s);
    if (code || c->deferred) {
        return code;
    }
    code = find_cell_exponent(c, q);
    for (int gate = s->cifg ? 1 : 0; gate < QL_GATES && !code; gate++) {
        code = gate_multipliers(c, q, gate);
    }
    q->cell_clip = quantized_clip(s->options.cell_clip, ql_scale(c->in[s->at.cell_state]), -32768, 32767);
    q->projection_clip = quantized_clip(s->options.projection_clip, ql_scale(c->out[0]), -128, 127);
    c->scratch_bytes = (size_t)s->n_cell * (QL_GATES * sizeof(int16_t) + sizeof(int8_t));
    return code ? code : output_multipliers(c, q);
}

/* What a row of a product becomes: rescaled, and added to a 16-bit gate. */
typedef struct {
    int16_t *gate;
    const int32_t *bias;
    ql_mult by;
    ql_rounding rounding;
} gate_sum;

static void add_to_gate(void *user, int row, int32_t sum)
{
    const gate_sum *to = user;
    sum = to->bias ? ql_wrap_add(sum, to->bias[row]) : sum;
    to->gate[row] = ql_sat16(ql_wrap_add(ql_mul32(sum, to->by, to->rounding), to->gate[row]));
}

/* The reference walks the peephole product over n_output, not n_cell, elements of a step's whole batch. */
static void add_peephole(const ql_call *c, const ql_lstm_q *q, int gate, int b, const int16_t *cell,
                         int16_t *y)
{
    const ql_lstm *s = &q->common;
    int p = ql_lstm_peephole(s, gate), width = s->n_output < s->n_cell ? s->n_output : s->n_cell;
    if (!s->peephole || p < 0) {
        return;
    }
    const int16_t *w = c->in[p]->data;
    size_t rows = s->sequence.time_major ? (size_t)s->sequence.batch : 1;
    size_t first = s->sequence.time_major ? (size_t)b * (size_t)s->n_cell : 0;
    for (size_t i = 0; i < (size_t)s->n_cell && first + i < rows * (size_t)width; i++) {
        int32_t product = w[(first + i) % (size_t)width] * cell[i];
        y[i] = ql_sat16(ql_wrap_add(ql_mul32(product, q->gates[gate].peephole, c->numerics->rounding), y[i]));
    }
}

/* Layer normalization in 10 fraction bits. */
static void normalize(const ql_lstm_gate_q *g, const int16_t *weights, const int32_t *bias, int count,
                      ql_rounding rounding, int16_t *y)
{
    int64_t sum = 0, squares = 0;
    for (int i = 0; i < count; i++) {
        sum += y[i];
        squares += y[i] * y[i];
    }
    int32_t mean = (int32_t)(sum * 1024 / count);
    int64_t variance = squares * ((1 << 20) / count) - (int64_t)mean * mean;
    int32_t cut = (int32_t)(variance / (1 << 20));
    ql_mult inverse = ql_fixed_inv_sqrt(cut < 1 ? g->variance_guard : cut);
    for (int i = 0; i < count; i++) {
        int32_t centered = ql_mul32(1024 * y[i] - mean, inverse, rounding);
        int64_t scaled = ql_wrap_add(ql_wrap_mul(centered, weights[i]), bias[i]);
        int32_t value = (int32_t)((scaled > 0 ? scaled + 512 : scaled - 512) / 1024);
        y[i] = ql_sat16(ql_mul32(value, g->norm, rounding));
    }
}

typedef struct {
    const int8_t *x;
    int8_t *h;
    int16_t *cell;
    int b;
} step_q;

static void compute_gate(const ql_call *c, const ql_lstm_q *q, int gate, const step_q *in, int16_t *y)
{
    const ql_lstm *s = &q->common;
    const int32_t *bias = c->in[ql_lstm_input(s->at.bias, gate)]->data;
    ql_rounding rounding = c->numerics->rounding;
    memset(y, 0, (size_t)s->n_cell * sizeof *y);
    gate_sum to = {y, s->normed ? NULL : bias, q->gates[gate].weights, rounding};
    ql_matvec_sums(&s->weights[gate], in->x, ql_zero(c->in[s->at.input]), add_to_gate, &to);
    to = (gate_sum){y, NULL, q->gates[gate].recurrent, rounding};
    ql_matvec_sums(&s->recurrent[gate], in->h, ql_zero(c->in[s->at.output_state]), add_to_gate, &to);
    add_peephole(c, q, gate, in->b, in->cell, y);
    if (s->normed) {
        const int16_t *norm = c->in[ql_lstm_input(s->at.norm, gate)]->data;
        normalize(&q->gates[gate], norm, bias, s->n_cell, rounding, y);
    }
    for (int i = 0; i < s->n_cell; i++) {
        y[i] = gate == QL_GATE_CELL ? ql_fixed_tanh16(y[i], 3) : ql_fixed_logistic16(y[i], 3);
    }
}

static void update_cell(const ql_lstm_q *q, int16_t *const *gates, int16_t *cell)
{
    const int16_t *forget = gates[QL_GATE_FORGET], *fresh = gates[QL_GATE_CELL];
    for (int i = 0; i < q->common.n_cell; i++) {
        int16_t let_in = q->common.cifg ? (int16_t)(32767 - forget[i]) : gates[QL_GATE_INPUT][i];
        int16_t kept = (int16_t)ql_rdivpot(forget[i] * cell[i], 15);
        int16_t added = (int16_t)ql_rdivpot(let_in * fresh[i], 30 + q->cell_exponent);
        cell[i] = ql_sat16(kept + added);
        if (q->cell_clip > 0) {
            cell[i] = (int16_t)ql_clamp(cell[i], -q->cell_clip, q->cell_clip);
        }
    }
}

/* What a row of the projection becomes. */
typedef struct {
    int8_t *out;
    const int32_t *bias;
    const ql_lstm_q *q;
    int32_t zero;
    ql_rounding rounding;
} projection_sum;

static void project(void *user, int row, int32_t sum)
{
    const projection_sum *to = user;
    sum = to->bias ? ql_wrap_add(sum, to->bias[row]) : sum;
    int32_t y = ql_wrap_add(ql_mul32(sum, to->q->projection, to->rounding), to->zero);
    int32_t clip = to->q->projection_clip > 0 ? to->q->projection_clip : 128;
    to->out[row] = (int8_t)ql_clamp(ql_clamp(y, -128, 127), -clip, clip);
}

static void update_output(const ql_call *c, const ql_lstm_q *q, const int16_t *gate, const int16_t *cell,
                          int8_t *hidden, int8_t *h)
{
    const ql_lstm *s = &q->common;
    /* with a projection, the reference takes the zero point off where it should be added, and puts it back
     * in the projection's bias */
    int32_t zero = s->projected ? -q->hidden_zero : q->hidden_zero;
    int8_t *to = s->projected ? hidden : h;
    for (int i = 0; i < s->n_cell; i++) {
        int32_t product = gate[i] * ql_fixed_tanh16(cell[i], 15 + q->cell_exponent);
        int32_t y = ql_wrap_add(ql_mul32(product, q->hidden, c->numerics->rounding), zero);
        to[i] = (int8_t)ql_clamp(y, -128, 127);
    }
    if (s->projected) {
        int b = s->at.projection_bias;
        const int32_t *bias = ql_has(c, b) ? c->in[b]->data : NULL;
        projection_sum sum = {h, bias, q, ql_zero(c->in[s->at.output_state]), c->numerics->rounding};
        ql_matvec_sums(&s->projection, hidden, -q->hidden_zero, project, &sum);
    }
}

void ql_lstm_q_run(const ql_call *c, const ql_lstm_q *q)
{
    const ql_lstm *s = &q->common;
    int16_t *gates[QL_GATES];
    for (int gate = 0; gate < QL_GATES; gate++) {
        gates[gate] = (int16_t *)c->scratch + (size_t)gate * (size_t)s->n_cell;
    }
    int8_t *hidden = (int8_t *)(gates[QL_GATE_OUTPUT] + s->n_cell), *y = c->out[0]->data;
    for (int b = 0; b < s->sequence.batch; b++) {
        step_q in = {.b = b};
        in.h = (int8_t *)c->in[s->at.output_state]->data + (size_t)b * (size_t)s->n_output;
        in.cell = (int16_t *)c->in[s->at.cell_state]->data + (size_t)b * (size_t)s->n_cell;
        for (int t = 0; t < s->sequence.time; t++) {
            size_t row = ql_sequence_row(&s->sequence, b, t);
            in.x = (const int8_t *)c->in[s->at.input]->data + row * (size_t)s->n_input;
            for (int gate = s->cifg ? 1 : 0; gate < QL_GATE_OUTPUT; gate++) {
                compute_gate(c, q, gate, &in, gates[gate]);
            }
            update_cell(q, gates, in.cell);
            compute_gate(c, q, QL_GATE_OUTPUT, &in, gates[QL_GATE_OUTPUT]);
            update_output(c, q, gates[QL_GATE_OUTPUT], in.cell, hidden, in.h);
            memcpy(y + row * (size_t)s->n_output, in.h, (size_t)s->n_output);
        }
    }
}
