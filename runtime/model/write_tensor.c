#include "runtime/model/schema.h"
#include "runtime/model/writer.h"

enum { CUSTOM_ALIGNMENT = 16 };

static void write_details(ql_builder *b, const ql_slots *quant, int type, const ql_details *details)
{
    ql_slots row = {0};
    if (type == QL_DETAILS_CUSTOM) {
        ql_put_ref(&row, 0, details->custom != NULL);
    } else {
        ql_put_bytes(&row, QL_BLOCKWISE_SCALES, 4, (uint64_t)details->scales, 0);
        ql_put_bytes(&row, QL_BLOCKWISE_ZERO_POINTS, 4, (uint64_t)details->zero_points, 0);
        ql_put_bytes(&row, QL_BLOCKWISE_SIZE, 4, (uint64_t)details->block_size, 0);
        ql_put_ref(&row, QL_MULTI_AXIS_AXES, details->axes != NULL);
    }
    ql_build_child(b, quant, QL_QUANT_DETAILS, &row);
    if (type == QL_DETAILS_CUSTOM) {
        ql_build_vector(b, &row, 0, details->custom, details->custom_bytes, 1, CUSTOM_ALIGNMENT);
    } else {
        ql_build_vector(b, &row, QL_MULTI_AXIS_AXES, details->axes, (size_t)details->axis_count, 4, 4);
    }
}

static bool has_quant(const ql_quant *quant)
{
    return quant->scale_count || quant->min_count || quant->max_count || quant->block_size ||
           quant->other_details || quant->axis;
}

static void write_quant(ql_builder *b, const ql_slots *tensor, const ql_quant *quant)
{
    ql_slots row = {0};
    int type = quant->block_size ? QL_DETAILS_BLOCKWISE : quant->other_details;
    const ql_details blocks = {.scales = quant->block_scales,
                               .zero_points = quant->block_zero_points,
                               .block_size = quant->block_size};
    const ql_details *details = quant->block_size ? &blocks : quant->details;
    size_t scales = (size_t)quant->scale_count;
    ql_put_ref(&row, QL_QUANT_MIN, quant->min_count > 0);
    ql_put_ref(&row, QL_QUANT_MAX, quant->max_count > 0);
    ql_put_ref(&row, QL_QUANT_SCALE, scales > 0);
    ql_put_ref(&row, QL_QUANT_ZERO_POINT, scales > 0);
    ql_put_bytes(&row, QL_QUANT_DETAILS_TYPE, 1, (uint64_t)type, 0);
    ql_put_ref(&row, QL_QUANT_DETAILS, details != NULL);
    ql_put_bytes(&row, QL_QUANT_AXIS, 4, (uint64_t)quant->axis, 0);
    ql_build_child(b, tensor, QL_TENSOR_QUANT, &row);
    ql_build_vector(b, &row, QL_QUANT_MIN, quant->min, (size_t)quant->min_count, 4, 4);
    ql_build_vector(b, &row, QL_QUANT_MAX, quant->max, (size_t)quant->max_count, 4, 4);
    ql_build_vector(b, &row, QL_QUANT_SCALE, quant->scale, scales, 4, 4);
    ql_build_vector(b, &row, QL_QUANT_ZERO_POINT, quant->zero_point, scales, 8, 8);
    if (details) {
        write_details(b, &row, type, details);
    }
}

static void write_variants(ql_builder *b, const ql_slots *row, const ql_tensor *tensor)
{
    size_t tables = ql_build_tables(b, row, QL_TENSOR_VARIANTS, tensor->variant_count);
    for (int i = 0; i < tensor->variant_count; i++) {
        const ql_variant *variant = &tensor->variants[i];
        ql_slots item = {0};
        ql_put_ref(&item, QL_VARIANT_SHAPE, variant->rank > 0);
        ql_put_bytes(&item, QL_VARIANT_TYPE, 1, variant->type, 0);
        ql_put_bytes(&item, QL_VARIANT_HAS_RANK, 1, variant->has_rank, 0);
        ql_build_item(b, tables, i, &item);
        ql_build_vector(b, &item, QL_VARIANT_SHAPE, variant->shape, (size_t)variant->rank, 4, 4);
    }
}

