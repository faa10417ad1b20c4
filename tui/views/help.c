/* The keys, from their table; then the views and the commands. */
#include "tui/session/command.h"
#include "tui/views/common.h"

#include <stdio.h>

/* A line of help: what is typed, what it does; a section where `text` is NULL. */
typedef struct {
    const char *section, *text;
    char typed[64];
} line;

static int commands(void)
{
    int n = 0;
    while (ql_tui_command_at(n)) {
        n++;
    }
    return n;
}

/* Keys, a section a scope that has any; then views, then commands. */
static int count_keys(void)
{
    int sections = 0;
    for (int scope = QL_SCOPE_ANY; scope < QL_TUI_COUNT; scope++) {
        for (size_t i = 0; i < ql_binding_count; i++) {
            if (ql_bindings[i].scope == scope) {
                sections++;
                break;
            }
        }
    }
    return sections + (int)ql_binding_count;
}

static int count(const ql_session *session)
{
    (void)session;
    return count_keys() + 1 + QL_TUI_COUNT + 1 + commands();
}

static void key_line(int at, line *l)
{
    for (int scope = QL_SCOPE_ANY; scope < QL_TUI_COUNT; scope++) {
        bool begun = false;
        for (size_t i = 0; i < ql_binding_count; i++) {
            if (ql_bindings[i].scope != scope) {
                continue;
            }
            if (!begun && !at--) {
                l->section = scope == QL_SCOPE_ANY ? "in every view" : ql_tui_views[scope]->name;
                return;
            }
            begun = true;
            if (!at--) {
                ql_text keys = {0};
                ql_text_keys(&keys, &ql_bindings[i]);
                snprintf(l->typed, sizeof l->typed, "%s", ql_text_bytes(&keys));
                ql_text_free(&keys);
                l->text = ql_bindings[i].help;
                return;
            }
        }
    }
}

static void view_line(int at, line *l)
{
    l->section = at ? NULL : "views, by number or Tab";
    l->text = at ? ql_tui_views[at - 1]->title : NULL;
    snprintf(l->typed, sizeof l->typed, "%d  %s", at, at ? ql_tui_views[at - 1]->name : "");
}

static void command_line(int at, line *l)
{
    const ql_tui_command *command = at ? ql_tui_command_at(at - 1) : NULL;
    l->section = command ? NULL : "commands";
    l->text = command ? command->help : NULL;
    if (command) {
        snprintf(l->typed, sizeof l->typed, ":%s %s", command->name, command->arguments);
    }
}

static line line_of(int row)
{
    line l = {0};
    int keys = count_keys();
    if (row < keys) {
        key_line(row, &l);
    } else if (row <= keys + QL_TUI_COUNT) {
        view_line(row - keys, &l);
    } else {
        command_line(row - keys - QL_TUI_COUNT - 1, &l);
    }
    return l;
}

static void text(const ql_session *session, int row, ql_text *out)
{
    line l = line_of(row);
    (void)session;
    ql_text_format(out, "%s %s%s", l.typed, l.text ? l.text : "", l.section ? l.section : "");
}

static void draw(ql_session *session, ql_grid *grid, const ql_box *box)
{
    ql_list *list = ql_list_on(session, box->row, box->rows);
    for (int i = 0; i < list->page && list->top + i < list->count; i++) {
        line l = line_of(list->rows[list->top + i]);
        if (l.section) {
            ql_draw_section(grid, box->row + i, 1, box->cols - 2, l.section);
        } else {
            ql_grid_put(grid, box->row + i, 2, 21, QL_ROLE_KEY, l.typed);
            ql_grid_put(grid, box->row + i, 24, box->cols - 25, QL_ROLE_NORMAL, l.text);
        }
    }
    ql_draw_cursor(list, grid, box, box->row, "");
}

const ql_tui_view ql_tui_view_help = {
    .name = "help",
    .title = "keys, views and commands",
    .count = count,
    .text = text,
    .draw = draw,
};
