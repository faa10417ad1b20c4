#include "tui/session/complete.h"

#include "tui/session/command.h"
#include "tui/session/out.h"
#include "tui/views/view.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { CHOICES = 500 };

void ql_choices_free(ql_choices *choices)
{
    free(choices->words);
    *choices = (ql_choices){0};
}

void ql_choices_add(ql_choices *choices, const char *typed, const char *word)
{
    if (choices->count == CHOICES || strncmp(word, typed, strlen(typed)) != 0 || strlen(word) >= QL_INPUT) {
        return;
    }
    if (choices->count % 50 == 0) {
        void *grown = realloc(choices->words, ((size_t)choices->count + 50) * sizeof *choices->words);
        if (!grown) {
            return;
        }
        choices->words = grown;
    }
    snprintf(choices->words[choices->count++], QL_INPUT, "%s", word);
}

void ql_complete_metric(const ql_session *session, const char *before, const char *typed, ql_choices *choices)
{
    char name[QL_FIGURE_SIZE];
    (void)session, (void)before;
    for (int which = QL_CUMULATIVE; which <= QL_LOCAL; which++) {
        for (size_t i = 0; i < ql_metric_count; i++) {
            ql_column column = {&ql_metrics[i], (ql_figures)which};
            ql_choices_add(choices, typed, ql_column_name(&column, name));
        }
    }
}

void ql_complete_view(const ql_session *session, const char *before, const char *typed, ql_choices *choices)
{
    (void)session, (void)before;
    for (int i = 0; i < QL_TUI_COUNT; i++) {
        ql_choices_add(choices, typed, ql_tui_views[i]->name);
    }
}

/* After the "=" of REGEX=MODE. */
void ql_complete_mode(const ql_session *session, const char *before, const char *typed, ql_choices *choices)
{
    const char *equals = strrchr(typed, '=');
    (void)session, (void)before;
    for (int mode = QL_LAYER_KEEP; equals && mode <= QL_LAYER_INT16X8; mode++) {
        char word[QL_INPUT + 20];
        snprintf(word, sizeof word, "%.*s=%s", (int)(equals - typed), typed,
                 ql_layer_mode_name((ql_layer_mode)mode));
        ql_choices_add(choices, typed, word);
    }
}

void ql_complete_file(const ql_session *session, const char *before, const char *typed, ql_choices *choices)
{
    char folder[QL_INPUT] = ".", word[2 * QL_INPUT];
    const char *slash = strrchr(typed, '/');
    int head = slash ? (int)(slash - typed) + 1 : 0;
    (void)session, (void)before;
    if (slash) {
        snprintf(folder, sizeof folder, "%.*s", head, typed);
    }
    DIR *open = opendir(folder);
    choices->end = "";
    for (struct dirent *entry; open && (entry = readdir(open));) {
        struct stat facts;
        bool hidden = entry->d_name[0] == '.' && typed[head] != '.';
        snprintf(word, sizeof word - 1, "%.*s%s", head, typed, entry->d_name);
        bool folder_too = !hidden && !stat(word, &facts) && S_ISDIR(facts.st_mode);
        if (!hidden) {
            ql_choices_add(choices, typed, folder_too ? strcat(word, "/") : word);
        }
    }
    if (open) {
        closedir(open);
    }
}

/* "plan FILE", "config TARGET FILE" or a FILE alone; `before` is what stands before the word. */
void ql_complete_out(const ql_session *session, const char *before, const char *typed, ql_choices *choices)
{
    for (int i = 0; !*before && ql_out_name(i); i++) {
        ql_choices_add(choices, typed, ql_out_name(i));
    }
    for (size_t i = 0; !strcmp(before, "config ") && i < ql_export_target_count; i++) {
        ql_choices_add(choices, typed, ql_export_targets[i].id);
    }
    if (choices->count && *before) {
        return;
    }
    int words = choices->count;
    ql_complete_file(session, before, typed, choices);
    choices->end = words && choices->count == words ? " " : "";
}

static int by_text(const void *a, const void *b)
{
    return strcmp(a, b);
}

/* As far as all agree. */
static size_t agreed(const ql_choices *choices)
{
    size_t length = strlen(choices->words[0]);
    for (int i = 1; i < choices->count; i++) {
        size_t same = 0;
        while (same < length && choices->words[i][same] == choices->words[0][same]) {
            same++;
        }
        length = same;
    }
    return length;
}

/* What the word at `from` may be: a command's name, or what its command takes there. */
static void gather(const ql_session *session, size_t from, const char *typed, ql_choices *choices)
{
    const char *line = session->prompt.text;
    size_t blank = strspn(line, " "), name = strcspn(line + blank, " ");
    choices->end = " ";
    if (from <= blank) {
        for (int i = 0; ql_tui_command_at(i); i++) {
            ql_choices_add(choices, typed, ql_tui_command_at(i)->name);
        }
        return;
    }
    const ql_tui_command *command = ql_tui_command_find(line + blank, name);
    if (command && command->complete) {
        char before[QL_INPUT];
        size_t first = blank + name + strspn(line + blank + name, " ");
        snprintf(before, sizeof before, "%.*s", (int)(from > first ? from - first : 0), line + first);
        command->complete(session, before, typed, choices);
    }
}

void ql_prompt_complete(ql_session *session)
{
    ql_prompt *prompt = &session->prompt;
    char typed[QL_INPUT], rest[QL_INPUT];
    size_t from = prompt->at;
    while (from && prompt->text[from - 1] != ' ') {
        from--;
    }
    snprintf(typed, sizeof typed, "%.*s", (int)(prompt->at - from), prompt->text + from);
    snprintf(rest, sizeof rest, "%s", prompt->text + prompt->at);
    ql_choices choices = {0};
    gather(session, from, typed, &choices);
    if (choices.count) {
        qsort(choices.words, (size_t)choices.count, sizeof *choices.words, by_text);
        size_t length = agreed(&choices);
        const char *end = choices.count == 1 ? choices.end : "";
        snprintf(prompt->text + from, sizeof prompt->text - from, "%.*s%s%s", (int)length, choices.words[0],
                 end, rest);
        prompt->length = strlen(prompt->text);
        size_t at = from + length + strlen(end);
        prompt->at = at < prompt->length ? at : prompt->length;
    }
    for (int i = 0; i < choices.count && choices.count > 1; i++) {
        ql_text_format(&prompt->choices, "%s%s", i ? "  " : "", choices.words[i]);
    }
    ql_choices_free(&choices);
}
