#include "analyzer/rewrite/mixed.h"

#include "analyzer/compare/floats.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DEQUANTIZE = 6, QUANTIZE = 114, NONE = -1 };

static const char *const mode_names[QL_LAYER_MODES] = {
    "keep",    "float",   "int16x8", "int4",    NULL,      NULL,      "bits=2",
    "bits=3",  "bits=4",  "bits=5",  "bits=6",  "bits=7",  "bits=8",  "bits=9",
    "bits=10", "bits=11", "bits=12", "bits=13", "bits=14", "bits=15", "bits=16"};

const char *ql_layer_mode_name(ql_layer_mode mode)
{
    return mode_names[mode];
}

bool ql_layer_mode_fake(ql_layer_mode mode)
{
    return mode >= QL_LAYER_INT4;
}

bool ql_layer_mode_named(const char *name, ql_layer_mode *mode)
{
    for (int i = 0; i < QL_LAYER_MODES; i++) {
        if (mode_names[i] && !strcmp(mode_names[i], name)) {
            *mode = (ql_layer_mode)i;
            return true;
        }
    }
    return false;
}

typedef struct {
    ql_side reference, candidate;
    const ql_subgraph *from; /* the candidate's graph */
    const ql_layer_mode *modes;
    ql_model *model; /* under construction */
    int *twin;       /* by candidate operator: the reference's, NONE */
    int *producer;   /* by candidate tensor: operator, NONE */
    int *as[3];      /* by candidate tensor: the new model's tensor that holds it in that format, NONE */
    int *merged;     /* by candidate operator: 1 = a DEQUANTIZE whose output a float layer makes itself */
    int tensors;     /* of the candidate */
    ql_operator *ops;
    int count, capacity, inserted, dropped;
    ql_err *err;
} mix;

static int code_of(const ql_model *model, const ql_operator *op)
{
    return model->opcodes[op->opcode].code;
}

static const ql_tensor *tensor_of(const mix *m, int t)
{
    return &m->from->tensors[t];
}

static bool quantized(const ql_tensor *tensor)
{
    return tensor->quant.scale_count > 0 &&
           (tensor->type == QL_I8 || tensor->type == QL_U8 || tensor->type == QL_I16);
}

/* In which format its operator makes tensor t. */
static ql_layer_mode made_as(const mix *m, int t)
{
    bool number = quantized(tensor_of(m, t));
    return m->producer[t] == NONE || !number ? QL_LAYER_KEEP : m->modes[m->producer[t]];
}

static ql_code append(mix *m, const ql_operator *op)
{
    if (m->count == m->capacity) {
        int capacity = m->capacity ? 2 * m->capacity : 64;
        ql_operator *grown = realloc(m->ops, (size_t)capacity * sizeof *grown);
        if (!grown) {
            return ql_fail_memory(m->err, (size_t)capacity * sizeof *grown);
        }
        m->ops = grown;
        m->capacity = capacity;
    }
    m->ops[m->count++] = *op;
    return QL_OK;
}

/* A tensor like t in another format, called after it. */
static ql_code add_tensor(mix *m, int t, ql_type type, float scale, const char *suffix, int *index)
{
    ql_tensor made = *tensor_of(m, t);
    char *name = malloc(made.name.length + strlen(suffix) + 1);
    if (!name) {
        return ql_fail_memory(m->err, made.name.length);
    }
    memcpy(name, made.name.text, made.name.length);
    memcpy(name + made.name.length, suffix, strlen(suffix));
    ql_code code = ql_edit_str(m->model, name, made.name.length + strlen(suffix), &made.name, m->err);
    free(name);
    made.type = type;
    made.buffer = 0;
    made.data = NULL;
    made.bytes = 0;
    made.quant = (ql_quant){0};
    if (!code && scale > 0) {
        static const int64_t zero = 0;
        const void *scales;
        code = ql_edit_copy(m->model, &scale, sizeof scale, &scales, m->err);
        made.quant = (ql_quant){.scale_count = 1,
                                .scale = scales,
                                .zero_point = &zero,
                                .block_scales = NONE,
                                .block_zero_points = NONE};
    }
    return code ? code : ql_edit_tensor(m->model, m->candidate.subgraph, &made, index, m->err);
}

