#include "runtime/ops/common/densify.h"

#include <string.h>

typedef struct {
    const ql_sparsity *sparsity;
    const char *next; /* value */
    char *dense;
    size_t element, strides[2 * QL_MAX_RANK]; /* bytes that a step at a level moves in the dense tensor */
} ql_scatter;

/* The model's verifier has made sure that levels, segments and values fit one another. */
static void scatter(ql_scatter *s, int level, size_t parent, size_t at)
{
    if (level == s->sparsity->dim_count) {
        memcpy(s->dense + at, s->next, s->element);
        s->next += s->element;
        return;
    }
    const ql_sparse_dim *dim = &s->sparsity->dims[level];
    size_t size = (size_t)dim->dense_size;
    size_t first = dim->csr ? (size_t)dim->segments[parent] : 0;
    size_t last = dim->csr ? (size_t)dim->segments[parent + 1] : size;
    for (size_t i = first; i < last; i++) {
        size_t step = dim->csr ? (size_t)dim->indices[i] : i;
        scatter(s, level + 1, dim->csr ? i : parent * size + i, at + step * s->strides[level]);
    }
}

static void find_strides(ql_scatter *s, const ql_view *view)
{
    const ql_sparsity *sparsity = s->sparsity;
    size_t by_dim[2 * QL_MAX_RANK], stride = s->element;
    for (int d = view->rank - 1; d >= 0; d--) {
        by_dim[d] = stride;
        stride *= (size_t)view->dims[d];
    }
    for (int level = view->rank; level < sparsity->dim_count; level++) {
        int block = sparsity->order[level], of = sparsity->block_map[block - view->rank];
        by_dim[block] = by_dim[of];
        by_dim[of] *= (size_t)sparsity->dims[level].dense_size;
    }
    for (int level = 0; level < sparsity->dim_count; level++) {
        s->strides[level] = by_dim[sparsity->order[level]];
    }
}

ql_code ql_dense_view(ql_call *c, int i, ql_view *dense)
{
    *dense = *c->in[i];
    if (!c->in[i]->tensor->sparsity) {
        return QL_OK;
    }
    int bits = ql_type_bits(dense->type);
    if (bits < 8) {
        return ql_fail_in(c, i, QL_E_UNSUPPORTED, "sparse and of type %s: at least 8 bits an element",
                          ql_type_name(dense->type));
    }
    dense->bytes = dense->count * (size_t)bits / 8;
    dense->data = ql_plan_take(c, dense->bytes, 1);
    if (!dense->data) {
        return QL_E_NOMEM;
    }
    ql_scatter s = {.sparsity = dense->tensor->sparsity,
                    .next = dense->tensor->data,
                    .dense = dense->data,
                    .element = (size_t)bits / 8};
    find_strides(&s, dense);
    if (dense->count) {
        scatter(&s, 0, 0, 0);
    }
    return QL_OK;
}
