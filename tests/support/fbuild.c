#include "tests/support/fbuild.h"

#include "runtime/model/schema.h"

#include <string.h>

static size_t pad(fb *b, size_t alignment, size_t after)
{
    while ((b->size + after) % alignment) {
        b->size++;
    }
    return b->size;
}

void fb_poke(fb *b, size_t at, size_t size, uint64_t value)
{
    memcpy(b->bytes + at, &value, size);
}

/* A vtable without fields, then the table: 8 bytes for each field it may get. */
static size_t add_table(fb *b, int slots)
{
    size_t vtable = pad(b, 8, (4 + 2 * (size_t)slots) % 8 + 4), size = 4 + 2 * (size_t)slots;
    fb_poke(b, vtable, 2, size);
    fb_poke(b, vtable + 2, 2, 4 + 8 * (size_t)slots);
    size_t table = vtable + size;
    fb_poke(b, table, 4, table - vtable);
    b->size = table + 4 + 8 * (size_t)slots;
    return table;
}

static size_t set_field(fb *b, fb_at at, size_t target)
{
    uint32_t back;
    memcpy(&back, b->bytes + at.table, 4);
    size_t entry = at.table - back + 4 + 2 * (size_t)at.slot, field = at.table + 4 + 8 * (size_t)at.slot;
    fb_poke(b, entry, 2, field - at.table);
    if (at.name) {
        b->marks[b->mark_count++] = (fb_mark){at.name, entry, field, target};
    }
    return field;
}

static void refer(fb *b, fb_at at, size_t target)
{
    size_t field = set_field(b, at, target);
    fb_poke(b, field, 4, target - field);
}

size_t fb_start(fb *b, int slots)
{
    memset(b, 0, sizeof *b);
    memcpy(b->bytes + 4, "TFL3", 4);
    b->size = 8;
    size_t root = add_table(b, slots);
    fb_poke(b, 0, 4, root);
    return root;
}

void fb_scalar(fb *b, fb_at at, size_t size, uint64_t value)
{
    fb_poke(b, set_field(b, at, 0), size, value);
}

size_t fb_table(fb *b, fb_at at, int slots)
{
    size_t table = add_table(b, slots);
    refer(b, at, table);
    return table;
}

size_t fb_vector(fb *b, fb_at at, size_t size, size_t count, const void *elements)
{
    size_t vector = pad(b, size > 4 ? size : 4, 4);
    vector += vector % 4 ? 4 - vector % 4 : 0;
    fb_poke(b, vector, 4, count);
    if (elements) {
        memcpy(b->bytes + vector + 4, elements, size * count);
    }
    b->size = vector + 4 + size * count;
    refer(b, at, vector);
    return vector;
}

size_t fb_string(fb *b, fb_at at, const char *text)
{
    size_t string = fb_vector(b, at, 1, strlen(text), text);
    b->size++;
    return string;
}

size_t fb_tables(fb *b, fb_at at, size_t count)
{
    return fb_vector(b, at, 4, count, NULL);
}

size_t fb_item(fb *b, size_t tables, size_t index, int slots)
{
    size_t table = add_table(b, slots), element = tables + 4 + 4 * index;
    fb_poke(b, element, 4, table - element);
    return table;
}

const fb_mark *fb_find(const fb *b, const char *name)
{
    for (int i = 0; i < b->mark_count; i++) {
        if (strcmp(b->marks[i].name, name) == 0) {
            return &b->marks[i];
        }
    }
    return NULL;
}

#define AT(table, slot, name) ((fb_at){table, slot, name})

static void add_opcodes(fb *b, size_t root)
{
    static const int codes[] = {0, 32, 118}; /* ADD, CUSTOM, IF */
    size_t all = fb_tables(b, AT(root, QL_MODEL_OPCODES, "opcodes"), 3);
    for (size_t i = 0; i < 3; i++) {
        size_t opcode = fb_item(b, all, i, 4);
        fb_scalar(b, AT(opcode, QL_OPCODE_CODE, i == 0 ? "code" : NULL), 4, (uint64_t)codes[i]);
        fb_scalar(b, AT(opcode, QL_OPCODE_OLD_CODE, i == 0 ? "old code" : NULL), 1, (uint64_t)codes[i]);
        if (codes[i] == 32) {
            fb_string(b, AT(opcode, QL_OPCODE_CUSTOM, "custom"), "scratch");
        }
    }
}

