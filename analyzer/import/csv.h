/* Inside analyzer/import only: tables as RFC 4180 has them, read field by field. */
#ifndef QL_IMPORT_CSV_H
#define QL_IMPORT_CSV_H

#include "runtime/runtime.h"

typedef struct {
    char *at;    /* what is left */
    int line;    /* of the field read last, from 1 */
    bool at_end; /* it was its record's last */
} ql_csv;

/* `text` ends with a NUL and is written over: fields are cut out in place. */
void ql_csv_start(ql_csv *csv, char *text);

/* The next field, unquoted; NULL after the last record. FORMAT: a quote that does not end. */
ql_code ql_csv_next(ql_csv *csv, const char **field, ql_err *err);

#endif
