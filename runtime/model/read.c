#include "runtime/model/flatbuffer.h"
#include "runtime/model/reader.h"
#include "runtime/model/schema.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { COPY_FACTOR = 2, COPY_FLOOR = 1 << 16 };

ql_code ql_reader_take(ql_reader *reader, int count, size_t size, void **piece)
{
    *piece = ql_take(&reader->model->arena, (size_t)count, size);
    return *piece ? QL_OK : ql_fail_memory(reader->err, (size_t)count * size);
}

ql_code ql_reader_align(ql_reader *reader, const void **data, size_t bytes, size_t alignment)
{
    if (alignment < 2 || (uintptr_t)*data % alignment == 0) {
        return QL_OK;
    }
    size_t count = reader->model->byte_count;
    if (bytes > reader->copies) {
        return ql_broken(reader->err, QL_RULE_OVERLAP, "misaligned data",
                         (int64_t)(count * COPY_FACTOR + COPY_FLOOR), (int64_t)count, 0, 0);
    }
    reader->copies -= bytes;
    *data = ql_take_copy(&reader->model->arena, *data, bytes);
    return *data ? QL_OK : ql_fail_memory(reader->err, bytes);
}

ql_code ql_reader_vector(ql_reader *reader, const uint8_t *table, int slot, size_t size, const void **data,
                         int *count)
{
    const uint8_t *vector = ql_fb_ref(table, slot);
    *count = ql_fb_count(vector);
    *data = vector ? vector + 4 : NULL;
    return vector ? ql_reader_align(reader, data, (size_t)*count * size, size) : QL_OK;
}

ql_str ql_reader_string(const uint8_t *table, int slot)
{
    const uint8_t *string = ql_fb_ref(table, slot);
    return string ? (ql_str){(const char *)string + 4, ql_fb_load_u32(string)} : (ql_str){"", 0};
}

static ql_code read_opcodes(ql_reader *reader, const uint8_t *root)
{
    ql_model *model = reader->model;
    const uint8_t *tables = ql_fb_ref(root, QL_MODEL_OPCODES);
    void *memory;
    model->opcode_count = ql_fb_count(tables);
    ql_code code = ql_reader_take(reader, model->opcode_count, sizeof(ql_opcode), &memory);
    ql_opcode *opcodes = memory;
    for (int i = 0; !code && i < model->opcode_count; i++) {
        const uint8_t *table = ql_fb_table(tables, i);
        int old = ql_fb_i8(table, QL_OPCODE_OLD_CODE, 0), now = ql_fb_i32(table, QL_OPCODE_CODE, 0);
        opcodes[i].code = old > now ? old : now;
        opcodes[i].version = ql_fb_i32(table, QL_OPCODE_VERSION, 1);
        opcodes[i].custom = ql_reader_string(table, QL_OPCODE_CUSTOM);
    }
    model->opcodes = opcodes;
    return code;
}

/* Data behind the FlatBuffers part, by its place in the file. Offsets 0 and 1 mean that there is none. */
static ql_code read_far(ql_reader *reader, const uint8_t *table, int slot, const char *what,
                        const uint8_t **data, size_t *bytes)
{
    uint64_t offset = ql_fb_u64(table, slot, 0), size = ql_fb_u64(table, slot + 1, 0);
    uint64_t count = reader->model->byte_count;
    if (offset < 2) {
        return QL_OK;
    }
    if (size > count || offset > count - size) {
        return ql_broken(reader->err, QL_RULE_BUFFER_PLACE, what, (int64_t)size, (int64_t)offset,
                         (int64_t)count, 0);
    }
    *data = size ? reader->model->bytes + offset : NULL;
    *bytes = (size_t)size;
    return QL_OK;
}

static ql_code read_buffers(ql_reader *reader, const uint8_t *root)
{
    ql_model *model = reader->model;
    const uint8_t *tables = ql_fb_ref(root, QL_MODEL_BUFFERS);
    void *memory;
    model->buffer_count = ql_fb_count(tables);
    ql_code code = ql_reader_take(reader, model->buffer_count, sizeof(ql_buffer), &memory);
    ql_buffer *buffers = memory;
    for (int i = 0; !code && i < model->buffer_count; i++) {
        const uint8_t *table = ql_fb_table(tables, i), *data = ql_fb_ref(table, QL_BUFFER_DATA);
        if (ql_fb_count(data)) {
            buffers[i] = (ql_buffer){data + 4, ql_fb_load_u32(data)};
        } else {
            code = read_far(reader, table, QL_BUFFER_OFFSET, "Buffer.offset", &buffers[i].data,
                            &buffers[i].bytes);
        }
    }
    model->buffers = buffers;
    return code;
}

