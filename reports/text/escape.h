/* Names in a document come from the models that were compared, and are hostile: whatever they hold must be
 * inert in every format. In all formats alike, what no reader could see is spelt out first: control
 * characters (C1 too), overrides of the writing direction and bytes that are not UTF-8 become \n, \t or \xHH.
 * Then come the characters that mean something in that format, one table each.
 */
#ifndef QL_TEXT_ESCAPE_H
#define QL_TEXT_ESCAPE_H

#include "reports/text/text.h"

/* Which characters are replaced, and by what. */
typedef struct {
    char from;
    const char *to;
} ql_replacement;

typedef struct {
    const ql_replacement *replacements; /* up to one whose `from` is 0 */
} ql_escape_rule;

extern const ql_escape_rule ql_escape_plain;  /* a terminal: nothing more to replace */
extern const ql_escape_rule ql_escape_markup; /* HTML and XML: text and quoted attribute values */
extern const ql_escape_rule ql_escape_csv;    /* the inside of a quoted field; see ql_text_csv */

/* Appends the escaped string; NULL is "". */
void ql_text_escaped(ql_text *text, const ql_escape_rule *rule, const char *string);

/* The same, but what is longer than `columns` columns is cut in the middle, where an ellipsis stands instead.
 */
void ql_text_cut(ql_text *text, const ql_escape_rule *rule, const char *string, size_t columns);

/* A field of a CSV table (RFC 4180): quoted where it must be. A text that a spreadsheet would take for a
 * formula starts with an apostrophe. */
void ql_text_csv(ql_text *text, const char *string);

/* A code span of Markdown that also stands in a table, cut to `columns`. */
void ql_text_code_span(ql_text *text, const char *string, size_t columns);

/* Text of Markdown outside code spans, on one line: no emphasis, link, mention, table cell or HTML in it. */
void ql_text_markdown(ql_text *text, const char *string);
void ql_text_markdown_cut(ql_text *text, const char *string, size_t columns);

/* What goes between this sentence and the next: ". ", or " " where it has a full stop already. */
const char *ql_text_between(const char *sentence);

/* A word of a POSIX shell command line, quoted where it must be (not yet escaped for what shows it). */
void ql_text_shell_word(ql_text *text, const char *string);

/* How many columns of a terminal escaped text takes: wide characters are 2, combining ones 0. */
size_t ql_text_columns(const char *string, size_t length);

#endif
