/* Index tuples, the last dimension of an index tensor: where they point in a tensor. */
#ifndef QL_OPS_COMMON_COORDINATES_H
#define QL_OPS_COMMON_COORDINATES_H

#include "runtime/ops/common/move.h"

typedef struct {
    int input;     /* the index tensor */
    int length;    /* of a tuple */
    size_t tuples; /* how many */
    size_t slice;  /* elements that one tuple names */
    int32_t sizes[QL_MAX_RANK];
} ql_coordinates;

/* For tuples in input `input` into a tensor of shape rank, dims. */
ql_code ql_coordinates_prepare(const ql_call *c, int input, int rank, const int32_t *dims,
                               ql_coordinates *coordinates);

/* The element at which tuple k's slice begins; fails on an index outside. */
ql_code ql_coordinates_at(const ql_call *c, const ql_coordinates *coordinates, size_t k, size_t *element);

#endif
