/* The views' numbers, from the rows of views.def. */
#ifndef QL_VIEWS_ID_H
#define QL_VIEWS_ID_H

typedef enum {
#define QL_VIEW(name) QL_TUI_##name,
#include "tui/views.def"
#undef QL_VIEW
    QL_TUI_COUNT
} ql_tui_id;

#endif
