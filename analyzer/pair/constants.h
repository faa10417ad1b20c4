/* What the constants of operators say: two operators with the same weights are the same layer, whatever they
 * are called and however the weights are stored. */
#ifndef QL_PAIR_CONSTANTS_H
#define QL_PAIR_CONSTANTS_H

#include "analyzer/pair/pair.h"

/* Can the tensor's data be read element by element? Not strings, sparse or blockwise data, nor activations.
 */
bool ql_constant_readable(const ql_tensor *tensor);

/* Does it hold real numbers, be they quantized? Else integers that mean themselves: axes, sizes, indices. */
bool ql_constant_is_real(const ql_tensor *tensor);

/* All elements of a readable constant, dequantized; `out` has room for them. */
void ql_constant_floats(const ql_tensor *tensor, float *out);

/* The index of the constant that tensor `tensor` holds the value of: its own, or of what a DEQUANTIZE makes
 * it from (weights in float16, weight-only models). -1 when it is no constant. */
int ql_constant_behind(const ql_side *side, int tensor);

enum { QL_SAMPLE_MOST = 256 };

/* Evenly spread elements of a constant, dequantized. */
typedef struct {
    size_t total;  /* elements of the constant */
    int count;     /* of those sampled, at most QL_SAMPLE_MOST */
    bool exact;    /* integers that mean themselves: axes, sizes, indices */
    double *value; /* `count` */
} ql_sample;

/* Samples `tensor`'s data; *sample stays NULL when it has none that can be read element by element (strings,
 * sparse or blockwise data). Memory of `arena`. */
ql_code ql_sample_make(const ql_sample **sample, const ql_tensor *tensor, ql_arena *arena, ql_err *err);

/* How far apart the constants of two operators lie. */
typedef struct {
    double elements;  /* compared, 0 = nothing to compare */
    double sum;       /* of elements * distance */
    int exact_differ; /* pairs of constants that are no numbers to approximate and differ */
} ql_distance;

/* Adds one pair of constants; either may be NULL (unknown). */
void ql_distance_add(ql_distance *distance, const ql_sample *a, const ql_sample *b);

/* |a-b|^2 / (|a|^2+|b|^2), elements' mean over the constants: 0 equal, about 1 unrelated, 2 opposite. */
double ql_distance_mean(const ql_distance *distance);

#endif
