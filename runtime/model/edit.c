#include "runtime/model/edit.h"

#include <stdlib.h>
#include <string.h>

enum { LEAST = 8 };

/* Lists have room for the next power of two, so that their count tells when they are full. */
static size_t room(int count)
{
    size_t size = LEAST;
    while (size < (size_t)count) {
        size *= 2;
    }
    return size;
}

static ql_code copy_list(ql_model *model, const void *from, int count, size_t size, void **list, ql_err *err)
{
    *list = ql_take(&model->arena, room(count), size);
    if (!*list) {
        return ql_fail_memory(err, room(count) * size);
    }
    if (count) {
        memcpy(*list, from, (size_t)count * size);
    }
    return QL_OK;
}

/* Appends `item` to a list of a model of ql_edit_start. */
static ql_code append(ql_model *model, const void *old, int *count, size_t size, const void *item,
                      void **list, ql_err *err)
{
    *list = (void *)(uintptr_t)old;
    if (*count == INT32_MAX) {
        return ql_fail_memory(err, size);
    }
    if (room(*count) == (size_t)*count) {
        void *grown = ql_take(&model->arena, 2 * room(*count), size);
        if (!grown) {
            return ql_fail_memory(err, 2 * room(*count) * size);
        }
        *list = memcpy(grown, old, (size_t)*count * size);
    }
    memcpy((char *)*list + (size_t)(*count)++ * size, item, size);
    return QL_OK;
}

ql_code ql_edit_copy(ql_model *model, const void *from, size_t bytes, const void **copy, ql_err *err)
{
    *copy = ql_take_copy(&model->arena, from, bytes);
    return *copy ? QL_OK : ql_fail_memory(err, bytes);
}

ql_code ql_edit_ints(ql_model *model, const int32_t *from, int count, const int32_t **copy, ql_err *err)
{
    const void *made;
    ql_code code = ql_edit_copy(model, from, (size_t)count * sizeof *from, &made, err);
    *copy = made;
    return code;
}

ql_code ql_edit_str(ql_model *model, const char *text, size_t length, ql_str *str, ql_err *err)
{
    char *made = ql_take(&model->arena, length + 1, 1);
    if (!made) {
        return ql_fail_memory(err, length + 1);
    }
    if (length) {
        memcpy(made, text, length);
    }
    *str = (ql_str){made, length};
    return QL_OK;
}

static ql_code own_subgraph(ql_model *model, ql_subgraph *graph, ql_err *err)
{
    void *tensors = NULL, *operators = NULL;
    ql_code code = copy_list(model, graph->tensors, graph->tensor_count, sizeof(ql_tensor), &tensors, err);
    if (!code) {
        code =
            copy_list(model, graph->operators, graph->operator_count, sizeof(ql_operator), &operators, err);
    }
    if (!code) {
        code = ql_edit_ints(model, graph->inputs, graph->input_count, &graph->inputs, err);
    }
    graph->tensors = tensors;
    graph->operators = operators;
    return code ? code : ql_edit_ints(model, graph->outputs, graph->output_count, &graph->outputs, err);
}

static ql_code own_subgraphs(ql_model *model, ql_err *err)
{
    void *list;
    ql_code code = copy_list(model, model->subgraphs, model->subgraph_count, sizeof(ql_subgraph), &list, err);
    model->subgraphs = list;
    for (int i = 0; !code && i < model->subgraph_count; i++) {
        code = own_subgraph(model, &model->subgraphs[i], err);
    }
    return code;
}

static ql_code own_map(ql_model *model, const ql_tensor_map **map, int count, ql_err *err)
{
    const void *copy;
    ql_code code = ql_edit_copy(model, *map, (size_t)count * sizeof **map, &copy, err);
    *map = copy;
    return code;
}

static ql_code own_signatures(ql_model *model, ql_err *err)
{
    void *list;
    ql_code code =
        copy_list(model, model->signatures, model->signature_count, sizeof(ql_signature), &list, err);
    ql_signature *signatures = list;
    for (int i = 0; !code && i < model->signature_count; i++) {
        code = own_map(model, &signatures[i].inputs, signatures[i].input_count, err);
        if (!code) {
            code = own_map(model, &signatures[i].outputs, signatures[i].output_count, err);
        }
    }
    model->signatures = signatures;
    return code;
}

static ql_code own_rest(ql_model *model, ql_err *err)
{
    void *opcodes, *buffers, *metadata;
    ql_code code = copy_list(model, model->opcodes, model->opcode_count, sizeof(ql_opcode), &opcodes, err);
    if (code) {
        return code;
    }
    model->opcodes = opcodes;
    code = copy_list(model, model->buffers, model->buffer_count, sizeof(ql_buffer), &buffers, err);
    if (code) {
        return code;
    }
    model->buffers = buffers;
    code = copy_list(model, model->metadata, model->metadata_count, sizeof(ql_metadata), &metadata, err);
    model->metadata = metadata;
    return code;
}

ql_code ql_edit_start(ql_model **model, const ql_model *base, ql_err *err)
{
    ql_model *made = malloc(sizeof *made);
    *model = NULL;
    if (!made) {
        return ql_fail_memory(err, sizeof *made);
    }
    *made = *base;
    ql_arena_init(&made->arena, 0);
    made->mapping = NULL;
    made->bytes = NULL;
    made->byte_count = 0;
    ql_code code = own_rest(made, err);
    code = code ? code : own_signatures(made, err);
    code = code ? code : own_subgraphs(made, err);
    if (code) {
        ql_model_close(made);
        return code;
    }
    *model = made;
    return QL_OK;
}

