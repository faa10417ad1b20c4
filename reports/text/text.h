/* A growing piece of text. It remembers the first refusal of memory, so that writers check once, at the end:
 *
 *     ql_text t = {0};
 *     ql_text_put(&t, "<td>");
 *     ql_text_escaped(&t, &ql_escape_html, name);
 *     code = ql_text_check(&t, err); ... ql_text_free(&t);
 */
#ifndef QL_TEXT_TEXT_H
#define QL_TEXT_TEXT_H

#include "runtime/runtime.h"

typedef struct {
    char *bytes; /* NUL after `length`, once anything has been put */
    size_t length, room;
    bool failed;
} ql_text;

void ql_text_free(ql_text *text);

/* NOMEM when something was refused while writing. */
ql_code ql_text_check(const ql_text *text, ql_err *err);

/* "" while nothing has been put. */
const char *ql_text_bytes(const ql_text *text);

/* Appends text of the program's own: nothing is escaped. */
void ql_text_put(ql_text *text, const char *string);
void ql_text_put_bytes(ql_text *text, const char *bytes, size_t count);
void ql_text_put_char(ql_text *text, char c, size_t times);
void ql_text_format(ql_text *text, const char *format, ...) QL_PRINTF(2, 3);

#endif
