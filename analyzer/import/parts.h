/* Inside analyzer/import only: pieces of a document that the formats share. */
#ifndef QL_IMPORT_PARTS_H
#define QL_IMPORT_PARTS_H

#include "analyzer/import/import.h"

/* The figures that the other tools have; NaN: none. Others of a pair are null. */
typedef struct {
    double mse, mean_error, max_abs, sqnr_db, cosine, scale; /* scale: for rmse_over_scale */
} ql_import_figures;

typedef struct {
    const char *name, *op;
    double tensor, scale, zero_point; /* of the quantized tensor; NaN: not told */
    const char *dtype;                /* "": not told */
    int place; /* in place of the operator's index, which neither tool tells; -1: a graph input */
} ql_import_tensor;

/* {metric id: value or null ..} of every metric. */
void ql_import_put_figures(ql_doc *d, ql_json *to, const char *key, const ql_import_figures *figures);

/* A pair without figures, added to `list`. */
ql_json *ql_import_put_pair(ql_doc *d, ql_json *list, const ql_import_tensor *tensor);

ql_code ql_import_debugger(ql_doc *d, ql_json *document, const char *bytes, size_t count, ql_err *err);
ql_code ql_import_validator(ql_doc *d, ql_json *document, const char *bytes, size_t count, ql_err *err);
bool ql_import_is_debugger(const char *bytes, size_t count);
bool ql_import_is_validator(const char *bytes, size_t count);

#endif
