/* Inside reports only: the functions of the table of writers, each in its file of write/ or html/. */
#ifndef QL_REPORTS_WRITERS_H
#define QL_REPORTS_WRITERS_H

#include "reports/writer.h"

typedef ql_code ql_write_function(const ql_digest *digest, const ql_report_options *options, ql_text *out,
                                  ql_err *err);

ql_write_function ql_write_csv, ql_write_html, ql_write_json, ql_write_junit, ql_write_markdown,
    ql_write_model_explorer, ql_write_model_explorer_reference, ql_write_terminal;

#endif