static ql_code read_metadata(ql_reader *reader, const uint8_t *root)
{
    ql_model *model = reader->model;
    const uint8_t *tables = ql_fb_ref(root, QL_MODEL_METADATA);
    void *memory;
    model->metadata_count = ql_fb_count(tables);
    ql_code code = ql_reader_take(reader, model->metadata_count, sizeof(ql_metadata), &memory);
    ql_metadata *metadata = memory;
    for (int i = 0; !code && i < model->metadata_count; i++) {
        const uint8_t *table = ql_fb_table(tables, i);
        metadata[i].name = ql_reader_string(table, QL_METADATA_NAME);
        metadata[i].buffer = ql_fb_i32(table, QL_METADATA_BUFFER, 0);
    }
    model->metadata = metadata;
    return code;
}

static ql_code read_map(ql_reader *reader, const uint8_t *tables, const ql_tensor_map **map, int *count)
{
    void *memory;
    *count = ql_fb_count(tables);
    ql_code code = ql_reader_take(reader, *count, sizeof(ql_tensor_map), &memory);
    ql_tensor_map *to = memory;
    for (int i = 0; !code && i < *count; i++) {
        const uint8_t *table = ql_fb_table(tables, i);
        to[i].name = ql_reader_string(table, QL_MAP_NAME);
        to[i].tensor = ql_fb_i32(table, QL_MAP_TENSOR, 0);
    }
    *map = to;
    return code;
}

static ql_code read_signatures(ql_reader *reader, const uint8_t *root)
{
    ql_model *model = reader->model;
    const uint8_t *tables = ql_fb_ref(root, QL_MODEL_SIGNATURES);
    void *memory;
    model->signature_count = ql_fb_count(tables);
    ql_code code = ql_reader_take(reader, model->signature_count, sizeof(ql_signature), &memory);
    ql_signature *signatures = memory;
    for (int i = 0; !code && i < model->signature_count; i++) {
        const uint8_t *table = ql_fb_table(tables, i);
        ql_signature *to = &signatures[i];
        to->key = ql_reader_string(table, QL_SIGNATURE_KEY);
        to->subgraph = ql_fb_i32(table, QL_SIGNATURE_SUBGRAPH, 0);
        code = read_map(reader, ql_fb_ref(table, QL_SIGNATURE_INPUTS), &to->inputs, &to->input_count);
        if (!code) {
            code = read_map(reader, ql_fb_ref(table, QL_SIGNATURE_OUTPUTS), &to->outputs, &to->output_count);
        }
    }
    model->signatures = signatures;
    return code;
}

static ql_code read_indices(ql_reader *reader, const uint8_t *table, int slot, const int32_t **indices,
                            int *count)
{
    const void *data;
    ql_code code = ql_reader_vector(reader, table, slot, sizeof(int32_t), &data, count);
    *indices = data;
    return code;
}

static ql_code read_custom_options(ql_reader *reader, const uint8_t *table, ql_operator *op)
{
    const uint8_t *bytes = ql_fb_ref(table, QL_OP_CUSTOM);
    op->custom_options = bytes ? bytes + 4 : NULL;
    op->custom_options_bytes = (size_t)ql_fb_count(bytes);
    op->custom_options_format = ql_fb_i8(table, QL_OP_CUSTOM_FORMAT, 0);
    return bytes ? QL_OK
                 : read_far(reader, table, QL_OP_LARGE_OFFSET, "Operator.large_custom_options_offset",
                            &op->custom_options, &op->custom_options_bytes);
}

