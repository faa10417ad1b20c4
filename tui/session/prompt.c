#include "tui/session/prompt.h"

#include "tui/session/command.h"
#include "tui/session/complete.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *ql_prompt_label(ql_prompt_kind kind)
{
    static const char *const labels[] = {[QL_PROMPT_NONE] = "",
                                         [QL_PROMPT_SEARCH] = "/",
                                         [QL_PROMPT_FILTER] = "&",
                                         [QL_PROMPT_MARK] = "mark ",
                                         [QL_PROMPT_COMMAND] = ":"};
    return labels[kind];
}

static void set_text(ql_prompt *prompt, const char *text)
{
    snprintf(prompt->text, sizeof prompt->text, "%s", text);
    prompt->length = prompt->at = strlen(prompt->text);
}

void ql_prompt_start(ql_session *session, ql_prompt_kind kind, const char *text)
{
    ql_text_free(&session->prompt.choices);
    session->prompt = (ql_prompt){.kind = kind};
    set_text(&session->prompt, text);
}

static void stop(ql_prompt *prompt)
{
    ql_text_free(&prompt->choices);
    prompt->kind = QL_PROMPT_NONE;
}

void ql_prompt_close(ql_session *session)
{
    stop(&session->prompt);
    for (int kind = 0; kind < QL_PROMPT_KINDS; kind++) {
        for (int i = 0; i < session->typed[kind].count; i++) {
            free(session->typed[kind].lines[i]);
        }
    }
}

static void forget(ql_typed *typed, int i)
{
    free(typed->lines[i]);
    memmove(typed->lines + i, typed->lines + i + 1, (size_t)(typed->count - i - 1) * sizeof *typed->lines);
    typed->count--;
}

void ql_typed_add(ql_typed *typed, const char *line)
{
    char *copy = *line ? strdup(line) : NULL;
    for (int i = typed->count; copy && i-- > 0;) {
        if (!strcmp(typed->lines[i], line)) {
            forget(typed, i);
        }
    }
    if (copy && typed->count == QL_TYPED) {
        forget(typed, 0);
    }
    if (copy) {
        typed->lines[typed->count++] = copy;
    }
}

/* Bytes of the character before `at`. */
static size_t before(const ql_prompt *prompt)
{
    size_t from = prompt->at;
    while (from && ((unsigned char)prompt->text[from - 1] & 0xc0) == 0x80) {
        from--;
    }
    return prompt->at - (from ? from - 1 : 0);
}

static size_t after(const ql_prompt *prompt)
{
    size_t length = ql_utf8_length(prompt->text + prompt->at, prompt->length - prompt->at);
    return prompt->at < prompt->length ? length ? length : 1 : 0;
}

static void insert(ql_prompt *prompt, const char *bytes, size_t length)
{
    if (prompt->length + length < sizeof prompt->text) {
        memmove(prompt->text + prompt->at + length, prompt->text + prompt->at,
                prompt->length - prompt->at + 1);
        memcpy(prompt->text + prompt->at, bytes, length);
        prompt->length += length;
        prompt->at += length;
    }
}

static void type(ql_prompt *prompt, uint32_t code)
{
    char bytes[4];
    size_t length = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    static const unsigned char heads[] = {0, 0, 0xc0, 0xe0, 0xf0};
    for (size_t i = length; i-- > 1; code >>= 6) {
        bytes[i] = (char)(0x80 | (code & 0x3f));
    }
    bytes[0] = (char)(heads[length] | code);
    if (ql_utf8_length(bytes, length) == length) {
        insert(prompt, bytes, length);
    }
}

static void rub_out(ql_prompt *prompt, size_t count)
{
    prompt->at -= count;
    prompt->length -= count;
    memmove(prompt->text + prompt->at, prompt->text + prompt->at + count, prompt->length - prompt->at + 1);
}

/* The word before `at` with the blanks after it. */
static size_t word_before(const ql_prompt *prompt)
{
    size_t from = prompt->at;
    while (from && prompt->text[from - 1] == ' ') {
        from--;
    }
    while (from && prompt->text[from - 1] != ' ') {
        from--;
    }
    return prompt->at - from;
}

/* Lines typed before, by one further back or forward. */
static void recall(ql_session *session, int by)
{
    ql_prompt *prompt = &session->prompt;
    const ql_typed *typed = &session->typed[prompt->kind];
    int back = prompt->back + by;
    if (back < 0 || back > typed->count) {
        return;
    }
    if (!prompt->back) {
        memcpy(prompt->kept, prompt->text, sizeof prompt->kept);
    }
    prompt->back = back;
    set_text(prompt, back ? typed->lines[typed->count - back] : prompt->kept);
}

static void filter(ql_session *session, const char *text)
{
    ql_err err = {0};
    if (ql_list_filter(ql_session_list(session), text, &err)) {
        ql_session_error(session, &err);
        return;
    }
    ql_session_fill(session, session->view);
    if (*text) {
        ql_session_say(session, QL_ROLE_NORMAL, "%d rows match; & and Enter show all again",
                       ql_session_list(session)->count);
    }
}

static unsigned finish(ql_session *session)
{
    ql_prompt done = session->prompt;
    stop(&session->prompt);
    ql_typed_add(&session->typed[done.kind], done.text);
    session->config_changed = session->config_changed || done.kind == QL_PROMPT_COMMAND;
    switch (done.kind) {
    case QL_PROMPT_SEARCH:
        if (*done.text) {
            snprintf(session->search, sizeof session->search, "%s", done.text);
        }
        ql_session_search(session, 1);
        break;
    case QL_PROMPT_FILTER:
        filter(session, done.text);
        break;
    case QL_PROMPT_MARK:
        ql_whatif_mark_matching(session, done.text);
        break;
    default:
        return QL_DO_REDRAW | ql_tui_command_run(session, done.text);
    }
    return QL_DO_REDRAW;
}

/* Moves and changes; false: the key is for something else. */
static bool edit(ql_prompt *prompt, int key)
{
    switch (key) {
    case QL_KEY_BACKSPACE:
    case QL_CTRL('h'):
        rub_out(prompt, before(prompt));
        return true;
    case QL_CTRL('w'):
        rub_out(prompt, word_before(prompt));
        return true;
    case QL_CTRL('u'):
        rub_out(prompt, prompt->at);
        return true;
    case QL_KEY_LEFT:
        prompt->at -= before(prompt);
        return true;
    case QL_KEY_RIGHT:
        prompt->at += after(prompt);
        return true;
    case QL_KEY_HOME:
    case QL_CTRL('a'):
        prompt->at = 0;
        return true;
    case QL_KEY_END:
    case QL_CTRL('e'):
        prompt->at = prompt->length;
        return true;
    default:
        return false;
    }
}

unsigned ql_prompt_event(ql_session *session, int key)
{
    ql_prompt *prompt = &session->prompt;
    ql_text_free(&prompt->choices);
    if (key == QL_KEY_ENTER || key == '\n') {
        return finish(session);
    }
    if (key == QL_KEY_ESCAPE || (key == QL_KEY_BACKSPACE && !prompt->length)) {
        stop(prompt);
    } else if (key == QL_KEY_UP || key == QL_KEY_DOWN) {
        recall(session, key == QL_KEY_UP ? 1 : -1);
    } else if (key == QL_KEY_TAB && prompt->kind == QL_PROMPT_COMMAND) {
        ql_prompt_complete(session);
    } else if (!edit(prompt, key) && key >= ' ' && key < 0x110000) {
        type(prompt, (uint32_t)key);
    }
    return QL_DO_REDRAW;
}
