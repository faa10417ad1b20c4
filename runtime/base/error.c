#include "runtime/base/error.h"

#include <stdarg.h>
#include <stdbool.h>
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
    if (path && !err->file[0]) {
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

ql_code ql_at_source(ql_err *err, const char *source, size_t length)
{
    if (!err) {
        return QL_OK;
    }
    if (!err->source[0]) {
        ql_escape(err->source, sizeof err->source, source, length);
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
    snprintf(out, size, "%s%s%s%s%s%s%s%s%s", err->file, err->file[0] ? ": " : "", op, tensor,
             op[0] || tensor[0] ? ": " : "", err->text, err->source[0] ? " (" : "", err->source,
             err->source[0] ? ")" : "");
    return out;
}

static uint32_t decode(const unsigned char *text, size_t length)
{
    uint32_t code = length == 1 ? text[0] : text[0] & (0xffu >> (length + 1));
    for (size_t i = 1; i < length; i++) {
        code = code << 6 | (text[i] & 0x3f);
    }
    return code;
}

size_t ql_utf8_length(const char *text, size_t left)
{
    const unsigned char *bytes = (const unsigned char *)text;
    static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    if (!left || bytes[0] < 0x80) {
        return left > 0;
    }
    size_t length = bytes[0] >= 0xf0 ? 4 : bytes[0] >= 0xe0 ? 3 : bytes[0] >= 0xc0 ? 2 : 0;
    if (!length || length > left || bytes[0] > 0xf4) {
        return 0;
    }
    for (size_t i = 1; i < length; i++) {
        if ((bytes[i] & 0xc0) != 0x80) {
            return 0;
        }
    }
    uint32_t code = decode(bytes, length);
    bool surrogate = code >= 0xd800 && code < 0xe000;
    return code < smallest[length] || code > 0x10ffff || surrogate ? 0 : length;
}

/* The length of a sequence that a terminal shows as itself, 0 for all others: control characters (C1 too) and
 * overrides of the writing direction. */
static size_t printable_length(const char *text, size_t left)
{
    size_t length = ql_utf8_length(text, left);
    uint32_t code = length ? decode((const unsigned char *)text, length) : 0;
    bool control = code < 0x20 || (code >= 0x7f && code < 0xa0);
    bool direction = (code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
    return control || direction ? 0 : length;
}

char *ql_escape(char *out, size_t size, const char *text, size_t length)
{
    static const char more[] = "...";
    size_t used = 0, safe = 0; /* safe: the last place where "..." still fits */
    for (size_t at = 0; at < length;) {
        const char *here = text + at;
        char piece[8];
        size_t taken = printable_length(here, length - at), written = taken;
        if (taken) {
            memcpy(piece, here, taken);
        } else if (*here == '\n' || *here == '\t') {
            written = (size_t)snprintf(piece, sizeof piece, "\\%c", *here == '\n' ? 'n' : 't');
            taken = 1;
        } else {
            written = (size_t)snprintf(piece, sizeof piece, "\\x%02x", (unsigned char)*here);
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
