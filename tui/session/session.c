#include "tui/session/session.h"

#include "tui/session/config.h"
#include "tui/session/out.h"
#include "tui/session/prompt.h"
#include "tui/views/tensor.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void ql_session_open(ql_session *session, const char *file, const char *config)
{
    *session = (ql_session){.file = file, .config = config, .sample = -1, .suggest_layers = 4};
    ql_config_defaults(session);
    ql_config_read(session);
    ql_session_fill_all(session);
}

void ql_session_close(ql_session *session)
{
    if (session->config_changed) {
        ql_config_write(session);
    }
    for (int i = 0; i < QL_TUI_COUNT; i++) {
        ql_list_free(&session->lists[i]);
    }
    for (int i = 0; i < session->log_count; i++) {
        free(session->log[i]);
    }
    ql_prompt_close(session);
    ql_whatif_free(&session->whatif);
    ql_samples_free(&session->samples);
    ql_answer_free(&session->elements_of);
    ql_json_free(session->plans);
    ql_question_free(&session->writing);
    ql_json_free(session->held);
    ql_text_free(&session->box_text);
    ql_digest_free(&session->digest);
    ql_json_free(session->doc);
    *session = (ql_session){0};
}

ql_list *ql_session_list(ql_session *session)
{
    return &session->lists[session->view];
}

bool ql_session_row_matches(const ql_session *session, const ql_list *matcher, ql_tui_id id, int row)
{
    const ql_tui_view *view = ql_tui_views[id];
    if (!matcher->regex || !view->text) {
        return true;
    }
    ql_text text = {0};
    bool matches = false;
    view->text(session, row, &text);
    ql_regex_matches(matcher->regex, (ql_str){ql_text_bytes(&text), text.length}, &matches, NULL);
    ql_text_free(&text);
    return matches;
}

/* The view's own order; NULL: as they are. Released with free. */
static int *order_of(const ql_session *session, const ql_tui_view *view, int count)
{
    int *order = view->order ? calloc((size_t)count + 1, sizeof *order) : NULL;
    if (order && !view->order(session, order)) {
        free(order);
        order = NULL;
    }
    return order;
}

void ql_session_fill(ql_session *session, ql_tui_id id)
{
    const ql_tui_view *view = ql_tui_views[id];
    ql_list *list = &session->lists[id];
    int row = ql_list_row(list), count = view->count(session);
    bool first = !list->cursor;
    if (!ql_list_start(list, count)) {
        return;
    }
    int *order = order_of(session, view, count);
    for (int i = 0; i < count; i++) {
        int next = order ? order[i] : i;
        if (ql_session_row_matches(session, list, id, next)) {
            list->rows[list->count++] = next;
        }
    }
    bool worst = first && order; /* who looks at the worst goes on looking at the worst */
    free(order);
    if (worst || !ql_list_seek(list, row)) {
        list->cursor = 0;
    }
}

void ql_session_fill_all(ql_session *session)
{
    for (int i = 0; i < QL_TUI_COUNT; i++) {
        ql_session_fill(session, (ql_tui_id)i);
    }
}

/* Who writes the old one goes on reading it. */
static void replace_document(ql_session *session, ql_json *doc)
{
    if (session->is_writing && !session->held) {
        session->held = session->doc;
    } else {
        ql_json_free(session->doc);
    }
    session->doc = doc;
}

ql_code ql_session_document(ql_session *session, ql_json *doc, ql_err *err)
{
    ql_digest digest;
    ql_code code = ql_digest_make(&digest, doc, err);
    if (code) {
        ql_json_free(doc);
        return code;
    }
    ql_digest_free(&session->digest);
    replace_document(session, doc);
    session->digest = digest;
    session->row = session->row < digest.row_count ? session->row : 0;
    session->culprit = 0;
    ql_whatif_fit(session);
    ql_session_fill_all(session);
    return QL_OK;
}

void ql_session_samples(ql_session *session, const ql_sample *list, int count)
{
    for (int i = 0; i < count; i++) {
        ql_samples_add(&session->samples, &list[i]);
    }
    if (count && session->view == QL_TUI_samples) {
        ql_session_fill(session, QL_TUI_samples);
    }
}

/* Handed over once. */
static bool suggest_question(ql_session *session, ql_question *question)
{
    bool wanted = session->suggesting && !session->suggest_asked && session->engine;
    session->suggest_asked = session->suggest_asked || wanted;
    *question = (ql_question){.ask = QL_ASK_SUGGEST, .layers = session->suggest_layers};
    return wanted;
}

static bool write_question(ql_session *session, ql_question *question)
{
    *question = session->writing;
    session->writing.document = NULL;
    return question->document;
}

bool ql_session_question(ql_session *session, ql_ask ask, ql_question *question)
{
    switch (ask) {
    case QL_ASK_PLAN:
        return ql_whatif_question(session, question);
    case QL_ASK_SUGGEST:
        return suggest_question(session, question);
    case QL_ASK_ELEMENTS:
        return ql_tensor_question(session, question);
    case QL_ASK_WRITE:
        return write_question(session, question);
    default:
        return false;
    }
}

