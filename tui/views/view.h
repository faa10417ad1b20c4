/* What a view is: rows that a cursor moves over, how they are drawn, and what keys do besides moving. */
#ifndef QL_VIEWS_VIEW_H
#define QL_VIEWS_VIEW_H

#include "tui/session/session.h"

typedef struct {
    const char *name;  /* in the tab, and after ":view" */
    const char *title; /* one phrase, for help */

    /* How many rows there are, before the filter. */
    int (*count)(const ql_session *session);

    /* The order of the rows: their numbers, all of them; NULL, or false: as they are counted. */
    bool (*order)(const ql_session *session, int *order);

    /* The candidate's operator that the cursor is on, -1: none; NULL: never any. */
    int (*op)(const ql_session *session);

    /* What search and filter read of a row. Appends. */
    void (*text)(const ql_session *session, int row, ql_text *text);

    /* Draws into the box, which is blank. The view calls ql_list_show before it reads what is on the screen.
     */
    void (*draw)(ql_session *session, ql_grid *grid, const ql_box *box);

    /* Opening a row (OPEN), and keys of the view's own; NULL: does nothing. Returns consequences. */
    unsigned (*handle)(ql_session *session, ql_action action);
} ql_tui_view;

extern const ql_tui_view *const ql_tui_views[QL_TUI_COUNT];

#endif
