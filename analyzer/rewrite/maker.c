#include "analyzer/rewrite/maker.h"

#include <stdlib.h>
#include <string.h>

enum { LARGE = 1 << 16 /* bytes: such a constant has memory of its own in the model's arena */ };

ql_code ql_maker_start(ql_maker *m, const ql_model *base, int subgraph, ql_model *model, ql_err *err)
{
    *m = (ql_maker){
        .base = base, .from = &base->subgraphs[subgraph], .subgraph = subgraph, .model = model, .err = err};
    size_t tensors = (size_t)m->from->tensor_count;
    m->float_readers = calloc(2 * tensors + 1, sizeof *m->float_readers);
    if (!m->float_readers) {
        return ql_fail_memory(err, 2 * tensors * sizeof *m->float_readers);
    }
    m->made = m->float_readers + tensors;
    for (size_t t = 0; t < tensors; t++) {
        m->made[t] = -1;
    }
    return model ? QL_OK : ql_edit_start(&m->model, base, err);
}

void ql_maker_free(ql_maker *m)
{
    ql_op_list_free(&m->ops);
    free(m->float_readers);
    m->float_readers = NULL;
}

static void mark(bool *used, int buffer, int count)
{
    if (buffer >= 0 && buffer < count) {
        used[buffer] = true;
    }
}

ql_code ql_drop_unused_buffers(ql_model *model, ql_err *err)
{
    int count = model->buffer_count;
    bool *used = calloc((size_t)count + 1, sizeof *used);
    ql_buffer *buffers = malloc(((size_t)count + 1) * sizeof *buffers);
    if (!used || !buffers) {
        free(used);
        free(buffers);
        return ql_fail_memory(err, (size_t)count * sizeof *buffers);
    }
    for (int s = 0; s < model->subgraph_count; s++) {
        for (int t = 0; t < model->subgraphs[s].tensor_count; t++) {
            mark(used, model->subgraphs[s].tensors[t].buffer, count);
        }
    }
    for (int i = 0; i < model->metadata_count; i++) {
        mark(used, model->metadata[i].buffer, count);
    }
    for (int i = 0; i < model->metadata_buffer_count; i++) {
        mark(used, model->metadata_buffers[i], count);
    }
    for (int b = 0; b < count; b++) {
        buffers[b] = used[b] ? model->buffers[b] : (ql_buffer){0};
    }
    const void *copy;
    ql_code code = ql_edit_copy(model, buffers, (size_t)count * sizeof *buffers, &copy, err);
    model->buffers = code ? model->buffers : copy;
    free(used);
    free(buffers);
    return code;
}

ql_code ql_maker_finish(ql_maker *m)
{
    return ql_edit_operators(m->model, m->subgraph, m->ops.at, m->ops.count, m->err);
}

ql_code ql_maker_append(ql_maker *m, const ql_operator *op)
{
    return ql_op_list_append(&m->ops, op, m->err);
}

static bool sixteen(const ql_maker *m, int t)
{
    return m->model->subgraphs[m->subgraph].tensors[t].type == QL_I16;
}

ql_code ql_maker_convert(ql_maker *m, int code, int from, int to)
{
    const ql_tensor *tensors = m->model->subgraphs[m->subgraph].tensors;
    bool half = tensors[from].type == QL_F16;
    bool wide = sixteen(m, from) || sixteen(m, to);
    int version = half ? 3 : wide ? 2 : 1;
    if (code == QL_DEQUANTIZE && !half) {
        version = tensors[from].quant.scale_count > 1 ? 5 : wide ? 3 : 2;
    }
    ql_operator op = {.input_count = 1, .output_count = 1, .debug_index = -1};
    ql_code status = ql_edit_opcode(m->model, code, version, &op.opcode, m->err);
    status = status ? status : ql_edit_ints(m->model, &from, 1, &op.inputs, m->err);
    status = status ? status : ql_edit_ints(m->model, &to, 1, &op.outputs, m->err);
    status = status ? status : ql_edit_ints(m->model, NULL, 0, &op.intermediates, m->err);
    return status ? status : ql_maker_append(m, &op);
}

