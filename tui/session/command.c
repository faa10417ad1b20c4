#include "tui/session/command.h"

#include "tui/session/out.h"
#include "tui/session/plan_file.h"
#include "tui/views/view.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static unsigned quit(ql_session *session, const char *argument)
{
    (void)session;
    (void)argument;
    return QL_DO_QUIT;
}

static unsigned sort(ql_session *session, const char *argument)
{
    ql_column column = {0};
    ql_err err = {0};
    bool plain = !*argument || !strcmp(argument, "none");
    if (!plain && ql_column_read(&column, argument, &err)) {
        ql_session_error(session, &err);
    } else {
        ql_session_sort(session, column);
    }
    return QL_DO_REDRAW;
}

static unsigned choose_columns(ql_session *session, const char *argument)
{
    ql_column columns[QL_COLUMNS];
    ql_err err = {0};
    int count = 0;
    char name[QL_FIGURE_SIZE];
    for (const char *at = argument + strspn(argument, " ,"); *at; at += strspn(at, " ,")) {
        size_t length = strcspn(at, " ,");
        snprintf(name, sizeof name, "%.*s", (int)(length < sizeof name ? length : sizeof name - 1), at);
        if (count == QL_COLUMNS || ql_column_read(&columns[count++], name, &err)) {
            if (!err.code) {
                ql_fail(&err, QL_E_USAGE, "more than %d columns", QL_COLUMNS);
            }
            ql_session_error(session, &err);
            return QL_DO_REDRAW;
        }
        at += length;
    }
    if (!count) {
        ql_session_say(session, QL_ROLE_BAD, "columns: metrics such as sqnr_db local.sqnr_db are required");
        return QL_DO_REDRAW;
    }
    memcpy(session->columns, columns, sizeof columns);
    session->column_count = count;
    session->config_changed = true;
    return QL_DO_REDRAW;
}

static unsigned write_file(ql_session *session, const char *argument)
{
    ql_out_write(session, argument);
    return QL_DO_REDRAW;
}

static unsigned load_plan(ql_session *session, const char *argument)
{
    ql_err err = {0};
    if (!*argument) {
        ql_session_say(session, QL_ROLE_BAD, "plan: a file that suggest or :write plan wrote is required");
    } else if (ql_plan_load(session, argument, &err)) {
        ql_session_error(session, &err);
    } else {
        ql_session_go(session, QL_TUI_whatif, session->row);
        ql_session_say(session, QL_ROLE_GOOD, "%.200s is plan %c now", argument, 'A' + session->whatif.shown);
    }
    return QL_DO_REDRAW;
}

static unsigned set(ql_session *session, const char *argument)
{
    ql_whatif_set_matching(session, argument);
    return QL_DO_REDRAW;
}

static unsigned mark(ql_session *session, const char *argument)
{
    ql_whatif_mark_matching(session, argument);
    return QL_DO_REDRAW;
}

static unsigned clear(ql_session *session, const char *argument)
{
    (void)argument;
    ql_whatif_clear(session);
    return QL_DO_REDRAW;
}

static unsigned suggest(ql_session *session, const char *argument)
{
    char *end;
    long layers = *argument ? strtol(argument, &end, 10) : session->suggest_layers;
    if (*argument && (*end || layers < 1 || layers > 64)) {
        ql_session_say(session, QL_ROLE_BAD, "suggest: at most how many layers, 1 to 64?");
        return QL_DO_REDRAW;
    }
    session->suggest_layers = (int)layers;
    ql_session_suggest(session);
    return QL_DO_REDRAW;
}

static unsigned show_view(ql_session *session, const char *argument)
{
    size_t length = strlen(argument);
    for (int i = 0; i < QL_TUI_COUNT; i++) {
        if (length && !strncmp(ql_tui_views[i]->name, argument, length)) {
            ql_session_go(session, (ql_tui_id)i, session->row);
            return QL_DO_REDRAW;
        }
    }
    ql_session_say(session, QL_ROLE_BAD, "view: no view '%.40s'", argument);
    return QL_DO_REDRAW;
}

static unsigned go_op(ql_session *session, const char *argument)
{
    char *end;
    long op = strtol(argument, &end, 10);
    if (end == argument || *end || op < 0 || op > 100000000) {
        ql_session_say(session, QL_ROLE_BAD, "op: the number of an operator is required");
    } else {
        ql_session_go_op(session, (int)op);
    }
    return QL_DO_REDRAW;
}

static unsigned help(ql_session *session, const char *argument)
{
    (void)argument;
    ql_session_go(session, QL_TUI_help, session->row);
    return QL_DO_REDRAW;
}

static const ql_tui_command commands[] = {
    {"quit", "", "quit", quit, NULL},
    {"sort", "METRIC",
     "layers by this metric (`rmse`, `local.sqnr_db` ...), the worst first; without one in execution order",
     sort, ql_complete_metric},
    {"columns", "METRIC...", "the metrics that the layers' columns show; the first has the bar",
     choose_columns, ql_complete_metric},
    {"set", "REGEX=MODE", "layers that match: `float`, `int16x8` or `keep`", set, ql_complete_mode},
    {"mark", "REGEX", "mark layers that match; without one no layer is marked", mark, NULL},
    {"clear", "", "the plan keeps all layers as they are", clear, NULL},
    {"suggest", "K", "search for the best plans of at most K layers, in the background", suggest, NULL},
    {"plan", "FILE", "take the plan of a file, and what else it suggests", load_plan, ql_complete_file},
    {"write", "[WHAT] FILE",
     "a report: `.html`, `.json`, `.csv`, `.md`, `.xml` (JUnit) or `.txt`; with `plan` before FILE the plan, "
     "with "
     "`config TARGET` a configuration for another tool",
     write_file, ql_complete_out},
    {"view", "NAME", "another view", show_view, ql_complete_view},
    {"op", "N", "the tensor of operator N", go_op, NULL},
    {"help", "", "the help screen", help, NULL},
};
enum { COMMANDS = sizeof commands / sizeof *commands };

const ql_tui_command *ql_tui_command_at(int i)
{
    return i >= 0 && i < COMMANDS ? &commands[i] : NULL;
}

const ql_tui_command *ql_tui_command_find(const char *name, size_t length)
{
    const ql_tui_command *found = NULL;
    for (int i = 0; i < COMMANDS; i++) {
        if (!strncmp(commands[i].name, name, length)) {
            if (strlen(commands[i].name) == length) {
                return &commands[i];
            }
            if (found) {
                return NULL;
            }
            found = &commands[i];
        }
    }
    return found;
}

unsigned ql_tui_command_run(ql_session *session, const char *line)
{
    line += strspn(line, " ");
    size_t length = strcspn(line, " ");
    if (!length) {
        return QL_DO_REDRAW;
    }
    const ql_tui_command *command = ql_tui_command_find(line, length);
    if (!command) {
        ql_session_say(session, QL_ROLE_BAD, "'%.40s' is not a command: ? lists them", line);
        return QL_DO_REDRAW;
    }
    const char *argument = line + length;
    return command->run(session, argument + strspn(argument, " "));
}
