#include "runtime/model/write.h"

#include "runtime/base/file.h"
#include "runtime/model/schema.h"
#include "runtime/model/verify.h"
#include "runtime/model/writer.h"

#include <stdlib.h>
#include <string.h>

enum { OLD_CODES = 127, FAR_ALIGNMENT = 16, OPTIONS_ALIGNMENT = 16 };

static const char location[] = "buffer_location", outside[] = "outside flatbuffers";

void ql_put_far(ql_slots *row, int slot, size_t bytes)
{
    if (bytes) {
        ql_put_bytes(row, slot, 8, 1, 0);
        ql_put_bytes(row, slot + 1, 8, bytes, 0);
    }
}

void ql_writer_far(ql_writer *w, const ql_slots *row, int slot, const void *data, size_t bytes, size_t twin)
{
    if (row->place[slot]) {
        w->fars[w->far_count++] = (ql_far){row->place[slot], data, bytes, twin};
    }
}

static void write_opcodes(ql_writer *w, const ql_slots *root)
{
    size_t tables = ql_build_tables(&w->build, root, QL_MODEL_OPCODES, w->model->opcode_count);
    for (int i = 0; i < w->model->opcode_count; i++) {
        const ql_opcode *opcode = &w->model->opcodes[i];
        int old = opcode->code < OLD_CODES ? opcode->code : OLD_CODES;
        ql_slots row = {0};
        ql_put_bytes(&row, QL_OPCODE_OLD_CODE, 1, (uint64_t)old, 0);
        ql_put_ref(&row, QL_OPCODE_CUSTOM, opcode->custom.length > 0);
        ql_put_bytes(&row, QL_OPCODE_VERSION, 4, (uint64_t)opcode->version, 1);
        ql_put_bytes(&row, QL_OPCODE_CODE, 4, (uint64_t)opcode->code, 0);
        ql_build_item(&w->build, tables, i, &row);
        ql_build_string(&w->build, &row, QL_OPCODE_CUSTOM, opcode->custom);
    }
}

static void put_custom(const ql_writer *w, ql_slots *row, const ql_operator *op)
{
    if (w->far && op->custom_options_bytes) {
        ql_put_far(row, QL_OP_LARGE_OFFSET, op->custom_options_bytes);
    } else {
        ql_put_ref(row, QL_OP_CUSTOM, op->custom_options != NULL);
    }
    ql_put_bytes(row, QL_OP_CUSTOM_FORMAT, 1, (uint64_t)op->custom_options_format, 0);
}

static void write_operator(ql_writer *w, size_t tables, int i, const ql_operator *op)
{
    ql_builder *b = &w->build;
    ql_slots row = {0};
    ql_put_bytes(&row, QL_OP_OPCODE, 4, (uint64_t)op->opcode, 0);
    ql_put_ref(&row, QL_OP_INPUTS, true);
    ql_put_ref(&row, QL_OP_OUTPUTS, true);
    ql_put_options(&row, &op->options);
    put_custom(w, &row, op);
    ql_put_ref(&row, QL_OP_MUTATING, op->mutating != NULL);
    ql_put_ref(&row, QL_OP_INTERMEDIATES, op->intermediate_count > 0);
    ql_put_bytes(&row, QL_OP_DEBUG, 4, (uint64_t)op->debug_index, UINT32_MAX);
    ql_build_item(b, tables, i, &row);
    ql_build_vector(b, &row, QL_OP_INPUTS, op->inputs, (size_t)op->input_count, 4, 4);
    ql_build_vector(b, &row, QL_OP_OUTPUTS, op->outputs, (size_t)op->output_count, 4, 4);
    ql_write_options(w, &row, &op->options);
    ql_build_vector(b, &row, QL_OP_CUSTOM, op->custom_options, op->custom_options_bytes, 1,
                    OPTIONS_ALIGNMENT);
    ql_writer_far(w, &row, QL_OP_LARGE_OFFSET, op->custom_options, op->custom_options_bytes, w->far_count);
    ql_build_vector(b, &row, QL_OP_MUTATING, op->mutating, op->mutating_count, 1, 4);
    ql_build_vector(b, &row, QL_OP_INTERMEDIATES, op->intermediates, (size_t)op->intermediate_count, 4, 4);
}