void ql_write_tensor(ql_writer *w, size_t tensors, int i, const ql_tensor *tensor)
{
    ql_builder *b = &w->build;
    ql_slots row = {0};
    ql_put_ref(&row, QL_TENSOR_SHAPE, tensor->rank > 0);
    ql_put_bytes(&row, QL_TENSOR_TYPE, 1, tensor->type, 0);
    ql_put_bytes(&row, QL_TENSOR_BUFFER, 4, (uint64_t)tensor->buffer, 0);
    ql_put_ref(&row, QL_TENSOR_NAME, tensor->name.length > 0);
    ql_put_ref(&row, QL_TENSOR_QUANT, has_quant(&tensor->quant));
    ql_put_bytes(&row, QL_TENSOR_VARIABLE, 1, tensor->variable, 0);
    ql_put_ref(&row, QL_TENSOR_SPARSITY, tensor->sparsity != NULL);
    ql_put_ref(&row, QL_TENSOR_SIGNATURE, tensor->signature != NULL);
    ql_put_bytes(&row, QL_TENSOR_HAS_RANK, 1, tensor->has_rank, 0);
    ql_put_ref(&row, QL_TENSOR_VARIANTS, tensor->variant_count > 0);
    ql_build_item(b, tensors, i, &row);
    ql_build_vector(b, &row, QL_TENSOR_SHAPE, tensor->shape, (size_t)tensor->rank, 4, 4);
    ql_build_string(b, &row, QL_TENSOR_NAME, tensor->name);
    write_quant(b, &row, &tensor->quant);
    if (tensor->sparsity) {
        ql_write_sparsity(w, &row, tensor->sparsity);
    }
    ql_build_vector(b, &row, QL_TENSOR_SIGNATURE, tensor->signature, (size_t)tensor->rank, 4, 4);
    if (tensor->variant_count) {
        write_variants(b, &row, tensor);
    }
}

/* The narrowest of the three index types that holds them all. */
static int index_type(const int32_t *values, size_t count)
{
    uint32_t highest = 0;
    for (size_t i = 0; i < count; i++) {
        highest = (uint32_t)values[i] > highest ? (uint32_t)values[i] : highest;
    }
    return highest <= UINT8_MAX ? QL_INDEX_U8 : highest <= UINT16_MAX ? QL_INDEX_U16 : QL_INDEX_I32;
}

static void write_indices(ql_writer *w, const ql_slots *dim, int slot, int type, const int32_t *values,
                          size_t count)
{
    size_t size = type == QL_INDEX_I32 ? 4 : type == QL_INDEX_U16 ? 2 : 1;
    uint8_t *narrow = ql_take(&w->scratch, count, size);
    ql_slots row = {0};
    if (!narrow) {
        w->build.code = ql_fail_memory(w->build.err, count * size);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < size; k++) {
            narrow[i * size + k] = (uint8_t)((uint32_t)values[i] >> 8 * k);
        }
    }
    ql_put_ref(&row, 0, true);
    ql_build_child(&w->build, dim, slot + 1, &row);
    ql_build_vector(&w->build, &row, 0, narrow, count, size, 4);
}

static void write_level(ql_writer *w, size_t dims, int i, const ql_sparse_dim *dim)
{
    ql_slots row = {0};
    int segments = dim->csr ? index_type(dim->segments, dim->segment_count) : 0;
    int indices = dim->csr ? index_type(dim->indices, dim->index_count) : 0;
    ql_put_bytes(&row, QL_DIM_FORMAT, 1, dim->csr, 0);
    ql_put_bytes(&row, QL_DIM_DENSE_SIZE, 4, (uint64_t)dim->dense_size, 0);
    ql_put_bytes(&row, QL_DIM_SEGMENTS_TYPE, 1, (uint64_t)segments, 0);
    ql_put_ref(&row, QL_DIM_SEGMENTS, dim->csr);
    ql_put_bytes(&row, QL_DIM_INDICES_TYPE, 1, (uint64_t)indices, 0);
    ql_put_ref(&row, QL_DIM_INDICES, dim->csr);
    ql_build_item(&w->build, dims, i, &row);
    if (dim->csr) {
        write_indices(w, &row, QL_DIM_SEGMENTS_TYPE, segments, dim->segments, dim->segment_count);
        write_indices(w, &row, QL_DIM_INDICES_TYPE, indices, dim->indices, dim->index_count);
    }
}

void ql_write_sparsity(ql_writer *w, const ql_slots *tensor, const ql_sparsity *sparsity)
{
    ql_slots row = {0};
    size_t order = (size_t)sparsity->dim_count, blocks = (size_t)sparsity->block_count;
    ql_put_ref(&row, QL_SPARSITY_ORDER, true);
    ql_put_ref(&row, QL_SPARSITY_BLOCK_MAP, blocks > 0);
    ql_put_ref(&row, QL_SPARSITY_DIMS, true);
    ql_build_child(&w->build, tensor, QL_TENSOR_SPARSITY, &row);
    ql_build_vector(&w->build, &row, QL_SPARSITY_ORDER, sparsity->order, order, 4, 4);
    ql_build_vector(&w->build, &row, QL_SPARSITY_BLOCK_MAP, sparsity->block_map, blocks, 4, 4);
    size_t dims = ql_build_tables(&w->build, &row, QL_SPARSITY_DIMS, sparsity->dim_count);
    for (int i = 0; i < sparsity->dim_count; i++) {
        write_level(w, dims, i, &sparsity->dims[i]);
    }
}
