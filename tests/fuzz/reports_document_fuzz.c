/* Any bytes: no JSON, no comparison, or a document of which every report is made. */
#include "reports/reports.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const ql_report_options options = {.columns = 60, .colour = true, .gnuplot = ""};
    ql_json *doc;
    ql_err err;
    if (ql_json_parse(&doc, (const char *)data, size, &err)) {
        return 0;
    }
    for (size_t i = 0; i < ql_report_writer_count; i++) {
        ql_text text = {0};
        ql_code code = ql_report_make(&ql_report_writers[i], doc, &options, &text, &err);
        if (code && code != QL_E_FORMAT) {
            abort();
        }
        ql_text_free(&text);
    }
    ql_json_free(doc);
    return 0;
}
