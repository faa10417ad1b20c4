/* The constants of paired operators and their error. */
#include "tui/views/common.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const ql_json *weights_of(const ql_session *session)
{
    return ql_json_get(session->doc, "weights");
}

static int count(const ql_session *session)
{
    return ql_json_size(weights_of(session));
}

static void text(const ql_session *session, int row, ql_text *out)
{
    const ql_json *weight = ql_json_at(weights_of(session), row);
    ql_text_op(out, ql_json_get_text(weight, "op", "?"), ql_digest_int(weight, "op_index", -1));
    ql_text_format(out, " %s ", ql_json_get_text(weight, "name", ""));
    ql_text_tensor(out, ql_json_get(weight, "candidate"));
}

static const struct {
    const char *member, *head; /* a figure of `error`, or the entry's own */
    int width;
    bool own;
} columns[] = {
    {"sqnr_db", "SQNR", 14, false},
    {"rmse", "RMSE", 9, false},
    {"max_abs", "max |e|", 9, false},
    {"channel_spread", "spread", 8, true},
};
enum { COLUMNS = sizeof columns / sizeof *columns, BAR = 8 };

/* How many of the columns there is room for, and what that leaves to the name. */
static int room(int cols, int *name)
{
    int shown = 0, left = cols - 8 - 14 - 21;
    while (shown < COLUMNS && (left - columns[shown].width - 1 >= 16 || !shown)) {
        left -= columns[shown++].width + 1;
    }
    *name = left > 0 ? left : 0;
    return shown;
}

static void draw_heads(ql_grid *grid, const ql_box *box, int name, int shown)
{
    int col = 23 + name + 20;
    ql_grid_blank(grid, box->row, box->col, box->cols, QL_ROLE_HEAD);
    ql_grid_right(grid, box->row, 1, 6, QL_ROLE_HEAD, "op");
    ql_grid_put(grid, box->row, 8, 13, QL_ROLE_HEAD, "type");
    ql_grid_put(grid, box->row, 22, name, QL_ROLE_HEAD, "constant");
    ql_grid_put(grid, box->row, 23 + name, 19, QL_ROLE_HEAD, "shape");
    for (int i = 0; i < shown; col += columns[i++].width + 1) {
        ql_grid_right(grid, box->row, col, columns[i].width, QL_ROLE_HEAD, columns[i].head);
    }
}

static void draw_row(ql_grid *grid, int row, const ql_json *weight, int name, int shown)
{
    ql_text shape = {0};
    char figure[QL_FIGURE_SIZE];
    int col = 23 + name + 20;
    snprintf(figure, sizeof figure, "%d.%d", ql_digest_int(weight, "op_index", -1),
             ql_digest_int(weight, "input", -1));
    ql_grid_right(grid, row, 1, 6, QL_ROLE_DIM, figure);
    ql_grid_cut(grid, row, 8, 13, QL_ROLE_NORMAL, ql_json_get_text(weight, "op", "?"));
    ql_grid_cut(grid, row, 22, name, QL_ROLE_STRONG, ql_json_get_text(weight, "name", ""));
    ql_text_tensor(&shape, ql_json_get(weight, "candidate"));
    ql_grid_cut(grid, row, 23 + name, 19, QL_ROLE_DIM, ql_text_bytes(&shape));
    ql_text_free(&shape);
    for (int i = 0; i < shown; col += columns[i++].width + 1) {
        const ql_json *from = columns[i].own ? weight : ql_json_get(weight, "error");
        double value = ql_json_get_number(from, columns[i].member, (double)NAN);
        ql_role role = ql_figure_role(columns[i].member, value, false);
        if (!i) {
            ql_plot_bar(grid, row, col, BAR, ql_sqnr_share(value), role);
        }
        ql_figure_text(figure, columns[i].member, value);
        ql_grid_right(grid, row, col + (i ? 0 : BAR), columns[i].width - (i ? 0 : BAR), role,
                      *figure ? figure : "-");
    }
}

static void draw(ql_session *session, ql_grid *grid, const ql_box *box)
{
    int name, shown = room(box->cols, &name);
    draw_heads(grid, box, name, shown);
    ql_list *list = ql_list_on(session, box->row + 1, box->rows - 1);
    for (int i = 0; i < list->page && list->top + i < list->count; i++) {
        draw_row(grid, box->row + 1 + i, ql_json_at(weights_of(session), list->rows[list->top + i]), name,
                 shown);
    }
    ql_draw_cursor(list, grid, box, box->row + 1, "No quantized constants were compared.");
}

static int op(const ql_session *session)
{
    const ql_json *weight = ql_json_at(weights_of(session), ql_list_row(&session->lists[QL_TUI_weights]));
    return ql_digest_int(weight, "op_index", -1);
}

static unsigned handle(ql_session *session, ql_action action)
{
    const ql_json *weight = ql_json_at(weights_of(session), ql_list_row(&session->lists[QL_TUI_weights]));
    if (action != QL_ACTION_OPEN) {
        return 0;
    }
    if (weight) {
        ql_session_go_op(session, ql_digest_int(weight, "op_index", -1));
    }
    return QL_DO_REDRAW;
}

const ql_tui_view ql_tui_view_weights = {
    .name = "weights",
    .title = "constants and the error of rounding them",
    .count = count,
    .op = op,
    .text = text,
    .draw = draw,
    .handle = handle,
};
