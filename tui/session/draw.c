/* What stands around every view: the title, the tabs, the line at the bottom. */
#include "tui/session/prompt.h"
#include "tui/session/session.h"
#include "tui/views/view.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const char *base_name(const ql_session *session, const char *side)
{
    const char *file = ql_json_get_text(ql_json_get(session->doc, side), "file", "");
    const char *slash = strrchr(file, '/');
    return slash ? slash + 1 : file;
}

static void put_verdict(const ql_session *session, ql_text *text)
{
    ql_verdict verdict = ql_verdict_of(&session->digest);
    char figure[QL_FIGURE_SIZE];
    if (verdict.random) {
        ql_text_put(text, "RANDOM DATA  ");
    }
    ql_text_format(text, "%.0f samples", verdict.samples);
    if (!isnan(verdict.sqnr)) {
        ql_text_format(text, "  %s dB", ql_figure_text(figure, "sqnr_db", verdict.sqnr));
    }
    ql_text_format(text, "  %s ", ql_level_word(verdict.level));
}

static void draw_title(const ql_session *session, ql_grid *grid)
{
    ql_text right = {0}, left = {0};
    ql_grid_blank(grid, 0, 0, grid->cols, QL_ROLE_TITLE);
    ql_text_put(&left, " qloupe  ");
    if (session->doc) {
        ql_text_format(&left, "%s \xe2\x86\x92 %s", base_name(session, "reference"),
                       base_name(session, "candidate"));
    }
    if (ql_json_get(session->doc, "samples")) {
        put_verdict(session, &right);
    }
    int columns = ql_grid_columns(ql_text_bytes(&right)), room = grid->cols - columns - 2;
    ql_grid_cut(grid, 0, 0, room > 12 ? room : grid->cols, QL_ROLE_TITLE, ql_text_bytes(&left));
    if (room > 12) {
        ql_grid_put(grid, 0, grid->cols - columns, columns, QL_ROLE_TITLE, ql_text_bytes(&right));
    }
    ql_text_free(&left);
    ql_text_free(&right);
}

static void draw_progress(const ql_session *session, ql_grid *grid, int col)
{
    char text[64];
    int width = grid->cols - col - 1;
    if (session->run == QL_RUN_SAVED || session->run == QL_RUN_DONE || width < 14) {
        return;
    }
    if (session->run == QL_RUN_FAILED) {
        ql_grid_right(grid, 1, col, width, QL_ROLE_BAD, "failed: see the log");
        return;
    }
    double share = session->total ? (double)session->done / (double)session->total : 0;
    const char *stopped = session->run == QL_RUN_GOING ? "" : "stopped ";
    snprintf(text, sizeof text, "%s%llu/%llu", stopped, (unsigned long long)session->done,
             (unsigned long long)session->total);
    width = width > 30 ? 30 : width;
    ql_plot_meter(grid, 1, grid->cols - width - 1, width, "", share, text, QL_ROLE_GOOD);
}

/* Where there is no room for all names, only the shown view has its own. */
static int draw_tabs(ql_session *session, ql_grid *grid, bool names)
{
    int col = 1;
    for (int i = 0; i < QL_TUI_COUNT; i++) {
        char text[80];
        bool shown = i == (int)session->view;
        int count = ql_tui_views[i]->count(session);
        bool counted = i == QL_TUI_findings && count > 0;
        session->tab_cols[i] = col;
        snprintf(text, sizeof text,
                 counted && names ? "%d %s(%d)"
                 : names || shown ? "%d %s"
                                  : "%d",
                 i + 1, ql_tui_views[i]->name, count);
        int used =
            ql_grid_put(grid, 1, col, grid->cols - col, shown ? QL_ROLE_SELECTED : QL_ROLE_NORMAL, text);
        if (!shown) {
            ql_grid_paint(grid, 1, col, 1, QL_ROLE_KEY);
        }
        col += used + 1;
    }
    session->tab_cols[QL_TUI_COUNT] = col;
    return col;
}

static void draw_prompt(const ql_session *session, ql_grid *grid, int row)
{
    const ql_prompt *prompt = &session->prompt;
    const char *text = prompt->text;
    int room = grid->cols - 2;
    while (*text && ql_grid_columns(text) > room) {
        text += ql_utf8_length(text, strlen(text)) ? ql_utf8_length(text, strlen(text)) : 1;
    }
    int col = ql_grid_put(grid, row, 0, grid->cols, QL_ROLE_STRONG, ql_prompt_label(prompt->kind));
    col += ql_grid_put(grid, row, col, room, QL_ROLE_STRONG, text);
    ql_grid_put(grid, row, col, 1, QL_ROLE_SELECTED, " ");
}

