/* Where a model's operators come from: the TensorFlow nodes they were made of and the lines of Python that
 * made those, as the metadata entry "debug_metadata" has them (TensorFlow's converter writes it when its
 * serialize_debug_metadata is set). docs/format.md has the rules by which locations become names and frames.
 *
 * The entry is hostile input as the model is, and is verified by itself: a malformed one is refused here and
 * leaves the model as good as it was.
 */
#ifndef QL_MODEL_DEBUG_H
#define QL_MODEL_DEBUG_H

#include "runtime/model/model.h"

typedef struct ql_debug ql_debug;

/* One frame of a Python call stack. */
typedef struct {
    ql_str file; /* as it was when the model was converted */
    uint32_t line, column;
    bool user; /* not inside a framework or Python's library; true for all when no frame is outside */
} ql_frame;

typedef struct {
    int name_count;
    const ql_str *names; /* TF nodes, each once; the one that gives the operator its output first */
    int source_count;
    const ql_frame *sources; /* innermost frame first, each once */
} ql_origin;

/* *debug is NULL when the model has no such entry, or of a kind unknown here. QL_E_FORMAT: the entry is
 * malformed. The model must outlive it. */
ql_code ql_debug_open(const ql_model *model, ql_debug **debug, ql_err *err);
void ql_debug_close(ql_debug *debug); /* NULL is allowed */

/* Where the operator comes from; nothing when the entry does not say. Lists are taken from `arena`, texts are
 * the model's. `debug` may be NULL. NOMEM is the only failure. Several threads may ask at once. */
ql_code ql_debug_origin(const ql_debug *debug, int subgraph, int op, ql_arena *arena, ql_origin *origin,
                        ql_err *err);

/* ql_at_op, its output's name where the error is about no tensor, and, where the model says it, the
 * operator's node, Python file and line; for an error that has no operator yet. Returns err's code. */
ql_code ql_at_operator(ql_err *err, const ql_model *model, int subgraph, int op);

#endif
