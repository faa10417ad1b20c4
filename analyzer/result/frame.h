/* Pieces of a result's frame, shared by its parts. */
#ifndef QL_RESULT_FRAME_H
#define QL_RESULT_FRAME_H

#include "analyzer/compare/engine.h"
#include "analyzer/json/json.h"

const ql_subgraph *ql_graph_of(const ql_side *side);

/* {"tensor", "name", "dtype", "shape", "scale", "zero_point", "op_index"}; `op` -1: null. */
void ql_put_tensor(ql_doc *d, ql_json *to, const char *key, const ql_side *side, int index, int op);

/* "op" and "op_index"; -1: a graph input. */
void ql_put_operator(ql_doc *d, ql_json *to, const ql_side *side, int op);

/* "weights": the constants of paired operators and their error. */
ql_code ql_put_weights(ql_doc *d, ql_json *result, const ql_engine_options *o, ql_err *err);

#endif