static ql_code read_operator(ql_reader *reader, const uint8_t *table, ql_operator *op)
{
    op->opcode = ql_fb_i32(table, QL_OP_OPCODE, 0);
    op->debug_index = ql_fb_i32(table, QL_OP_DEBUG, -1);
    const uint8_t *mutating = ql_fb_ref(table, QL_OP_MUTATING);
    op->mutating = mutating ? mutating + 4 : NULL;
    op->mutating_count = (size_t)ql_fb_count(mutating);
    ql_code code = read_indices(reader, table, QL_OP_INPUTS, &op->inputs, &op->input_count);
    if (!code) {
        code = read_indices(reader, table, QL_OP_OUTPUTS, &op->outputs, &op->output_count);
    }
    if (!code) {
        code = read_indices(reader, table, QL_OP_INTERMEDIATES, &op->intermediates, &op->intermediate_count);
    }
    if (!code) {
        code = read_custom_options(reader, table, op);
    }
    return code ? code : ql_read_options(reader, table, &op->options);
}

static ql_code read_tensors(ql_reader *reader, const uint8_t *tables, ql_subgraph *subgraph)
{
    void *memory;
    subgraph->tensor_count = ql_fb_count(tables);
    ql_code code = ql_reader_take(reader, subgraph->tensor_count, sizeof(ql_tensor), &memory);
    subgraph->tensors = memory;
    for (int i = 0; !code && i < subgraph->tensor_count; i++) {
        code = ql_read_tensor(reader, ql_fb_table(tables, i), &subgraph->tensors[i]);
        if (code) {
            ql_at_tensor_of(reader->err, &subgraph->tensors[i], i);
        }
    }
    return code;
}

static ql_code read_operators(ql_reader *reader, const uint8_t *tables, ql_subgraph *subgraph)
{
    void *memory;
    subgraph->operator_count = ql_fb_count(tables);
    ql_code code = ql_reader_take(reader, subgraph->operator_count, sizeof(ql_operator), &memory);
    subgraph->operators = memory;
    for (int i = 0; !code && i < subgraph->operator_count; i++) {
        code = read_operator(reader, ql_fb_table(tables, i), &subgraph->operators[i]);
    }
    return code;
}

static ql_code read_subgraph(ql_reader *reader, const uint8_t *table, ql_subgraph *subgraph)
{
    subgraph->name = ql_reader_string(table, QL_SUBGRAPH_NAME);
    subgraph->debug_index = ql_fb_i32(table, QL_SUBGRAPH_DEBUG, -1);
    ql_code code = read_indices(reader, table, QL_SUBGRAPH_INPUTS, &subgraph->inputs, &subgraph->input_count);
    if (!code) {
        code = read_indices(reader, table, QL_SUBGRAPH_OUTPUTS, &subgraph->outputs, &subgraph->output_count);
    }
    if (!code) {
        code = read_tensors(reader, ql_fb_ref(table, QL_SUBGRAPH_TENSORS), subgraph);
    }
    return code ? code : read_operators(reader, ql_fb_ref(table, QL_SUBGRAPH_OPERATORS), subgraph);
}

static ql_code read_subgraphs(ql_reader *reader, const uint8_t *root)
{
    ql_model *model = reader->model;
    const uint8_t *tables = ql_fb_ref(root, QL_MODEL_SUBGRAPHS);
    void *memory;
    model->subgraph_count = ql_fb_count(tables);
    ql_code code = ql_reader_take(reader, model->subgraph_count, sizeof(ql_subgraph), &memory);
    model->subgraphs = memory;
    for (int i = 0; !code && i < model->subgraph_count; i++) {
        code = read_subgraph(reader, ql_fb_table(tables, i), &model->subgraphs[i]);
    }
    return code;
}

static ql_code read_root(ql_reader *reader)
{
    static ql_code (*const parts[])(ql_reader *, const uint8_t *) = {
        read_opcodes, read_buffers, read_metadata, read_signatures, read_subgraphs,
    };
    ql_model *model = reader->model;
    const uint8_t *root = ql_fb_follow(model->bytes);
    model->version = ql_fb_i32(root, QL_MODEL_VERSION, 0);
    model->description = ql_reader_string(root, QL_MODEL_DESCRIPTION);
    ql_code code = read_indices(reader, root, QL_MODEL_METADATA_BUFFERS, &model->metadata_buffers,
                                &model->metadata_buffer_count);
    for (size_t i = 0; !code && i < sizeof parts / sizeof *parts; i++) {
        code = parts[i](reader, root);
    }
    return code;
}