static ql_code convert(mix *m, int op_code, int from, int to)
{
    ql_operator op = {.input_count = 1, .output_count = 1, .debug_index = NONE};
    const ql_tensor *source = &m->model->subgraphs[m->candidate.subgraph].tensors[from];
    int version = source->type == QL_F16 ? 3 : 1; /* of DEQUANTIZE that knows the type */
    ql_code code = ql_edit_opcode(m->model, op_code, version, &op.opcode, m->err);
    code = code ? code : ql_edit_ints(m->model, &from, 1, &op.inputs, m->err);
    code = code ? code : ql_edit_ints(m->model, &to, 1, &op.outputs, m->err);
    code = code ? code : ql_edit_ints(m->model, NULL, 0, &op.intermediates, m->err);
    m->inserted++;
    return code ? code : append(m, &op);
}

/* int16 over the range that an 8-bit tensor has. */
static float wide_scale(const ql_tensor *tensor)
{
    int32_t lowest, highest;
    if (tensor->type == QL_I16 || !ql_type_range(tensor->type, &lowest, &highest)) {
        return tensor->quant.scale_count ? tensor->quant.scale[0] : 0;
    }
    double zero = (double)tensor->quant.zero_point[0], scale = (double)tensor->quant.scale[0];
    double most = fmax(fabs(lowest - zero), fabs(highest - zero)) * scale;
    return (float)(most / 32767.0);
}

/* The new model's tensor that holds candidate tensor t in the format wanted, converted where it is not there
 * yet. */
static ql_code need(mix *m, int t, ql_layer_mode want, int *index)
{
    const ql_tensor *tensor = tensor_of(m, t);
    if (!quantized(tensor)) {
        want = want == QL_LAYER_INT16X8 && tensor->type == QL_F32 ? want : QL_LAYER_KEEP;
    }
    if (m->as[want][t] != NONE) {
        *index = m->as[want][t];
        return QL_OK;
    }
    ql_layer_mode made = made_as(m, t);
    int source = m->as[made][t], producer = m->producer[t];
    bool first_quantize = want == QL_LAYER_FLOAT && producer != NONE && m->modes[producer] == QL_LAYER_KEEP &&
                          code_of(m->candidate.model, &m->from->operators[producer]) == QUANTIZE &&
                          tensor_of(m, m->from->operators[producer].inputs[0])->type == QL_F32;
    if (first_quantize) { /* the float it was made from is better than what QUANTIZE left of it */
        return need(m, m->from->operators[producer].inputs[0], QL_LAYER_KEEP, index);
    }
    ql_code code = QL_OK;
    if (want == QL_LAYER_INT16X8 && made == QL_LAYER_KEEP && quantized(tensor) && tensor->type != QL_I16) {
        /* LiteRT has no QUANTIZE from 8 to 16 bits: by way of float */
        code = need(m, t, QL_LAYER_FLOAT, &source);
    }
    if (want == QL_LAYER_KEEP) {
        *index = t;
    } else if (want == QL_LAYER_FLOAT) {
        code = code ? code : add_tensor(m, t, QL_F32, 0, "_float", index);
    } else {
        code = code ? code : add_tensor(m, t, QL_I16, wide_scale(tensor), "_int16", index);
    }
    bool to_float = want == QL_LAYER_FLOAT;
    code = code ? code : convert(m, to_float ? DEQUANTIZE : QUANTIZE, source, *index);
    m->as[want][t] = *index;
    return code;
}

/* A constant of the reference in the new model. */
static ql_code borrow_constant(mix *m, const ql_tensor *constant, int *index)
{
    ql_tensor made = *constant;
    made.buffer = 0;
    ql_code code = ql_edit_tensor(m->model, m->candidate.subgraph, &made, index, m->err);
    if (!code) {
        ql_tensor *kept = &m->model->subgraphs[m->candidate.subgraph].tensors[*index];
        code = ql_edit_constant(m->model, kept, constant->data, constant->bytes, m->err);
    }
    return code;
}

static const ql_subgraph *reference_graph(const mix *m)
{
    return &m->reference.model->subgraphs[m->reference.subgraph];
}

