#include "tui/session/session.h"

#include <string.h>

static void put_words(ql_text *text, const ql_json *command)
{
    int i = 0;
    for (const ql_json *word = ql_json_first(command); word; word = ql_json_next(word), i++) {
        const char *said = ql_json_text(word);
        said = said ? said : "";
        ql_text_put(text, i ? " " : "");
        ql_text_shell_word(text, !i ? "qloupe" : i == 1 && !strcmp(said, "tui") ? "compare" : said);
    }
}

/* Options that say what is measured; they are those of every command on two models. */
static bool is_measured_with(const char *word)
{
    static const char *const names[] = {"--data", "--samples", "--seed",   "--signature", "--resize",
                                        "--mean", "--std",     "--labels", "--numerics"};
    size_t length = strcspn(word, "=");
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strlen(names[i]) == length && !strncmp(word, names[i], length)) {
            return true;
        }
    }
    return false;
}

static void put_options(ql_text *text, const ql_json *command)
{
    bool value = false;
    for (const ql_json *one = ql_json_first(command); one; one = ql_json_next(one)) {
        const char *word = ql_json_text(one) ? ql_json_text(one) : "";
        bool option = !value && is_measured_with(word);
        if (option || value) {
            ql_text_put(text, " ");
            ql_text_shell_word(text, word);
        }
        value = option && !strchr(word, '=');
    }
}

/* --set of each layer that the plan changes, by its whole name. */
static void put_layers(ql_text *text, const ql_session *session)
{
    const ql_draft *plan = &session->whatif.plans[session->whatif.shown];
    for (int op = 0; op < plan->ops; op++) {
        ql_layer_mode mode = ql_draft_mode(plan, op);
        const ql_row *row = mode ? ql_digest_row_of_op(&session->digest, op) : NULL;
        if (row) {
            ql_text rule = {0};
            ql_text_format(&rule, "^\\Q%s\\E$=", ql_json_get_text(row->candidate, "name", ""));
            ql_text_put(&rule, ql_layer_mode_name(mode));
            ql_text_put(text, " --set ");
            ql_text_shell_word(text, ql_text_bytes(&rule));
            ql_text_free(&rule);
        }
    }
}

/* The figures of the plan, as a command. */
static void put_whatif(ql_text *text, const ql_session *session, const ql_json *command)
{
    static const char *const sides[] = {"reference", "candidate"};
    ql_text_put(text, "qloupe whatif");
    for (int i = 0; i < 2; i++) {
        ql_text_put(text, " ");
        ql_text_shell_word(text, ql_json_get_text(ql_json_get(session->doc, sides[i]), "file", "?"));
    }
    put_options(text, command);
    put_layers(text, session);
}

void ql_text_reproduce(ql_text *text, const ql_session *session)
{
    const ql_json *command = ql_json_get(ql_json_get(session->doc, "run"), "command");
    bool planned = ql_draft_layers(&session->whatif.plans[session->whatif.shown]) && ql_json_size(command);
    if (planned) {
        put_whatif(text, session, command);
        ql_text_put(text, "\nThe comparison without the plan:\n");
    }
    if (session->file) {
        ql_text_put(text, "qloupe report ");
        ql_text_shell_word(text, session->file);
    } else if (ql_json_size(command)) {
        put_words(text, command);
    } else {
        ql_text_put(text, "(the comparison has not said yet how it was run)");
        return;
    }
    char name[QL_FIGURE_SIZE];
    if (session->sort.metric) {
        ql_text_format(text, " --sort %s", ql_column_name(&session->sort, name));
    }
    if (session->file && ql_json_size(command)) {
        ql_text_put(text, "\nThe result itself was made by\n");
        put_words(text, command);
    }
}
