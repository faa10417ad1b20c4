#include "tui/session/out.h"

#include "tui/session/plan_file.h"
#include "tui/session/prompt.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char *writer_of(const char *path)
{
    static const struct {
        const char *end, *writer;
    } ends[] = {{".html", "html"},   {".json", "json"}, {".csv", "csv"},
                {".md", "markdown"}, {".xml", "junit"}, {".txt", "text"}};
    size_t length = strlen(path);
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        size_t end = strlen(ends[i].end);
        if (length > end && !strcmp(path + length - end, ends[i].end)) {
            return ends[i].writer;
        }
    }
    return NULL;
}

/* These fill in the way and the document, from what stands before the file's name. */
static ql_code make_report(const ql_session *session, const char *way, ql_question *to, ql_err *err)
{
    char name[QL_FIGURE_SIZE];
    const char *writer = writer_of(to->path);
    (void)way;
    if (!writer) {
        return ql_fail(err, QL_E_USAGE,
                       "write: a file that ends in .html, .json, .csv, .md, .xml or .txt is required");
    }
    if (!session->doc || !ql_json_get(session->doc, "samples")) {
        return ql_fail(err, QL_E_USAGE, "write: there is nothing to write yet");
    }
    snprintf(to->way, sizeof to->way, "%s", writer);
    snprintf(to->sort, sizeof to->sort, "%s",
             session->sort.metric ? ql_column_name(&session->sort, name) : "");
    to->document = session->doc;
    to->lent = true;
    return QL_OK;
}

static ql_code make_plan(const ql_session *session, const char *way, ql_question *to, ql_err *err)
{
    (void)way;
    return ql_plan_document(session, &to->document, err);
}

static ql_code make_config(const ql_session *session, const char *way, ql_question *to, ql_err *err)
{
    if (!ql_export_find(way)) {
        return ql_fail(err, QL_E_USAGE, "write config TARGET FILE: Tab lists the targets");
    }
    snprintf(to->way, sizeof to->way, "%s", way);
    return ql_plan_document(session, &to->document, err);
}

static const struct {
    const char *name;
    ql_writing writing;
    ql_code (*make)(const ql_session *session, const char *way, ql_question *to, ql_err *err);
    int words; /* before FILE */
} outs[] = {
    {"report", QL_WRITE_REPORT, make_report, 0},
    {"plan", QL_WRITE_PLAN, make_plan, 0},
    {"config", QL_WRITE_CONFIG, make_config, 1},
};
enum { OUTS = sizeof outs / sizeof *outs };

const char *ql_out_name(int i)
{
    return i >= 0 && i < OUTS ? outs[i].name : NULL;
}

/* Takes the first word off the text. */
static void take_word(const char **text, char *word, size_t size)
{
    size_t length = strcspn(*text, " ");
    snprintf(word, size, "%.*s", (int)length, *text);
    *text += length;
    *text += strspn(*text, " ");
}

void ql_out_write(ql_session *session, const char *argument)
{
    ql_err err = {0};
    char way[QL_INPUT] = "";
    int out = 0;
    for (int i = 0; i < OUTS; i++) {
        size_t length = strlen(outs[i].name);
        if (!strncmp(argument, outs[i].name, length) && argument[length] == ' ') {
            out = i;
            argument += length + strspn(argument + length, " ");
            break;
        }
    }
    if (outs[out].words) {
        take_word(&argument, way, sizeof way);
    }
    ql_question question = {.ask = QL_ASK_WRITE, .writing = outs[out].writing};
    snprintf(question.path, sizeof question.path, "%s", argument);
    if (session->is_writing) {
        ql_session_say(session, QL_ROLE_WARN, "write: still writing %.200s", session->writing.path);
    } else if (!*argument) {
        ql_session_say(session, QL_ROLE_BAD, "write: a file's name is required");
    } else if (outs[out].make(session, way, &question, &err)) {
        ql_question_free(&question);
        ql_session_error(session, &err);
    } else {
        session->writing = question;
        session->is_writing = true;
        ql_session_say(session, QL_ROLE_NORMAL, "writing %.200s ...", question.path);
    }
}

static void log_lines(ql_session *session, const char *lines)
{
    while (*lines) {
        size_t length = strcspn(lines, "\n");
        ql_session_log(session, "%.*s", (int)(length > 1000 ? 1000 : length), lines);
        lines += length + (lines[length] == '\n');
    }
}

void ql_out_written(ql_session *session, ql_answer *answer)
{
    session->is_writing = false;
    ql_json_free(session->held);
    session->held = NULL;
    log_lines(session, ql_text_bytes(&answer->notes));
    if (answer->code) {
        ql_session_error(session, &answer->err);
    } else {
        ql_session_log(session, "%s written", answer->question.path);
        ql_session_say(session, QL_ROLE_GOOD, "%.200s written", answer->question.path);
    }
    ql_answer_free(answer);
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
