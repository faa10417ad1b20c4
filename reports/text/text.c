#include "reports/text/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void ql_text_free(ql_text *text)
{
    free(text->bytes);
    *text = (ql_text){0};
}

ql_code ql_text_check(const ql_text *text, ql_err *err)
{
    return text->failed ? ql_fail(err, QL_E_NOMEM, "a report was refused memory") : QL_OK;
}

const char *ql_text_bytes(const ql_text *text)
{
    return text->bytes ? text->bytes : "";
}

/* Room for `more` bytes and a NUL. */
static bool grow(ql_text *text, size_t more)
{
    if (text->failed || more > SIZE_MAX / 4 - text->length) {
        text->failed = true;
        return false;
    }
    size_t needed = text->length + more + 1;
    if (needed > text->room) {
        size_t room = 2 * text->room > needed ? 2 * text->room : needed + 240;
        char *bytes = realloc(text->bytes, room);
        if (!bytes) {
            text->failed = true;
            return false;
        }
        text->bytes = bytes;
        text->room = room;
    }
    return true;
}

void ql_text_put_bytes(ql_text *text, const char *bytes, size_t count)
{
    if (grow(text, count)) {
        memcpy(text->bytes + text->length, bytes, count);
        text->length += count;
        text->bytes[text->length] = 0;
    }
}

void ql_text_put(ql_text *text, const char *string)
{
    ql_text_put_bytes(text, string, strlen(string));
}

void ql_text_put_char(ql_text *text, char c, size_t times)
{
    if (grow(text, times)) {
        memset(text->bytes + text->length, c, times);
        text->length += times;
        text->bytes[text->length] = 0;
    }
}

void ql_text_format(ql_text *text, const char *format, ...)
{
    va_list list, again;
    va_start(list, format);
    va_copy(again, list);
    int count = vsnprintf(NULL, 0, format, list);
    if (count < 0) {
        text->failed = true;
    } else if (grow(text, (size_t)count)) {
        vsnprintf(text->bytes + text->length, (size_t)count + 1, format, again);
        text->length += (size_t)count;
    }
    va_end(again);
    va_end(list);
}
