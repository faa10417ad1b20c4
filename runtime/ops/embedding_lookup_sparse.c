/* EMBEDDING_LOOKUP_SPARSE: rows of w, weighted and gathered into buckets
 *
 *   in 0   ids      [L]        i32, 0 .. R-1
 *   in 1   indices  [L, K]     i32: place of each id in a sparse tensor; the bucket is its first K-1 indices
 *   in 2   shape    [K]        i32: of that tensor
 *   in 3   weights  [L]        f32
 *   in 4   w        [R, C...]  f32
 *   out 0  y        [shape[0], ..., shape[K-2], C...]  f32
 *
 * y[bucket] = sum of weight * w[id], divided by the sum of weights (MEAN) or the root of the sum of their
 * squares (SQRTN) each time the bucket changes; empty buckets are 0.
 * Source: TFLite embedding_lookup_sparse.
 */
#include "runtime/ops/op.h"

#include <math.h>
#include <string.h>

enum { COMBINER };
enum { SUM, MEAN, SQRTN };
enum { IDS, INDICES, SHAPE, WEIGHTS, VALUES };

typedef struct {
    int combiner, lookup_rank;
    size_t columns;
} ql_lookup;

typedef struct {
    size_t bucket;
    float weight, square;
    bool used;
} ql_gather;

static void close_bucket(const ql_call *c, const ql_lookup *s, const ql_gather *g)
{
    float *y = (float *)c->out[0]->data + g->bucket * s->columns;
    float divisor = s->combiner == MEAN ? g->weight : sqrtf(g->square);
    for (size_t k = 0; k < s->columns && g->used && s->combiner != SUM; k++) {
        y[k] /= divisor;
    }
}

static ql_code bucket_of(const ql_call *c, const ql_lookup *s, size_t i, size_t *bucket)
{
    const int32_t *at = (const int32_t *)c->in[INDICES]->data + i * (size_t)s->lookup_rank;
    *bucket = 0;
    for (int k = 0; k < s->lookup_rank - 1; k++) {
        if (at[k] < 0 || at[k] >= c->out[0]->dims[k]) {
            return ql_fail_in(c, INDICES, QL_E_FORMAT, "index %d: must be 0 to %d", at[k],
                              c->out[0]->dims[k] - 1);
        }
        *bucket = *bucket * (size_t)c->out[0]->dims[k] + (size_t)at[k];
    }
    return QL_OK;
}

static ql_code run(const ql_call *c)
{
    const ql_lookup *s = c->state;
    const int32_t *ids = c->in[IDS]->data;
    const float *weights = c->in[WEIGHTS]->data, *values = c->in[VALUES]->data;
    float *y = c->out[0]->data;
    ql_gather g = {0};
    memset(y, 0, c->out[0]->bytes);
    for (size_t i = 0; i < c->in[IDS]->count; i++) {
        size_t bucket;
        ql_code code = bucket_of(c, s, i, &bucket);
        if (code || ids[i] < 0 || ids[i] >= c->in[VALUES]->dims[0]) {
            return code ? code
                        : ql_fail_in(c, IDS, QL_E_FORMAT, "id %d: must be 0 to %d", ids[i],
                                     c->in[VALUES]->dims[0] - 1);
        }
        if (bucket != g.bucket) {
            close_bucket(c, s, &g);
            g = (ql_gather){.bucket = bucket};
        }
        g.used = true;
        g.square += weights[i] * weights[i];
        g.weight += weights[i];
        const float *row = values + (size_t)ids[i] * s->columns;
        for (size_t k = 0; k < s->columns; k++) {
            y[bucket * s->columns + k] += row[k] * weights[i];
        }
    }
    if (c->out[0]->count) {
        close_bucket(c, s, &g);
    }
    return QL_OK;
}

static ql_code check(const ql_call *c)
{
    static const struct {
        ql_type type;
        int lowest, highest;
    } need[] = {{QL_I32, 1, 1}, {QL_I32, 2, 2}, {QL_I32, 1, 1}, {QL_F32, 1, 1}, {QL_F32, 2, QL_MAX_RANK}};
    ql_code code = ql_need_out_type(c, 0, QL_F32);
    for (int i = 0; i < 5 && !code; i++) {
        code = ql_need_type(c, i, need[i].type);
        code = code ? code : ql_need_rank(c, i, need[i].lowest, need[i].highest);
    }
    if (code) {
        return code;
    }
    int lookups = c->in[IDS]->dims[0], rank = c->in[INDICES]->dims[1];
    if (c->in[INDICES]->dims[0] != lookups || c->in[WEIGHTS]->dims[0] != lookups ||
        c->in[SHAPE]->dims[0] != rank || rank < 1 || rank - 1 + c->in[VALUES]->rank - 1 > QL_MAX_RANK) {
        return ql_fail_in(c, INDICES, QL_E_FORMAT,
                          "%d indices of %d coordinates for %d ids, %d weights and a shape of %d: must agree",
                          c->in[INDICES]->dims[0], rank, lookups, c->in[WEIGHTS]->dims[0],
                          c->in[SHAPE]->dims[0]);
    }
    return QL_OK;
}

static ql_code prepare(ql_call *c)
{
    ql_lookup *s = ql_state(c, sizeof *s);
    const int32_t *shape = NULL;
    int count = 0;
    if (!s) {
        return QL_E_NOMEM;
    }
    ql_code code = check(c);
    code = code ? code : ql_known_i32s(c, SHAPE, &shape, &count);
    if (code || !shape) {
        return code ? code : ql_defer(c);
    }
    const ql_view *values = c->in[VALUES];
    int32_t dims[2 * QL_MAX_RANK];
    memcpy(dims, shape, (size_t)(count - 1) * sizeof *dims);
    memcpy(dims + count - 1, values->dims + 1, (size_t)(values->rank - 1) * sizeof *dims);
    s->combiner = ql_opt_int(c->options, COMBINER);
    s->lookup_rank = count;
    s->columns = values->dims[0] ? values->count / (size_t)values->dims[0] : 0;
    return ql_set_shape(c, 0, count - 1 + values->rank - 1, dims);
}

const ql_op ql_op_embedding_lookup_sparse = {
    .name = "EMBEDDING_LOOKUP_SPARSE",
    .code = 33,
    .max_version = 1,
    .options_id = 20,
    .min_in = 5,
    .max_in = 5,
    .min_out = 1,
    .max_out = 1,
    .key = VALUES,
    .prepare = prepare,
    .run = {[QL_S_F32] = run},
    .quant = {.kind = QL_Q_NONE},
};