static void add_buffers(fb *b, size_t root)
{
    static const float floats[2] = {1, 2};
    static const int32_t strings[] = {2, 16, 18, 19, 0x636261};
    size_t all = fb_tables(b, AT(root, QL_MODEL_BUFFERS, NULL), 5);
    fb_item(b, all, 0, 3);
    fb_vector(b, AT(fb_item(b, all, 1, 3), QL_BUFFER_DATA, "floats"), 1, 8, floats);
    fb_vector(b, AT(fb_item(b, all, 2, 3), QL_BUFFER_DATA, "strings"), 1, 19, strings);
    fb_vector(b, AT(fb_item(b, all, 3, 3), QL_BUFFER_DATA, "sparse data"), 1, 8, floats);
    size_t far = fb_item(b, all, 4, 3);
    fb_scalar(b, AT(far, QL_BUFFER_OFFSET, "far offset"), 8, 8);
    fb_scalar(b, AT(far, QL_BUFFER_SIZE, "far size"), 8, 4);
}

static void add_signature(fb *b, size_t root)
{
    size_t metadata = fb_item(b, fb_tables(b, AT(root, QL_MODEL_METADATA, NULL), 1), 0, 2);
    fb_string(b, AT(metadata, QL_METADATA_NAME, NULL), "note");
    fb_scalar(b, AT(metadata, QL_METADATA_BUFFER, "metadata buffer"), 4, 1);
    size_t signature = fb_item(b, fb_tables(b, AT(root, QL_MODEL_SIGNATURES, NULL), 1), 0, 5);
    fb_string(b, AT(signature, QL_SIGNATURE_KEY, NULL), "serve");
    fb_scalar(b, AT(signature, QL_SIGNATURE_SUBGRAPH, "signature subgraph"), 4, 0);
    size_t map = fb_item(b, fb_tables(b, AT(signature, QL_SIGNATURE_INPUTS, NULL), 1), 0, 2);
    fb_string(b, AT(map, QL_MAP_NAME, NULL), "x");
    fb_scalar(b, AT(map, QL_MAP_TENSOR, "signature tensor"), 4, 0);
}

/* One row a tensor of the first subgraph. */
static const struct {
    const char *name, *shape_mark, *type_mark, *buffer_mark;
    int rank;
    int32_t shape[2];
    int type, buffer;
} tensors[] = {
    {"in", "in shape", NULL, "in buffer", 2, {1, 2}, 0, 0},
    {"const", "const shape", "const type", "const buffer", 2, {1, 2}, 0, 1},
    {"out", NULL, NULL, "out buffer", 2, {1, 2}, 0, 0},
    {"words", "words shape", NULL, NULL, 1, {2}, 5, 2},
    {"sparse", "sparse shape", NULL, NULL, 2, {2, 2}, 0, 3},
    {"blocks", NULL, NULL, NULL, 1, {2}, 9, 0},
    {"state", NULL, NULL, "state buffer", 2, {1, 2}, 0, 0},
    {"block sparse", NULL, NULL, NULL, 1, {2}, 0, 3},
    {"cond", NULL, NULL, NULL, 0, {0}, 6, 0},
    {"chosen", NULL, NULL, NULL, 2, {1, 2}, 0, 0},
    {"nobody", "nobody shape", NULL, NULL, 2, {3, 1}, 11, 0},
};
enum { TENSORS = sizeof tensors / sizeof *tensors };

static void add_tensor(fb *b, size_t tensor, size_t i)
{
    fb_vector(b, AT(tensor, QL_TENSOR_SHAPE, tensors[i].shape_mark), 4, (size_t)tensors[i].rank,
              tensors[i].shape);
    fb_scalar(b, AT(tensor, QL_TENSOR_TYPE, tensors[i].type_mark), 1, (uint64_t)tensors[i].type);
    fb_scalar(b, AT(tensor, QL_TENSOR_BUFFER, tensors[i].buffer_mark), 4, (uint64_t)tensors[i].buffer);
    fb_string(b, AT(tensor, QL_TENSOR_NAME, i ? NULL : "name"), tensors[i].name);
}

