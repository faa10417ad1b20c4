/* The plans of a session: two that are edited side by side, which layers are marked, and what plans were
 * found to be worth. */
#ifndef QL_SESSION_WHATIF_H
#define QL_SESSION_WHATIF_H

#include "tui/lab/question.h"
#include "tui/plan/draft.h"

struct ql_session;

enum { QL_PLANS = 2, QL_ANSWERS = 200 };

typedef struct {
    ql_draft plans[QL_PLANS];
    int shown; /* the plan that keys edit */
    bool used[QL_PLANS];
    bool *marks; /* by operator */
    int mark_count;
    ql_answer *answers[QL_ANSWERS]; /* the oldest first */
    int answer_count;
} ql_whatif;

void ql_whatif_free(ql_whatif *whatif);

/* A new document: plans for its operators, unless they have as many already. */
void ql_whatif_fit(struct ql_session *session);

/* What plan `which` was found to be worth; NULL while nobody knows. Its `code` may be an error. */
const ql_answer *ql_whatif_answer(const struct ql_session *session, int which);

/* The question to ask next, if any: about the plan that is edited, then the other. */
bool ql_whatif_question(const struct ql_session *session, ql_question *question);

/* Takes an answer about a plan. */
void ql_whatif_take(struct ql_session *session, ql_answer *answer);

/* Why the operator cannot have that mode; NULL: it can. */
const char *ql_whatif_refusal(const struct ql_session *session, int op, ql_layer_mode mode);

/* Gives these operators a mode, as one step; says what came of it. */
void ql_whatif_set(struct ql_session *session, const int *ops, int count, ql_layer_mode mode);

/* Keys: the marked layers, else the one under the cursor, one mode on; `around`: the layer's tensor, that is
 * the layer with all that read it. */
void ql_whatif_cycle(struct ql_session *session, bool around);
void ql_whatif_mark(struct ql_session *session);
void ql_whatif_mark_matching(struct ql_session *session, const char *pattern);
void ql_whatif_set_matching(struct ql_session *session, const char *rule); /* "REGEX=MODE" */
void ql_whatif_undo(struct ql_session *session, bool redo);
void ql_whatif_other(struct ql_session *session); /* the other plan; one never used begins as a copy */
void ql_whatif_clear(struct ql_session *session);

bool ql_whatif_is_marked(const struct ql_session *session, int op);

/* "plan A: 2 layers, 31.2 dB, 95.3 %": what the plan comes to, in few columns. Appends; nothing while no plan
 * changes a layer. */
void ql_text_whatif(ql_text *text, const struct ql_session *session);

#endif