/* The constant behind a DEQUANTIZE in the reference, whose weights are float16 or integers; NULL: none. */
static const ql_tensor *packed_constant(const mix *m, int t)
{
    const ql_subgraph *graph = reference_graph(m);
    for (int op = 0; op < graph->operator_count && t >= 0; op++) {
        const ql_operator *maker = &graph->operators[op];
        bool makes = maker->output_count == 1 && maker->outputs[0] == t;
        if (makes && code_of(m->reference.model, maker) == DEQUANTIZE) {
            const ql_tensor *constant = &graph->tensors[maker->inputs[0]];
            return constant->data ? constant : NULL;
        }
    }
    return NULL;
}

/* Such a constant in the new model, and its DEQUANTIZE. */
static ql_code unpack_constant(mix *m, const ql_tensor *packed, const ql_tensor *real, int *index)
{
    ql_tensor made = *real;
    int from;
    made.buffer = 0;
    ql_code code = borrow_constant(m, packed, &from);
    code = code ? code : ql_edit_tensor(m->model, m->candidate.subgraph, &made, index, m->err);
    code = code ? code : convert(m, DEQUANTIZE, from, *index);
    m->inserted--; /* no boundary: it follows from constants */
    return code;
}

static ql_code float_input(mix *m, const ql_operator *own, const ql_operator *twin, int i, int *index)
{
    int t = own->inputs[i];
    if (t < 0) {
        *index = t;
        return QL_OK;
    }
    const ql_tensor *other = twin->inputs[i] >= 0 ? &reference_graph(m)->tensors[twin->inputs[i]] : NULL;
    if (tensor_of(m, t)->data) {
        bool real = other && other->data && other->type == QL_F32;
        const ql_tensor *packed = other && !real ? packed_constant(m, twin->inputs[i]) : NULL;
        if (real || packed) {
            return real ? borrow_constant(m, other, index) : unpack_constant(m, packed, other, index);
        }
        *index = t;
        return QL_OK;
    }
    return need(m, t, QL_LAYER_FLOAT, index);
}

/* What the layer's output is called in its format: where a DEQUANTIZE reads it, that one's output. */
static ql_code layer_output(mix *m, int t, ql_layer_mode mode, int *index)
{
    const ql_tensor *tensor = tensor_of(m, t);
    if (!quantized(tensor)) {
        *index = t;
        return QL_OK;
    }
    for (int op = 0; op < m->from->operator_count && mode == QL_LAYER_FLOAT; op++) {
        const ql_operator *reader = &m->from->operators[op];
        bool dequantizes = code_of(m->candidate.model, reader) == DEQUANTIZE && reader->inputs[0] == t;
        if (dequantizes && tensor_of(m, reader->outputs[0])->type == QL_F32) {
            m->merged[op] = 1;
            m->dropped++;
            *index = m->as[mode][t] = reader->outputs[0];
            return QL_OK;
        }
    }
    const ql_op *row = ql_op_find(m->candidate.model, &m->from->operators[m->producer[t]]);
    float scale = wide_scale(tensor);
    if (row && row->quant.kind == QL_Q_FIXED && row->quant.i16_scale > 0) {
        scale = row->quant.i16_scale;
    }
    ql_code code = mode == QL_LAYER_FLOAT ? add_tensor(m, t, QL_F32, 0, "_float", index)
                                          : add_tensor(m, t, QL_I16, scale, "_int16", index);
    m->as[mode][t] = *index;
    return code;
}

typedef struct {
    int32_t *inputs, *outputs;
} wiring;

static ql_code wire(mix *m, ql_operator *made, const ql_operator *own, ql_layer_mode mode, wiring w)
{
    ql_code code = QL_OK;
    for (int o = 0; o < own->output_count && !code; o++) {
        code = layer_output(m, own->outputs[o], mode, &w.outputs[o]);
    }
    code = code ? code : ql_edit_ints(m->model, w.inputs, made->input_count, &made->inputs, m->err);
    code = code ? code : ql_edit_ints(m->model, w.outputs, own->output_count, &made->outputs, m->err);
    return code ? code : append(m, made);
}