static ql_code set_quant(ql_maker *m, ql_quant *quant, const float *scales, const int64_t *zeros, int count,
                         int axis)
{
    const void *own_scales = NULL, *own_zeros = NULL;
    ql_code code = ql_edit_copy(m->model, scales, (size_t)count * sizeof *scales, &own_scales, m->err);
    code = code ? code : ql_edit_copy(m->model, zeros, (size_t)count * sizeof *zeros, &own_zeros, m->err);
    *quant = (ql_quant){.scale_count = code ? 0 : count,
                        .scale = own_scales,
                        .zero_point = own_zeros,
                        .axis = axis < 0 ? 0 : axis,
                        .block_scales = -1,
                        .block_zero_points = -1};
    return code;
}

ql_code ql_maker_scales(ql_maker *m, ql_quant *quant, const float *scales, int count, int axis)
{
    int64_t *zeros = calloc((size_t)count + 1, sizeof *zeros);
    ql_code code = zeros ? set_quant(m, quant, scales, zeros, count, axis)
                         : ql_fail_memory(m->err, (size_t)count * sizeof *zeros);
    free(zeros);
    return code;
}

ql_code ql_maker_param(ql_maker *m, ql_quant *quant, ql_param param)
{
    int64_t zero = param.zero;
    return set_quant(m, quant, &param.scale, &zero, 1, 0);
}

static ql_code join_name(ql_maker *m, int t, const char *suffix, ql_str *name)
{
    ql_str own = m->from->tensors[t].name;
    size_t added = strlen(suffix);
    if (!added || !own.length) { /* tensors without a name stay without one */
        *name = own;
        return QL_OK;
    }
    char *text = malloc(own.length + added);
    if (!text) {
        return ql_fail_memory(m->err, own.length + added);
    }
    memcpy(text, own.text, own.length);
    memcpy(text + own.length, suffix, added);
    ql_code code = ql_edit_str(m->model, text, own.length + added, name, m->err);
    free(text);
    return code;
}

ql_code ql_maker_tensor(ql_maker *m, int t, ql_type type, const ql_quant *quant, const char *suffix,
                        int *index)
{
    ql_tensor made = m->from->tensors[t];
    made.type = type;
    made.quant = *quant;
    made.buffer = 0;
    made.data = NULL;
    made.bytes = 0;
    ql_code code = join_name(m, t, suffix, &made.name);
    return code ? code : ql_edit_tensor(m->model, m->subgraph, &made, index, m->err);
}

ql_code ql_maker_rename(ql_maker *m, int index, int t, const char *suffix)
{
    return join_name(m, t, suffix, &m->model->subgraphs[m->subgraph].tensors[index].name);
}

ql_code ql_maker_bytes(ql_maker *m, int t, const void *data, size_t bytes, const void **copy)
{
    size_t takes = ql_apart_bytes(bytes);
    if (m->room && bytes > LARGE) {
        if (!ql_memory_take(m->room->memory, takes)) {
            m->room->missing += takes;
            *copy = m->from->tensors[t].data;
            return QL_OK;
        }
        m->room->taken += takes;
    }
    return ql_edit_copy(m->model, data, bytes, copy, m->err);
}

/* `missing`: what stands for bytes that there was no room for. */
static bool same_constant(const ql_tensor *tensor, ql_type type, const ql_quant *quant, const void *data,
                          size_t bytes, const void *missing)
{
    size_t scales = (size_t)quant->scale_count;
    return tensor->type == type && tensor->bytes == bytes &&
           tensor->quant.scale_count == quant->scale_count &&
           (!scales || !memcmp(tensor->quant.scale, quant->scale, scales * sizeof *quant->scale)) &&
           (!scales ||
            !memcmp(tensor->quant.zero_point, quant->zero_point, scales * sizeof *quant->zero_point)) &&
           (tensor->data == missing || !memcmp(tensor->data, data, bytes));
}

ql_code ql_maker_constant(ql_maker *m, int t, ql_type type, const ql_quant *quant, const void *data,
                          size_t bytes, int *index)
{
    ql_subgraph *graph = &m->model->subgraphs[m->subgraph];
    bool first = m->made[t] < 0 && !m->float_readers[t];
    if (m->made[t] >= 0 &&
        same_constant(&graph->tensors[m->made[t]], type, quant, data, bytes, m->from->tensors[t].data)) {
        *index = m->made[t];
        return QL_OK;
    }
    const void *copy;
    ql_code code = ql_maker_bytes(m, t, data, bytes, &copy);
    *index = t;
    code = code || first ? code : ql_maker_tensor(m, t, type, quant, "_quantized", index);
    if (code) {
        return code;
    }
    ql_tensor *tensor = &graph->tensors[*index];
    tensor->type = type;
    tensor->quant = *quant;
    m->made[t] = *index;
    return ql_edit_constant(m->model, tensor, copy, bytes, m->err);
}

