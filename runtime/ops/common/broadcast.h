/* Elementwise operators over inputs of unequal shapes. Dimensions line up from the last; one of size 1, or
 * missing, is repeated. The output is walked row by row:
 *
 *     static ql_code row_f32(const ql_call *c, const ql_row *r)   // r->n outputs from r->out on
 *     { for (int i = 0; i < r->n; i++) y[r->out + i] = a[r->at[0] + i * r->step[0]] + b[r->at[1] + i *
 * r->step[1]]; ... } static ql_code run_f32(const ql_call *c) { return ql_broadcast_rows(c,
 * &state->broadcast, row_f32); }
 */
#ifndef QL_OPS_COMMON_BROADCAST_H
#define QL_OPS_COMMON_BROADCAST_H

#include "runtime/ops/op.h"

enum { QL_MAX_BROADCAST = 3 };

typedef struct {
    int inputs, rank;
    int32_t dims[QL_MAX_RANK];                    /* of the output, adjacent ones joined where possible */
    size_t stride[QL_MAX_BROADCAST][QL_MAX_RANK]; /* elements; 0 = repeated */
} ql_broadcast;

typedef struct {
    size_t out, at[QL_MAX_BROADCAST], step[QL_MAX_BROADCAST]; /* step 0 (repeated) or 1 */
    int n;
} ql_row;

typedef ql_code (*ql_row_fn)(const ql_call *c, const ql_row *row);

/* For inputs first .. first+inputs-1: checks that they fit, gives output 0 the joint shape. FORMAT when two
 * sizes differ and neither is 1. */
ql_code ql_broadcast_prepare(ql_call *c, int first, int inputs, ql_broadcast *broadcast);

/* Calls `row` for every row of the output, in order; stops at the first failure. */
ql_code ql_broadcast_rows(const ql_call *c, const ql_broadcast *broadcast, ql_row_fn row);

#endif
