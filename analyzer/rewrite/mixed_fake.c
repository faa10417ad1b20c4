/* Layers as other hardware would compute them: values rounded to fewer steps than TFLite has kernels for. */
#include "analyzer/rewrite/mix.h"
#include "analyzer/rewrite/scales.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { WEIGHT_BITS = 4, OPTIONS_ID = 58, MIN = 0, MAX, NUM_BITS };

typedef struct {
    const ql_tensor *own; /* the candidate's weights */
    const float *real;    /* the float model's */
    size_t count, inner;  /* elements, and those after the axis of the scales */
    int channels;
    double step[4096]; /* by channel */
} ql_weights;

static size_t channel_of(const ql_weights *w, size_t i)
{
    return w->channels > 1 ? i / w->inner % (size_t)w->channels : 0;
}

/* One step a channel: the largest weight in 2^(bits-1) - 1 steps. False where there are too many channels. */
static bool measure(ql_weights *w, int bits)
{
    const ql_quant *quant = &w->own->quant;
    w->channels = quant->scale_count > 1 ? quant->scale_count : 1;
    w->inner = 1;
    if (w->channels > (int)(sizeof w->step / sizeof *w->step)) {
        return false;
    }
    for (int d = quant->axis + 1; d < w->own->rank; d++) {
        w->inner *= (size_t)w->own->shape[d];
    }
    memset(w->step, 0, sizeof w->step);
    for (size_t i = 0; i < w->count; i++) {
        size_t c = channel_of(w, i);
        w->step[c] = fmax(w->step[c], fabs((double)w->real[i]));
    }
    for (int c = 0; c < w->channels; c++) {
        w->step[c] = w->step[c] > 0 ? w->step[c] / ((1 << (bits - 1)) - 1) : 1;
    }
    return true;
}

static bool find_weights(const ql_mix *m, const ql_operator *own, int i, ql_weights *w)
{
    *w = (ql_weights){.own = ql_mix_tensor(m, own->inputs[i])};
    w->real = ql_dims_count(w->own->shape, w->own->rank, &w->count) ? ql_mix_real(m, own, i, w->count) : NULL;
    return w->real;
}

static ql_code keep_constant(ql_mix *m, const ql_tensor *like, ql_type type, const void *data, size_t bytes,
                             const ql_quant *quant, int *index)
{
    ql_tensor made = *like;
    const void *kept;
    ql_code code = ql_edit_copy(m->model, data, bytes, &kept, m->err);
    made.type = type;
    made.data = kept;
    made.bytes = bytes;
    made.quant = *quant;
    return code ? code : ql_mix_constant(m, &made, index);
}

/* Scales as floats that the model owns, zero points 0. */
static ql_code keep_scales(ql_mix *m, const double *scales, int count, int axis, ql_quant *quant)
{
    float *list = malloc((size_t)count * sizeof *list);
    int64_t *zeros = calloc((size_t)count, sizeof *zeros);
    const void *kept = NULL, *kept_zeros = NULL;
    ql_code code = list && zeros ? QL_OK : ql_fail_memory(m->err, (size_t)count * sizeof *zeros);
    for (int c = 0; c < count && !code; c++) {
        list[c] = (float)scales[c];
    }
    code = code ? code : ql_edit_copy(m->model, list, (size_t)count * sizeof *list, &kept, m->err);
    code = code ? code : ql_edit_copy(m->model, zeros, (size_t)count * sizeof *zeros, &kept_zeros, m->err);
    free(list);
    free(zeros);
    *quant = (ql_quant){.scale_count = count,
                        .scale = kept,
                        .zero_point = kept_zeros,
                        .axis = axis,
                        .block_scales = QL_MIX_NONE,
                        .block_zero_points = QL_MIX_NONE};
    return code;
}

