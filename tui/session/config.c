#include "tui/session/config.h"

#include "tui/session/prompt.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

void ql_config_defaults(ql_session *session)
{
    static const char *const names[] = {"sqnr_db", "local.sqnr_db", "cumulative.rmse_over_scale", "max_abs",
                                        "saturated"};
    session->column_count = 0;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        ql_column_read(&session->columns[session->column_count++], names[i], NULL);
    }
    session->sort = (ql_column){0};
}

static void take_columns(ql_session *session, const ql_json *list)
{
    ql_column columns[QL_COLUMNS];
    int count = 0;
    for (const ql_json *name = ql_json_first(list); name; name = ql_json_next(name)) {
        const char *text = ql_json_text(name);
        if (!text || count == QL_COLUMNS || ql_column_read(&columns[count], text, NULL)) {
            ql_session_log(session, "%s: columns: a column is passed over", session->config);
        } else {
            count++;
        }
    }
    if (count) {
        memcpy(session->columns, columns, sizeof columns);
        session->column_count = count;
    }
}

static void take(ql_session *session, const ql_json *json)
{
    const ql_json *columns = ql_json_get(json, "columns"), *sort = ql_json_get(json, "sort");
    if (!ql_json_is_object(json) || (columns && !ql_json_is_array(columns))) {
        ql_session_log(session, "%s: not what qloupe wrote there: passed over", session->config);
        return;
    }
    take_columns(session, columns);
    const ql_json *typed = ql_json_get(json, "commands");
    for (const ql_json *line = ql_json_first(typed); line; line = ql_json_next(line)) {
        ql_typed_add(&session->typed[QL_PROMPT_COMMAND], ql_json_text(line) ? ql_json_text(line) : "");
    }
    const char *name = ql_json_text(sort);
    if (sort && !ql_json_is_null(sort) && (!name || ql_column_read(&session->sort, name, NULL))) {
        ql_session_log(session, "%s: sort: passed over", session->config);
        session->sort = (ql_column){0};
    }
}

/* Of any size or kind may a file be that somebody put there. */
static bool is_small_file(const char *path)
{
    struct stat facts;
    return !stat(path, &facts) && S_ISREG(facts.st_mode) && facts.st_size <= 65536;
}

void ql_config_read(ql_session *session)
{
    struct stat facts;
    ql_json *json = NULL;
    ql_err err = {0};
    if (!session->config || stat(session->config, &facts)) {
        return;
    }
    if (!is_small_file(session->config)) {
        ql_session_log(session, "%s: no small plain file: passed over", session->config);
    } else if (ql_json_read(&json, session->config, &err)) {
        char text[1200];
        ql_session_log(session, "%s", ql_err_text(&err, text, sizeof text));
    } else {
        take(session, json);
    }
    ql_json_free(json);
}

/* The folders above the file, as far as they are missing. */
static void make_folders(const char *path)
{
    char *copy = strdup(path);
    for (char *at = copy ? copy + 1 : NULL; at && (at = strchr(at, '/')); at++) {
        *at = 0;
        mkdir(copy, 0700);
        *at = '/';
    }
    free(copy);
}

void ql_config_write(ql_session *session)
{
    ql_doc d = {0};
    ql_err err = {0};
    char name[QL_FIGURE_SIZE];
    if (!session->config) {
        return;
    }
    ql_json *json = ql_json_object(&d), *columns = ql_put_array(&d, json, "columns");
    for (int i = 0; i < session->column_count; i++) {
        ql_put_text(&d, columns, NULL, ql_column_name(&session->columns[i], name));
    }
    if (session->sort.metric) {
        ql_put_text(&d, json, "sort", ql_column_name(&session->sort, name));
    } else {
        ql_put_null(&d, json, "sort");
    }
    ql_json *typed = ql_put_array(&d, json, "commands");
    for (int i = 0; i < session->typed[QL_PROMPT_COMMAND].count; i++) {
        ql_put_text(&d, typed, NULL, session->typed[QL_PROMPT_COMMAND].lines[i]);
    }
    make_folders(session->config);
    ql_code code = ql_doc_check(&d, &err);
    code = code ? code : ql_json_write(json, session->config, &err);
    if (code) {
        ql_session_error(session, &err);
    }
    ql_json_free(json);
}