static void write_subgraph(ql_writer *w, size_t graphs, int index, const ql_subgraph *graph)
{
    ql_builder *b = &w->build;
    ql_slots row = {0};
    for (int slot = QL_SUBGRAPH_TENSORS; slot <= QL_SUBGRAPH_OPERATORS; slot++) {
        ql_put_ref(&row, slot, true);
    }
    ql_put_ref(&row, QL_SUBGRAPH_NAME, graph->name.length > 0);
    ql_put_bytes(&row, QL_SUBGRAPH_DEBUG, 4, (uint64_t)graph->debug_index, UINT32_MAX);
    ql_build_item(b, graphs, index, &row);
    ql_build_string(b, &row, QL_SUBGRAPH_NAME, graph->name);
    ql_build_vector(b, &row, QL_SUBGRAPH_INPUTS, graph->inputs, (size_t)graph->input_count, 4, 4);
    ql_build_vector(b, &row, QL_SUBGRAPH_OUTPUTS, graph->outputs, (size_t)graph->output_count, 4, 4);
    size_t tensors = ql_build_tables(b, &row, QL_SUBGRAPH_TENSORS, graph->tensor_count);
    for (int i = 0; i < graph->tensor_count; i++) {
        ql_write_tensor(w, tensors, i, &graph->tensors[i]);
    }
    size_t operators = ql_build_tables(b, &row, QL_SUBGRAPH_OPERATORS, graph->operator_count);
    for (int i = 0; i < graph->operator_count; i++) {
        write_operator(w, operators, i, &graph->operators[i]);
    }
}

static void write_subgraphs(ql_writer *w, const ql_slots *root)
{
    size_t graphs = ql_build_tables(&w->build, root, QL_MODEL_SUBGRAPHS, w->model->subgraph_count);
    for (int i = 0; i < w->model->subgraph_count; i++) {
        write_subgraph(w, graphs, i, &w->model->subgraphs[i]);
    }
}

static void write_metadata(ql_writer *w, const ql_slots *root)
{
    size_t tables = ql_build_tables(&w->build, root, QL_MODEL_METADATA, w->model->metadata_count);
    for (int i = 0; root->place[QL_MODEL_METADATA] && i < w->model->metadata_count; i++) {
        ql_slots row = {0};
        ql_put_ref(&row, QL_METADATA_NAME, true);
        ql_put_bytes(&row, QL_METADATA_BUFFER, 4, (uint64_t)w->model->metadata[i].buffer, 0);
        ql_build_item(&w->build, tables, i, &row);
        ql_build_string(&w->build, &row, QL_METADATA_NAME, w->model->metadata[i].name);
    }
}

static void write_map(ql_builder *b, const ql_slots *signature, int slot, const ql_tensor_map *map, int count)
{
    size_t tables = ql_build_tables(b, signature, slot, count);
    for (int i = 0; i < count; i++) {
        ql_slots row = {0};
        ql_put_ref(&row, QL_MAP_NAME, true);
        ql_put_bytes(&row, QL_MAP_TENSOR, 4, (uint64_t)map[i].tensor, 0);
        ql_build_item(b, tables, i, &row);
        ql_build_string(b, &row, QL_MAP_NAME, map[i].name);
    }
}

static void write_signatures(ql_writer *w, const ql_slots *root)
{
    ql_builder *b = &w->build;
    size_t tables = ql_build_tables(b, root, QL_MODEL_SIGNATURES, w->model->signature_count);
    for (int i = 0; root->place[QL_MODEL_SIGNATURES] && i < w->model->signature_count; i++) {
        const ql_signature *signature = &w->model->signatures[i];
        ql_slots row = {0};
        ql_put_ref(&row, QL_SIGNATURE_INPUTS, true);
        ql_put_ref(&row, QL_SIGNATURE_OUTPUTS, true);
        ql_put_ref(&row, QL_SIGNATURE_KEY, true);
        ql_put_bytes(&row, QL_SIGNATURE_SUBGRAPH, 4, (uint64_t)signature->subgraph, 0);
        ql_build_item(b, tables, i, &row);
        write_map(b, &row, QL_SIGNATURE_INPUTS, signature->inputs, signature->input_count);
        write_map(b, &row, QL_SIGNATURE_OUTPUTS, signature->outputs, signature->output_count);
        ql_build_string(b, &row, QL_SIGNATURE_KEY, signature->key);
    }
}

/* The weights come last: what is small stays together at the front. */
static void write_model(ql_writer *w)
{
    const ql_model *model = w->model;
    ql_slots root = {0};
    ql_put_bytes(&root, QL_MODEL_VERSION, 4, (uint64_t)model->version, 0);
    ql_put_ref(&root, QL_MODEL_OPCODES, true);
    ql_put_ref(&root, QL_MODEL_SUBGRAPHS, true);
    ql_put_ref(&root, QL_MODEL_DESCRIPTION, model->description.length > 0);
    ql_put_ref(&root, QL_MODEL_BUFFERS, true);
    ql_put_ref(&root, QL_MODEL_METADATA_BUFFERS, model->metadata_buffers != NULL);
    ql_put_ref(&root, QL_MODEL_METADATA, model->metadata_count > 0);
    ql_put_ref(&root, QL_MODEL_SIGNATURES, model->signature_count > 0);
    ql_build_root(&w->build, &root);
    ql_build_string(&w->build, &root, QL_MODEL_DESCRIPTION, model->description);
    write_opcodes(w, &root);
    write_subgraphs(w, &root);
    ql_build_vector(&w->build, &root, QL_MODEL_METADATA_BUFFERS, model->metadata_buffers,
                    (size_t)model->metadata_buffer_count, 4, 4);
    write_metadata(w, &root);
    write_signatures(w, &root);
    ql_write_buffers(w, &root);
}

