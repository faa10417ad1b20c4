/* Whether two models are the same, part by part. What may differ: where data lies, and the metadata entry
 * that says so. */
#ifndef SAME_H
#define SAME_H

#include "runtime/runtime.h"

#include <string.h>

static inline bool same_bytes(const void *a, size_t a_bytes, const void *b, size_t b_bytes)
{
    return a_bytes == b_bytes && (!a_bytes || memcmp(a, b, a_bytes) == 0);
}

static inline bool same_str(ql_str a, ql_str b)
{
    return same_bytes(a.text, a.length, b.text, b.length);
}

static inline bool same_ints(const int32_t *a, int a_count, const int32_t *b, int b_count)
{
    return same_bytes(a, (size_t)a_count * 4, b, (size_t)b_count * 4);
}

static inline bool same_dim(const ql_sparse_dim *a, const ql_sparse_dim *b)
{
    return a->csr == b->csr && a->dense_size == b->dense_size &&
           same_bytes(a->segments, a->segment_count * 4, b->segments, b->segment_count * 4) &&
           same_bytes(a->indices, a->index_count * 4, b->indices, b->index_count * 4);
}

static inline bool same_sparsity(const ql_sparsity *a, const ql_sparsity *b)
{
    if (!a || !b) {
        return a == b;
    }
    bool same = same_ints(a->order, a->dim_count, b->order, b->dim_count) &&
                same_ints(a->block_map, a->block_count, b->block_map, b->block_count);
    for (int i = 0; same && i < a->dim_count; i++) {
        same = same_dim(&a->dims[i], &b->dims[i]);
    }
    return same;
}

static inline bool same_details(const ql_details *a, const ql_details *b)
{
    if (!a || !b) {
        return a == b;
    }
    return same_bytes(a->custom, a->custom_bytes, b->custom, b->custom_bytes) && a->scales == b->scales &&
           a->zero_points == b->zero_points && a->block_size == b->block_size &&
           same_ints(a->axes, a->axis_count, b->axes, b->axis_count);
}

static inline bool same_quant(const ql_quant *a, const ql_quant *b)
{
    size_t a_scales = (size_t)a->scale_count, b_scales = (size_t)b->scale_count;
    return same_bytes(a->scale, a_scales * 4, b->scale, b_scales * 4) &&
           same_bytes(a->zero_point, a_scales * 8, b->zero_point, b_scales * 8) &&
           same_bytes(a->min, (size_t)a->min_count * 4, b->min, (size_t)b->min_count * 4) &&
           same_bytes(a->max, (size_t)a->max_count * 4, b->max, (size_t)b->max_count * 4) &&
           a->axis == b->axis && a->block_size == b->block_size && a->other_details == b->other_details &&
           (!a->block_size ||
            (a->block_scales == b->block_scales && a->block_zero_points == b->block_zero_points)) &&
           same_details(a->details, b->details);
}

static inline bool same_variants(const ql_tensor *a, const ql_tensor *b)
{
    bool same = a->variant_count == b->variant_count;
    for (int i = 0; same && i < a->variant_count; i++) {
        const ql_variant *x = &a->variants[i], *y = &b->variants[i];
        same = same_ints(x->shape, x->rank, y->shape, y->rank) && x->type == y->type &&
               x->has_rank == y->has_rank;
    }
    return same;
}

static inline bool same_tensor(const ql_tensor *a, const ql_tensor *b)
{
    return same_str(a->name, b->name) && a->type == b->type && a->has_rank == b->has_rank &&
           same_ints(a->shape, a->rank, b->shape, b->rank) && !a->signature == !b->signature &&
           (!a->signature || same_ints(a->signature, a->rank, b->signature, b->rank)) &&
           a->buffer == b->buffer && !a->data == !b->data &&
           same_bytes(a->data, a->bytes, b->data, b->bytes) && a->variable == b->variable &&
           same_quant(&a->quant, &b->quant) && same_sparsity(a->sparsity, b->sparsity) && same_variants(a, b);
}

static inline bool same_option(const ql_options *a, const ql_options *b, int slot)
{
    static const ql_option none = {0};
    ql_option_kind kind = a->table->slots[slot].kind;
    const ql_option *x = a->values ? &a->values[slot] : &none, *y = b->values ? &b->values[slot] : &none;
    if (kind >= QL_OPT_STRING) {
        size_t size = ql_option_size(kind);
        return !x->data == !y->data && same_bytes(x->data, x->count * size, y->data, y->count * size);
    }
    float f = ql_opt_f32(a, slot), g = ql_opt_f32(b, slot);
    return kind == QL_OPT_F32 ? memcmp(&f, &g, sizeof f) == 0 : ql_opt_i64(a, slot) == ql_opt_i64(b, slot);
}

static inline bool same_options(const ql_options *a, const ql_options *b)
{
    bool same = a->table == b->table && a->union_id == b->union_id && a->second == b->second;
    for (int i = 0; same && a->table && i < ql_options_slot_count(a->table); i++) {
        same = same_option(a, b, i);
    }
    return same;
}

