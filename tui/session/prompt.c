#include "tui/session/prompt.h"

#include "tui/session/command.h"

#include <stdio.h>
#include <string.h>

const char *ql_prompt_label(ql_prompt_kind kind)
{
    static const char *const labels[] = {
        [QL_PROMPT_NONE] = "", [QL_PROMPT_SEARCH] = "/", [QL_PROMPT_FILTER] = "&", [QL_PROMPT_COMMAND] = ":"};
    return labels[kind];
}

void ql_prompt_start(ql_session *session, ql_prompt_kind kind, const char *text)
{
    ql_prompt *prompt = &session->prompt;
    prompt->kind = kind;
    snprintf(prompt->text, sizeof prompt->text, "%s", text);
    prompt->length = strlen(prompt->text);
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
    if (prompt->length + length < sizeof prompt->text && ql_utf8_length(bytes, length) == length) {
        memcpy(prompt->text + prompt->length, bytes, length);
        prompt->length += length;
        prompt->text[prompt->length] = 0;
    }
}

static void rub_out(ql_prompt *prompt)
{
    while (prompt->length && ((unsigned char)prompt->text[prompt->length - 1] & 0xc0) == 0x80) {
        prompt->length--;
    }
    prompt->length -= prompt->length > 0;
    prompt->text[prompt->length] = 0;
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
    session->prompt.kind = QL_PROMPT_NONE;
    if (done.kind == QL_PROMPT_SEARCH) {
        if (*done.text) {
            snprintf(session->search, sizeof session->search, "%s", done.text);
        }
        ql_session_search(session, 1);
    } else if (done.kind == QL_PROMPT_FILTER) {
        filter(session, done.text);
    } else {
        return QL_DO_REDRAW | ql_tui_command_run(session, done.text);
    }
    return QL_DO_REDRAW;
}

unsigned ql_prompt_event(ql_session *session, int key)
{
    ql_prompt *prompt = &session->prompt;
    if (key == QL_KEY_ENTER || key == '\n') {
        return finish(session);
    }
    if (key == QL_KEY_ESCAPE || (key == QL_KEY_BACKSPACE && !prompt->length)) {
        prompt->kind = QL_PROMPT_NONE;
    } else if (key == QL_KEY_BACKSPACE || key == QL_CTRL('h')) {
        rub_out(prompt);
    } else if (key == QL_CTRL('u')) {
        ql_prompt_start(session, prompt->kind, "");
    } else if (key >= ' ' && key < 0x110000) {
        type(prompt, (uint32_t)key);
    }
    return QL_DO_REDRAW;
}