/* Weights of so few bits fit int8: the int8 kernel is the arithmetic of 4-bit weights. */
static ql_code narrow_weights(ql_mix *m, const ql_weights *w, int *index)
{
    ql_quant quant;
    int8_t *values = malloc(w->count + 1);
    ql_code code = values ? keep_scales(m, w->step, w->channels, w->own->quant.axis, &quant)
                          : ql_fail_memory(m->err, w->count);
    for (size_t i = 0; i < w->count && !code; i++) {
        values[i] = (int8_t)lround((double)w->real[i] / w->step[channel_of(w, i)]);
    }
    code = code ? code : keep_constant(m, w->own, QL_I8, values, w->count, &quant, index);
    free(values);
    return code;
}

/* The bias in its new unit, input scale * weight scale. */
static ql_code narrow_bias(ql_mix *m, const ql_operator *own, const ql_op *row, const ql_weights *w,
                           int *index)
{
    const ql_tensor *bias = ql_mix_tensor(m, own->inputs[row->quant.bias]);
    double input = (double)ql_mix_tensor(m, own->inputs[row->key > 0 ? row->key : 0])->quant.scale[0];
    size_t count = bias->bytes / sizeof(int32_t);
    double scales[sizeof w->step / sizeof *w->step];
    int32_t *values = malloc(bias->bytes + 1);
    ql_quant quant;
    for (int c = 0; c < w->channels; c++) {
        scales[c] = (double)(float)(input * (double)(float)w->step[c]);
    }
    ql_code code =
        values ? keep_scales(m, scales, w->channels, 0, &quant) : ql_fail_memory(m->err, bias->bytes);
    for (size_t i = 0; i < count && !code; i++) {
        double unit = (double)bias->quant.scale[bias->quant.scale_count > 1 ? i : 0];
        double real = (double)((const int32_t *)bias->data)[i] * unit / scales[w->channels > 1 ? i : 0];
        values[i] = (int32_t)fmax(INT32_MIN, fmin(INT32_MAX, round(real)));
    }
    code = code ? code : keep_constant(m, bias, QL_I32, values, bias->bytes, &quant, index);
    free(values);
    return code;
}

ql_code ql_mix_narrow_layer(ql_mix *m, int op, ql_mix_wiring w)
{
    const ql_operator *own = &m->from->operators[op];
    const ql_op *row = ql_op_find(m->candidate.model, own);
    int weight = row->quant.weight, bias = row->quant.bias;
    ql_operator made = *own;
    ql_weights *weights = malloc(sizeof *weights);
    ql_code code = QL_OK;
    if (!weights || !find_weights(m, own, weight, weights) || !measure(weights, WEIGHT_BITS)) {
        free(weights);
        return ql_fail_memory(m->err, sizeof *weights);
    }
    for (int i = 0; i < own->input_count && !code; i++) {
        int t = w.inputs[i] = own->inputs[i];
        if (i == weight) {
            code = narrow_weights(m, weights, &w.inputs[i]);
        } else if (bias > 0 && i == bias && t >= 0) {
            code = narrow_bias(m, own, row, weights, &w.inputs[i]);
        } else if (t >= 0 && !ql_mix_tensor(m, t)->data) {
            code = ql_mix_need(m, t, QL_LAYER_KEEP, &w.inputs[i]);
        }
    }
    free(weights);
    return code ? code : ql_mix_wire(m, &made, own, QL_LAYER_KEEP, w);
}

static ql_code rounded_weights(ql_mix *m, ql_weights *w, int bits, int *index)
{
    float *values = malloc(w->count * sizeof *values + 1);
    ql_code code = values ? QL_OK : ql_fail_memory(m->err, w->count * sizeof *values);
    for (size_t i = 0; i < w->count && !code; i++) {
        double step = w->step[channel_of(w, i)];
        values[i] = (float)(round((double)w->real[i] / step) * step);
    }
    const ql_quant none = {.block_scales = QL_MIX_NONE, .block_zero_points = QL_MIX_NONE};
    code = code ? code : keep_constant(m, w->own, QL_F32, values, w->count * sizeof *values, &none, index);
    free(values);
    (void)bits;
    return code;
}

