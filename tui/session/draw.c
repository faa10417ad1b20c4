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

/* What is under way, or what the plan comes to, at the right of the tabs. */
typedef struct {
    char text[80];
    double share; /* of a meter; NaN: only the text */
    ql_role role;
} status;

static status status_of(const ql_session *session)
{
    status s = {"", (double)NAN, QL_ROLE_GOOD};
    unsigned long long done = session->done, total = session->total;
    ql_text plan = {0};
    ql_text_whatif(&plan, session);
    bool asked = plan.length && session->plan_total && !ql_whatif_answer(session, session->whatif.shown);
    if (session->run == QL_RUN_FAILED) {
        s = (status){"failed: see the log", (double)NAN, QL_ROLE_BAD};
    } else if (session->run == QL_RUN_GOING || session->run == QL_RUN_STOPPING) {
        snprintf(s.text, sizeof s.text, "%s%llu/%llu", session->run == QL_RUN_GOING ? "" : "stopping ", done,
                 total);
        s.share = total ? (double)done / (double)total : 0;
    } else if (asked) {
        snprintf(s.text, sizeof s.text, "%s", ql_text_bytes(&plan));
        s.share = (double)session->plan_done / (double)session->plan_total;
        s.role = QL_ROLE_WARN;
    } else if (plan.length) {
        snprintf(s.text, sizeof s.text, "%s", ql_text_bytes(&plan));
        s.role = QL_ROLE_STRONG;
    } else if (session->suggesting) {
        snprintf(s.text, sizeof s.text, "searching: %llu plans", (unsigned long long)session->suggest_done);
        s.role = QL_ROLE_WARN;
    } else if (session->run == QL_RUN_STOPPED) {
        snprintf(s.text, sizeof s.text, "stopped %llu/%llu", done, total);
        s.role = QL_ROLE_WARN;
    }
    ql_text_free(&plan);
    return s;
}

static int status_width(const status *s)
{
    int text = ql_grid_columns(s->text);
    return !text ? 0 : isnan(s->share) ? text + 1 : text < 18 ? 22 : text + 4;
}

static void draw_status(ql_grid *grid, const status *s, int width)
{
    int col = grid->cols - width;
    if (isnan(s->share)) {
        ql_grid_right(grid, 1, col, width - 1, s->role, s->text);
    } else {
        ql_plot_meter(grid, 1, col, width - 1, "", s->share, s->text, s->role);
    }
}

static void put_tab(const ql_session *session, int view, bool named, char out[80])
{
    const char *name = ql_tui_views[view]->name;
    int count = ql_tui_views[view]->count(session);
    char key[4] = "?";
    if (view != QL_TUI_help) {
        snprintf(key, sizeof key, "%d", (view + 1) % 10);
    }
    if (!named) {
        snprintf(out, 80, "%s", key);
    } else if (view == QL_TUI_findings && count > 0) {
        snprintf(out, 80, "%s %s(%d)", key, name, count);
    } else {
        snprintf(out, 80, "%s %s", key, name);
    }
}

/* The columns that the tabs take when the first `named` views and the shown one have their names. */
static int tabs_width(const ql_session *session, int named)
{
    char text[80];
    int width = 1;
    for (int i = 0; i < QL_TUI_COUNT; i++) {
        put_tab(session, i, i < named || i == (int)session->view, text);
        width += ql_grid_columns(text) + 1;
    }
    return width;
}

/* As many views have their names as there is room for. */
static void draw_tabs(ql_session *session, ql_grid *grid, int room)
{
    int col = 1, named = QL_TUI_COUNT;
    while (named && tabs_width(session, named) > room) {
        named--;
    }
    for (int i = 0; i < QL_TUI_COUNT; i++) {
        char text[80];
        bool shown = i == (int)session->view;
        put_tab(session, i, i < named || shown, text);
        session->tab_cols[i] = col;
        col +=
            1 + ql_grid_put(grid, 1, col, grid->cols - col, shown ? QL_ROLE_SELECTED : QL_ROLE_NORMAL, text);
        if (!shown) {
            ql_grid_paint(grid, 1, session->tab_cols[i], 1, QL_ROLE_KEY);
        }
    }
    session->tab_cols[QL_TUI_COUNT] = col;
}

static void draw_second_line(ql_session *session, ql_grid *grid)
{
    status s = status_of(session);
    int width = status_width(&s), least = tabs_width(session, 0);
    width = least + width > grid->cols ? grid->cols - least : width;
    width = width < 8 ? 0 : width;
    ql_grid_blank(grid, 1, 0, grid->cols, QL_ROLE_NORMAL);
    draw_tabs(session, grid, grid->cols - width);
    if (width) {
        draw_status(grid, &s, width);
    }
}

