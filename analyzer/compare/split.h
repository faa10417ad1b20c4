/* Where an operator's error comes from. With y0 the reference's output, y1 the float operator on the
 * candidate's inputs, y2 the same with the candidate's weights, and q the candidate's output:
 *
 *   input     y1 - y0                     inherited: the inputs were off already
 *   weights   y2 - y1                     the weights were rounded
 *   clipping  clip(y2) - y2               the output's range is too narrow
 *   rounding  round(clip(y2)) - clip(y2)  the output's steps
 *   rescale   q - round(clip(y2))         the kernel's integer arithmetic
 *
 * They add up to q - y0, element by element. Where the reference fake-quantizes its output onto the
 * candidate's grid, y0, y1 and y2 are taken after that: what training knew of is no error. */
#ifndef QL_COMPARE_SPLIT_H
#define QL_COMPARE_SPLIT_H

#include "analyzer/pair/pair.h"
#include "metrics/metrics.h"
#include "runtime/runtime.h"

/* X(id, name in results) */
#define QL_SPLITS(X)                                                                                         \
    X(INPUT, "input")                                                                                        \
    X(WEIGHTS, "weights")                                                                                    \
    X(CLIPPING, "clipping")                                                                                  \
    X(ROUNDING, "rounding")                                                                                  \
    X(RESCALE, "rescale")

typedef enum {
#define QL_SPLIT_ENUM(id, name) QL_SPLIT_##id,
    QL_SPLITS(QL_SPLIT_ENUM)
#undef QL_SPLIT_ENUM
        QL_SPLIT_COUNT
} ql_split_part;

const char *ql_split_name(ql_split_part part);

typedef struct {
    uint64_t count;                  /* elements */
    ql_exact square[QL_SPLIT_COUNT]; /* sums of squares */
} ql_split;

/* Adds one sample's tensor of n elements; `out` says how the candidate's output is quantized (a float: no
 * clipping and no rounding). Elements that are not finite anywhere are left out. */
void ql_split_add(ql_split *split, const float *y0, const float *y1, const float *y2, const float *q,
                  size_t n, const ql_view *out);
void ql_split_merge(ql_split *into, const ql_split *from);

/* Root of the mean square of a part; NaN when nothing was added. */
double ql_split_rms(const ql_split *split, ql_split_part part);

/* The reference with the candidate's constants, as real numbers, in the place of its own, wherever two paired
 * operators have counterparts. Borrows from both models; release with ql_split_model_free. */
ql_code ql_split_model_make(ql_model **model, ql_side reference, ql_side candidate, const ql_pairing *pairing,
                            ql_err *err);
void ql_split_model_free(ql_model *model); /* NULL is allowed */

#endif
