/* Where paired tensors come from: TensorFlow nodes and lines of Python, for the frame of a result. */
#ifndef QL_RESULT_ORIGINS_H
#define QL_RESULT_ORIGINS_H

#include "analyzer/compare/engine.h"
#include "analyzer/json/json.h"

typedef struct {
    ql_debug *reference, *candidate; /* NULL: the model does not say */
    ql_arena arena;
} ql_origins;

/* A model whose entry is malformed counts as one that has none: a comparison does not need it. */
void ql_origins_open(ql_origins *origins, const ql_model *reference, const ql_model *candidate);
void ql_origins_close(ql_origins *origins);

/* Adds to a pair's entry
 *     "node_names": [text ...]                 TF nodes; without debug metadata the parts of `name`, "a;b;c"
 *     "source": [{"file", "line"} ...]         the user's frames, innermost first
 * as the candidate says, or else the reference. Quantizers drop the metadata, so that is the usual case. */
ql_code ql_put_origins(ql_doc *d, ql_json *entry, ql_origins *origins, const ql_engine_options *options,
                       const ql_pair *pair, ql_str name, ql_err *err);

#endif
