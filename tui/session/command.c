#include "tui/session/command.h"

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

static const ql_report_writer *writer_of(const char *path)
{
    static const struct {
        const char *end, *writer;
    } ends[] = {{".html", "html"},   {".json", "json"}, {".csv", "csv"},
                {".md", "markdown"}, {".xml", "junit"}, {".txt", "text"}};
    size_t length = strlen(path);
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        size_t end = strlen(ends[i].end);
        if (length > end && !strcmp(path + length - end, ends[i].end)) {
            return ql_report_find(ends[i].writer);
        }
    }
    return NULL;
}

static unsigned write_report(ql_session *session, const char *argument)
{
    static const char report[] = "report ";
    ql_err err = {0};
    const char *path = argument + (strncmp(argument, report, sizeof report - 1) ? 0 : sizeof report - 1);
    const ql_report_writer *writer = writer_of(path);
    char name[QL_FIGURE_SIZE];
    ql_report_options options = {.sort = session->sort.metric ? ql_column_name(&session->sort, name) : NULL};
    if (!writer) {
        ql_session_say(session, QL_ROLE_BAD,
                       "write: a file that ends in .html, .json, .csv, .md, .xml or .txt is required");
    } else if (!session->doc || !ql_json_get(session->doc, "samples")) {
        ql_session_say(session, QL_ROLE_BAD, "write: there is nothing to write yet");
    } else if (ql_report_write(writer, session->doc, &options, path, &err)) {
        ql_session_error(session, &err);
    } else {
        ql_session_log(session, "%s written", path);
        ql_session_say(session, QL_ROLE_GOOD, "%s written", path);
    }
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
    {"quit", "", "quit", quit},
    {"sort", "METRIC",
     "layers by this metric (`rmse`, `local.sqnr_db` ...), the worst first; without one in execution order",
     sort},
    {"columns", "METRIC...", "the metrics that the layers' columns show; the first has the bar",
     choose_columns},
    {"write", "FILE", "a report: `.html`, `.json`, `.csv`, `.md`, `.xml` (JUnit) or `.txt`", write_report},
    {"view", "NAME", "another view", show_view},
    {"op", "N", "the tensor of operator N", go_op},
    {"help", "", "the help screen", help},
};
enum { COMMANDS = sizeof commands / sizeof *commands };

const ql_tui_command *ql_tui_command_at(int i)
{
    return i >= 0 && i < COMMANDS ? &commands[i] : NULL;
}

static const ql_tui_command *find(const char *name, size_t length)
{
    const ql_tui_command *found = NULL;
    for (int i = 0; i < COMMANDS; i++) {
        if (!strncmp(commands[i].name, name, length)) {
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
    const ql_tui_command *command = find(line, length);
    if (!command) {
        ql_session_say(session, QL_ROLE_BAD, "'%.40s' is not a command: ? lists them", line);
        return QL_DO_REDRAW;
    }
    const char *argument = line + length;
    return command->run(session, argument + strspn(argument, " "));
}
