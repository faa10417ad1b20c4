#include "runtime/model/flatbuffer.h"
#include "runtime/model/reader.h"
#include "runtime/model/schema.h"

static ql_code read_shape(ql_reader *reader, const uint8_t *table, ql_tensor *tensor)
{
    const void *shape, *signature;
    int dims;
    ql_code code = ql_reader_vector(reader, table, QL_TENSOR_SHAPE, 4, &shape, &tensor->rank);
    if (!code) {
        code = ql_reader_vector(reader, table, QL_TENSOR_SIGNATURE, 4, &signature, &dims);
    }
    if (code) {
        return code;
    }
    if (dims && dims != tensor->rank) {
        return ql_broken(reader->err, QL_RULE_SHAPE_SIGNATURE, NULL, dims, tensor->rank, 0, 0);
    }
    tensor->shape = shape ? shape : ql_take(&reader->model->arena, 1, 4);
    tensor->signature = dims ? signature : NULL;
    return tensor->shape ? QL_OK : ql_fail_memory(reader->err, 4);
}

/* A wrong buffer index leaves the tensor without data; ql_verify_model says so. */
static ql_code read_data(ql_reader *reader, ql_tensor *tensor)
{
    if (tensor->buffer <= 0 || tensor->buffer >= reader->model->buffer_count) {
        return QL_OK;
    }
    ql_buffer *buffer = (ql_buffer *)&reader->model->buffers[tensor->buffer];
    if (!buffer->bytes) {
        return QL_OK;
    }
    size_t alignment = tensor->type == QL_STRING ? 4 : (size_t)ql_type_bits(tensor->type) / 8;
    const void *data = buffer->data;
    ql_code code = ql_reader_align(reader, &data, buffer->bytes, alignment);
    buffer->data = data;
    tensor->data = data;
    tensor->bytes = buffer->bytes;
    return code;
}

static bool type_of(const uint8_t *table, int slot, ql_type *type)
{
    int found = ql_fb_i8(table, slot, 0);
    *type = (ql_type)found;
    return found >= 0 && found < QL_TYPE_COUNT;
}

static ql_code read_variants(ql_reader *reader, const uint8_t *tables, ql_tensor *tensor)
{
    void *memory;
    tensor->variant_count = ql_fb_count(tables);
    ql_code code = ql_reader_take(reader, tensor->variant_count, sizeof(ql_variant), &memory);
    ql_variant *to = memory;
    for (int i = 0; !code && i < tensor->variant_count; i++) {
        const uint8_t *table = ql_fb_table(tables, i);
        const void *shape;
        code = ql_reader_vector(reader, table, QL_VARIANT_SHAPE, 4, &shape, &to[i].rank);
        to[i].shape = shape;
        to[i].has_rank = ql_fb_u8(table, QL_VARIANT_HAS_RANK, 0) != 0;
        if (!code && !type_of(table, QL_VARIANT_TYPE, &to[i].type)) {
            code = ql_broken(reader->err, QL_RULE_TYPE, NULL, (int)to[i].type, QL_TYPE_COUNT - 1, 0, 0);
        }
    }
    tensor->variants = to;
    return code;
}

ql_code ql_read_tensor(ql_reader *reader, const uint8_t *table, ql_tensor *tensor)
{
    tensor->name = ql_reader_string(table, QL_TENSOR_NAME);
    if (!type_of(table, QL_TENSOR_TYPE, &tensor->type)) {
        return ql_broken(reader->err, QL_RULE_TYPE, NULL, (int)tensor->type, QL_TYPE_COUNT - 1, 0, 0);
    }
    tensor->buffer = ql_fb_i32(table, QL_TENSOR_BUFFER, 0);
    tensor->variable = ql_fb_u8(table, QL_TENSOR_VARIABLE, 0) != 0;
    tensor->has_rank = ql_fb_u8(table, QL_TENSOR_HAS_RANK, 0) != 0;
    int external = ql_fb_i32(table, QL_TENSOR_EXTERNAL, 0);
    if (external) {
        return ql_broken(reader->err, QL_RULE_EXTERNAL_BUFFER, NULL, (uint32_t)external, 0, 0, 0);
    }
    ql_code code = read_shape(reader, table, tensor);
    if (!code) {
        code = read_data(reader, tensor);
    }
    const uint8_t *quant = ql_fb_ref(table, QL_TENSOR_QUANT);
    if (!code && quant) {
        code = ql_read_quant(reader, quant, tensor);
    }
    const uint8_t *sparsity = ql_fb_ref(table, QL_TENSOR_SPARSITY);
    if (!code && sparsity) {
        code = ql_read_sparsity(reader, sparsity, tensor);
    }
    const uint8_t *variants = ql_fb_ref(table, QL_TENSOR_VARIANTS);
    return code || !variants ? code : read_variants(reader, variants, tensor);
}

