/* How far values are from those they should be. */
#ifndef QL_TESTS_DIFFER_H
#define QL_TESTS_DIFFER_H

#include "runtime/runtime.h"

typedef struct {
    size_t count, equal;
    double max_abs; /* HUGE_VAL when one of the two is NaN; integers: in steps */
    double peak;    /* of the values wanted */
    double ulps;    /* max_abs in float32 ulps of the peak */
} ql_difference;

/* Counts element i of `got` against element k of `want`. */
void ql_differ_add(ql_difference *d, ql_type type, const void *got, size_t i, const void *want, size_t k);

/* Fills in `ulps` when all are counted. */
void ql_differ_finish(ql_difference *d);

/* Both at once for `count` elements. */
ql_difference ql_differ(ql_type type, const void *got, const void *want, size_t count);

#endif