static ql_code float_layer(mix *m, int op, wiring w)
{
    const ql_operator *own = &m->from->operators[op], *twin = &reference_graph(m)->operators[m->twin[op]];
    const ql_opcode *opcode = &m->reference.model->opcodes[twin->opcode];
    ql_operator made = *own;
    made.options = twin->options;
    ql_code code = ql_edit_opcode(m->model, opcode->code, opcode->version, &made.opcode, m->err);
    for (int i = 0; i < own->input_count && !code; i++) {
        code = float_input(m, own, twin, i, &w.inputs[i]);
    }
    return code ? code : wire(m, &made, own, QL_LAYER_FLOAT, w);
}

/* The nearest integer; what no int64 holds (a bias may be anything) is 0. */
static int64_t whole(double value)
{
    return fabs(value) < 9e18 ? (int64_t)round(value) : 0;
}

/* The float model's own constant in that place: NULL where it has none of `count` finite elements. */
static const float *real_constant(const mix *m, const ql_operator *own, int i, size_t count)
{
    int twin = m->twin[own - m->from->operators];
    const ql_operator *other = twin == NONE ? NULL : &reference_graph(m)->operators[twin];
    int t = other && i < other->input_count ? other->inputs[i] : NONE;
    const ql_tensor *constant = t == NONE ? NULL : &reference_graph(m)->tensors[t];
    size_t found = 0;
    bool fits = constant && constant->data && constant->type == QL_F32 && !constant->sparsity &&
                ql_dims_count(constant->shape, constant->rank, &found) && found == count;
    const float *values = fits ? constant->data : NULL;
    for (size_t c = 0; values && c < count; c++) {
        values = isfinite(values[c]) ? values : NULL;
    }
    return values;
}

/* The bias of a 16x8 layer: int64 in units of input scale * weight scale. It comes from the float model, as a
 * quantizer's would: an int32 bias is only as fine as the int8 input was. */
static ql_code wide_bias(mix *m, const ql_operator *own, const ql_op *row, int i, float x_scale, int *index)
{
    const ql_tensor *bias = tensor_of(m, own->inputs[i]),
                    *weights = tensor_of(m, own->inputs[row->quant.weight]);
    size_t count = 0;
    ql_dims_count(bias->shape, bias->rank, &count);
    const float *given = real_constant(m, own, i, count);
    float *scales = malloc((count + 1) * sizeof *scales);
    int64_t *values = malloc((count + 1) * sizeof *values), *zeros = calloc(count + 1, sizeof *zeros);
    ql_tensor made = *bias;
    const void *kept_scales = NULL, *kept_values = NULL, *kept_zeros = NULL;
    ql_code code = scales && values && zeros ? QL_OK : ql_fail_memory(m->err, count * sizeof *values);
    for (size_t c = 0; c < count && !code; c++) {
        size_t b = bias->quant.scale_count > 1 ? c : 0, w = weights->quant.scale_count > 1 ? c : 0;
        double real = given ? (double)given[c]
                            : (double)((const int32_t *)bias->data)[c] * (double)bias->quant.scale[b];
        scales[c] = (float)((double)x_scale * (double)weights->quant.scale[w]);
        values[c] = whole(scales[c] > 0 ? real / (double)scales[c] : 0);
    }
    int scale_count = weights->quant.scale_count > 1 ? (int)count : 1;
    code = code ? code
                : ql_edit_copy(m->model, scales, (size_t)scale_count * sizeof *scales, &kept_scales, m->err);
    code =
        code ? code : ql_edit_copy(m->model, zeros, (size_t)scale_count * sizeof *zeros, &kept_zeros, m->err);
    code = code ? code : ql_edit_copy(m->model, values, count * sizeof *values, &kept_values, m->err);
    free(scales);
    free(values);
    free(zeros);
    if (code) {
        return code;
    }
    made.type = QL_I64;
    made.data = kept_values;
    made.bytes = count * sizeof(int64_t);
    made.quant.scale_count = scale_count;
    made.quant.scale = kept_scales;
    made.quant.zero_point = kept_zeros;
    return borrow_constant(m, &made, index);
}