static void take_plans(ql_session *session, ql_answer *answer)
{
    session->suggesting = session->suggest_asked = false;
    if (answer->code && answer->code != QL_E_INTERRUPTED) {
        ql_session_error(session, &answer->err);
    }
    if (answer->plans) {
        ql_json_free(session->plans);
        session->plans = answer->plans;
        answer->plans = NULL;
        ql_session_fill(session, QL_TUI_suggestions);
        ql_session_log(session, "%d plans tried: the view suggestions shows the best",
                       ql_digest_int(session->plans, "tried", 0));
        ql_session_say(session, QL_ROLE_GOOD, "plans found: %d shows them", QL_TUI_suggestions + 1);
    }
    ql_answer_free(answer);
}

void ql_session_answer(ql_session *session, ql_answer *answer)
{
    switch (answer->question.ask) {
    case QL_ASK_PLAN:
        ql_whatif_take(session, answer);
        break;
    case QL_ASK_SUGGEST:
        take_plans(session, answer);
        break;
    case QL_ASK_WRITE:
        ql_out_written(session, answer);
        break;
    default:
        ql_answer_free(&session->elements_of);
        session->elements_of = *answer;
        break;
    }
}

void ql_session_progress(ql_session *session, ql_run_state run, uint64_t done, uint64_t total)
{
    session->run = run;
    session->done = done;
    session->total = total;
}

void ql_session_say(ql_session *session, ql_role role, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    vsnprintf(session->message, sizeof session->message, format, list);
    va_end(list);
    session->message_role = role;
}

void ql_session_log(ql_session *session, const char *format, ...)
{
    char line[1400];
    va_list list;
    va_start(list, format);
    vsnprintf(line, sizeof line, format, list);
    va_end(list);
    if (session->log_count == QL_LOG_LINES) {
        free(session->log[0]);
        memmove(session->log, session->log + 1, (QL_LOG_LINES - 1) * sizeof *session->log);
        session->log_count--;
    }
    char *copy = strdup(line);
    if (copy) {
        session->log[session->log_count++] = copy;
    }
    ql_session_fill(session, QL_TUI_log);
}

void ql_session_error(ql_session *session, const ql_err *err)
{
    char text[1200];
    ql_session_log(session, "%s", ql_err_text(err, text, sizeof text));
    ql_session_say(session, QL_ROLE_BAD, "%.250s", text);
}

void ql_session_go(ql_session *session, ql_tui_id view, int row)
{
    bool same = view == session->view && (view != QL_TUI_tensor || row == session->row);
    if (same) {
        return;
    }
    if (session->depth == QL_HISTORY) {
        memmove(session->history, session->history + 1, (QL_HISTORY - 1) * sizeof *session->history);
        session->depth--;
    }
    session->history[session->depth++] = (ql_whereabouts){session->view, session->row};
    session->view = view;
    session->row = row >= 0 && row < session->digest.row_count ? row : 0;
    if (view == QL_TUI_tensor) {
        session->lists[view].cursor = session->lists[view].top = 0;
        ql_list_seek(&session->lists[QL_TUI_layers], session->row);
    }
    ql_session_fill(session, view);
}

void ql_session_go_op(ql_session *session, int op_index)
{
    const ql_row *row = ql_digest_row_of_op(&session->digest, op_index);
    if (row) {
        ql_session_go(session, QL_TUI_tensor, row->number);
    } else {
        ql_session_say(session, QL_ROLE_WARN, "operator %d has no tensor that could be paired", op_index);
    }
}

void ql_session_sort(ql_session *session, ql_column column)
{
    char title[QL_FIGURE_SIZE];
    session->sort = column;
    session->config_changed = true;
    ql_session_fill(session, QL_TUI_layers);
    ql_list *list = &session->lists[QL_TUI_layers];
    list->cursor = list->top = 0;
    if (column.metric) {
        ql_session_say(session, QL_ROLE_NORMAL, "by %s, the worst first", ql_column_title(&column, title));
    } else {
        ql_session_say(session, QL_ROLE_NORMAL, "in execution order");
    }
}

ql_code ql_column_read(ql_column *column, const char *name, ql_err *err)
{
    column->metric = ql_digest_metric(name, &column->which, err);
    return column->metric ? QL_OK : QL_E_USAGE;
}

const char *ql_column_title(const ql_column *column, char *out)
{
    snprintf(out, QL_FIGURE_SIZE, "%s%s", column->which == QL_LOCAL ? "local " : "", column->metric->title);
    return out;
}

const char *ql_column_name(const ql_column *column, char *out)
{
    return ql_digest_metric_name(column->which, column->metric, out);
}

void ql_session_search(ql_session *session, int direction)
{
    ql_list *list = ql_session_list(session);
    ql_list matcher = {0};
    ql_err err = {0};
    if (!*session->search) {
        return;
    }
    if (ql_list_filter(&matcher, session->search, &err)) {
        ql_session_error(session, &err);
        return;
    }
    bool found = false;
    for (int i = 1; i <= list->count && !found; i++) {
        int at = (int)(((int64_t)list->cursor + (int64_t)direction * i) % list->count);
        at = at < 0 ? at + list->count : at;
        if (ql_session_row_matches(session, &matcher, session->view, list->rows[at])) {
            list->cursor = at;
            found = true;
        }
    }
    ql_list_free(&matcher);
    if (found) {
        ql_session_say(session, QL_ROLE_NORMAL, "/%s", session->search);
    } else {
        ql_session_say(session, QL_ROLE_WARN, "nothing matches %.200s", session->search);
    }
}
