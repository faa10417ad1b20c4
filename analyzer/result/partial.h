/* The exact sums of a part of a comparison as JSON: what merging needs and reports do not. */
#ifndef QL_RESULT_PARTIAL_H
#define QL_RESULT_PARTIAL_H

#include "analyzer/compare/engine.h"
#include "analyzer/json/json.h"

void ql_put_partial(ql_doc *d, ql_json *result, const ql_comparison *comparison);

/* Reads it back into `comparison` (made for the result's pairs, empty). FORMAT when it is not what
 * ql_put_partial writes. */
ql_code ql_partial_read(const ql_json *result, ql_comparison *comparison, ql_err *err);

#endif
