/* What other debuggers found, as the document of a comparison (docs/json.md): for reports, diff and the TUI.
 * Each format is one row. Figures that a format does not have are null; docs/commands/import.md says which of
 * its figures became which. */
#ifndef QL_IMPORT_IMPORT_H
#define QL_IMPORT_IMPORT_H

#include "analyzer/json/json.h"

typedef struct {
    const char *id, *summary;
    /* Do these bytes look like it? They end with a NUL not counted. */
    bool (*is)(const char *bytes, size_t count);
    /* Adds pairs, outputs and weights to the document. FORMAT names the place; NOMEM. */
    ql_code (*read)(ql_doc *d, ql_json *document, const char *bytes, size_t count, ql_err *err);
} ql_import_format;

extern const ql_import_format ql_import_formats[];
extern const size_t ql_import_format_count;

/* The format with this id; NULL when there is none. */
const ql_import_format *ql_import_find(const char *id);

/* Reads a file ("-": standard input). `format` NULL: the one it looks like. *document is yours. IO; FORMAT:
 * it looks like none, or is malformed; NOMEM. */
ql_code ql_import(ql_json **document, const char *path, const ql_import_format *format, ql_err *err);

#endif
