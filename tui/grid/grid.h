/* A screen as data: cells of text with a role each. Views draw into it, the terminal (term/) or a test reads
 * it. Nothing here knows curses, colours or the locale.
 *
 * Whatever is put is escaped first (reports' ql_escape_plain) and clipped to the grid and to the width given,
 * by the columns that reports' ql_text_columns counts: the same on every machine. Text that only plain ASCII
 * terminals would garble is replaced where the grid is `ascii`. Rows and columns count from 0; whatever lies
 * outside is left out, so callers need not check.
 */
#ifndef QL_GRID_GRID_H
#define QL_GRID_GRID_H

#include "reports/reports.h"

/* X(id, letter in dumps): what a cell means; the terminal says how that looks */
#define QL_ROLES(X)                                                                                          \
    X(NORMAL, ' ')                                                                                           \
    X(DIM, 'd')      /* of less weight: units, labels */                                                     \
    X(TITLE, 'T')    /* the line at the top */                                                               \
    X(HEAD, 'H')     /* the heads of a table's columns */                                                    \
    X(SELECTED, 'S') /* the row under the cursor, the view that is shown */                                  \
    X(GOOD, 'g')                                                                                             \
    X(WARN, 'w')                                                                                             \
    X(BAD, 'b')                                                                                              \
    X(ACCENT, 'a') /* what the eye should find: names of sections, the candidate */                          \
    X(BAR, 'r')    /* bars and plots without a verdict; the reference */                                     \
    X(KEY, 'k')    /* a key to press */                                                                      \
    X(STRONG, '*')

typedef enum {
#define QL_ROLE_ENUM(id, letter) QL_ROLE_##id,
    QL_ROLES(QL_ROLE_ENUM)
#undef QL_ROLE_ENUM
        QL_ROLE_COUNT
} ql_role;

enum { QL_CELL_BYTES = 14, QL_GRID_MOST = 1000 };

typedef struct {
    char text[QL_CELL_BYTES]; /* one character with what is joined to it; "" = the right half of a wide one */
    unsigned char width;      /* 1, 2; 0 = the right half */
    unsigned char role;
} ql_cell;

typedef struct {
    int rows, cols;
    bool ascii;
    ql_cell *cells; /* row by row */
} ql_grid;

/* A part of a grid that a view may draw on. */
typedef struct {
    int row, col, rows, cols;
} ql_box;

/* Blank cells; sizes are clamped to 1 .. QL_GRID_MOST. NOMEM. */
ql_code ql_grid_make(ql_grid *grid, int rows, int cols, bool ascii, ql_err *err);
void ql_grid_free(ql_grid *grid);

/* Writes at most `width` columns of `text`; returns how many it took. NULL is "". */
int ql_grid_put(ql_grid *grid, int row, int col, int width, ql_role role, const char *text);

/* The same for text in printf's manner; it is cut at 500 bytes. */
int ql_grid_format(ql_grid *grid, int row, int col, int width, ql_role role, const char *format, ...)
    QL_PRINTF(6, 7);

/* Text that is too long loses its middle, where an ellipsis stands. */
int ql_grid_cut(ql_grid *grid, int row, int col, int width, ql_role role, const char *text);

/* Ends in the last of `width` columns. */
void ql_grid_right(ql_grid *grid, int row, int col, int width, ql_role role, const char *text);

/* The text in as many rows as it takes, broken at spaces, at most `rows`; returns how many it took. */
int ql_grid_wrap(ql_grid *grid, int row, int col, int rows, int width, ql_role role, const char *text);

/* Gives cells another role and leaves their text. */
void ql_grid_paint(ql_grid *grid, int row, int col, int width, ql_role role);

/* Blanks. */
void ql_grid_blank(ql_grid *grid, int row, int col, int width, ql_role role);

/* Copies rows `from` .. of another grid into the box. */
void ql_grid_copy(ql_grid *grid, const ql_box *to, const ql_grid *source, int from);

/* The columns that text takes once put. */
int ql_grid_columns(const char *text);

/* The screen as text, a line a row without blanks at the end; with `roles`, then the roles' letters so, too.
 */
void ql_grid_dump(const ql_grid *grid, bool roles, ql_text *text);

#endif
