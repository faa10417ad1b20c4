/* exp(beta * (x - max)) of 8-bit rows in fixed point: what SOFTMAX and LOG_SOFTMAX share.
 *
 * Rows are read as unsigned bytes; `flip` is 0x80 for int8, which turns its sign bit over, and 0 for uint8.
 * Only differences to the row's maximum matter.
 * Source: TFLite reference_ops::Softmax, PreprocessSoftmaxScaling, CalculateInputRadius. */
#ifndef QL_OPS_COMMON_SOFTEXP_H
#define QL_OPS_COMMON_SOFTEXP_H

#include "runtime/ops/op.h"

/* Integer bits of a rescaled difference, and of a sum. */
enum { QL_SOFTEXP_DIFF_BITS = 5, QL_SOFTEXP_SUM_BITS = 12, QL_SOFTEXP_DIFFS = 256 };

typedef struct {
    ql_mult by; /* from input steps to Q5.26 */
    int radius; /* larger differences count as minus infinity; may pass QL_SOFTEXP_DIFFS */
    int32_t exponentials[QL_SOFTEXP_DIFFS]; /* by difference, no integer bits; 0 past the radius */
    int32_t terms[QL_SOFTEXP_DIFFS];        /* the same as a sum has them, in Q12.19 */
} ql_softexp;

/* For input 0's scale. FORMAT when beta * scale is not above 2^-26 (the official interpreter aborts). */
ql_code ql_softexp_fill(const ql_call *c, float beta, ql_softexp *s);

/* -diff * beta * scale in Q5.26. */
int32_t ql_softexp_rescaled(const ql_softexp *s, int diff);

uint8_t ql_row_max(const uint8_t *x, size_t depth, uint8_t flip);

/* The row's sum in Q12.19, without overflow. */
int64_t ql_softexp_sum(const ql_isa *isa, const ql_softexp *s, const uint8_t *x, size_t depth, uint8_t flip,
                       uint8_t max);

#endif
