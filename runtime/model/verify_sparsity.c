#include "runtime/model/rules.h"

#include <limits.h>

/* While the levels are walked: a sparse tensor has n dimensions and k blocks of them, n + k levels. */
typedef struct {
    const ql_rules *rules;
    const ql_tensor *tensor;
    const ql_sparsity *sparsity;
    int32_t sizes[2 * QL_MAX_RANK]; /* by dimension, not by level: of the blocked shape, then of the blocks */
    int64_t count;                  /* elements down to the level */
} walk;

static ql_code broken(const walk *w, ql_rule rule, int64_t a, int64_t b, int64_t c, int64_t d)
{
    return ql_broken(w->rules->err, rule, NULL, a, b, c, d);
}

static ql_code verify_counts(const walk *w)
{
    const ql_sparsity *s = w->sparsity;
    if (s->dim_count != w->tensor->rank + s->block_count || s->block_count > w->tensor->rank) {
        return broken(w, QL_RULE_SPARSE_RANK, s->dim_count, s->dim_count, s->block_count, w->tensor->rank);
    }
    return QL_OK;
}

/* The dimensions come first, each once, then the blocks. */
static ql_code verify_order(const walk *w)
{
    unsigned met = 0;
    int rank = w->tensor->rank;
    for (int i = 0; i < w->sparsity->dim_count; i++) {
        int dim = w->sparsity->order[i], low = i < rank ? 0 : rank;
        int high = i < rank ? rank : w->sparsity->dim_count;
        if (dim < low || dim >= high || met >> dim & 1) {
            return broken(w, QL_RULE_SPARSE_ORDER, i, dim, 0, 0);
        }
        met |= 1u << dim;
    }
    return QL_OK;
}

static ql_code verify_blocks(walk *w)
{
    int rank = w->tensor->rank;
    unsigned met = 0;
    for (int i = 0; i < rank; i++) {
        w->sizes[i] = w->tensor->shape[i];
    }
    for (int level = rank; level < w->sparsity->dim_count; level++) {
        int dim = w->sparsity->order[level], block = dim - rank;
        int32_t of = w->sparsity->block_map[block], size = w->sparsity->dims[level].dense_size;
        bool inside = of >= 0 && of < rank;
        if (!inside || size < 1 || w->sizes[of] % size || met >> of & 1) {
            return broken(w, QL_RULE_SPARSE_BLOCK, block, size, of, inside ? w->tensor->shape[of] : -1);
        }
        met |= 1u << of;
        w->sizes[dim] = size;
        w->sizes[of] /= size;
    }
    return QL_OK;
}

static ql_code verify_segments(const walk *w, int level, const ql_sparse_dim *dim)
{
    if (dim->segment_count != (size_t)w->count + 1) {
        return broken(w, QL_RULE_SPARSE_SEGMENTS, level, (int64_t)dim->segment_count, w->count + 1, 0);
    }
    int32_t low = 0;
    for (size_t i = 0; i < dim->segment_count; i++) {
        if (dim->segments[i] < low) {
            return broken(w, QL_RULE_SPARSE_BOUND, level, (int64_t)i, dim->segments[i], low);
        }
        low = dim->segments[i];
    }
    if (dim->index_count != (size_t)low) {
        return broken(w, QL_RULE_SPARSE_INDICES, level, (int64_t)dim->index_count, low, 0);
    }
    return QL_OK;
}

static ql_code verify_csr(walk *w, int level, const ql_sparse_dim *dim)
{
    int32_t size = w->sizes[w->sparsity->order[level]];
    ql_code code = verify_segments(w, level, dim);
    for (size_t i = 0; !code && i < dim->index_count; i++) {
        if (dim->indices[i] < 0 || dim->indices[i] >= size) {
            code = broken(w, QL_RULE_SPARSE_INDEX, level, (int64_t)i, dim->indices[i], size);
        }
    }
    w->count = (int64_t)dim->index_count;
    return code;
}

static ql_code verify_level(walk *w, int level)
{
    const ql_sparse_dim *dim = &w->sparsity->dims[level];
    if (dim->csr) {
        return verify_csr(w, level, dim);
    }
    int32_t size = w->sizes[w->sparsity->order[level]];
    if (dim->dense_size != size) {
        return broken(w, QL_RULE_SPARSE_DENSE, level, dim->dense_size, size, 0);
    }
    w->count *= size;
    return w->count <= INT32_MAX ? QL_OK : broken(w, QL_RULE_SPARSE_COUNT, w->count, level, INT32_MAX, 0);
}

ql_code ql_verify_sparsity(const ql_rules *rules, const ql_tensor *tensor)
{
    walk w = {.rules = rules, .tensor = tensor, .sparsity = tensor->sparsity, .count = 1};
    ql_code code = verify_counts(&w);
    if (!code) {
        code = verify_order(&w);
    }
    if (!code) {
        code = verify_blocks(&w);
    }
    for (int level = 0; !code && level < w.sparsity->dim_count; level++) {
        code = verify_level(&w, level);
    }
    size_t bytes = 0;
    if (!code && tensor->bytes &&
        (!ql_type_bytes(tensor->type, (size_t)w.count, &bytes) || bytes != tensor->bytes)) {
        return broken(&w, QL_RULE_SPARSE_SIZE, w.count, (int64_t)tensor->bytes, (int64_t)bytes, 0);
    }
    return code;
}