/* LiteRT maps the file in whole blocks of 16 bytes. */
static void write_far(ql_writer *w)
{
    w->build.apart = true;
    w->build.limit = PTRDIFF_MAX;
    for (size_t i = 0; i < w->far_count && !w->build.code; i++) {
        ql_far *far = &w->fars[i];
        size_t at = far->twin == i ? ql_build_bytes(&w->build, far->data, far->bytes, FAR_ALIGNMENT)
                                   : w->fars[far->twin].place;
        ql_build_poke(&w->build, far->place, 8, at);
        far->place = at; /* from here on where the data is, for its twins */
    }
    if (w->far) {
        ql_build_bytes(&w->build, NULL, 0, FAR_ALIGNMENT);
    }
}

static ql_code take_fars(ql_writer *w)
{
    size_t count = (size_t)w->model->buffer_count;
    for (int i = 0; i < w->model->subgraph_count; i++) {
        count += (size_t)w->model->subgraphs[i].operator_count;
    }
    w->fars = QL_TAKE(&w->scratch, count, ql_far);
    return w->fars ? QL_OK : ql_fail_memory(w->build.err, count * sizeof *w->fars);
}

/* `like` with the entry about the place of buffers there, or not there, as it now is. */
static ql_code tell_location(ql_writer *w, ql_model *like)
{
    ql_buffer *buffers = QL_TAKE(&w->scratch, (size_t)like->buffer_count + 1, ql_buffer);
    ql_metadata *metadata = QL_TAKE(&w->scratch, (size_t)like->metadata_count + 1, ql_metadata);
    if (!buffers || !metadata) {
        return ql_fail_memory(w->build.err, (size_t)like->buffer_count * sizeof *buffers);
    }
    int count = 0;
    bool told = false;
    for (int i = 0; i < like->metadata_count; i++) {
        bool tells = ql_str_is(like->metadata[i].name, location);
        told = told || tells;
        if (!tells || w->far) {
            metadata[count++] = like->metadata[i];
        }
    }
    if (w->far && !told) {
        for (int i = 0; i < like->buffer_count; i++) {
            buffers[i] = like->buffers[i];
        }
        buffers[like->buffer_count] = (ql_buffer){(const uint8_t *)outside, sizeof outside - 1};
        metadata[count++] = (ql_metadata){{location, sizeof location - 1}, like->buffer_count++};
        like->buffers = buffers;
    }
    like->metadata = metadata;
    like->metadata_count = count;
    return QL_OK;
}

static ql_code check_tensor(const ql_model *model, const ql_tensor *tensor, ql_err *err)
{
    const ql_buffer *buffer = &model->buffers[tensor->buffer];
    if (tensor->quant.other_details > QL_DETAILS_MULTI_AXIS) {
        return ql_fail(err, QL_E_UNSUPPORTED, "quantization details of kind %d: cannot be written",
                       tensor->quant.other_details);
    }
    if (tensor->bytes &&
        (!tensor->buffer || buffer->bytes != tensor->bytes ||
         (buffer->data != tensor->data && memcmp(buffer->data, tensor->data, tensor->bytes) != 0))) {
        return ql_fail(err, QL_E_FORMAT, "constant of %zu bytes: its buffer must hold them", tensor->bytes);
    }
    return QL_OK;
}

static ql_code check_subgraph(const ql_model *model, const ql_subgraph *graph, ql_err *err)
{
    for (int i = 0; i < graph->tensor_count; i++) {
        if (check_tensor(model, &graph->tensors[i], err)) {
            return ql_at_tensor_of(err, &graph->tensors[i], i);
        }
    }
    for (int i = 0; i < graph->operator_count; i++) {
        const ql_options *options = &graph->operators[i].options;
        if (options->union_id && !options->table) {
            char name[64];
            ql_fail(err, QL_E_UNSUPPORTED, "options of kind %d: cannot be written", options->union_id);
            return ql_at_op(err, i, ql_operator_name(model, &graph->operators[i], name));
        }
    }
    return QL_OK;
}

