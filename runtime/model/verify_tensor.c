#include "runtime/model/flatbuffer.h"
#include "runtime/model/rules.h"

static ql_code verify_shape(const ql_rules *rules, const ql_tensor *tensor, size_t *bytes)
{
    size_t elements;
    *bytes = 0;
    if (tensor->rank > QL_MAX_RANK) {
        return ql_broken(rules->err, QL_RULE_RANK, NULL, tensor->rank, QL_MAX_RANK, 0, 0);
    }
    for (int i = 0; i < tensor->rank; i++) {
        if (tensor->shape[i] < 0) {
            return ql_broken(rules->err, QL_RULE_DIMENSION, NULL, i, tensor->shape[i], 0, 0);
        }
    }
    bool fits = ql_dims_count(tensor->shape, tensor->rank, &elements);
    if (fits && ql_type_bits(tensor->type)) {
        fits = ql_type_bytes(tensor->type, elements, bytes);
    }
    return fits ? QL_OK : ql_broken(rules->err, QL_RULE_SHAPE_SIZE, NULL, tensor->rank, 0, 0, 0);
}

static ql_code verify_string_offsets(const ql_rules *rules, const ql_tensor *tensor, size_t count)
{
    size_t head = 4 * (count + 2), low = head;
    for (size_t i = 0; i <= count; i++) {
        size_t offset = ql_fb_load_u32((const uint8_t *)tensor->data + 4 + 4 * i);
        size_t high = i ? tensor->bytes : head;
        low = i == count ? tensor->bytes : low;
        if (offset < low || offset > high) {
            return ql_broken(rules->err, QL_RULE_STRINGS_OFFSET, NULL, (int64_t)i, (int64_t)offset,
                             (int64_t)low, (int64_t)high);
        }
        low = offset;
    }
    return QL_OK;
}

/* Strings: their count, count + 1 offsets from the start, the last one where they end, then the bytes. */
static ql_code verify_strings(const ql_rules *rules, const ql_tensor *tensor, uint8_t *seen)
{
    size_t elements, count = tensor->bytes < 4 ? 0 : ql_fb_load_u32(tensor->data), head = 4 * (count + 2);
    ql_dims_count(tensor->shape, tensor->rank, &elements);
    if (head > tensor->bytes) {
        return ql_broken(rules->err, QL_RULE_STRINGS_HEAD, NULL, (int64_t)count, (int64_t)tensor->bytes,
                         (int64_t)head, 0);
    }
    if (count != elements) {
        return ql_broken(rules->err, QL_RULE_STRINGS_COUNT, NULL, (int64_t)count, (int64_t)elements, 0, 0);
    }
    /* Many tensors may share a long buffer, its offsets are the same for all. */
    if (seen[tensor->buffer]) {
        return QL_OK;
    }
    seen[tensor->buffer] = 1;
    return verify_string_offsets(rules, tensor, count);
}

static ql_code verify_constant(const ql_rules *rules, const ql_tensor *tensor, size_t bytes, uint8_t *seen)
{
    int64_t has = (int64_t)tensor->bytes;
    if (tensor->variable) {
        return ql_broken(rules->err, QL_RULE_VARIABLE_DATA, NULL, has, 0, 0, 0);
    }
    /* Without elements there is nothing to own, whatever the type. */
    size_t elements;
    if (!has && ql_dims_count(tensor->shape, tensor->rank, &elements) && !elements) {
        return QL_OK;
    }
    if (tensor->type == QL_STRING) {
        return verify_strings(rules, tensor, seen);
    }
    if (!ql_type_bits(tensor->type)) {
        return ql_broken(rules->err, QL_RULE_CONSTANT_TYPE, NULL, has, 0, 0, 0);
    }
    if (tensor->bytes != bytes && !tensor->sparsity) {
        return ql_broken(rules->err, QL_RULE_CONSTANT_SIZE, NULL, has, (int64_t)bytes, 0, 0);
    }
    return QL_OK;
}

static ql_code verify_scales(const ql_rules *rules, const ql_tensor *tensor)
{
    const ql_quant *quant = &tensor->quant;
    if (quant->scale_count < 2 || quant->block_size || quant->other_details) {
        return QL_OK;
    }
    if (quant->axis < 0 || quant->axis >= tensor->rank) {
        return ql_broken(rules->err, QL_RULE_SCALE_AXIS, NULL, quant->scale_count, quant->axis, tensor->rank,
                         0);
    }
    if (quant->scale_count != tensor->shape[quant->axis]) {
        return ql_broken(rules->err, QL_RULE_SCALE_COUNT, NULL, quant->scale_count, quant->axis,
                         tensor->shape[quant->axis], 0);
    }
    return QL_OK;
}

static ql_code verify_block_tensor(const ql_rules *rules, const ql_subgraph *subgraph, int tensor, int lowest)
{
    int count = subgraph->tensor_count;
    return tensor >= lowest && tensor < count
               ? QL_OK
               : ql_broken(rules->err, QL_RULE_BLOCK_TENSOR, NULL, tensor, lowest, count - 1, 0);
}

static ql_code verify_blocks(const ql_rules *rules, const ql_subgraph *subgraph, const ql_quant *quant)
{
    if (!quant->block_size) {
        return QL_OK;
    }
    ql_code code = verify_block_tensor(rules, subgraph, quant->block_scales, 0);
    return code ? code : verify_block_tensor(rules, subgraph, quant->block_zero_points, -1);
}

ql_code ql_verify_tensor(const ql_rules *rules, const ql_subgraph *subgraph, const ql_tensor *tensor,
                         uint8_t *seen)
{
    size_t bytes;
    int buffers = rules->model->buffer_count;
    ql_code code = verify_shape(rules, tensor, &bytes);
    if (!code && tensor->buffer && (tensor->buffer < 0 || tensor->buffer >= buffers)) {
        code =
            ql_broken(rules->err, QL_RULE_TENSOR_BUFFER, NULL, (uint32_t)tensor->buffer, buffers - 1, 0, 0);
    }
    if (!code && tensor->data) {
        code = verify_constant(rules, tensor, bytes, seen);
    }
    if (!code && tensor->sparsity) {
        code = ql_verify_sparsity(rules, tensor);
    }
    if (!code) {
        code = verify_scales(rules, tensor);
    }
    return code ? code : verify_blocks(rules, subgraph, &tensor->quant);
}
