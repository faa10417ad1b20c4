/* What a bench keeps: for the samples it has room for, tensors of the two models as they are. Kept inside
 * analyzer/whatif. */
#ifndef QL_WHATIF_KEPT_H
#define QL_WHATIF_KEPT_H

#include "analyzer/whatif/budget.h"
#include "analyzer/whatif/cut.h"

/* An operator of the models as they are, planned. */
typedef struct {
    ql_value_id id; /* ql_value_of_operator */
    ql_prepared prepared;
} ql_kept_operator;

typedef struct {
    const ql_engine_options *options;
    ql_sources sources;
    bool stateful[QL_COMPARED_SIDES];
    size_t capacity; /* bytes */
    size_t beside;   /* bytes a sample of it that something else takes */
    /* Which sources are kept, where in a sample's block (SIZE_MAX: not), and how long that is. */
    size_t *offset;
    size_t stride;
    int *at[QL_COMPARED_SIDES];  /* by tensor: source + 1, 0 = none */
    char **block;                /* by sample; NULL: not there */
    uint64_t samples;            /* entries of `block` */
    ql_kept_operator *operators; /* by id */
    int operator_count;
    ql_arena arena;
    ql_exec *plan[QL_COMPARED_SIDES]; /* planned, never run: shapes and formats of the sources */
} ql_kept;

/* Plans both models and lists what could be kept. Release with ql_kept_close, also after an error. */
ql_code ql_kept_open(ql_kept *kept, const ql_engine_options *options, const ql_values values[],
                     const ql_value_constants *constants, uint64_t samples, const ql_bench_budget *budget,
                     ql_err *err);
void ql_kept_close(ql_kept *kept);

/* From now on keeps the sources that are wanted (one an entry of the list) for samples below `samples`, and
 * those kept before where there is room for all; what is in the way is dropped. Returns how many samples at a
 * time there is room for, from 0. */
uint64_t ql_kept_want(ql_kept *kept, const bool *wanted, uint64_t samples);

/* Runs both models on sample i and keeps what is wanted of them. `exec` are the calling thread's own, opened
 * when NULL. Several threads may do that at once, for samples of their own. */
ql_code ql_kept_capture(ql_kept *kept, ql_exec *exec[], uint64_t i, ql_err *err);
void ql_kept_drop(ql_kept *kept, uint64_t i);

/* Can the tensor, of a planned run, be kept in so and so many bytes, whatever the sample? Those that it
 * takes. */
bool ql_kept_fixed(const ql_view *view);
size_t ql_kept_room(const ql_view *view);

/* For sorting ql_source: by id; the candidate's before the reference's among equal ones. */
int ql_source_order(const void *a, const void *b);

/* Where an operator was prepared already. */
ql_prepared ql_kept_prepared(const ql_kept *kept, ql_value_id id);

/* The value of a source for sample i, which is there. */
void *ql_kept_value(const ql_kept *kept, int source, uint64_t i);

#endif