ql_code ql_edit_opcode(ql_model *model, int code, int version, int *index, ql_err *err)
{
    for (*index = 0; *index < model->opcode_count; ++*index) {
        const ql_opcode *opcode = &model->opcodes[*index];
        if (opcode->code == code && opcode->version == version && !opcode->custom.length) {
            return QL_OK;
        }
    }
    const ql_opcode opcode = {.code = code, .version = version, .custom = {"", 0}};
    void *list;
    ql_code failed = append(model, model->opcodes, &model->opcode_count, sizeof opcode, &opcode, &list, err);
    model->opcodes = list;
    return failed;
}

ql_code ql_edit_buffer(ql_model *model, const void *data, size_t bytes, int *index, ql_err *err)
{
    const ql_buffer buffer = {bytes ? data : NULL, bytes};
    void *list;
    *index = model->buffer_count;
    ql_code code = append(model, model->buffers, &model->buffer_count, sizeof buffer, &buffer, &list, err);
    model->buffers = list;
    return code;
}

ql_code ql_edit_constant(ql_model *model, ql_tensor *tensor, const void *data, size_t bytes, ql_err *err)
{
    ql_code code = ql_edit_buffer(model, data, bytes, &tensor->buffer, err);
    tensor->data = data;
    tensor->bytes = bytes;
    return code;
}

ql_code ql_edit_tensor(ql_model *model, int subgraph, const ql_tensor *tensor, int *index, ql_err *err)
{
    ql_subgraph *graph = &model->subgraphs[subgraph];
    const ql_tensor copy = *tensor; /* may be one of the list */
    void *list;
    *index = graph->tensor_count;
    ql_code code = append(model, graph->tensors, &graph->tensor_count, sizeof copy, &copy, &list, err);
    graph->tensors = list;
    return code;
}

ql_code ql_edit_operators(ql_model *model, int subgraph, const ql_operator *operators, int count, ql_err *err)
{
    ql_subgraph *graph = &model->subgraphs[subgraph];
    void *list;
    ql_code code = copy_list(model, operators, count, sizeof *operators, &list, err);
    if (!code) {
        graph->operators = list;
        graph->operator_count = count;
    }
    return code;
}

static void redirect(const int32_t *list, int count, int from, int to)
{
    for (int i = 0; i < count; i++) {
        if (list[i] == from) {
            ((int32_t *)(uintptr_t)list)[i] = to;
        }
    }
}

static void redirect_map(const ql_tensor_map *map, int count, int from, int to)
{
    for (int i = 0; i < count; i++) {
        if (map[i].tensor == from) {
            ((ql_tensor_map *)(uintptr_t)map)[i].tensor = to;
        }
    }
}

void ql_edit_input(ql_model *model, int subgraph, int from, int to)
{
    redirect(model->subgraphs[subgraph].inputs, model->subgraphs[subgraph].input_count, from, to);
    for (int i = 0; i < model->signature_count; i++) {
        if (model->signatures[i].subgraph == subgraph) {
            redirect_map(model->signatures[i].inputs, model->signatures[i].input_count, from, to);
        }
    }
}

void ql_edit_output(ql_model *model, int subgraph, int from, int to)
{
    redirect(model->subgraphs[subgraph].outputs, model->subgraphs[subgraph].output_count, from, to);
    for (int i = 0; i < model->signature_count; i++) {
        if (model->signatures[i].subgraph == subgraph) {
            redirect_map(model->signatures[i].outputs, model->signatures[i].output_count, from, to);
        }
    }
}

ql_code ql_edit_options(ql_model *model, int union_id, bool second, ql_options *options, ql_option **values,
                        ql_err *err)
{
    const ql_options_table *table = ql_options_table_of(union_id, second);
    int count = table ? ql_options_slot_count(table) : 0;
    ql_option *made = QL_TAKE(&model->arena, (size_t)count, ql_option);
    if (!made) {
        return ql_fail_memory(err, (size_t)count * sizeof *made);
    }
    for (int i = 0; i < count; i++) {
        made[i].i = table->slots[i].fallback;
    }
    *options =
        (ql_options){.table = table, .values = made, .union_id = table ? union_id : 0, .second = second};
    if (values) {
        *values = made;
    }
    return QL_OK;
}

ql_code ql_edit_metadata(ql_model *model, const char *name, const void *data, size_t bytes, ql_err *err)
{
    ql_metadata entry;
    ql_code code = ql_edit_buffer(model, data, bytes, &entry.buffer, err);
    for (int i = 0; !code && i < model->metadata_count; i++) {
        if (ql_str_is(model->metadata[i].name, name)) {
            ((ql_metadata *)(uintptr_t)model->metadata)[i].buffer = entry.buffer;
            return QL_OK;
        }
    }
    code = code ? code : ql_edit_str(model, name, strlen(name), &entry.name, err);
    if (code) {
        return code;
    }
    void *list;
    code = append(model, model->metadata, &model->metadata_count, sizeof entry, &entry, &list, err);
    model->metadata = list;
    return code;
}
