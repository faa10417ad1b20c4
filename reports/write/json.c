/* The document itself. */
#include "reports/writers.h"

#include <stdlib.h>

ql_code ql_write_json(const ql_digest *digest, const ql_report_options *options, ql_text *out, ql_err *err)
{
    (void)options;
    (void)err;
    char *text = ql_json_print_settled(digest->doc);
    out->failed |= !text;
    ql_text_put(out, text ? text : "");
    free(text);
    return QL_OK;
}