static const struct {
    ql_action action;
    const char *label;
    int view; /* or any */
} hints[] = {
    {QL_ACTION_HELP, "help", QL_SCOPE_ANY},         {QL_ACTION_OPEN, "open", QL_SCOPE_ANY},
    {QL_ACTION_BACK, "back", QL_SCOPE_ANY},         {QL_ACTION_SORT, "sort", QL_TUI_layers},
    {QL_ACTION_NEXT_TENSOR, "next", QL_TUI_tensor}, {QL_ACTION_SCALE, "log", QL_TUI_tensor},
    {QL_ACTION_CULPRIT, "blame", QL_SCOPE_ANY},     {QL_ACTION_SEARCH, "search", QL_SCOPE_ANY},
    {QL_ACTION_FILTER, "filter", QL_SCOPE_ANY},     {QL_ACTION_REPORT, "report", QL_SCOPE_ANY},
    {QL_ACTION_QUIT, "quit", QL_SCOPE_ANY},
};

static const ql_binding *binding_of(ql_action action)
{
    for (size_t i = 0; i < ql_binding_count; i++) {
        if (ql_bindings[i].action == action) {
            return &ql_bindings[i];
        }
    }
    return NULL;
}

static void draw_hints(const ql_session *session, ql_grid *grid, int row)
{
    int col = 0;
    for (size_t i = 0; i < sizeof hints / sizeof *hints && col < grid->cols; i++) {
        char name[16];
        const ql_binding *binding = binding_of(hints[i].action);
        if (!binding || (hints[i].view != QL_SCOPE_ANY && hints[i].view != (int)session->view)) {
            continue;
        }
        col +=
            ql_grid_put(grid, row, col, grid->cols - col, QL_ROLE_KEY, ql_key_name(binding->keys[0], name));
        col += ql_grid_put(grid, row, col, grid->cols - col, QL_ROLE_HEAD, hints[i].label);
        col += 1;
    }
}

static void draw_bottom(const ql_session *session, ql_grid *grid)
{
    int row = grid->rows - 1;
    const char *filter = session->lists[session->view].filter;
    if (session->prompt.kind) {
        draw_prompt(session, grid, row);
    } else if (*session->message) {
        ql_grid_put(grid, row, 0, grid->cols, session->message_role, session->message);
    } else {
        draw_hints(session, grid, row);
        if (*filter) {
            char text[64];
            snprintf(text, sizeof text, " &%.30s ", filter);
            ql_grid_right(grid, row, 0, grid->cols, QL_ROLE_WARN, text);
        }
    }
}

/* Lines over the view, in the middle. */
static void draw_box(const ql_session *session, ql_grid *grid)
{
    int width = grid->cols > 100 ? 96 : grid->cols - 4, row = 4;
    const char *at = ql_text_bytes(&session->box_text);
    int col = (grid->cols - width) / 2;
    while (*at && row < grid->rows - 2) {
        char line[1000];
        size_t length = strcspn(at, "\n");
        snprintf(line, sizeof line, "%.*s", (int)(length < sizeof line ? length : sizeof line - 1), at);
        int rows = 1 + ql_grid_columns(line) / (width > 4 ? width - 3 : 1);
        for (int i = 0; i < rows + 1; i++) {
            ql_grid_blank(grid, row + i, col, width, QL_ROLE_TITLE);
        }
        row += ql_grid_wrap(grid, row + 1, col + 1, grid->rows - row - 2, width - 2, QL_ROLE_TITLE, line);
        at += length + (at[length] == '\n');
    }
    ql_grid_blank(grid, row + 1, col, width, QL_ROLE_TITLE);
}

void ql_session_draw(ql_session *session, ql_grid *grid)
{
    for (int row = 0; row < grid->rows; row++) {
        ql_grid_blank(grid, row, 0, grid->cols, QL_ROLE_NORMAL);
    }
    session->list_row = -1;
    ql_box box = {2, 0, grid->rows - 3, grid->cols};
    if (box.rows > 0) {
        ql_tui_views[session->view]->draw(session, grid, &box);
    }
    if (grid->rows > 1) {
        ql_grid_blank(grid, grid->rows - 1, 0, grid->cols, QL_ROLE_NORMAL);
        draw_bottom(session, grid);
    }
    draw_title(session, grid);
    if (grid->rows > 2) {
        bool busy = session->run != QL_RUN_SAVED && session->run != QL_RUN_DONE;
        bool names = draw_tabs(session, grid, true) <= grid->cols - (busy ? 15 : 0);
        if (!names) {
            ql_grid_blank(grid, 1, 0, grid->cols, QL_ROLE_NORMAL);
        }
        draw_progress(session, grid,
                      names ? session->tab_cols[QL_TUI_COUNT] : draw_tabs(session, grid, false));
    }
    if (session->box_text.length) {
        draw_box(session, grid);
    }
}
