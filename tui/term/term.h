/* The terminal: the only place that knows curses. One at a time. */
#ifndef QL_TERM_TERM_H
#define QL_TERM_TERM_H

#include "tui/grid/grid.h"
#include "tui/keys/keys.h"

typedef struct ql_term ql_term;

/* Can the standard streams be one? USAGE: they are no terminal, or TERM names none with a cursor that moves.
 */
ql_code ql_term_check(ql_err *err);

/* Takes the screen over: colours as TERM and NO_COLOR allow, signals that end the program restore it first,
 * standard error goes to a file. */
ql_code ql_term_open(ql_term **term, ql_err *err);

/* Gives the screen back, then writes what went to standard error. NULL is allowed. */
void ql_term_close(ql_term *term);

/* Does the locale show ASCII only? */
bool ql_term_is_ascii(const ql_term *term);
void ql_term_size(const ql_term *term, int *rows, int *cols);
void ql_term_draw(ql_term *term, const ql_grid *grid);

/* Puts the text's first line into the terminal's clipboard, where the terminal says it can. */
void ql_term_copy(ql_term *term, const char *text);

/* The next key, or QL_KEY_NONE after so long without any. */
ql_event ql_term_read(ql_term *term, int milliseconds);

#endif
