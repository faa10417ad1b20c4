#include "runtime/base/error.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static const struct {
    int exit_status;
    const char *phrase;
} codes[] = {
#define QL_ERROR_ROW(name, exit_status, phrase) {exit_status, phrase},
    QL_ERRORS(QL_ERROR_ROW)
#undef QL_ERROR_ROW
};

int ql_exit_status(ql_code code)
{
    return codes[code].exit_status;
}

const char *ql_code_phrase(ql_code code)
{
    return codes[code].phrase;
}

void ql_err_clear(ql_err *err)
{
    memset(err, 0, sizeof *err);
    err->op = -1;
}

ql_code ql_fail(ql_err *err, ql_code code, const char *format, ...)
{
    if (err) {
        ql_err_clear(err);
        err->code = code;
        va_list args;
        va_start(args, format);
        vsnprintf(err->text, sizeof err->text, format, args);
        va_end(args);
    }
    return code;
}

ql_code ql_fail_memory(ql_err *err, size_t bytes)
{
    return ql_fail(err, QL_E_NOMEM, "%zu bytes refused: more memory is required", bytes);
}

ql_code ql_at_file(ql_err *err, const char *path)
{
    if (!err) {
        return QL_OK;
    }
    if (!err->file[0]) {
        ql_escape(err->file, sizeof err->file, path, strlen(path));
    }
    return err->code;
}

ql_code ql_at_op(ql_err *err, int op, const char *op_name)
{
    if (!err) {
        return QL_OK;
    }
    if (err->op < 0) {
        err->op = op;
        ql_escape(err->op_name, sizeof err->op_name, op_name, strlen(op_name));
    }
    return err->code;
}

ql_code ql_at_tensor(ql_err *err, const char *name, size_t length)
{
    if (!err) {
        return QL_OK;
    }
    if (!err->tensor[0]) {
        ql_escape(err->tensor, sizeof err->tensor, name, length);
    }
    return err->code;
}

const char *ql_err_text(const ql_err *err, char *out, size_t size)
{
    char op[80] = "", tensor[sizeof err->tensor + 4] = "";
    if (err->op >= 0) {
        snprintf(op, sizeof op, "op #%d %s", err->op, err->op_name);
    }
    if (err->tensor[0]) {
        snprintf(tensor, sizeof tensor, "%s'%s'", op[0] ? " " : "", err->tensor);
    }
    snprintf(out, size, "%s%s%s%s%s%s", err->file, err->file[0] ? ": " : "", op, tensor,
             op[0] || tensor[0] ? ": " : "", err->text);
    return out;
}

/* The length of the UTF-8 sequence that starts at text, 0 when it is not one (overlong forms, surrogates,
 * C1 controls and bidirectional overrides included: they would disturb a terminal). */
static size_t utf8_sequence(const unsigned char *text, size_t left)
{
    if (text[0] < 0x80) {
        return text[0] >= 0x20 && text[0] != 0x7f;
    }
    size_t length = text[0] >= 0xf0 && text[0] <= 0xf4 ? 4 : text[0] >= 0xe0 ? 3 : text[0] >= 0xc2 ? 2 : 0;
    if (text[0] > 0xf4 || !length || length > left) {
        return 0;
    }
    uint32_t code = text[0] & (0xffu >> (length + 1));
    for (size_t i = 1; i < length; i++) {
        if ((text[i] & 0xc0) != 0x80) {
            return 0;
        }
        code = code << 6 | (text[i] & 0x3f);
    }
    static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    if (code < smallest[length] || code > 0x10ffff || (code >= 0xd800 && code < 0xe000) || code < 0xa0 ||
        (code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069)) {
        return 0;
    }
    return length;
}

char *ql_escape(char *out, size_t size, const char *text, size_t length)
{
    static const char more[] = "...";
    size_t used = 0, safe = 0; /* safe: the last place where "..." still fits */
    for (size_t at = 0; at < length;) {
        const unsigned char *here = (const unsigned char *)text + at;
        char piece[8];
        size_t taken = utf8_sequence(here, length - at), written = taken;
        if (taken) {
            memcpy(piece, here, taken);
        } else if (*here == '\n' || *here == '\t') {
            written = (size_t)snprintf(piece, sizeof piece, "\\%c", *here == '\n' ? 'n' : 't');
            taken = 1;
        } else {
            written = (size_t)snprintf(piece, sizeof piece, "\\x%02x", *here);
            taken = 1;
        }
        if (used + written + 1 > size) {
            size_t room = size > safe + 1 ? size - safe - 1 : 0;
            size_t count = room < sizeof more - 1 ? room : sizeof more - 1;
            memcpy(out + safe, more, count);
            used = safe + count;
            break;
        }
        memcpy(out + used, piece, written);
        used += written;
        at += taken;
        if (used + sizeof more <= size) {
            safe = used;
        }
    }
    if (size) {
        out[used] = 0;
    }
    return out;
}