ql_code ql_maker_weights(ql_maker *m, int t, int axis, const float *scales, int *index)
{
    const ql_tensor *weights = &m->from->tensors[t];
    size_t count = weights->bytes / sizeof(float);
    int8_t *values = malloc(count + 1);
    if (!values) {
        return ql_fail_memory(m->err, count);
    }
    ql_quant quant;
    ql_quantize_weights(weights, axis, scales, values);
    ql_code code = ql_maker_scales(m, &quant, scales, ql_weight_channels(weights, axis), axis);
    code = code ? code : ql_maker_constant(m, t, QL_I8, &quant, values, count, index);
    free(values);
    return code;
}

/* Versions below which such tensors are not in the operator's definition. Not listed: 2. */
static const struct {
    int code, i8, i16, hybrid;
} versions[] = {
    {3, 3, 3, 5},   /* CONV_2D */
    {4, 3, 3, 6},   /* DEPTHWISE_CONV_2D */
    {9, 4, 4, 12},  /* FULLY_CONNECTED */
    {67, 2, 3, 2},  /* TRANSPOSE_CONV */
    {126, 2, 2, 3}, /* BATCH_MATMUL: 4 as well, but BUILTIN_REF has none */
    {16, 2, 2, 3},  /* LSTM */
    {44, 2, 2, 2},  /* UNIDIRECTIONAL_SEQUENCE_LSTM */
    {27, 2, 2, 3},  /* SVDF */
    {107, 1, 3, 1}, /* GATHER_ND */
    {88, 2, 1, 1},  /* UNPACK */
    {98, 1, 2, 1},  /* LEAKY_RELU */
    {22, 1, 1, 1},  /* RESHAPE */
    {43, 1, 1, 1},  /* SQUEEZE */
    {70, 1, 1, 1},  /* EXPAND_DIMS */
    {64, 1, 1, 1},  /* SELECT */
    {123, 1, 1, 1}, /* SELECT_V2 */
    {54, 1, 1, 1},  /* PRELU */
    {20, 1, 1, 1},  /* RELU_N1_TO_1 */
    {117, 1, 1, 1}, /* HARD_SWISH */
    {42, 1, 1, 1},  /* DIV */
    {122, 1, 1, 1}, /* SCATTER_ND */
    {5, 1, 1, 1},   /* DEPTH_TO_SPACE: 2 as well, but BUILTIN_REF has none */
};

static int version_for(int code, ql_slot slot)
{
    for (size_t i = 0; i < sizeof versions / sizeof *versions; i++) {
        if (versions[i].code == code) {
            return slot == QL_S_I8 ? versions[i].i8 : slot == QL_S_I16 ? versions[i].i16 : versions[i].hybrid;
        }
    }
    return 2;
}

ql_code ql_maker_opcode(ql_maker *m, const ql_operator *op, ql_slot slot, int *opcode)
{
    const ql_opcode *own = &m->base->opcodes[op->opcode];
    const ql_op *row = ql_op_find(m->base, op);
    int version = version_for(own->code, slot);
    version = row && version > row->max_version ? row->max_version : version;
    version = version < own->version ? own->version : version;
    if (version == own->version || own->custom.length) {
        *opcode = op->opcode;
        return QL_OK;
    }
    return ql_edit_opcode(m->model, own->code, version, opcode, m->err);
}

ql_code ql_maker_option(ql_maker *m, ql_operator *op, const char *name, int value)
{
    const ql_op *row = ql_op_find(m->base, op);
    const ql_options_table *table =
        op->options.table ? op->options.table
                          : ql_options_table_of(row ? row->options_id : 0, row && row->options_second);
    int slots = table ? ql_options_slot_count(table) : 0, slot = 0;
    while (slot < slots && strcmp(table->slots[slot].name, name) != 0) {
        slot++;
    }
    if (slot == slots) {
        return QL_OK;
    }
    ql_options options;
    ql_option *values;
    ql_code code = ql_edit_options(m->model, table->union_id, table->second, &options, &values, m->err);
    if (code) {
        return code;
    }
    if (op->options.values) {
        memcpy(values, op->options.values, (size_t)slots * sizeof *values);
    }
    values[slot].i = value;
    op->options = options;
    return QL_OK;
}