/* One zero point stands for all scales, none for zero. */
static ql_code read_zero_points(ql_reader *reader, const uint8_t *table, ql_quant *quant)
{
    const void *points;
    int count;
    ql_code code = ql_reader_vector(reader, table, QL_QUANT_ZERO_POINT, 8, &points, &count);
    if (code || !quant->scale_count) {
        return code;
    }
    if (count > 1 && count != quant->scale_count) {
        return ql_broken(reader->err, QL_RULE_ZERO_POINTS, NULL, count, quant->scale_count, 0, 0);
    }
    quant->zero_point = points;
    if (count == quant->scale_count) {
        return QL_OK;
    }
    void *all;
    code = ql_reader_take(reader, quant->scale_count, sizeof(int64_t), &all);
    int64_t *to = all;
    for (int i = 0; !code && count && i < quant->scale_count; i++) {
        to[i] = *quant->zero_point;
    }
    quant->zero_point = to;
    return code;
}

/* Custom and multi-axis details are kept for the writer; nothing computes with them. */
static ql_code read_other_details(ql_reader *reader, const uint8_t *table, ql_quant *quant)
{
    void *memory;
    const void *data;
    int count;
    ql_code code = ql_reader_take(reader, 1, sizeof(ql_details), &memory);
    if (code) {
        return code;
    }
    ql_details *details = memory;
    quant->details = details;
    if (quant->other_details == QL_DETAILS_CUSTOM) {
        code = ql_reader_vector(reader, table, 0, 1, &data, &count);
        details->custom = data;
        details->custom_bytes = (size_t)count;
        return code;
    }
    details->scales = ql_fb_i32(table, QL_BLOCKWISE_SCALES, 0);
    details->zero_points = ql_fb_i32(table, QL_BLOCKWISE_ZERO_POINTS, 0);
    details->block_size = ql_fb_i32(table, QL_BLOCKWISE_SIZE, 0);
    code = ql_reader_vector(reader, table, QL_MULTI_AXIS_AXES, 4, &data, &details->axis_count);
    details->axes = data;
    return code;
}

static ql_code read_details(ql_reader *reader, const uint8_t *table, ql_quant *quant)
{
    int type = ql_fb_u8(table, QL_QUANT_DETAILS_TYPE, 0);
    const uint8_t *blockwise = ql_fb_ref(table, QL_QUANT_DETAILS);
    quant->block_scales = quant->block_zero_points = -1;
    if (type != QL_DETAILS_BLOCKWISE || !blockwise) {
        quant->other_details = type;
        bool known = type == QL_DETAILS_CUSTOM || type == QL_DETAILS_MULTI_AXIS;
        return known && blockwise ? read_other_details(reader, blockwise, quant) : QL_OK;
    }
    quant->block_scales = ql_fb_i32(blockwise, QL_BLOCKWISE_SCALES, 0);
    quant->block_zero_points = ql_fb_i32(blockwise, QL_BLOCKWISE_ZERO_POINTS, 0);
    quant->block_size = ql_fb_i32(blockwise, QL_BLOCKWISE_SIZE, 0);
    return quant->block_size > 0
               ? QL_OK
               : ql_broken(reader->err, QL_RULE_BLOCK_SIZE, NULL, quant->block_size, 0, 0, 0);
}

ql_code ql_read_quant(ql_reader *reader, const uint8_t *table, ql_tensor *tensor)
{
    ql_quant *quant = &tensor->quant;
    const void *scale, *min, *max;
    ql_code code = ql_reader_vector(reader, table, QL_QUANT_SCALE, 4, &scale, &quant->scale_count);
    if (!code) {
        code = ql_reader_vector(reader, table, QL_QUANT_MIN, 4, &min, &quant->min_count);
    }
    if (!code) {
        code = ql_reader_vector(reader, table, QL_QUANT_MAX, 4, &max, &quant->max_count);
    }
    if (code) {
        return code;
    }
    quant->scale = scale;
    quant->min = min;
    quant->max = max;
    quant->axis = ql_fb_i32(table, QL_QUANT_AXIS, 0);
    if (tensor->rank == 1) {
        quant->axis = 0; /* biases of old converters carry their weights' axis */
    }
    code = read_details(reader, table, quant);
    return code ? code : read_zero_points(reader, table, quant);
}
