/* Which elements of an array are largest, and whether two arrays agree on that. Among equals the first index
 * wins; NaN ranks below everything. */
#ifndef QL_METRICS_RANK_H
#define QL_METRICS_RANK_H

#include <stddef.h>
#include <stdint.h>

#define QL_TOP 5

/* Index of the largest element, 0 when all are NaN; SIZE_MAX when n is 0. */
size_t ql_argmax(const float *x, size_t n);

/* Writes the indices of the k largest, largest first, and returns how many: k or n, whichever is less. */
size_t ql_top_k(const float *x, size_t n, size_t k, size_t *out);

/* Place of element i in the order of ql_top_k, from 0. i < n. */
size_t ql_rank_of(const float *x, size_t n, size_t i);

/* How many indices are in the top k of both f and q. No memory, O(n k). */
size_t ql_top_overlap(const float *f, const float *q, size_t n, size_t k);

/* Agreement over rows (one row: the scores of one example); all bytes zero is empty. Integers only, so
 * merging is exact. */
typedef struct {
    uint64_t rows;
    uint64_t top1;      /* rows with the same argmax */
    uint64_t top1_in_5; /* rows with the reference's argmax in the candidate's top 5 */
    uint64_t overlap;   /* sum over rows of ql_top_overlap with k = min(5, n) */
    uint64_t possible;  /* sum over rows of that k */
} ql_agreement;

/* Adds one row; a row of no elements is ignored. */
void ql_agreement_add(ql_agreement *agreement, const float *f, const float *q, size_t n);
void ql_agreement_merge(ql_agreement *into, const ql_agreement *from);

/* Shares in 0..1 of rows (top1, top1_in_5) and of top-5 places (overlap); NaN when no rows. */
double ql_agreement_top1(const ql_agreement *agreement);
double ql_agreement_top1_in_5(const ql_agreement *agreement);
double ql_agreement_overlap(const ql_agreement *agreement);

#endif
