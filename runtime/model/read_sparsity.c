#include "runtime/model/flatbuffer.h"
#include "runtime/model/reader.h"
#include "runtime/model/schema.h"

/* The indices of a union of int32, uint16 and uint8 vectors, as int32. */
static ql_code read_indices(ql_reader *reader, const uint8_t *dim, int slot, const int32_t **indices,
                            size_t *count)
{
    int type = ql_fb_u8(dim, slot, 0), elements;
    size_t size = type == QL_INDEX_I32 ? 4 : type == QL_INDEX_U16 ? 2 : 1;
    const uint8_t *table = ql_fb_ref(dim, slot + 1);
    *count = 0;
    if (!table || type < QL_INDEX_I32 || type > QL_INDEX_U8) {
        return QL_OK;
    }
    const void *from;
    ql_code code = ql_reader_vector(reader, table, 0, size, &from, &elements);
    *count = (size_t)elements;
    *indices = from;
    if (code || type == QL_INDEX_I32) {
        return code;
    }
    void *wide;
    code = ql_reader_take(reader, elements, sizeof(int32_t), &wide);
    int32_t *to = wide;
    for (int i = 0; !code && i < elements; i++) {
        to[i] = type == QL_INDEX_U16 ? ((const uint16_t *)from)[i] : ((const uint8_t *)from)[i];
    }
    *indices = to;
    return code;
}

static ql_code read_level(ql_reader *reader, const uint8_t *table, int level, ql_sparse_dim *dim)
{
    int format = ql_fb_i8(table, QL_DIM_FORMAT, 0);
    dim->csr = format != 0;
    dim->dense_size = ql_fb_i32(table, QL_DIM_DENSE_SIZE, 0);
    if (!format) {
        return QL_OK;
    }
    ql_code code = read_indices(reader, table, QL_DIM_SEGMENTS_TYPE, &dim->segments, &dim->segment_count);
    if (!code) {
        code = read_indices(reader, table, QL_DIM_INDICES_TYPE, &dim->indices, &dim->index_count);
    }
    if (!code && (format != 1 || !dim->segments || !dim->indices)) {
        code = ql_broken(reader->err, QL_RULE_SPARSE_FORMAT, NULL, level, format,
                         ql_fb_u8(table, QL_DIM_SEGMENTS_TYPE, 0), ql_fb_u8(table, QL_DIM_INDICES_TYPE, 0));
    }
    return code;
}

ql_code ql_read_sparsity(ql_reader *reader, const uint8_t *table, ql_tensor *tensor)
{
    const void *order, *map;
    void *memory;
    const uint8_t *levels = ql_fb_ref(table, QL_SPARSITY_DIMS);
    ql_code code = ql_reader_take(reader, 1, sizeof(ql_sparsity), &memory);
    if (code) {
        return code;
    }
    ql_sparsity *sparsity = memory;
    tensor->sparsity = sparsity;
    code = ql_reader_vector(reader, table, QL_SPARSITY_ORDER, 4, &order, &sparsity->dim_count);
    if (!code) {
        code = ql_reader_vector(reader, table, QL_SPARSITY_BLOCK_MAP, 4, &map, &sparsity->block_count);
    }
    int count = ql_fb_count(levels);
    if (!code &&
        (count != sparsity->dim_count || sparsity->dim_count != tensor->rank + sparsity->block_count)) {
        code = ql_broken(reader->err, QL_RULE_SPARSE_RANK, NULL, sparsity->dim_count, count,
                         sparsity->block_count, tensor->rank);
    }
    if (!code) {
        code = ql_reader_take(reader, count, sizeof(ql_sparse_dim), &memory);
    }
    if (code) {
        return code;
    }
    sparsity->order = order;
    sparsity->block_map = map;
    sparsity->dims = memory;
    for (int i = 0; !code && i < count; i++) {
        code = read_level(reader, ql_fb_table(levels, i), i, (ql_sparse_dim *)memory + i);
    }
    return code;
}