static void draw_prompt(const ql_session *session, ql_grid *grid, int row)
{
    const ql_prompt *prompt = &session->prompt;
    const char *label = ql_prompt_label(prompt->kind), *text = prompt->text;
    char before[QL_INPUT];
    int room = grid->cols - 1 - ql_grid_columns(label);
    snprintf(before, sizeof before, "%.*s", (int)prompt->at, prompt->text);
    const char *shown = before;
    while (*shown && ql_grid_columns(shown) >= room) {
        size_t step = ql_utf8_length(shown, strlen(shown));
        shown += step ? step : 1;
        text += step ? step : 1;
    }
    int col = ql_grid_put(grid, row, 0, grid->cols, QL_ROLE_STRONG, label);
    int at = col + ql_grid_columns(shown);
    ql_grid_put(grid, row, col, grid->cols - col, QL_ROLE_STRONG, text);
    ql_grid_paint(grid, row, at, 1, QL_ROLE_SELECTED);
    if (prompt->choices.length && row > 3) {
        ql_grid_blank(grid, row - 1, 0, grid->cols, QL_ROLE_TITLE);
        ql_grid_put(grid, row - 1, 1, grid->cols - 2, QL_ROLE_TITLE, ql_text_bytes(&prompt->choices));
    }
}

static const struct {
    ql_action action;
    const char *label;
    int view; /* or any */
} hints[] = {
    {QL_ACTION_HELP, "help", QL_SCOPE_ANY},
    {QL_ACTION_OPEN, "open", QL_SCOPE_ANY},
    {QL_ACTION_CULPRIT, "blame", QL_SCOPE_ANY},
    {QL_ACTION_CYCLE, "what if", QL_SCOPE_ANY},
    {QL_ACTION_SORT, "sort", QL_TUI_layers},
    {QL_ACTION_NEXT_TENSOR, "next", QL_TUI_tensor},
    {QL_ACTION_ELEMENTS, "elements", QL_TUI_tensor},
    {QL_ACTION_SAMPLE_ORDER, "sort", QL_TUI_samples},
    {QL_ACTION_OTHER_PLAN, "other plan", QL_TUI_whatif},
    {QL_ACTION_UNDO, "undo", QL_TUI_whatif},
    {QL_ACTION_SUGGEST, "search", QL_TUI_suggestions},
    {QL_ACTION_SEARCH, "find", QL_SCOPE_ANY},
    {QL_ACTION_FILTER, "filter", QL_SCOPE_ANY},
    {QL_ACTION_PLAN, "plan", QL_SCOPE_ANY},
    {QL_ACTION_REPORT, "report", QL_SCOPE_ANY},
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

/* Keys of the view and some of all views, as many as fit; the last of them always. */
static void draw_hints(const ql_session *session, ql_grid *grid, int row)
{
    enum { LAST = sizeof hints / sizeof *hints - 1 };
    char name[16];
    int col = 0, kept = ql_grid_columns(hints[LAST].label) + 1;
    for (size_t i = 0; i <= LAST; i++) {
        const ql_binding *binding = binding_of(hints[i].action);
        bool here = hints[i].view == QL_SCOPE_ANY || hints[i].view == (int)session->view;
        int width =
            binding ? ql_grid_columns(ql_key_name(binding->keys[0], name)) + ql_grid_columns(hints[i].label)
                    : 0;
        if (!binding || !here || (i < LAST && col + width + 1 + kept > grid->cols)) {
            continue;
        }
        col += ql_grid_put(grid, row, col, grid->cols - col, QL_ROLE_KEY, name);
        col += 1 + ql_grid_put(grid, row, col, grid->cols - col, QL_ROLE_HEAD, hints[i].label);
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
    ql_grid_blank(grid, row, col, width, QL_ROLE_TITLE);
    while (*at && row < grid->rows - 3) {
        char line[2000];
        size_t length = strcspn(at, "\n");
        snprintf(line, sizeof line, "%.*s", (int)(length < sizeof line ? length : sizeof line - 1), at);
        int left = grid->rows - row - 3;
        int rows = ql_grid_wrap(grid, row + 1, col + 1, left, width - 2, QL_ROLE_TITLE, line); /* how many */
        for (int i = 0; i < rows; i++) {
            ql_grid_blank(grid, row + 1 + i, col, width, QL_ROLE_TITLE);
        }
        ql_grid_wrap(grid, row + 1, col + 1, left, width - 2, QL_ROLE_TITLE, line);
        row += rows;
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
        draw_second_line(session, grid);
    }
    if (session->box_text.length) {
        draw_box(session, grid);
    }
}