/* Whether each tensor gets its value from an operator or as an input. */
static void mark_given(const ql_subgraph *subgraph, bool *given)
{
    for (int i = 0; i < subgraph->input_count; i++) {
        given[subgraph->inputs[i]] = true;
    }
    for (int i = 0; i < subgraph->operator_count; i++) {
        const ql_operator *op = &subgraph->operators[i];
        for (int k = 0; k < op->output_count; k++) {
            given[op->outputs[k]] = true;
        }
    }
}

/* Constants without elements have no buffer to show for it: what nobody gives is one. */
static ql_code settle_empty(ql_reader *reader, ql_subgraph *subgraph)
{
    bool *given = QL_TAKE(&reader->scratch, (size_t)subgraph->tensor_count, bool);
    if (!given) {
        return ql_fail_memory(reader->err, (size_t)subgraph->tensor_count);
    }
    mark_given(subgraph, given);
    for (int i = 0; i < subgraph->tensor_count; i++) {
        ql_tensor *tensor = &subgraph->tensors[i];
        size_t elements;
        if (!given[i] && !tensor->data && !tensor->variable &&
            ql_dims_count(tensor->shape, tensor->rank, &elements) && !elements) {
            tensor->data = reader->model->bytes;
        }
    }
    return QL_OK;
}

static ql_code read_bytes(ql_model *model, ql_err *err)
{
    ql_code code = ql_verify_bytes(model->bytes, model->byte_count, err);
    if (code) {
        return code;
    }
    ql_reader reader = {.model = model, .copies = model->byte_count * COPY_FACTOR + COPY_FLOOR, .err = err};
    ql_arena_init(&reader.scratch, 0);
    code = read_root(&reader);
    if (!code) {
        code = ql_verify_model(model, &reader.scratch, err);
    }
    for (int i = 0; !code && i < model->subgraph_count; i++) {
        code = settle_empty(&reader, &model->subgraphs[i]);
    }
    ql_arena_free(&reader.scratch);
    return code;
}

ql_code ql_model_read(ql_model **model, const void *bytes, size_t count, ql_err *err)
{
    ql_model *made = calloc(1, sizeof *made);
    if (!made) {
        return ql_fail_memory(err, sizeof *made);
    }
    ql_arena_init(&made->arena, 0);
    made->bytes = bytes;
    made->byte_count = count;
    ql_code code = read_bytes(made, err);
    if (code) {
        ql_model_close(made);
        made = NULL;
    }
    *model = made;
    return code;
}

static ql_code io_error(ql_err *err, const char *what, int fd)
{
    ql_code code = ql_fail(err, QL_E_IO, "%s: %s", what, strerror(errno));
    if (fd >= 0) {
        close(fd);
    }
    return code;
}

static ql_code map_file(const char *path, void **mapping, size_t *count, ql_err *err)
{
    struct stat status;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return io_error(err, "cannot be opened", fd);
    }
    if (fstat(fd, &status)) {
        return io_error(err, "cannot be examined", fd);
    }
    if (!S_ISREG(status.st_mode)) {
        close(fd);
        return ql_fail(err, QL_E_IO, "not a regular file: one is required");
    }
    *count = (size_t)status.st_size;
    *mapping = *count ? mmap(NULL, *count, PROT_READ, MAP_PRIVATE, fd, 0) : NULL;
    if (*mapping == MAP_FAILED) {
        *mapping = NULL;
        return io_error(err, "cannot be mapped", fd);
    }
    close(fd);
    return QL_OK;
}

ql_code ql_model_open(ql_model **model, const char *path, ql_err *err)
{
    void *mapping = NULL;
    size_t count = 0;
    *model = NULL;
    ql_code code = map_file(path, &mapping, &count, err);
    if (!code) {
        code = ql_model_read(model, mapping, count, err);
    }
    if (code) {
        if (mapping) {
            munmap(mapping, count);
        }
        ql_at_file(err, path);
        return code;
    }
    (*model)->mapping = mapping;
    (*model)->path = ql_take_copy(&(*model)->arena, path, strlen(path) + 1);
    if (!(*model)->path) {
        ql_model_close(*model);
        *model = NULL;
        return ql_fail_memory(err, strlen(path) + 1);
    }
    return QL_OK;
}

void ql_model_close(ql_model *model)
{
    if (!model) {
        return;
    }
    if (model->mapping) {
        munmap(model->mapping, model->byte_count);
    }
    ql_arena_free(&model->arena);
    free(model);
}
