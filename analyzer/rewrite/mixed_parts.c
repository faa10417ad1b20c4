#include "analyzer/rewrite/mix.h"
#include "analyzer/rewrite/scales.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { DEEPEST = 8 }; /* operators in a row that make a constant */

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

ql_layer_mode ql_mix_made_as(const ql_mix *m, int t)
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

float ql_mix_wide_scale(const ql_tensor *tensor)
{
    const ql_quant *own = &tensor->quant;
    float scale = own->scale_count ? own->scale[0] : 0;
    return tensor->type == QL_I16 || !own->scale_count
               ? scale
               : ql_wide_scale(scale, own->zero_point[0], tensor->type);
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
    ql_layer_mode made = ql_mix_made_as(m, t);
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
        code = code ? code : ql_mix_add(m, t, QL_I16, ql_mix_wide_scale(tensor), "_int16", index);
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
bool ql_mix_real_constant(const ql_mix *m, int t)
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
    return ql_mix_real_constant(m, twin->inputs[i]) ? import_constant(m, twin->inputs[i], index) : QL_OK;
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
    float scale = ql_mix_wide_scale(tensor);
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