static inline bool same_operator(const ql_operator *a, const ql_operator *b)
{
    return a->opcode == b->opcode && same_ints(a->inputs, a->input_count, b->inputs, b->input_count) &&
           same_ints(a->outputs, a->output_count, b->outputs, b->output_count) &&
           same_ints(a->intermediates, a->intermediate_count, b->intermediates, b->intermediate_count) &&
           same_options(&a->options, &b->options) &&
           same_bytes(a->custom_options, a->custom_options_bytes, b->custom_options,
                      b->custom_options_bytes) &&
           a->custom_options_format == b->custom_options_format &&
           same_bytes(a->mutating, a->mutating_count, b->mutating, b->mutating_count) &&
           a->debug_index == b->debug_index;
}

static inline bool same_subgraph(const ql_subgraph *a, const ql_subgraph *b)
{
    bool same = same_str(a->name, b->name) && a->debug_index == b->debug_index &&
                same_ints(a->inputs, a->input_count, b->inputs, b->input_count) &&
                same_ints(a->outputs, a->output_count, b->outputs, b->output_count) &&
                a->tensor_count == b->tensor_count && a->operator_count == b->operator_count;
    for (int i = 0; same && i < a->tensor_count; i++) {
        same = same_tensor(&a->tensors[i], &b->tensors[i]);
    }
    for (int i = 0; same && i < a->operator_count; i++) {
        same = same_operator(&a->operators[i], &b->operators[i]);
    }
    return same;
}

/* The next entry from `i` on that is not about the place of buffers. */
static inline int same_next(const ql_model *model, int i)
{
    while (i < model->metadata_count && ql_str_is(model->metadata[i].name, "buffer_location")) {
        i++;
    }
    return i;
}

static inline bool same_metadata(const ql_model *a, const ql_model *b)
{
    int i = same_next(a, 0), k = same_next(b, 0);
    bool same = true;
    while (same && i < a->metadata_count && k < b->metadata_count) {
        same = same_str(a->metadata[i].name, b->metadata[k].name) &&
               a->metadata[i].buffer == b->metadata[k].buffer;
        i = same_next(a, i + 1);
        k = same_next(b, k + 1);
    }
    return same && i == a->metadata_count && k == b->metadata_count &&
           same_ints(a->metadata_buffers, a->metadata_buffer_count, b->metadata_buffers,
                     b->metadata_buffer_count);
}

/* The second may have one more, see buffer_location. */
static inline bool same_buffers(const ql_model *a, const ql_model *b)
{
    bool same = a->buffer_count == b->buffer_count || a->buffer_count + 1 == b->buffer_count;
    for (int i = 0; same && i < a->buffer_count; i++) {
        same = same_bytes(a->buffers[i].data, a->buffers[i].bytes, b->buffers[i].data, b->buffers[i].bytes);
    }
    return same;
}

static inline bool same_maps(const ql_tensor_map *a, int a_count, const ql_tensor_map *b, int b_count)
{
    bool same = a_count == b_count;
    for (int i = 0; same && i < a_count; i++) {
        same = same_str(a[i].name, b[i].name) && a[i].tensor == b[i].tensor;
    }
    return same;
}

static inline bool same_signatures(const ql_model *a, const ql_model *b)
{
    bool same = a->signature_count == b->signature_count;
    for (int i = 0; same && i < a->signature_count; i++) {
        const ql_signature *x = &a->signatures[i], *y = &b->signatures[i];
        same = same_str(x->key, y->key) && x->subgraph == y->subgraph &&
               same_maps(x->inputs, x->input_count, y->inputs, y->input_count) &&
               same_maps(x->outputs, x->output_count, y->outputs, y->output_count);
    }
    return same;
}

static inline bool same_opcodes(const ql_model *a, const ql_model *b)
{
    bool same = a->opcode_count == b->opcode_count;
    for (int i = 0; same && i < a->opcode_count; i++) {
        same = a->opcodes[i].code == b->opcodes[i].code && a->opcodes[i].version == b->opcodes[i].version &&
               same_str(a->opcodes[i].custom, b->opcodes[i].custom);
    }
    return same;
}

static inline bool same_subgraphs(const ql_model *a, const ql_model *b)
{
    bool same = a->subgraph_count == b->subgraph_count;
    for (int i = 0; same && i < a->subgraph_count; i++) {
        same = same_subgraph(&a->subgraphs[i], &b->subgraphs[i]);
    }
    return same;
}

/* NULL, or what differs in `b`, which was made from `a`. */
static inline const char *same_model(const ql_model *a, const ql_model *b)
{
    return a->version != b->version                    ? "version"
           : !same_str(a->description, b->description) ? "description"
           : !same_opcodes(a, b)                       ? "operator codes"
           : !same_buffers(a, b)                       ? "buffers"
           : !same_metadata(a, b)                      ? "metadata"
           : !same_signatures(a, b)                    ? "signatures"
           : !same_subgraphs(a, b)                     ? "subgraphs"
                                                       : NULL;
}

#endif
