#include "tui/session/out.h"

#include "tui/session/plan_file.h"
#include "tui/session/prompt.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

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

static ql_code write_report(ql_session *session, const char *path, ql_err *err)
{
    const ql_report_writer *writer = writer_of(path);
    char name[QL_FIGURE_SIZE];
    ql_report_options options = {.sort = session->sort.metric ? ql_column_name(&session->sort, name) : NULL};
    if (!writer) {
        return ql_fail(err, QL_E_USAGE,
                       "write: a file that ends in .html, .json, .csv, .md, .xml or .txt is required");
    }
    if (!session->doc || !ql_json_get(session->doc, "samples")) {
        return ql_fail(err, QL_E_USAGE, "write: there is nothing to write yet");
    }
    return ql_report_write(writer, session->doc, &options, path, err);
}

static ql_code write_plan(ql_session *session, const char *path, ql_err *err)
{
    ql_json *document = NULL;
    ql_code code = ql_plan_document(session, &document, err);
    code = code ? code : ql_json_write(document, path, err);
    ql_json_free(document);
    return code;
}

/* The models at hand, else those that the result was made from, as far as they are still there. */
typedef struct {
    ql_model *opened[2];
    ql_export_source source;
} config_models;

static ql_code open_models(const ql_session *session, config_models *m, ql_err *err)
{
    static const char *const sides[] = {"reference", "candidate"};
    ql_side *const to[] = {&m->source.reference, &m->source.candidate};
    if (session->engine) {
        m->source.reference = session->engine->reference;
        m->source.candidate = session->engine->candidate;
        m->source.pairing = session->engine->pairing;
        return QL_OK;
    }
    for (int i = 0; i < 2; i++) {
        const char *path = ql_json_get_text(ql_json_get(session->doc, sides[i]), "file", "");
        ql_code code = ql_model_open(&m->opened[i], path, err);
        if (code) {
            return code;
        }
        to[i]->model = m->opened[i];
    }
    return QL_OK;
}

static void log_lines(ql_session *session, const char *lines)
{
    while (*lines) {
        size_t length = strcspn(lines, "\n");
        ql_session_log(session, "%.*s", (int)(length > 1000 ? 1000 : length), lines);
        lines += length + (lines[length] == '\n');
    }
}

/* "TARGET FILE" */
static ql_code write_config(ql_session *session, const char *argument, ql_err *err)
{
    char id[QL_INPUT];
    size_t length = strcspn(argument, " ");
    const char *path = argument + length + strspn(argument + length, " ");
    snprintf(id, sizeof id, "%.*s", (int)length, argument);
    const ql_export_target *target = ql_export_find(id);
    if (!target || !*path) {
        return ql_fail(err, QL_E_USAGE, "write config TARGET FILE: Tab lists the targets");
    }
    config_models m = {{NULL, NULL}, {0}};
    ql_json *plan = NULL;
    ql_text notes = {0};
    ql_code code = ql_plan_document(session, &plan, err);
    code = code ? code : open_models(session, &m, err);
    m.source.plan = plan;
    code = code ? code : ql_export_write(target, &m.source, path, &notes, err);
    log_lines(session, ql_text_bytes(&notes));
    ql_text_free(&notes);
    ql_json_free(plan);
    ql_model_close(m.opened[0]);
    ql_model_close(m.opened[1]);
    return code;
}

static const struct {
    const char *name;
    ql_code (*write)(ql_session *session, const char *rest, ql_err *err);
} outs[] = {
    {"report", write_report},
    {"plan", write_plan},
    {"config", write_config},
};
enum { OUTS = sizeof outs / sizeof *outs };

const char *ql_out_name(int i)
{
    return i >= 0 && i < OUTS ? outs[i].name : NULL;
}

void ql_out_write(ql_session *session, const char *argument)
{
    ql_err err = {0};
    const char *path = argument;
    ql_code (*write)(ql_session *, const char *, ql_err *) = write_report;
    for (int i = 0; i < OUTS; i++) {
        size_t length = strlen(outs[i].name);
        if (!strncmp(argument, outs[i].name, length) && argument[length] == ' ') {
            write = outs[i].write;
            path = argument + length + strspn(argument + length, " ");
        }
    }
    if (!*path) {
        ql_session_say(session, QL_ROLE_BAD, "write: a file's name is required");
    } else if (write(session, path, &err)) {
        ql_session_error(session, &err);
    } else {
        const char *last = strrchr(path, ' ');
        ql_session_log(session, "%s written", last ? last + 1 : path);
        ql_session_say(session, QL_ROLE_GOOD, "%s written", last ? last + 1 : path);
    }
}

/* A name that no file has: "m", then "m-2" ... */
static void free_name(char *name, size_t size, const char *stem, int length, const char *end)
{
    snprintf(name, size, "%.*s%s", length, stem, end);
    for (int i = 2; i < 1000 && !access(name, F_OK); i++) {
        snprintf(name, size, "%.*s-%d%s", length, stem, i, end);
    }
}

void ql_out_propose(ql_session *session, const char *what)
{
    const char *file = ql_json_get_text(ql_json_get(session->doc, "candidate"), "file", "");
    const char *slash = strrchr(file, '/'), *stem = slash ? slash + 1 : file;
    bool plan = !strcmp(what, "plan");
    size_t length = strcspn(stem, ".");
    char name[QL_INPUT], text[2 * QL_INPUT];
    stem = length ? stem : "model";
    length = length ? length : strlen(stem);
    free_name(name, sizeof name, stem, (int)(length > 100 ? 100 : length), plan ? ".plan.json" : ".html");
    snprintf(text, sizeof text, "write %s%s%s", what, *what ? " " : "", name);
    ql_prompt_start(session, QL_PROMPT_COMMAND, text);
}
