/* Completing what is typed after ":". What may stand at a place is a list of words. */
#ifndef QL_SESSION_COMPLETE_H
#define QL_SESSION_COMPLETE_H

#include "tui/session/session.h"

/* Words that may stand somewhere; `end` is put after one that is alone ("" within a path). */
typedef struct {
    char (*words)[QL_INPUT];
    int count;
    const char *end;
} ql_choices;

void ql_choices_free(ql_choices *choices);

/* Adds a word that begins with what was typed; others are passed over. */
void ql_choices_add(ql_choices *choices, const char *typed, const char *word);

/* What commands take: fill in the words that begin with `typed`, where `before` is the argument so far. */
typedef void ql_completer(const ql_session *session, const char *before, const char *typed,
                          ql_choices *choices);
ql_completer ql_complete_metric, ql_complete_view, ql_complete_file, ql_complete_out, ql_complete_mode;

/* Completes the word that ends where the prompt stands; where several fit as far as they agree, and they are
 * listed in the prompt's choices. */
void ql_prompt_complete(ql_session *session);

#endif
