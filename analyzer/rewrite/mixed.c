#include "analyzer/rewrite/mixed.h"

#include "analyzer/rewrite/mix.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DEEPEST = 8 }; /* operators in a row that make a constant */

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

int ql_mix_code(const ql_model *model, const ql_operator *op)
{
    return model->opcodes[op->opcode].code;
}

const ql_tensor *ql_mix_tensor(const ql_mix *m, int t)
{
    return &m->from->tensors[t];
}

bool ql_mix_quantized(const ql_tensor *tensor)
{
    return tensor->quant.scale_count > 0 &&
           (tensor->type == QL_I8 || tensor->type == QL_U8 || tensor->type == QL_I16);
}

/* In which format its operator makes tensor t. */
static ql_layer_mode made_as(const ql_mix *m, int t)
{
    bool number = ql_mix_quantized(ql_mix_tensor(m, t));
    ql_layer_mode mode = m->producer[t] == QL_MIX_NONE || !number ? QL_LAYER_KEEP : m->modes[m->producer[t]];
    return mode == QL_LAYER_INT4 ? QL_LAYER_KEEP : mode >= QL_LAYER_BITS ? QL_LAYER_FLOAT : mode;
}

ql_code ql_mix_append(ql_mix *m, const ql_operator *op)
{
    return ql_op_list_append(&m->ops, op, m->err);
}

/* A tensor like t in another format, called after it. */
ql_code ql_mix_add(ql_mix *m, int t, ql_type type, float scale, const char *suffix, int *index)
{
    ql_tensor made = *ql_mix_tensor(m, t);
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
                                .block_scales = QL_MIX_NONE,
                                .block_zero_points = QL_MIX_NONE};
    }
    return code ? code : ql_edit_tensor(m->model, m->candidate.subgraph, &made, index, m->err);
}

