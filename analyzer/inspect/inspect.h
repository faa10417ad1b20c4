/* What a model is made of, as a document (schema "qloupe.inspect/1", docs/commands/inspect.md). */
#ifndef QL_INSPECT_INSPECT_H
#define QL_INSPECT_INSPECT_H

#include "analyzer/json/json.h"

/* Describes the whole model. A model that the runtime cannot run is described all the same: each of its
 * subgraphs has "refused", the sentence why, and no operator of it has multiply-accumulates. `hashed`: with
 * the file's SHA-256, which takes most of the time for large files. `max_bytes` bounds the memory for
 * planning a run, 0: no bound. */
ql_code ql_inspect(ql_json **document, const ql_model *model, bool hashed, size_t max_bytes, ql_err *err);

#endif
