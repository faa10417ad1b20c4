/* What the plans of a batch have in common: one of them, of whose tensors the others begin with what they
 * share. It is run once a sample. Kept inside analyzer/whatif. */
#ifndef QL_WHATIF_BASE_H
#define QL_WHATIF_BASE_H

#include "analyzer/whatif/part.h"

typedef struct {
    ql_part part;
    ql_exec *plan;      /* planned, never run: shapes */
    ql_sources sources; /* the bench's, and the base's as side QL_COMPARED_SIDES, by id */
    size_t *offset;     /* by tensor: where in a sample's block; SIZE_MAX: not there */
    size_t stride;
    char **block; /* by sample */
    uint64_t samples;
    ql_exec **exec; /* by hand, opened when needed */
    int hands;
} ql_base;

/* Which of the parts has most in common with the others; -1: none that is worth it. */
ql_code ql_base_choose(const ql_bench *bench, ql_part *const *parts, int count, int *chosen, ql_err *err);

/* Makes the plan `modes` the base. Release with ql_base_close, also after an error; a zeroed one is closed.
 */
ql_code ql_base_open(ql_base *base, const ql_bench *bench, const ql_layer_mode *modes, uint64_t samples,
                     ql_err *err);
void ql_base_close(ql_base *base);

/* From now on keeps that source, unless it is the bench's. */
void ql_base_want(ql_base *base, int source);

/* Runs it on sample i, for which what it begins with is kept, and keeps what is wanted until it is dropped.
 */
ql_code ql_base_capture(ql_base *base, const ql_bench *bench, int hand, uint64_t i, ql_err *err);
void ql_base_drop(ql_base *base, uint64_t i);

/* The value of one of its sources for sample i, the bench's or its own. */
void *ql_base_value(const ql_base *base, const ql_bench *bench, int source, uint64_t i);

#endif