/* A quantized constant operand (of ADD, MUL ...) in int16. */
static ql_code wide_constant(mix *m, const ql_operator *own, int input, int *index)
{
    int t = own->inputs[input];
    const ql_tensor *constant = tensor_of(m, t);
    size_t count = 0;
    static const int64_t zero = 0;
    ql_dims_count(constant->shape, constant->rank, &count);
    const float *given = real_constant(m, own, input, count);
    ql_view view = {.tensor = constant,
                    .index = t,
                    .type = constant->type,
                    .rank = constant->rank,
                    .count = count,
                    .data = (void *)(uintptr_t)constant->data};
    float *real = malloc((count + 1) * sizeof *real), most = 0;
    int16_t *values = malloc((count + 1) * sizeof *values);
    const void *kept = NULL, *scales = NULL;
    ql_code code = real && values ? QL_OK : ql_fail_memory(m->err, count * sizeof *real);
    for (size_t i = 0; i < count && !code; i++) {
        most = i || given ? most : (ql_floats(&view, real), 0.0f);
        real[i] = given ? given[i] : real[i];
        most = fmaxf(most, fabsf(real[i]));
    }
    float scale = most > 0 ? (float)((double)most / 32767.0) : 1.0f;
    for (size_t i = 0; i < count && !code; i++) {
        values[i] = (int16_t)ql_clamp((int32_t)lroundf(real[i] / scale), -32767, 32767);
    }
    code = code ? code : ql_edit_copy(m->model, values, count * sizeof *values, &kept, m->err);
    code = code ? code : ql_edit_copy(m->model, &scale, sizeof scale, &scales, m->err);
    free(real);
    free(values);
    ql_tensor made = *constant;
    made.type = QL_I16;
    made.data = kept;
    made.bytes = count * sizeof(int16_t);
    made.quant.scale_count = 1;
    made.quant.scale = scales;
    made.quant.zero_point = &zero;
    return code ? code : borrow_constant(m, &made, index);
}

static ql_code wide_input(mix *m, const ql_operator *own, const ql_op *row, int i, int *index)
{
    int t = own->inputs[i], x;
    *index = t;
    if (t < 0 || (i == row->quant.weight && i > 0)) {
        return QL_OK;
    }
    if (i == row->quant.bias && i > 0) {
        int key = row->key > 0 ? row->key : 0;
        ql_code code = need(m, own->inputs[key], QL_LAYER_INT16X8, &x);
        const ql_tensor *input = code ? NULL : &m->model->subgraphs[m->candidate.subgraph].tensors[x];
        return code ? code : wide_bias(m, own, row, i, input->quant.scale[0], index);
    }
    if (tensor_of(m, t)->data) {
        return quantized(tensor_of(m, t)) ? wide_constant(m, own, i, index) : QL_OK;
    }
    return need(m, t, QL_LAYER_INT16X8, index);
}

static ql_code wide_layer(mix *m, int op, wiring w)
{
    const ql_operator *own = &m->from->operators[op];
    const ql_op *row = ql_op_find(m->candidate.model, own);
    ql_operator made = *own;
    ql_code code = QL_OK;
    for (int i = 0; i < own->input_count && !code; i++) {
        code = wide_input(m, own, row, i, &w.inputs[i]);
    }
    return code ? code : wire(m, &made, own, QL_LAYER_INT16X8, w);
}

static ql_code kept_layer(mix *m, int op, wiring w)
{
    const ql_operator *own = &m->from->operators[op];
    ql_operator made = *own;
    bool dequantizes = code_of(m->candidate.model, own) == DEQUANTIZE;
    ql_code code = QL_OK;
    if (m->merged[op]) {
        return QL_OK;
    }
    for (int i = 0; i < own->input_count && !code; i++) {
        int t = own->inputs[i];
        w.inputs[i] = t;
        if (t >= 0 && !tensor_of(m, t)->data) {
            /* from 16 bits straight to float */
            ql_layer_mode want =
                dequantizes && made_as(m, t) == QL_LAYER_INT16X8 ? QL_LAYER_INT16X8 : QL_LAYER_KEEP;
            code = need(m, t, want, &w.inputs[i]);
        }
    }
    code = code ? code : ql_edit_ints(m->model, w.inputs, own->input_count, &made.inputs, m->err);
    return code ? code : append(m, &made);
}

