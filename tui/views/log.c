/* What happened in this session. */
#include "tui/views/common.h"

static int count(const ql_session *session)
{
    return session->log_count;
}

static void text(const ql_session *session, int row, ql_text *out)
{
    ql_text_put(out, session->log[row]);
}

static void draw(ql_session *session, ql_grid *grid, const ql_box *box)
{
    ql_list *list = ql_list_on(session, box->row, box->rows);
    for (int i = 0; i < list->page && list->top + i < list->count; i++) {
        int row = list->rows[list->top + i];
        if (row < session->log_count) {
            ql_grid_put(grid, box->row + i, 1, box->cols - 2, QL_ROLE_NORMAL, session->log[row]);
        }
    }
    ql_draw_cursor(list, grid, box, box->row, "Nothing worth a line has happened.");
}

const ql_tui_view ql_tui_view_log = {
    .name = "log",
    .title = "messages of this session",
    .count = count,
    .text = text,
    .draw = draw,
};
