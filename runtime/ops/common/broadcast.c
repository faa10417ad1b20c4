#include "runtime/ops/common/broadcast.h"

/* The size of dimension `d` of an output of rank `rank` in `view`: 1 where it has none. */
static int32_t size_at(const ql_view *view, int rank, int d)
{
    int own = d - (rank - view->rank);
    return own < 0 ? 1 : view->dims[own];
}

static ql_code joint_shape(const ql_call *c, int first, int inputs, int32_t *dims, int *rank)
{
    *rank = 0;
    for (int i = first; i < first + inputs; i++) {
        *rank = c->in[i]->rank > *rank ? c->in[i]->rank : *rank;
    }
    for (int d = 0; d < *rank; d++) {
        dims[d] = 1;
        for (int i = first; i < first + inputs; i++) {
            int32_t size = size_at(c->in[i], *rank, d);
            if (size != 1 && dims[d] != 1 && size != dims[d]) {
                return ql_fail_in(c, i, QL_E_FORMAT,
                                  "%d elements along dimension %d against %d: must be equal or 1", (int)size,
                                  d, (int)dims[d]);
            }
            dims[d] = size != 1 ? size : dims[d];
        }
    }
    return QL_OK;
}

static void strides_of(const ql_view *view, int rank, size_t *stride)
{
    size_t step = 1;
    for (int d = rank - 1; d >= 0; d--) {
        int32_t size = size_at(view, rank, d);
        stride[d] = size == 1 ? 0 : step;
        step *= (size_t)size;
    }
}

/* Can dimension d be walked as one with d+1, in every input? */
static bool joins(const ql_broadcast *b, int d)
{
    for (int i = 0; i < b->inputs; i++) {
        if (b->stride[i][d] != b->stride[i][d + 1] * (size_t)b->dims[d + 1]) {
            return false;
        }
    }
    return true;
}

static void drop(ql_broadcast *b, int d)
{
    b->rank--;
    for (int k = d; k < b->rank; k++) {
        b->dims[k] = b->dims[k + 1];
        for (int i = 0; i < b->inputs; i++) {
            b->stride[i][k] = b->stride[i][k + 1];
        }
    }
}

static void join_dimensions(ql_broadcast *b)
{
    for (int d = b->rank - 2; d >= 0; d--) {
        if (b->dims[d] == 1) {
            drop(b, d);
        } else if (b->dims[d + 1] == 1) {
            drop(b, d + 1);
        } else if (joins(b, d)) {
            b->dims[d + 1] *= b->dims[d];
            drop(b, d);
        }
    }
}

ql_code ql_broadcast_prepare(ql_call *c, int first, int inputs, ql_broadcast *b)
{
    *b = (ql_broadcast){.inputs = inputs};
    ql_code code = joint_shape(c, first, inputs, b->dims, &b->rank);
    code = code ? code : ql_set_shape(c, 0, b->rank, b->dims);
    if (code) {
        return code;
    }
    for (int i = 0; i < inputs; i++) {
        strides_of(c->in[first + i], b->rank, b->stride[i]);
    }
    if (!b->rank) {
        b->rank = 1;
        b->dims[0] = 1;
    }
    join_dimensions(b);
    return QL_OK;
}

ql_code ql_broadcast_rows(const ql_call *c, const ql_broadcast *b, ql_row_fn row)
{
    int32_t at[QL_MAX_RANK] = {0};
    int last = b->rank - 1;
    ql_row r = {.n = b->dims[last]};
    for (int i = 0; i < b->inputs; i++) {
        r.step[i] = b->stride[i][last];
    }
    if (!c->out[0]->count) {
        return QL_OK;
    }
    for (;;) {
        ql_code code = row(c, &r);
        if (code) {
            return code;
        }
        r.out += (size_t)r.n;
        int d = last - 1;
        for (; d >= 0; d--) {
            at[d]++;
            for (int i = 0; i < b->inputs; i++) {
                r.at[i] += b->stride[i][d];
            }
            if (at[d] < b->dims[d]) {
                break;
            }
            for (int i = 0; i < b->inputs; i++) {
                r.at[i] -= b->stride[i][d] * (size_t)b->dims[d];
            }
            at[d] = 0;
        }
        if (d < 0) {
            return QL_OK;
        }
    }
}