static void add_scales(fb *b, size_t tensor)
{
    static const float scales[] = {0.5F, 0.25F};
    static const int64_t points[] = {3, 4};
    size_t quant = fb_table(b, AT(tensor, QL_TENSOR_QUANT, "quant"), 7);
    fb_vector(b, AT(quant, QL_QUANT_SCALE, "scales"), 4, 2, scales);
    fb_vector(b, AT(quant, QL_QUANT_ZERO_POINT, "zero points"), 8, 2, points);
    fb_scalar(b, AT(quant, QL_QUANT_AXIS, "axis"), 4, 1);
}

static void add_blockwise(fb *b, size_t tensor)
{
    size_t quant = fb_table(b, AT(tensor, QL_TENSOR_QUANT, NULL), 7);
    fb_scalar(b, AT(quant, QL_QUANT_DETAILS_TYPE, NULL), 1, QL_DETAILS_BLOCKWISE);
    size_t details = fb_table(b, AT(quant, QL_QUANT_DETAILS, NULL), 3);
    fb_scalar(b, AT(details, QL_BLOCKWISE_SCALES, "block scales"), 4, 1);
    fb_scalar(b, AT(details, QL_BLOCKWISE_ZERO_POINTS, "block points"), 4, UINT32_MAX);
    fb_scalar(b, AT(details, QL_BLOCKWISE_SIZE, "block size"), 4, 2);
}

static void add_indices(fb *b, size_t dim, int slot, const char *name, size_t count, const uint16_t *indices)
{
    fb_scalar(b, AT(dim, slot, slot == QL_DIM_INDICES_TYPE ? "indices type" : NULL), 1, QL_INDEX_U16);
    size_t values = fb_table(b, AT(dim, slot + 1, NULL), 1);
    fb_vector(b, AT(values, 0, name), 2, count, indices);
}

/* Two rows, each with one element. */
static void add_sparsity(fb *b, size_t tensor)
{
    size_t sparsity = fb_table(b, AT(tensor, QL_TENSOR_SPARSITY, NULL), 3);
    fb_vector(b, AT(sparsity, QL_SPARSITY_ORDER, "order"), 4, 2, (const int32_t[]){0, 1});
    size_t dims = fb_tables(b, AT(sparsity, QL_SPARSITY_DIMS, "dims"), 2);
    fb_scalar(b, AT(fb_item(b, dims, 0, 6), QL_DIM_DENSE_SIZE, "dense size"), 4, 2);
    size_t csr = fb_item(b, dims, 1, 6);
    fb_scalar(b, AT(csr, QL_DIM_FORMAT, "format"), 1, 1);
    fb_scalar(b, AT(csr, QL_DIM_DENSE_SIZE, "csr size"), 4, 2);
    add_indices(b, csr, QL_DIM_SEGMENTS_TYPE, "segments", 3, (const uint16_t[]){0, 1, 2});
    add_indices(b, csr, QL_DIM_INDICES_TYPE, "indices", 2, (const uint16_t[]){0, 1});
}

static void add_block_sparsity(fb *b, size_t tensor)
{
    size_t sparsity = fb_table(b, AT(tensor, QL_TENSOR_SPARSITY, NULL), 3);
    fb_vector(b, AT(sparsity, QL_SPARSITY_ORDER, NULL), 4, 2, (const int32_t[]){0, 1});
    fb_vector(b, AT(sparsity, QL_SPARSITY_BLOCK_MAP, "block map"), 4, 1, (const int32_t[]){0});
    size_t dims = fb_tables(b, AT(sparsity, QL_SPARSITY_DIMS, NULL), 2);
    fb_scalar(b, AT(fb_item(b, dims, 0, 6), QL_DIM_DENSE_SIZE, "outer size"), 4, 1);
    fb_scalar(b, AT(fb_item(b, dims, 1, 6), QL_DIM_DENSE_SIZE, "inner size"), 4, 2);
}

