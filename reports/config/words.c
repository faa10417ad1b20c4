/* What the targets say and how. */
#include "reports/config/intent.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

ql_code ql_export_refuse(const ql_export *config, int op, ql_err *err, const char *format, ...)
{
    char text[sizeof err->text], name[64];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    ql_str layer = ql_export_name(config, op);
    ql_fail(err, QL_E_UNSUPPORTED, "%s", text);
    ql_at_tensor(err, layer.text, layer.length);
    ql_at_op(err, op, ql_export_op_name(config, op, name));
    ql_at_operator(err, config->model, config->source->reference.subgraph, op);
    ql_at_file(err, config->model->path);
    return QL_E_UNSUPPORTED;
}

void ql_export_note(ql_export *config, int op, const char *format, ...)
{
    char text[400], name[64], layer[160];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (!config->notes) {
        return;
    }
    if (op >= 0) {
        ql_str own = ql_export_name(config, op);
        ql_text_format(config->notes, "op #%d %s '%s': ", op, ql_export_op_name(config, op, name),
                       ql_escape(layer, sizeof layer, own.text, own.length));
    }
    ql_text_format(config->notes, "%s\n", text);
}

bool ql_export_is_text(ql_str name)
{
    for (size_t i = 0, length; i < name.length; i += length) {
        length = ql_utf8_length(name.text + i, name.length - i);
        if (!length || !name.text[i]) {
            return false;
        }
    }
    return true;
}

/* C1 controls, marks that turn the direction of writing, line separators. */
static bool unseen(uint32_t code)
{
    return code < 0x20 || (code >= 0x7f && code < 0xa0) || code == 0x200e || code == 0x200f ||
           (code >= 0x2028 && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069) || code == 0xfeff;
}

static uint32_t code_of(const char *at, size_t length)
{
    static const unsigned char mask[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
    uint32_t code = (unsigned char)at[0] & mask[length];
    for (size_t i = 1; i < length; i++) {
        code = code << 6 | ((unsigned char)at[i] & 0x3f);
    }
    return code;
}

void ql_export_put_python(ql_text *out, ql_str text)
{
    ql_text_put(out, "\"");
    for (size_t i = 0, length; i < text.length; i += length) {
        length = ql_utf8_length(text.text + i, text.length - i);
        length = length ? length : 1;
        uint32_t code = code_of(text.text + i, length);
        if (code == '"' || code == '\\') {
            ql_text_format(out, "\\%c", (int)code);
        } else if (unseen(code)) {
            ql_text_format(out, "\\u%04x", (unsigned)code);
        } else {
            ql_text_put_bytes(out, text.text + i, length);
        }
    }
    ql_text_put(out, "\"");
}

void ql_export_put_comment(ql_text *out, const ql_export *config, int op)
{
    char name[64];
    const ql_json *layer = config->ops[op].layer;
    double gain = ql_json_get_number(layer, "gain_db", (double)NAN);
    ql_text_format(out, "# op #%d %s", op, ql_export_op_name(config, op, name));
    if (isfinite(gain)) {
        ql_text_format(out, ", %+.2f dB", gain);
    } else if (!layer) {
        ql_text_put(out, ", as the candidate has it");
    }
}

ql_code ql_export_put_json(ql_text *out, ql_doc *d, ql_json *root, ql_err *err)
{
    ql_code code = ql_doc_check(d, err);
    char *text = code ? NULL : ql_json_print(root);
    if (!code && !text) {
        code = ql_fail(err, QL_E_NOMEM, "a document was refused memory");
    }
    ql_text_put(out, text ? text : "");
    free(text);
    ql_json_free(root);
    return code;
}
