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

void ql_text_reproduce(ql_text *text, const ql_session *session)
{
    const ql_json *command = ql_json_get(ql_json_get(session->doc, "run"), "command");
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
