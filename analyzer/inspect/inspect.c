#include "analyzer/inspect/inspect.h"

#include <string.h>

static void put_ints(ql_doc *d, ql_json *to, const char *key, const int32_t *values, int count)
{
    ql_json *list = ql_put_array(d, to, key);
    for (int i = 0; i < count; i++) {
        ql_put_int(d, list, NULL, values[i]);
    }
}

static void put_quant(ql_doc *d, ql_json *to, const ql_quant *q)
{
    if (!q->scale_count && !q->block_size) {
        ql_put_null(d, to, "quantization");
        return;
    }
    ql_json *quant = ql_put_object(d, to, "quantization");
    ql_json *scales = ql_put_array(d, quant, "scale"), *zeros = ql_put_array(d, quant, "zero_point");
    for (int i = 0; i < q->scale_count; i++) {
        ql_put_float(d, scales, NULL, q->scale[i]);
        ql_put_int(d, zeros, NULL, q->zero_point[i]);
    }
    if (q->scale_count > 1) {
        ql_put_int(d, quant, "axis", q->axis);
    }
    if (q->block_size) {
        ql_put_int(d, quant, "block_size", q->block_size);
        ql_put_int(d, quant, "block_scales", q->block_scales);
    }
}

static void put_tensor(ql_doc *d, ql_json *list, const ql_tensor *t, int index)
{
    ql_json *to = ql_put_object(d, list, NULL);
    ql_put_int(d, to, "index", index);
    ql_put_str(d, to, "name", t->name);
    ql_put_text(d, to, "dtype", ql_type_name(t->type));
    put_ints(d, to, "shape", t->shape, t->rank);
    if (t->signature) {
        put_ints(d, to, "shape_signature", t->signature, t->rank);
    }
    ql_put_int(d, to, "buffer", t->buffer);
    ql_put_count(d, to, "bytes", t->bytes);
    ql_put_bool(d, to, "constant", t->data != NULL);
    ql_put_bool(d, to, "variable", t->variable);
    ql_put_bool(d, to, "sparse", t->sparsity != NULL);
    put_quant(d, to, &t->quant);
}

static void put_numbers(ql_doc *d, ql_json *to, const char *key, ql_option_kind kind, const ql_option *value)
{
    ql_json *list = ql_put_array(d, to, key);
    for (size_t i = 0; value->data && i < value->count; i++) {
        switch (kind) {
        case QL_OPT_I32S:
            ql_put_int(d, list, NULL, ((const int32_t *)value->data)[i]);
            break;
        case QL_OPT_U32S:
            ql_put_int(d, list, NULL, ((const uint32_t *)value->data)[i]);
            break;
        case QL_OPT_I64S:
            ql_put_int(d, list, NULL, ((const int64_t *)value->data)[i]);
            break;
        case QL_OPT_F32S:
            ql_put_float(d, list, NULL, ((const float *)value->data)[i]);
            break;
        default:
            ql_put_int(d, list, NULL, ((const uint8_t *)value->data)[i]);
            break;
        }
    }
}

static void put_option(ql_doc *d, ql_json *to, const ql_options *options, int slot)
{
    const ql_option_slot *row = &options->table->slots[slot];
    const ql_option absent = {0}, *value = options->values ? &options->values[slot] : &absent;
    switch (row->kind) {
    case QL_OPT_SKIP:
    case QL_OPT_END:
        return;
    case QL_OPT_BOOL:
        ql_put_bool(d, to, row->name, ql_opt_bool(options, slot));
        return;
    case QL_OPT_F32:
        ql_put_float(d, to, row->name, ql_opt_f32(options, slot));
        return;
    case QL_OPT_STRING:
        ql_put_str(d, to, row->name,
                   (ql_str){value->data ? value->data : "", value->data ? value->count : 0});
        return;
    default:
        break;
    }
    if (row->kind >= QL_OPT_I32S) {
        put_numbers(d, to, row->name, row->kind, value);
    } else {
        ql_put_int(d, to, row->name, ql_opt_i64(options, slot));
    }
}

static void put_options(ql_doc *d, ql_json *to, const ql_operator *op)
{
    ql_json *options = ql_put_object(d, to, "options");
    for (int i = 0; op->options.table && i < ql_options_slot_count(op->options.table); i++) {
        put_option(d, options, &op->options, i);
    }
}

/* `exec`: NULL when the subgraph cannot be run. */
static void put_operator(ql_doc *d, ql_json *list, const ql_model *model, const ql_operator *op, int index,
                         const ql_exec *exec)
{
    char name[64];
    ql_json *to = ql_put_object(d, list, NULL);
    ql_put_int(d, to, "index", index);
    ql_put_text(d, to, "op", ql_operator_name(model, op, name));
    ql_put_int(d, to, "version", model->opcodes[op->opcode].version);
    put_ints(d, to, "inputs", op->inputs, op->input_count);
    put_ints(d, to, "outputs", op->outputs, op->output_count);
    const ql_call *call = exec ? ql_exec_call(exec, index) : NULL;
    if (call && call->row) {
        ql_put_text(d, to, "kernel", ql_slot_name(call->slot));
    } else {
        ql_put_null(d, to, "kernel");
    }
    ql_put_count(d, to, "macs", exec ? ql_exec_macs(exec, index) : 0);
    ql_put_bool(d, to, "supported", ql_op_find(model, op) != NULL);
    put_options(d, to, op);
}