/* FAKE_QUANT over the range that the candidate's tensor has, in N bits. */
static ql_code round_output(ql_mix *m, int t, int bits, int from, int to)
{
    const ql_tensor *tensor = ql_mix_tensor(m, t);
    int32_t lowest = 0, highest = 0;
    ql_option *values;
    ql_operator op = {.input_count = 1, .output_count = 1, .debug_index = QL_MIX_NONE};
    ql_type_range(tensor->type, &lowest, &highest);
    double scale = (double)tensor->quant.scale[0], zero = (double)tensor->quant.zero_point[0];
    ql_code code = ql_edit_opcode(m->model, QL_MIX_FAKE_QUANT, 1, &op.opcode, m->err);
    code = code ? code : ql_edit_options(m->model, OPTIONS_ID, false, &op.options, &values, m->err);
    if (!code) {
        values[MIN].f = fmin(0, (lowest - zero) * scale);
        values[MAX].f = fmax(0, (highest - zero) * scale);
        values[NUM_BITS].i = bits;
    }
    code = code ? code : ql_edit_ints(m->model, &from, 1, &op.inputs, m->err);
    code = code ? code : ql_edit_ints(m->model, &to, 1, &op.outputs, m->err);
    code = code ? code : ql_edit_ints(m->model, NULL, 0, &op.intermediates, m->err);
    return code ? code : ql_mix_append(m, &op);
}

/* The operator writes to tensors of its own, and FAKE_QUANT makes what its readers see. */
static ql_code round_outputs(ql_mix *m, const ql_operator *own, int bits)
{
    ql_operator *made = &m->ops.at[m->ops.count - 1];
    int32_t *fresh = malloc((size_t)own->output_count * sizeof *fresh);
    const int32_t *seen = made->outputs;
    ql_code code = fresh ? QL_OK : ql_fail_memory(m->err, (size_t)own->output_count * sizeof *fresh);
    for (int o = 0; o < own->output_count && !code; o++) {
        bool number = ql_mix_quantized(ql_mix_tensor(m, own->outputs[o]));
        fresh[o] = seen[o];
        code = number ? ql_mix_add(m, own->outputs[o], QL_F32, 0, "_exact", &fresh[o]) : QL_OK;
    }
    code = code ? code : ql_edit_ints(m->model, fresh, own->output_count, &made->outputs, m->err);
    for (int o = 0; o < own->output_count && !code; o++) {
        code = fresh[o] != seen[o] ? round_output(m, own->outputs[o], bits, fresh[o], seen[o]) : QL_OK;
    }
    free(fresh);
    return code;
}

ql_code ql_mix_rounded_layer(ql_mix *m, int op, int bits, ql_mix_wiring w)
{
    const ql_operator *own = &m->from->operators[op], *twin = &ql_mix_reference(m)->operators[m->twin[op]];
    const ql_opcode *opcode = &m->reference.model->opcodes[twin->opcode];
    int weight = ql_op_find(m->candidate.model, own)->quant.weight;
    ql_operator made = *own;
    made.options = twin->options;
    ql_weights *weights = malloc(sizeof *weights);
    ql_code code = weights ? ql_edit_opcode(m->model, opcode->code, opcode->version, &made.opcode, m->err)
                           : ql_fail_memory(m->err, sizeof *weights);
    for (int i = 0; i < own->input_count && !code; i++) {
        bool constant =
            weight > 0 && i == weight && own->inputs[i] >= 0 && ql_mix_tensor(m, own->inputs[i])->data;
        bool rounds = constant && find_weights(m, own, i, weights) && measure(weights, bits);
        code = rounds ? rounded_weights(m, weights, bits, &w.inputs[i])
                      : ql_mix_float_input(m, own, twin, i, &w.inputs[i]);
    }
    free(weights);
    code = code ? code : ql_mix_wire(m, &made, own, QL_LAYER_FLOAT, w);
    return code ? code : round_outputs(m, own, bits);
}
