#include "reports/writers.h"

#include <stdlib.h>
#include <string.h>

const ql_report_writer ql_report_writers[] = {
    {"json", "the whole result, for programs and for reports made later", ql_write_json},
    {"html", "one page with plots and everything that was measured", ql_write_html},
    {"csv", "a row a tensor: QuantizationDebugger's columns, then more", ql_write_csv},
    {"junit", "a test case a gate, for continuous integration", ql_write_junit},
    {"markdown", "a short summary for an issue or a pull request", ql_write_markdown},
    {"model-explorer", "node data that colours the graph in Model Explorer", ql_write_model_explorer},
    {"model-explorer-reference", "the same for the graph of the float model",
     ql_write_model_explorer_reference},
    {"text", "the table that a terminal shows", ql_write_terminal},
};
const size_t ql_report_writer_count = sizeof ql_report_writers / sizeof *ql_report_writers;

const ql_report_writer *ql_report_find(const char *option)
{
    option += strncmp(option, "--", 2) ? 0 : 2;
    for (size_t i = 0; i < ql_report_writer_count; i++) {
        if (!strcmp(ql_report_writers[i].id, option)) {
            return &ql_report_writers[i];
        }
    }
    return NULL;
}

/* The document as it is after writing and reading, so that a report cannot tell a fresh result from a saved
 * one by the last digit of a number. */
static ql_code settle(ql_json **settled, const ql_json *doc, ql_err *err)
{
    ql_doc d = {0};
    *settled = ql_json_settled(&d, doc);
    return ql_doc_check(&d, err);
}

ql_code ql_report_make(const ql_report_writer *writer, const ql_json *doc, const ql_report_options *options,
                       ql_text *out, ql_err *err)
{
    static const ql_report_options defaults;
    ql_json *settled = NULL;
    ql_digest digest = {0};
    bool itself = writer->write == ql_write_json; /* that settles what it prints */
    ql_code code = itself ? QL_OK : settle(&settled, doc, err);
    code = code ? code : ql_digest_make(&digest, itself ? doc : settled, err);
    code = code ? code : writer->write(&digest, options ? options : &defaults, out, err);
    code = code ? code : ql_text_check(out, err);
    ql_digest_free(&digest);
    ql_json_free(settled);
    return code;
}

ql_code ql_report_write(const ql_report_writer *writer, const ql_json *doc, const ql_report_options *options,
                        const char *path, ql_err *err)
{
    ql_text text = {0};
    ql_code code = ql_report_make(writer, doc, options, &text, err);
    code = code ? code : ql_file_write(path, ql_text_bytes(&text), text.length, err);
    ql_text_free(&text);
    return code;
}