static uint64_t all_macs(const ql_subgraph *graph, const ql_exec *exec)
{
    uint64_t macs = 0;
    for (int i = 0; exec && i < graph->operator_count; i++) {
        macs += ql_exec_macs(exec, i);
    }
    return macs;
}

static ql_code put_subgraph(ql_doc *d, ql_json *list, const ql_model *model, int index, size_t max_bytes,
                            ql_err *err)
{
    const ql_subgraph *graph = &model->subgraphs[index];
    ql_exec_options options = {.subgraph = index, .max_bytes = max_bytes, .look_only = true};
    ql_exec *exec = NULL;
    ql_err why;
    char text[900];
    ql_err_clear(&why);
    bool runs = !ql_exec_open(&exec, model, &options, &why);
    ql_json *to = ql_put_object(d, list, NULL);
    ql_put_str(d, to, "name", graph->name);
    if (runs) {
        ql_put_null(d, to, "refused");
    } else {
        ql_put_text(d, to, "refused", ql_err_text(&why, text, sizeof text));
    }
    put_ints(d, to, "inputs", graph->inputs, graph->input_count);
    put_ints(d, to, "outputs", graph->outputs, graph->output_count);
    ql_put_count(d, to, "macs", all_macs(graph, runs ? exec : NULL));
    ql_put_count(d, to, "activation_bytes", runs ? ql_exec_memory(exec) : 0);
    ql_json *operators = ql_put_array(d, to, "operators");
    for (int i = 0; i < graph->operator_count; i++) {
        put_operator(d, operators, model, &graph->operators[i], i, runs ? exec : NULL);
    }
    ql_json *tensors = ql_put_array(d, to, "tensors");
    for (int i = 0; i < graph->tensor_count; i++) {
        put_tensor(d, tensors, &graph->tensors[i], i);
    }
    ql_exec_close(exec);
    return ql_doc_check(d, err);
}

static void put_maps(ql_doc *d, ql_json *to, const char *key, const ql_tensor_map *maps, int count)
{
    ql_json *list = ql_put_array(d, to, key);
    for (int i = 0; i < count; i++) {
        ql_json *entry = ql_put_object(d, list, NULL);
        ql_put_str(d, entry, "name", maps[i].name);
        ql_put_int(d, entry, "tensor", maps[i].tensor);
    }
}

static void put_signatures(ql_doc *d, ql_json *root, const ql_model *model)
{
    ql_json *list = ql_put_array(d, root, "signatures");
    for (int i = 0; i < model->signature_count; i++) {
        const ql_signature *s = &model->signatures[i];
        ql_json *to = ql_put_object(d, list, NULL);
        ql_put_str(d, to, "key", s->key);
        ql_put_int(d, to, "subgraph", s->subgraph);
        put_maps(d, to, "inputs", s->inputs, s->input_count);
        put_maps(d, to, "outputs", s->outputs, s->output_count);
    }
}

static void put_hash(ql_doc *d, ql_json *root, const ql_model *model)
{
    ql_sha256 sha;
    char hex[65];
    ql_sha256_start(&sha);
    ql_sha256_add(&sha, model->bytes, model->byte_count);
    ql_sha256_hex(&sha, hex);
    ql_put_text(d, root, "sha256", hex);
}

static void put_head(ql_doc *d, ql_json *root, const ql_model *model, bool hashed)
{
    uint64_t buffers = 0;
    ql_put_text(d, root, "schema", "qloupe.inspect/1");
    ql_put_text(d, root, "file", model->path ? model->path : "");
    if (hashed) {
        put_hash(d, root, model);
    }
    ql_put_count(d, root, "bytes", model->byte_count);
    ql_put_int(d, root, "version", model->version);
    ql_put_str(d, root, "description", model->description);
    ql_json *list = ql_put_array(d, root, "buffers");
    for (int i = 0; i < model->buffer_count; i++) {
        ql_put_count(d, list, NULL, model->buffers[i].bytes);
        buffers += model->buffers[i].bytes;
    }
    ql_put_count(d, root, "buffer_bytes", buffers);
    list = ql_put_array(d, root, "metadata");
    for (int i = 0; i < model->metadata_count; i++) {
        ql_json *entry = ql_put_object(d, list, NULL);
        ql_put_str(d, entry, "name", model->metadata[i].name);
        ql_put_count(d, entry, "bytes", model->buffers[model->metadata[i].buffer].bytes);
    }
}

ql_code ql_inspect(ql_json **document, const ql_model *model, bool hashed, size_t max_bytes, ql_err *err)
{
    ql_doc d = {0};
    ql_json *root = ql_json_object(&d);
    put_head(&d, root, model, hashed);
    put_signatures(&d, root, model);
    ql_json *list = ql_put_array(&d, root, "subgraphs");
    ql_code code = ql_doc_check(&d, err);
    for (int i = 0; i < model->subgraph_count && !code; i++) {
        code = put_subgraph(&d, list, model, i, max_bytes, err);
    }
    if (code) {
        ql_json_free(root);
        root = NULL;
    }
    *document = root;
    return code;
}
