/* What is left to run of a plan when some tensors are there already. Kept inside analyzer/whatif. */
#ifndef QL_WHATIF_PART_H
#define QL_WHATIF_PART_H

#include "analyzer/whatif/batch.h"

typedef struct {
    ql_model *model;
    bool whole; /* not to be cut: fed by the data */
    ql_values values;
    ql_cut *cuts;
    int cut_count;
    ql_prepared *prepared; /* one an operator that is left; NULL: none */
    ql_arena arena;
} ql_part;

/* The plan's model, and what is known of its values unless it is to be run `whole`. Release with
 * ql_part_free, also after an error. */
ql_code ql_part_make(ql_part *part, const ql_bench *bench, const ql_layer_mode *modes, bool whole,
                     ql_mixed_cost *cost, ql_err *err);

/* The same of a model that stands in the candidate's place; nothing is made of it, and it is `whole`, where
 * its inputs are not the candidate's. */
ql_code ql_part_copy(ql_part *part, const ql_bench *bench, const ql_model *model, ql_err *err);
void ql_part_free(ql_part *part); /* also a zeroed one */

/* Leaves what `sources` do not give. */
ql_code ql_part_cut(ql_part *part, const ql_bench *bench, const ql_sources *sources, ql_err *err);

/* Opens what is left, to be fed in the order of `cuts`. */
ql_code ql_part_open(const ql_part *part, const ql_bench *bench, ql_exec **exec, ql_err *err);

#endif