static ql_code add_layers(mix *m)
{
    for (int op = 0; op < m->from->operator_count; op++) {
        const ql_operator *own = &m->from->operators[op];
        int32_t *space = calloc((size_t)(own->input_count + own->output_count) + 1, sizeof *space);
        if (!space) {
            return ql_fail_memory(m->err, (size_t)own->input_count * sizeof *space);
        }
        wiring w = {space, space + own->input_count};
        ql_code code = m->modes[op] == QL_LAYER_FLOAT     ? float_layer(m, op, w)
                       : m->modes[op] == QL_LAYER_INT16X8 ? wide_layer(m, op, w)
                                                          : kept_layer(m, op, w);
        free(space);
        if (code) {
            return code;
        }
    }
    for (int o = 0; o < m->from->output_count; o++) {
        int index;
        ql_code code = need(m, m->from->outputs[o], QL_LAYER_KEEP, &index);
        if (code) {
            return code;
        }
    }
    return QL_OK;
}

static ql_code start(mix *m, const ql_pairing *pairing)
{
    size_t tensors = (size_t)m->from->tensor_count, ops = (size_t)m->from->operator_count;
    int *space = malloc((4 * tensors + 2 * ops + 1) * sizeof *space);
    if (!space) {
        return ql_fail_memory(m->err, (4 * tensors + 2 * ops) * sizeof *space);
    }
    m->twin = space;
    m->merged = space + ops;
    m->producer = space + 2 * ops;
    for (int mode = 0; mode < 3; mode++) {
        m->as[mode] = m->producer + (size_t)(mode + 1) * tensors;
    }
    for (size_t i = 0; i < 4 * tensors + 2 * ops; i++) {
        space[i] = NONE;
    }
    memset(m->merged, 0, ops * sizeof *m->merged);
    for (int op = 0; op < m->from->operator_count; op++) {
        for (int o = 0; o < m->from->operators[op].output_count; o++) {
            m->producer[m->from->operators[op].outputs[o]] = op;
        }
    }
    for (int i = 0; i < pairing->pair_count; i++) {
        const ql_pair *pair = &pairing->pairs[i];
        if (pair->candidate_op >= 0 && pair->reference_op >= 0 && !pair->alias) {
            m->twin[pair->candidate_op] = pair->reference_op;
        }
    }
    for (int t = 0; t < m->from->tensor_count; t++) { /* what layers make as it was is there as it is */
        m->as[QL_LAYER_KEEP][t] = made_as(m, t) == QL_LAYER_KEEP ? t : NONE;
    }
    return ql_edit_start(&m->model, m->candidate.model, m->err);
}

static const char *refusal(const mix *m, int op, ql_layer_mode mode)
{
    const ql_operator *own = &m->from->operators[op];
    const ql_op *row = ql_op_find(m->candidate.model, own);
    bool arithmetic = own->output_count > 0 && quantized(tensor_of(m, own->outputs[0]));
    if (mode == QL_LAYER_KEEP) {
        return NULL;
    }
    if (!row || !arithmetic || row->code == QUANTIZE || row->code == DEQUANTIZE) {
        return "it is no quantized layer";
    }
    if (ql_layer_mode_fake(mode)) {
        return "that is not simulated yet";
    }
    if (mode == QL_LAYER_FLOAT) {
        int twin = m->twin[op];
        const ql_operator *other = twin == NONE ? NULL : &reference_graph(m)->operators[twin];
        return !other || other->input_count != own->input_count || other->output_count != own->output_count
                   ? "it has no counterpart in the float model"
                   : NULL;
    }
    int weight = row->quant.weight, bias = row->quant.bias;
    bool int8_weights = !weight || weight >= own->input_count || own->inputs[weight] < 0 ||
                        tensor_of(m, own->inputs[weight])->type == QL_I8;
    bool int32_bias =
        !bias || bias >= own->input_count || own->inputs[bias] < 0 ||
        (tensor_of(m, own->inputs[bias])->type == QL_I32 && tensor_of(m, own->inputs[bias])->data);
    return !ql_op_supports(row, QL_S_I16) ? "its operator has no 16-bit kernel"
           : !int8_weights || !int32_bias ? "its weights or bias are not those of an int8 layer"
                                          : NULL;
}

static void finish(mix *m)
{
    free(m->twin);
    free(m->ops);
}