ql_code ql_mix_convert(ql_mix *m, int op_code, int from, int to)
{
    ql_operator op = {.input_count = 1, .output_count = 1, .debug_index = QL_MIX_NONE};
    const ql_tensor *source = &m->model->subgraphs[m->candidate.subgraph].tensors[from];
    int version = source->type == QL_F16 ? 3 : 1; /* of DEQUANTIZE that knows the type */
    ql_code code = ql_edit_opcode(m->model, op_code, version, &op.opcode, m->err);
    code = code ? code : ql_edit_ints(m->model, &from, 1, &op.inputs, m->err);
    code = code ? code : ql_edit_ints(m->model, &to, 1, &op.outputs, m->err);
    code = code ? code : ql_edit_ints(m->model, NULL, 0, &op.intermediates, m->err);
    m->inserted++;
    return code ? code : ql_mix_append(m, &op);
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
ql_code ql_mix_need(ql_mix *m, int t, ql_layer_mode want, int *index)
{
    const ql_tensor *tensor = ql_mix_tensor(m, t);
    if (!ql_mix_quantized(tensor)) {
        want = want == QL_LAYER_INT16X8 && tensor->type == QL_F32 ? want : QL_LAYER_KEEP;
    }
    if (m->as[want][t] != QL_MIX_NONE) {
        *index = m->as[want][t];
        return QL_OK;
    }
    ql_layer_mode made = made_as(m, t);
    int source = m->as[made][t], producer = m->producer[t];
    bool first_quantize = want == QL_LAYER_FLOAT && producer != QL_MIX_NONE &&
                          m->modes[producer] == QL_LAYER_KEEP &&
                          ql_mix_code(m->candidate.model, &m->from->operators[producer]) == QL_MIX_QUANTIZE &&
                          ql_mix_tensor(m, m->from->operators[producer].inputs[0])->type == QL_F32;
    if (first_quantize) { /* the float it was made from is better than what QUANTIZE left of it */
        return ql_mix_need(m, m->from->operators[producer].inputs[0], QL_LAYER_KEEP, index);
    }
    ql_code code = QL_OK;
    if (want == QL_LAYER_INT16X8 && made == QL_LAYER_KEEP && ql_mix_quantized(tensor) &&
        tensor->type != QL_I16) {
        /* LiteRT has no QUANTIZE from 8 to 16 bits: by way of float */
        code = ql_mix_need(m, t, QL_LAYER_FLOAT, &source);
    }
    if (want == QL_LAYER_KEEP) {
        *index = t;
    } else if (want == QL_LAYER_FLOAT) {
        code = code ? code : ql_mix_add(m, t, QL_F32, 0, "_float", index);
    } else {
        code = code ? code : ql_mix_add(m, t, QL_I16, wide_scale(tensor), "_int16", index);
    }
    bool to_float = want == QL_LAYER_FLOAT;
    code = code ? code : ql_mix_convert(m, to_float ? QL_MIX_DEQUANTIZE : QL_MIX_QUANTIZE, source, *index);
    m->as[want][t] = *index;
    return code;
}

/* A constant of the reference in the new model. */
ql_code ql_mix_constant(ql_mix *m, const ql_tensor *constant, int *index)
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

const ql_subgraph *ql_mix_reference(const ql_mix *m)
{
    return &m->reference.model->subgraphs[m->reference.subgraph];
}

/* The operator of the reference that makes tensor t from constants alone, as DEQUANTIZE makes float weights
 * of float16 ones, or QUANTIZE and DEQUANTIZE the fake quantization of training; NULL: none does. */
static const ql_operator *constant_maker(const ql_mix *m, int t, int depth)
{
    const ql_subgraph *graph = ql_mix_reference(m);
    for (int op = 0; op < graph->operator_count && t >= 0 && depth < DEEPEST; op++) {
        const ql_operator *maker = &graph->operators[op];
        const ql_op *row = ql_op_find(m->reference.model, maker);
        bool makes = maker->output_count == 1 && maker->outputs[0] == t && row && !row->impure;
        for (int i = 0; makes && i < maker->input_count; i++) {
            int from = maker->inputs[i];
            makes = from >= 0 && (graph->tensors[from].data || constant_maker(m, from, depth + 1));
        }
        if (makes) {
            return maker;
        }
    }
    return NULL;
}

/* Tensor t of the reference, which follows from constants, in the new model: with the operators that make it.
 */
static ql_code import_constant(ql_mix *m, int t, int *index)
{
    const ql_tensor *tensor = &ql_mix_reference(m)->tensors[t];
    const ql_operator *maker = tensor->data ? NULL : constant_maker(m, t, 0);
    if (!maker) {
        return ql_mix_constant(m, tensor, index);
    }
    ql_tensor made = *tensor;
    ql_operator op = *maker;
    const ql_opcode *opcode = &m->reference.model->opcodes[maker->opcode];
    int32_t *inputs = malloc((size_t)maker->input_count * sizeof *inputs);
    made.buffer = 0;
    ql_code code = inputs ? ql_edit_opcode(m->model, opcode->code, opcode->version, &op.opcode, m->err)
                          : ql_fail_memory(m->err, (size_t)maker->input_count * sizeof *inputs);
    for (int i = 0; i < maker->input_count && !code; i++) {
        code = import_constant(m, maker->inputs[i], &inputs[i]);
    }
    code = code ? code : ql_edit_tensor(m->model, m->candidate.subgraph, &made, index, m->err);
    code = code ? code : ql_edit_ints(m->model, inputs, maker->input_count, &op.inputs, m->err);
    code = code ? code : ql_edit_ints(m->model, index, 1, &op.outputs, m->err);
    free(inputs);
    return code ? code : ql_mix_append(m, &op);
}

/* Is reference tensor t float32 that is constant, or follows from constants? */
static bool real_constant(const ql_mix *m, int t)
{
    const ql_tensor *tensor = t >= 0 ? &ql_mix_reference(m)->tensors[t] : NULL;
    return tensor && tensor->type == QL_F32 && (tensor->data || constant_maker(m, t, 0));
}

ql_code ql_mix_float_input(ql_mix *m, const ql_operator *own, const ql_operator *twin, int i, int *index)
{
    int t = own->inputs[i];
    *index = t;
    if (t < 0) {
        return QL_OK;
    }
    if (!ql_mix_tensor(m, t)->data) {
        return ql_mix_need(m, t, QL_LAYER_FLOAT, index);
    }
    return real_constant(m, twin->inputs[i]) ? import_constant(m, twin->inputs[i], index) : QL_OK;
}

/* What the layer's output is called in its format: where a DEQUANTIZE reads it, that one's output. */
static ql_code layer_output(ql_mix *m, int t, ql_layer_mode mode, int *index)
{
    const ql_tensor *tensor = ql_mix_tensor(m, t);
    if (!ql_mix_quantized(tensor) || mode == QL_LAYER_KEEP) {
        *index = t;
        return QL_OK;
    }
    for (int op = 0; op < m->from->operator_count && mode == QL_LAYER_FLOAT; op++) {
        const ql_operator *reader = &m->from->operators[op];
        bool dequantizes =
            ql_mix_code(m->candidate.model, reader) == QL_MIX_DEQUANTIZE && reader->inputs[0] == t;
        if (dequantizes && ql_mix_tensor(m, reader->outputs[0])->type == QL_F32) {
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
    ql_code code = mode == QL_LAYER_FLOAT ? ql_mix_add(m, t, QL_F32, 0, "_float", index)
                                          : ql_mix_add(m, t, QL_I16, scale, "_int16", index);
    m->as[mode][t] = *index;
    return code;
}

ql_code ql_mix_wire(ql_mix *m, ql_operator *made, const ql_operator *own, ql_layer_mode mode, ql_mix_wiring w)
{
    ql_code code = QL_OK;
    for (int o = 0; o < own->output_count && !code; o++) {
        code = layer_output(m, own->outputs[o], mode, &w.outputs[o]);
    }
    code = code ? code : ql_edit_ints(m->model, w.inputs, made->input_count, &made->inputs, m->err);
    code = code ? code : ql_edit_ints(m->model, w.outputs, own->output_count, &made->outputs, m->err);
    return code ? code : ql_mix_append(m, made);
}

static const ql_pair *faked_pair(const ql_mix *m, int t)
{
    for (int i = 0; i < m->pairing->pair_count; i++) {
        const ql_pair *pair = &m->pairing->pairs[i];
        if (pair->candidate == t && !pair->alias && pair->fake_count) {
            return pair;
        }
    }
    return NULL;
}

/* One operator of the reference's fake quantization of a value, from one tensor of the new model to another.
 */
static ql_code append_fake(ql_mix *m, int reference_op, int from, int to)
{
    ql_operator op = ql_mix_reference(m)->operators[reference_op];
    const ql_opcode *opcode = &m->reference.model->opcodes[op.opcode];
    ql_code code = ql_edit_opcode(m->model, opcode->code, opcode->version, &op.opcode, m->err);
    code = code ? code : ql_edit_ints(m->model, &from, 1, &op.inputs, m->err);
    code = code ? code : ql_edit_ints(m->model, &to, 1, &op.outputs, m->err);
    m->inserted += opcode->code != QL_MIX_FAKE_QUANT;
    return code ? code : ql_mix_append(m, &op);
}

/* Where training fake-quantized the layer's output, the weights behind it were learned with what that clips:
 * a float layer does it too. The layer was appended last; it now writes to a tensor of its own. */
static ql_code repeat_fakes(ql_mix *m, const ql_operator *own)
{
    int layer = m->ops.count - 1;
    const ql_pair *pair = own->output_count == 1 ? faked_pair(m, own->outputs[0]) : NULL;
    if (!pair) {
        return QL_OK;
    }
    int from, last = m->ops.at[layer].outputs[0];
    ql_code code = ql_mix_add(m, own->outputs[0], QL_F32, 0, "_learned", &from);
    code = code ? code : ql_edit_ints(m->model, &from, 1, &m->ops.at[layer].outputs, m->err);
    for (int i = 0; i < pair->fake_count && !code; i++) {
        int to = last;
        if (i + 1 < pair->fake_count) {
            const ql_operator *fake = &ql_mix_reference(m)->operators[pair->fakes[i]];
            ql_tensor made = ql_mix_reference(m)->tensors[fake->outputs[0]];
            made.buffer = 0;
            code = ql_edit_tensor(m->model, m->candidate.subgraph, &made, &to, m->err);
        }
        code = code ? code : append_fake(m, pair->fakes[i], from, to);
        from = to;
    }
    return code;
}

static ql_code float_layer(ql_mix *m, int op, ql_mix_wiring w)
{
    const ql_operator *own = &m->from->operators[op], *twin = &ql_mix_reference(m)->operators[m->twin[op]];
    const ql_opcode *opcode = &m->reference.model->opcodes[twin->opcode];
    ql_operator made = *own;
    made.options = twin->options;
    ql_code code = ql_edit_opcode(m->model, opcode->code, opcode->version, &made.opcode, m->err);
    for (int i = 0; i < own->input_count && !code; i++) {
        code = ql_mix_float_input(m, own, twin, i, &w.inputs[i]);
    }
    code = code ? code : ql_mix_wire(m, &made, own, QL_LAYER_FLOAT, w);
    return code ? code : repeat_fakes(m, own);
}

static ql_code kept_layer(ql_mix *m, int op, ql_mix_wiring w)
{
    const ql_operator *own = &m->from->operators[op];
    ql_operator made = *own;
    bool dequantizes = ql_mix_code(m->candidate.model, own) == QL_MIX_DEQUANTIZE;
    ql_code code = QL_OK;
    if (m->merged[op]) {
        return QL_OK;
    }
    for (int i = 0; i < own->input_count && !code; i++) {
        int t = own->inputs[i];
        w.inputs[i] = t;
        if (t >= 0 && !ql_mix_tensor(m, t)->data) {
            /* from 16 bits straight to float */
            ql_layer_mode want =
                dequantizes && made_as(m, t) == QL_LAYER_INT16X8 ? QL_LAYER_INT16X8 : QL_LAYER_KEEP;
            code = ql_mix_need(m, t, want, &w.inputs[i]);
        }
    }
    code = code ? code : ql_edit_ints(m->model, w.inputs, own->input_count, &made.inputs, m->err);
    return code ? code : ql_mix_append(m, &made);
}

static ql_code add_layers(ql_mix *m)
{
    for (int op = 0; op < m->from->operator_count; op++) {
        const ql_operator *own = &m->from->operators[op];
        int32_t *space = calloc((size_t)(own->input_count + own->output_count) + 1, sizeof *space);
        if (!space) {
            return ql_fail_memory(m->err, (size_t)own->input_count * sizeof *space);
        }
        ql_mix_wiring w = {space, space + own->input_count};
        ql_layer_mode mode = m->modes[op];
        ql_code code = mode == QL_LAYER_FLOAT     ? float_layer(m, op, w)
                       : mode == QL_LAYER_INT16X8 ? ql_mix_wide_layer(m, op, w)
                       : mode == QL_LAYER_INT4    ? ql_mix_narrow_layer(m, op, w)
                       : mode >= QL_LAYER_BITS ? ql_mix_rounded_layer(m, op, (int)(mode - QL_LAYER_BITS), w)
                                               : kept_layer(m, op, w);
        free(space);
        if (code) {
            return code;
        }
    }
    for (int o = 0; o < m->from->output_count; o++) {
        int index;
        ql_code code = ql_mix_need(m, m->from->outputs[o], QL_LAYER_KEEP, &index);
        if (code) {
            return code;
        }
    }
    return QL_OK;
}

static ql_code start(ql_mix *m, const ql_pairing *pairing)
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
        space[i] = QL_MIX_NONE;
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
        m->as[QL_LAYER_KEEP][t] = made_as(m, t) == QL_LAYER_KEEP ? t : QL_MIX_NONE;
    }
    return ql_edit_start(&m->model, m->candidate.model, m->err);
}

/* Are there weights, per tensor or per channel, and the float model's for them? */
static bool real_weights(const ql_mix *m, const ql_operator *own, int i)
{
    size_t count = 0;
    const ql_tensor *weights =
        i < own->input_count && own->inputs[i] >= 0 ? ql_mix_tensor(m, own->inputs[i]) : NULL;
    bool plain = weights && weights->data && weights->type == QL_I8 && weights->quant.scale_count > 0 &&
                 weights->quant.scale_count <= 4096;
    return plain && ql_dims_count(weights->shape, weights->rank, &count) && ql_mix_real(m, own, i, count);
}

/* A float layer must not be left with integer weights: those have kernels of their own. */
static const char *refuse_constants(const ql_mix *m, const ql_operator *own, const ql_operator *other,
                                    ql_layer_mode mode)
{
    int weight = ql_op_find(m->candidate.model, own)->quant.weight;
    for (int i = 0; i < own->input_count; i++) {
        const ql_tensor *constant = own->inputs[i] >= 0 ? ql_mix_tensor(m, own->inputs[i]) : NULL;
        bool scaled = constant && constant->data && constant->quant.scale_count;
        if (scaled && !real_constant(m, other->inputs[i])) {
            return "the float model has no constant in the place of its weights";
        }
        if (scaled && mode >= QL_LAYER_BITS && i == weight && !real_weights(m, own, i)) {
            return "its weights are not plain constants of the float model";
        }
    }
    return NULL;
}

static const char *refusal(const ql_mix *m, int op, ql_layer_mode mode)
{
    const ql_operator *own = &m->from->operators[op];
    const ql_op *row = ql_op_find(m->candidate.model, own);
    bool arithmetic = own->output_count > 0 && ql_mix_quantized(ql_mix_tensor(m, own->outputs[0]));
    if (mode == QL_LAYER_KEEP) {
        return NULL;
    }
    if (!row || !arithmetic || row->code == QL_MIX_QUANTIZE || row->code == QL_MIX_DEQUANTIZE) {
        return "it is no quantized layer";
    }
    if (mode == QL_LAYER_FLOAT || mode >= QL_LAYER_BITS) {
        int twin = m->twin[op];
        const ql_operator *other = twin == QL_MIX_NONE ? NULL : &ql_mix_reference(m)->operators[twin];
        bool alike =
            other && other->input_count == own->input_count && other->output_count == own->output_count;
        return !alike ? "it has no counterpart in the float model" : refuse_constants(m, own, other, mode);
    }
    int weight = row->quant.weight, bias = row->quant.bias;
    if (mode == QL_LAYER_INT4 && (weight <= 0 || !real_weights(m, own, weight))) {
        return "it has no constant weights";
    }
    bool int8_weights = !weight || weight >= own->input_count || own->inputs[weight] < 0 ||
                        ql_mix_tensor(m, own->inputs[weight])->type == QL_I8;
    bool int32_bias =
        !bias || bias >= own->input_count || own->inputs[bias] < 0 ||
        (ql_mix_tensor(m, own->inputs[bias])->type == QL_I32 && ql_mix_tensor(m, own->inputs[bias])->data);
    bool wide = mode == QL_LAYER_INT16X8 && !ql_op_supports(row, QL_S_I16);
    return wide                           ? "its operator has no 16-bit kernel"
           : !int8_weights || !int32_bias ? "its weights or bias are not those of an int8 layer"
                                          : NULL;
}

static void finish(ql_mix *m)
{
    free(m->twin);
    ql_op_list_free(&m->ops);
}

const char *ql_mixed_refusal(ql_side reference, ql_side candidate, const ql_pairing *pairing, int op,
                             ql_layer_mode mode)
{
    int twin = QL_MIX_NONE;
    for (int i = 0; i < pairing->pair_count; i++) {
        const ql_pair *pair = &pairing->pairs[i];
        twin = pair->candidate_op == op && !pair->alias ? pair->reference_op : twin;
    }
    int *twins = malloc((size_t)(op + 1) * sizeof *twins);
    const char *why = "memory was refused";
    if (twins) {
        twins[op] = twin;
        ql_mix m = {.reference = reference,
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

static ql_code verify(ql_mix *m)
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
    ql_mix m = {.reference = reference,
                .candidate = candidate,
                .modes = modes,
                .pairing = pairing,
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
            ql_at_tensor_of(err, ql_mix_tensor(&m, own->output_count ? own->outputs[0] : 0), 0);
            ql_at_op(err, op, ql_operator_name(candidate.model, own, name));
            code = QL_E_UNSUPPORTED;
        }
    }
    code = code ? code : add_layers(&m);
    code = code ? code : ql_edit_operators(m.model, candidate.subgraph, m.ops.at, m.ops.count, err);
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
