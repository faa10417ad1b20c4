/* The rows of a view as the screen shows them: filtered, sorted, with a cursor and a window. */
#ifndef QL_SESSION_LIST_H
#define QL_SESSION_LIST_H

#include "reports/reports.h"

typedef struct {
    int *rows;       /* the view's rows that are shown, in order */
    int count, room; /* how many; what `rows` has room for */
    int cursor;      /* place in `rows`, 0 while there are none */
    int top, page;   /* the first place on the screen, and how many fit */
    char filter[256];
    ql_regex *regex; /* of the filter; NULL: all rows */
} ql_list;

void ql_list_free(ql_list *list);

/* The row under the cursor; -1 when there is none. */
int ql_list_row(const ql_list *list);

/* Moves the cursor, stopping at the ends; puts it on a row of the view (false: not among those shown). */
void ql_list_move(ql_list *list, int by);
bool ql_list_seek(ql_list *list, int row);

/* Says how many rows fit on the screen, and brings the cursor into sight. */
void ql_list_show(ql_list *list, int page);

/* Forgets the rows and makes room for `count`; false without memory: there are none then. */
bool ql_list_start(ql_list *list, int count);

/* Only rows that match; "" all. USAGE: malformed, the old filter stays. */
ql_code ql_list_filter(ql_list *list, const char *pattern, ql_err *err);

/* Letters of one case in a pattern match both, as in less and vim. */
ql_code ql_smart_regex(ql_regex **regex, const char *pattern, ql_err *err);

#endif
