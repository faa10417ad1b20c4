/* Inside reports/write only: what the table and the words below it are put with. */
#ifndef QL_WRITE_TERMINAL_H
#define QL_WRITE_TERMINAL_H

#include "reports/digest/verdict.h"
#include "reports/writer.h"

typedef struct {
    const ql_digest *digest;
    const ql_report_options *options;
    ql_text *out;
    size_t columns, type, node, output, source; /* widths; source 0: no model says where it comes from */
} ql_terminal;

typedef enum { QL_PLAIN, QL_BOLD, QL_DIM, QL_RED, QL_YELLOW, QL_GREEN } ql_style;

ql_style ql_style_of(ql_level level);
void ql_terminal_styled(const ql_terminal *s, ql_style how, const char *text);

/* Text that may be hostile in a cell of `width` columns; negative: to the right. */
void ql_terminal_cell(const ql_terminal *s, const char *text, int width);

/* The verdict, then who is to blame, findings, gates, outputs and what could not be paired. */
void ql_terminal_words(const ql_terminal *s);

#endif
