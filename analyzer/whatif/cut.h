/* Cutting a model down to what has still to be computed when some tensors are there already. Kept inside
 * analyzer/whatif. */
#ifndef QL_WHATIF_CUT_H
#define QL_WHATIF_CUT_H

#include "analyzer/whatif/values.h"

/* A tensor of one of the two models as it is, or (side QL_COMPARED_SIDES) of a batch's base, which can be
 * kept and used again. */
typedef struct {
    ql_value_id id; /* not known: only ever found by side and tensor */
    int side, tensor;
    const ql_view *view; /* its type and shape, the same for every sample */
} ql_source;

typedef struct {
    ql_source *list; /* by id */
    int count;
} ql_sources;

/* An input of a model that was cut: which tensor it is there, and which source goes in. */
typedef struct {
    int tensor, source;
} ql_cut;

/* Leaves those operators of `model` (made with ql_edit_start) that its outputs need and that `sources` do not
 * give; the tensors that these then begin with become its graph inputs, in the order of *cuts (memory of
 * `arena`). A source that turns up twice is used once. */
ql_code ql_cut_model(ql_model *model, int subgraph, const ql_values *values, const ql_sources *sources,
                     ql_arena *arena, ql_cut **cuts, int *count, ql_err *err);

/* By operator: would it be left? Memory of `arena`; the model stays as it is. */
ql_code ql_cut_wanted(ql_model *model, int subgraph, const ql_values *values, const ql_sources *sources,
                      ql_arena *arena, bool **wanted, ql_err *err);

/* The source of that id, -1 when there is none. */
int ql_source_find(const ql_sources *sources, ql_value_id id);

#endif
