/* Tensors without a counterpart, and why. */
#include "tui/views/common.h"

static const ql_json *unpaired_of(const ql_session *session)
{
    return ql_json_get(session->doc, "unpaired");
}

static int count(const ql_session *session)
{
    return ql_json_size(unpaired_of(session));
}

static void text(const ql_session *session, int row, ql_text *out)
{
    const ql_json *entry = ql_json_at(unpaired_of(session), row);
    ql_text_format(out, "%s ", ql_json_get_text(entry, "model", ""));
    ql_text_op(out, ql_json_get_text(entry, "op", "?"), ql_digest_int(entry, "op_index", -1));
    ql_text_format(out, " %s %s", ql_json_get_text(entry, "name", ""), ql_json_get_text(entry, "reason", ""));
}

static void draw_row(ql_grid *grid, int row, int cols, const ql_json *entry)
{
    ql_text op = {0};
    int name = (cols - 36) / 2;
    ql_text_op(&op, ql_json_get_text(entry, "op", "?"), ql_digest_int(entry, "op_index", -1));
    ql_grid_put(grid, row, 1, 9, QL_ROLE_DIM, ql_json_get_text(entry, "model", ""));
    ql_grid_cut(grid, row, 11, 22, QL_ROLE_NORMAL, ql_text_bytes(&op));
    ql_grid_cut(grid, row, 34, name, QL_ROLE_STRONG, ql_json_get_text(entry, "name", ""));
    ql_grid_cut(grid, row, 35 + name, cols - 36 - name, QL_ROLE_NORMAL,
                ql_json_get_text(entry, "reason", ""));
    ql_text_free(&op);
}

static void draw(ql_session *session, ql_grid *grid, const ql_box *box)
{
    ql_list *list = ql_list_on(session, box->row, box->rows);
    for (int i = 0; i < list->page && list->top + i < list->count; i++) {
        draw_row(grid, box->row + i, box->cols, ql_json_at(unpaired_of(session), list->rows[list->top + i]));
    }
    ql_draw_cursor(list, grid, box, box->row, "Every tensor has its counterpart.");
}

const ql_tui_view ql_tui_view_unpaired = {
    .name = "unpaired",
    .title = "tensors without a counterpart, and why",
    .count = count,
    .text = text,
    .draw = draw,
};