/* What reading overlooks but writing would lose or get wrong. */
static ql_code check_model(const ql_model *model, ql_err *err)
{
    ql_arena scratch;
    ql_arena_init(&scratch, 0);
    ql_code code = ql_verify_model(model, &scratch, err);
    ql_arena_free(&scratch);
    for (int i = 0; !code && i < model->subgraph_count; i++) {
        code = check_subgraph(model, &model->subgraphs[i], err);
    }
    return code;
}

/* Who gets the bytes: `begin` is told how many there are, then `put` sees them. */
typedef struct {
    ql_code (*begin)(void *user, size_t count, ql_err *err);
    ql_build_put put; /* NULL: it does not want them */
    void *user;
} ql_sink;

/* One attempt; *full says that the limit was in the way. Weights go from where they are to the sink. */
static ql_code attempt(const ql_model *model, bool far, size_t limit, const ql_sink *sink, bool *full,
                       ql_err *err)
{
    ql_model like = *model;
    ql_writer w = {.model = &like, .far = far};
    ql_arena_init(&w.scratch, 0);
    ql_build_start(&w.build, limit, "TFL3", err);
    ql_code code = tell_location(&w, &like);
    code = code ? code : take_fars(&w);
    if (!code) {
        write_model(&w);
        write_far(&w);
        code = w.build.code;
    }
    *full = w.build.full;
    code = code ? code : sink->begin(sink->user, w.build.count, err);
    code = code || !sink->put ? code : ql_build_give(&w.build, sink->put, sink->user, err);
    ql_build_end(&w.build);
    ql_arena_free(&w.scratch);
    return code;
}

/* Bytes of weights: when they alone are too many, the first attempt is spared. Shared ones count twice, and
 * so may put a file over the limit that would just fit; it is right all the same. */
static size_t weigh(const ql_model *model)
{
    size_t total = 0;
    for (int i = 0; i < model->buffer_count; i++) {
        total += model->buffers[i].bytes;
    }
    return total;
}

static ql_code write_to(const ql_model *model, size_t limit, const ql_sink *sink, ql_err *err)
{
    bool full = false;
    ql_code code = check_model(model, err);
    if (code) {
        return code;
    }
    bool far = weigh(model) > limit;
    code = attempt(model, far, limit, sink, &full, err);
    return code && full && !far ? attempt(model, true, limit, sink, &full, err) : code;
}

/* --- Sinks --- */

typedef struct {
    char *bytes;
    size_t count, filled;
} ql_filling;

static ql_code begin_filling(void *user, size_t count, ql_err *err)
{
    ql_filling *f = user;
    f->count = count;
    void *bytes;
    if (posix_memalign(&bytes, 64, count + 1)) {
        return ql_fail_memory(err, count);
    }
    f->bytes = bytes;
    return QL_OK;
}

static ql_code fill(void *user, const void *bytes, size_t count, ql_err *err)
{
    ql_filling *f = user;
    (void)err;
    if (count) {
        memcpy(f->bytes + f->filled, bytes, count);
    }
    f->filled += count;
    return QL_OK;
}

ql_code ql_model_write_within(const ql_model *model, size_t limit, char **bytes, size_t *count, ql_err *err)
{
    ql_filling filling = {0};
    ql_code code = write_to(model, limit, &(ql_sink){begin_filling, fill, &filling}, err);
    *bytes = filling.bytes;
    *count = filling.count;
    return code;
}

ql_code ql_model_write(const ql_model *model, char **bytes, size_t *count, ql_err *err)
{
    return ql_model_write_within(model, INT32_MAX, bytes, count, err);
}

static ql_code only_count(void *user, size_t count, ql_err *err)
{
    (void)err;
    *(size_t *)user = count;
    return QL_OK;
}

ql_code ql_model_size(const ql_model *model, size_t *count, ql_err *err)
{
    return write_to(model, INT32_MAX, &(ql_sink){only_count, NULL, count}, err);
}

typedef struct {
    const char *path;
    ql_file_out *out;
} ql_saving;

static ql_code begin_saving(void *user, size_t count, ql_err *err)
{
    ql_saving *saving = user;
    (void)count;
    return ql_file_begin(&saving->out, saving->path, err);
}

static ql_code save(void *user, const void *bytes, size_t count, ql_err *err)
{
    return ql_file_put(((ql_saving *)user)->out, bytes, count, err);
}

ql_code ql_model_save(const ql_model *model, const char *path, ql_err *err)
{
    ql_saving saving = {.path = path};
    ql_code code = write_to(model, INT32_MAX, &(ql_sink){begin_saving, save, &saving}, err);
    if (code) {
        ql_file_drop(saving.out);
        ql_at_file(err, path);
        return code;
    }
    return ql_file_end(saving.out, err);
}