static void add_tensors(fb *b, size_t graph)
{
    size_t all = fb_tables(b, AT(graph, QL_SUBGRAPH_TENSORS, "tensors"), TENSORS), tables[TENSORS];
    for (size_t i = 0; i < TENSORS; i++) {
        tables[i] = fb_item(b, all, i, 11);
        add_tensor(b, tables[i], i);
    }
    fb_vector(b, AT(tables[0], QL_TENSOR_SIGNATURE, "signature"), 4, 2, (const int32_t[]){-1, 2});
    fb_scalar(b, AT(tables[0], QL_TENSOR_EXTERNAL, "external"), 4, 0);
    add_scales(b, tables[1]);
    add_sparsity(b, tables[4]);
    add_blockwise(b, tables[5]);
    fb_scalar(b, AT(tables[6], QL_TENSOR_VARIABLE, NULL), 1, 1);
    add_block_sparsity(b, tables[7]);
}

static void add_operators(fb *b, size_t graph)
{
    size_t all = fb_tables(b, AT(graph, QL_SUBGRAPH_OPERATORS, NULL), 2);
    size_t add = fb_item(b, all, 0, 14), choose = fb_item(b, all, 1, 14);
    fb_scalar(b, AT(add, QL_OP_OPCODE, "opcode"), 4, 0);
    fb_vector(b, AT(add, QL_OP_INPUTS, "inputs"), 4, 2, (const int32_t[]){0, 1});
    fb_vector(b, AT(add, QL_OP_OUTPUTS, "outputs"), 4, 1, (const int32_t[]){2});
    fb_vector(b, AT(add, QL_OP_INTERMEDIATES, "intermediates"), 4, 1, (const int32_t[]){-1});
    fb_scalar(b, AT(add, QL_OP_OPTIONS_TYPE, NULL), 1, 11);
    size_t options = fb_table(b, AT(add, QL_OP_OPTIONS, "options"), 2);
    fb_scalar(b, AT(options, 0, "activation"), 1, 1);
    fb_scalar(b, AT(choose, QL_OP_OPCODE, NULL), 4, 2);
    fb_vector(b, AT(choose, QL_OP_INPUTS, NULL), 4, 2, (const int32_t[]){8, 2});
    fb_vector(b, AT(choose, QL_OP_OUTPUTS, "chosen"), 4, 1, (const int32_t[]){9});
    fb_scalar(b, AT(choose, QL_OP_OPTIONS_TYPE, NULL), 1, 92);
    options = fb_table(b, AT(choose, QL_OP_OPTIONS, NULL), 2);
    fb_scalar(b, AT(options, 0, "then"), 4, 1);
    fb_scalar(b, AT(options, 1, "else"), 4, 1);
}

static void add_identity(fb *b, size_t graph)
{
    fb_vector(b, AT(graph, QL_SUBGRAPH_INPUTS, NULL), 4, 1, (const int32_t[]){0});
    fb_vector(b, AT(graph, QL_SUBGRAPH_OUTPUTS, NULL), 4, 1, (const int32_t[]){0});
    add_tensor(b, fb_item(b, fb_tables(b, AT(graph, QL_SUBGRAPH_TENSORS, NULL), 1), 0, 11), 9);
}

void fb_sample(fb *b)
{
    size_t root = fb_start(b, 8);
    fb_scalar(b, AT(root, QL_MODEL_VERSION, "version"), 4, 3);
    fb_string(b, AT(root, QL_MODEL_DESCRIPTION, "description"), "sample");
    add_opcodes(b, root);
    add_buffers(b, root);
    add_signature(b, root);
    size_t graphs = fb_tables(b, AT(root, QL_MODEL_SUBGRAPHS, "subgraphs"), 2);
    size_t graph = fb_item(b, graphs, 0, 6), other = fb_item(b, graphs, 1, 6);
    fb_vector(b, AT(graph, QL_SUBGRAPH_INPUTS, "graph inputs"), 4, 2, (const int32_t[]){0, 8});
    fb_vector(b, AT(graph, QL_SUBGRAPH_OUTPUTS, "graph outputs"), 4, 2, (const int32_t[]){2, 9});
    add_tensors(b, graph);
    add_operators(b, graph);
    add_identity(b, other);
    b->size += 16;
}
