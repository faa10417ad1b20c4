/* Sequences of vectors: [batch, time, n], or [time, batch, n] when time_major, or [batch, n] for one step. */
#ifndef QL_OPS_COMMON_SEQUENCE_H
#define QL_OPS_COMMON_SEQUENCE_H

#include "runtime/ops/op.h"

typedef struct {
    int batch, time;
    bool time_major;
} ql_sequence;

/* Of input 0, of rank 3, or 2 for one step. */
static inline ql_sequence ql_sequence_of(const ql_view *x, bool time_major)
{
    if (x->rank == 2) {
        return (ql_sequence){x->dims[0], 1, true};
    }
    return (ql_sequence){x->dims[time_major ? 1 : 0], x->dims[time_major ? 0 : 1], time_major};
}

/* The row of step t of sequence b. */
static inline size_t ql_sequence_row(const ql_sequence *s, int b, int t)
{
    return s->time_major ? (size_t)t * (size_t)s->batch + (size_t)b : (size_t)b * (size_t)s->time + (size_t)t;
}

/* Gives output o input 0's shape with `size` as last dimension. */
static inline ql_code ql_sequence_shape(ql_call *c, int o, int size)
{
    int32_t dims[QL_MAX_RANK];
    int rank = c->in[0]->rank;
    for (int d = 0; d < rank; d++) {
        dims[d] = d + 1 < rank ? c->in[0]->dims[d] : size;
    }
    return ql_set_shape(c, o, rank, dims);
}

#endif
