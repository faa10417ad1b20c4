#include "analyzer/import/import.h"

#include "analyzer/import/parts.h"

#include <stdlib.h>
#include <string.h>

const ql_import_format ql_import_formats[] = {
    {"tf-debugger", "layer_statistics_dump of TensorFlow's QuantizationDebugger (CSV)", ql_import_is_debugger,
     ql_import_debugger},
    {"ai-edge-quantizer", "comparison_result of ai-edge-quantizer's validator (JSON)", ql_import_is_validator,
     ql_import_validator},
};
const size_t ql_import_format_count = sizeof ql_import_formats / sizeof *ql_import_formats;

const ql_import_format *ql_import_find(const char *id)
{
    for (size_t i = 0; i < ql_import_format_count; i++) {
        if (!strcmp(ql_import_formats[i].id, id)) {
            return &ql_import_formats[i];
        }
    }
    return NULL;
}

static const ql_import_format *look(const char *bytes, size_t count)
{
    for (size_t i = 0; i < ql_import_format_count; i++) {
        if (ql_import_formats[i].is(bytes, count)) {
            return &ql_import_formats[i];
        }
    }
    return NULL;
}

static void put_model(ql_doc *d, ql_json *to, const char *key)
{
    ql_json *model = ql_put_object(d, to, key);
    ql_put_text(d, model, "file", "");
    ql_put_null(d, model, "sha256");
    ql_put_null(d, model, "bytes");
}

/* What every comparison has, and no import knows. */
static ql_json *start(ql_doc *d, const char *path)
{
    ql_json *root = ql_json_object(d);
    ql_put_text(d, root, "schema", "qloupe.comparison/1");
    put_model(d, root, "reference");
    put_model(d, root, "candidate");
    ql_json *data = ql_put_object(d, root, "data");
    ql_put_text(d, data, "file", path);
    ql_put_null(d, data, "sha256");
    ql_put_bool(d, data, "random", false);
    ql_put_null(d, data, "total");
    ql_put_array(d, root, "output_pairs");
    ql_put_array(d, root, "pairs");
    ql_put_array(d, root, "weights");
    ql_put_array(d, root, "unpaired");
    ql_put_int(d, root, "left_out", 0);
    ql_put_null(d, root, "samples");
    ql_json *whole = ql_put_object(d, root, "whole");
    ql_put_null(d, whole, "sqnr_db");
    ql_put_bool(d, whole, "exact", false);
    ql_put_null(d, root, "agreement");
    ql_put_array(d, root, "outputs");
    ql_put_array(d, root, "findings");
    return root;
}

static ql_code read(ql_json **document, const char *path, const ql_import_format *format, const char *bytes,
                    size_t count, ql_err *err)
{
    ql_doc d = {0};
    format = format ? format : look(bytes, count);
    if (!format) {
        return ql_fail(err, QL_E_FORMAT,
                       "neither a QuantizationDebugger's CSV nor a validator's "
                       "comparison_result.json");
    }
    *document = start(&d, path);
    ql_code code = format->read(&d, *document, bytes, count, err);
    return code ? code : ql_doc_check(&d, err);
}

ql_code ql_import(ql_json **document, const char *path, const ql_import_format *format, ql_err *err)
{
    char *bytes = NULL;
    size_t count = 0;
    *document = NULL;
    ql_code code = ql_file_read(path, &bytes, &count, err);
    code = code ? code : read(document, path, format, bytes, count, err);
    free(bytes);
    if (code) {
        ql_json_free(*document);
        *document = NULL;
        return ql_at_file(err, path);
    }
    return QL_OK;
}
