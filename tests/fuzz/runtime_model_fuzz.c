/* Any bytes: either one clear refusal, or a model of which every byte may be touched, that written and read
 * again is the same, and whose subgraphs can be planned and run with a bound on memory and time. */
#include "tests/support/exercise.h"
#include "tests/support/same.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static volatile unsigned sink; /* keeps the reads */

static void touch(const void *data, size_t bytes)
{
    unsigned sum = 0;
    for (size_t i = 0; i < bytes; i++) {
        sum += ((const uint8_t *)data)[i];
    }
    sink += sum;
}

/* As what it is: a misaligned pointer is found here too. */
static void touch_longs(const int64_t *values, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        sink += (unsigned)values[i];
    }
}

static void touch_ints(const int32_t *values, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        sink += (unsigned)values[i];
    }
}

static void touch_floats(const float *values, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        sink += values[i] > 0;
    }
}

static void touch_str(ql_str str)
{
    touch(str.text, str.length + 1);
    if (str.text[str.length]) {
        abort();
    }
}

static void touch_sparsity(const ql_sparsity *sparsity)
{
    touch_ints(sparsity->order, (size_t)sparsity->dim_count);
    touch_ints(sparsity->block_map, (size_t)sparsity->block_count);
    for (int i = 0; i < sparsity->dim_count; i++) {
        touch_ints(sparsity->dims[i].segments, sparsity->dims[i].segment_count);
        touch_ints(sparsity->dims[i].indices, sparsity->dims[i].index_count);
    }
}

static void touch_constant(const ql_tensor *tensor)
{
    size_t align = tensor->type == QL_STRING ? 4 : (size_t)ql_type_bits(tensor->type) / 8;
    if (align > 1 && (uintptr_t)tensor->data % align) {
        abort();
    }
    touch(tensor->data, tensor->bytes);
}

static void touch_tensor(const ql_tensor *tensor)
{
    const ql_quant *quant = &tensor->quant;
    touch_str(tensor->name);
    touch_ints(tensor->shape, (size_t)tensor->rank);
    if (tensor->signature) {
        touch_ints(tensor->signature, (size_t)tensor->rank);
    }
    touch_constant(tensor);
    touch_floats(quant->scale, (size_t)quant->scale_count);
    touch_longs(quant->zero_point, (size_t)quant->scale_count);
    touch_floats(quant->min, (size_t)quant->min_count);
    touch_floats(quant->max, (size_t)quant->max_count);
    if (tensor->sparsity) {
        touch_sparsity(tensor->sparsity);
    }
}

static void touch_option(const ql_options *options, int slot)
{
    static const size_t sizes[] = {
        [QL_OPT_STRING] = 1, [QL_OPT_I32S] = 4, [QL_OPT_U32S] = 4,  [QL_OPT_I64S] = 8,
        [QL_OPT_F32S] = 4,   [QL_OPT_U8S] = 1,  [QL_OPT_BOOLS] = 1, [QL_OPT_SUBGRAPHS] = 4};
    const uint8_t *bytes;
    ql_option_kind kind = options->table->slots[slot].kind;
    if (kind < QL_OPT_STRING) {
        sink += (unsigned)ql_opt_int(options, slot) + ql_opt_bool(options, slot);
        sink += ql_opt_f32(options, slot) > 0;
        return;
    }
    size_t count = ql_opt_u8s(options, slot, &bytes);
    if ((uintptr_t)bytes % sizes[kind]) {
        abort();
    }
    touch(bytes, count * sizes[kind]);
}

static void touch_operator(const ql_model *model, const ql_operator *op)
{
    char name[64];
    const char *text = ql_operator_name(model, op, name);
    touch(text, strlen(text));
    touch_ints(op->inputs, (size_t)op->input_count);
    touch_ints(op->outputs, (size_t)op->output_count);
    touch_ints(op->intermediates, (size_t)op->intermediate_count);
    touch(op->custom_options, op->custom_options_bytes);
    for (int i = 0; op->options.table && i < ql_options_slot_count(op->options.table); i++) {
        touch_option(&op->options, i);
    }
}

static void touch_subgraph(const ql_model *model, const ql_subgraph *graph)
{
    touch_str(graph->name);
    touch_ints(graph->inputs, (size_t)graph->input_count);
    touch_ints(graph->outputs, (size_t)graph->output_count);
    for (int i = 0; i < graph->tensor_count; i++) {
        touch_tensor(&graph->tensors[i]);
    }
    for (int i = 0; i < graph->operator_count; i++) {
        touch_operator(model, &graph->operators[i]);
    }
}

static void touch_signature(const ql_signature *signature)
{
    touch_str(signature->key);
    for (int i = 0; i < signature->input_count; i++) {
        touch_str(signature->inputs[i].name);
    }
    for (int i = 0; i < signature->output_count; i++) {
        touch_str(signature->outputs[i].name);
    }
}

static void touch_model(const ql_model *model)
{
    touch_str(model->description);
    for (int i = 0; i < model->opcode_count; i++) {
        touch_str(model->opcodes[i].custom);
    }
    for (int i = 0; i < model->buffer_count; i++) {
        touch(model->buffers[i].data, model->buffers[i].bytes);
    }
    for (int i = 0; i < model->metadata_count; i++) {
        touch_str(model->metadata[i].name);
    }
    for (int i = 0; i < model->signature_count; i++) {
        touch_signature(&model->signatures[i]);
    }
    for (int i = 0; i < model->subgraph_count; i++) {
        touch_subgraph(model, &model->subgraphs[i]);
    }
}

static void touch_debug(const ql_model *model)
{
    ql_debug *debug;
    ql_origin origin;
    ql_arena arena;
    if (ql_debug_open(model, &debug, NULL)) {
        return;
    }
    ql_arena_init(&arena, 0);
    for (int g = 0; debug && g < model->subgraph_count; g++) {
        for (int op = 0; op < model->subgraphs[g].operator_count; op++) {
            sink += ql_debug_origin(debug, g, op, &arena, &origin, NULL);
            for (int i = 0; i < origin.name_count; i++) {
                touch(origin.names[i].text, origin.names[i].length);
            }
        }
    }
    ql_arena_free(&arena);
    ql_debug_close(debug);
}

static void check_written(const ql_model *model, size_t limit)
{
    ql_model *again;
    ql_err err;
    char *bytes;
    size_t count;
    ql_code code = ql_model_write_within(model, limit, &bytes, &count, &err);
    if (code == QL_E_UNSUPPORTED || code == QL_E_NOMEM) {
        return; /* options of an unknown kind; no room for the structure */
    }
    if (code || ql_model_read(&again, bytes, count, &err) || same_model(model, again)) {
        abort();
    }
    ql_model_close(again);
    free(bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ql_model *model;
    ql_err err;
    char text[1024];
    void *bytes = NULL;
    /* A copy of its own end: what reads past it is caught. */
    if (posix_memalign(&bytes, 16, size ? size : 1)) {
        return 0;
    }
    if (size) {
        memcpy(bytes, data, size);
    }
    ql_err_clear(&err);
    if (ql_model_read(&model, bytes, size, &err)) {
        touch(ql_err_text(&err, text, sizeof text), 1);
    } else {
        touch_model(model);
        touch_debug(model);
        check_written(model, INT32_MAX);
        check_written(model, size / 2);
        sink += (unsigned)exercise(model, 1 << 20);
        ql_model_close(model);
    }
    free(bytes);
    return 0;
}