const char *ql_mixed_refusal(ql_side reference, ql_side candidate, const ql_pairing *pairing, int op,
                             ql_layer_mode mode)
{
    int twin = NONE;
    for (int i = 0; i < pairing->pair_count; i++) {
        const ql_pair *pair = &pairing->pairs[i];
        twin = pair->candidate_op == op && !pair->alias ? pair->reference_op : twin;
    }
    int *twins = malloc((size_t)(op + 1) * sizeof *twins);
    const char *why = "memory was refused";
    if (twins) {
        twins[op] = twin;
        mix m = {.reference = reference,
                 .candidate = candidate,
                 .twin = twins,
                 .from = &candidate.model->subgraphs[candidate.subgraph]};
        why = refusal(&m, op, mode);
    }
    free(twins);
    return why;
}

void ql_mixed_macs(const ql_exec *exec, const ql_layer_mode *modes, int operators, ql_mixed_cost *cost)
{
    cost->macs = cost->float_macs = cost->i16_macs = 0;
    for (int op = 0; op < operators; op++) {
        uint64_t macs = ql_exec_macs(exec, op);
        ql_slot slot = ql_exec_call(exec, op)->slot;
        slot = modes[op] == QL_LAYER_FLOAT ? QL_S_F32 : modes[op] == QL_LAYER_INT16X8 ? QL_S_I16 : slot;
        cost->macs += macs;
        cost->float_macs += slot == QL_S_F32 ? macs : 0;
        cost->i16_macs += slot == QL_S_I16 ? macs : 0;
    }
}

static ql_code verify(mix *m)
{
    ql_arena scratch;
    ql_arena_init(&scratch, 0);
    ql_code code = ql_verify_model(m->model, &scratch, m->err);
    ql_arena_free(&scratch);
    return code;
}

ql_code ql_rewrite_mixed_only(ql_model **out, ql_side reference, ql_side candidate, const ql_pairing *pairing,
                              const ql_layer_mode *modes, ql_mixed_cost *cost, ql_err *err)
{
    mix m = {.reference = reference,
             .candidate = candidate,
             .modes = modes,
             .err = err,
             .from = &candidate.model->subgraphs[candidate.subgraph]};
    *out = NULL;
    ql_code code = start(&m, pairing);
    for (int op = 0; op < m.from->operator_count && !code; op++) {
        const char *why = refusal(&m, op, modes[op]);
        if (why) {
            char name[64];
            const ql_operator *own = &m.from->operators[op];
            ql_fail(err, QL_E_UNSUPPORTED, "cannot be %s: %s", ql_layer_mode_name(modes[op]), why);
            ql_at_tensor_of(err, tensor_of(&m, own->output_count ? own->outputs[0] : 0), 0);
            ql_at_op(err, op, ql_operator_name(candidate.model, own, name));
            code = QL_E_UNSUPPORTED;
        }
    }
    code = code ? code : add_layers(&m);
    code = code ? code : ql_edit_operators(m.model, candidate.subgraph, m.ops, m.count, err);
    code = code ? code : verify(&m);
    if (!code && cost) {
        *cost = (ql_mixed_cost){.boundaries = m.inserted - m.dropped};
    }
    finish(&m);
    if (code) {
        ql_model_close(m.model);
        return code;
    }
    *out = m.model;
    return QL_OK;
}

static ql_code count_macs(ql_side candidate, const ql_layer_mode *modes, ql_mixed_cost *cost, ql_err *err)
{
    ql_exec *exec;
    ql_exec_options options = {.subgraph = candidate.subgraph};
    ql_code code = ql_exec_open(&exec, candidate.model, &options, err);
    if (!code) {
        ql_mixed_macs(exec, modes, candidate.model->subgraphs[candidate.subgraph].operator_count, cost);
    }
    ql_exec_close(exec);
    return code;
}

ql_code ql_rewrite_mixed(ql_model **mixed, ql_side reference, ql_side candidate, const ql_pairing *pairing,
                         const ql_layer_mode *modes, ql_mixed_cost *cost, ql_err *err)
{
    ql_code code = ql_rewrite_mixed_only(mixed, reference, candidate, pairing, modes, cost, err);
    code = code || !cost ? code : count_macs(candidate, modes, cost, err);
    if (code) {
        ql_model_close(*mixed);
        *mixed = NULL;
    }
    return code;
}
