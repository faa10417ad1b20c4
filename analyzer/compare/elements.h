/* The elements of one tensor that differ most, with their values: one sample run again. */
#ifndef QL_COMPARE_ELEMENTS_H
#define QL_COMPARE_ELEMENTS_H

#include "analyzer/compare/engine.h"

typedef struct {
    size_t element; /* flat index */
    float reference, candidate;
} ql_element;

/* Runs both models on that sample and keeps the elements of pair number `pair` with the largest error, the
 * largest first: at most `room` of them; *count says how many. Those that are not finite on one side alone
 * come first. Of `options` the models, data, pairing, numerics, memory and stop are used. FIT: the two
 * tensors have different sizes. */
ql_code ql_worst_elements(const ql_engine_options *options, int pair, uint64_t sample, ql_element *elements,
                          int room, int *count, ql_err *err);

#endif
