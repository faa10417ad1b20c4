#include "tui/session/whatif.h"

#include "tui/session/links.h"
#include "tui/session/session.h"
#include "tui/views/view.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void ql_whatif_free(ql_whatif *whatif)
{
    for (int i = 0; i < QL_PLANS; i++) {
        ql_draft_free(&whatif->plans[i]);
    }
    for (int i = 0; i < whatif->answer_count; i++) {
        ql_answer_free(whatif->answers[i]);
        free(whatif->answers[i]);
    }
    free(whatif->marks);
    *whatif = (ql_whatif){0};
}

void ql_whatif_fit(ql_session *session)
{
    ql_whatif *whatif = &session->whatif;
    int last = -1;
    for (int i = 0; i < session->digest.row_count; i++) {
        int op = session->digest.rows[i].op_index;
        last = op > last && op < QL_DRAFT_OPS ? op : last;
    }
    if (whatif->plans[0].ops == last + 1) {
        return;
    }
    ql_whatif_free(whatif);
    for (int i = 0; i < QL_PLANS; i++) {
        ql_draft_start(&whatif->plans[i], last + 1);
    }
    whatif->marks = calloc((size_t)last + 2, sizeof *whatif->marks);
}

static ql_question question_of(const ql_draft *plan)
{
    return (ql_question){.ask = QL_ASK_PLAN, .modes = ql_draft_modes(plan), .ops = plan->ops};
}

const ql_answer *ql_whatif_answer(const ql_session *session, int which)
{
    const ql_whatif *whatif = &session->whatif;
    ql_question question = question_of(&whatif->plans[which]);
    for (int i = whatif->answer_count; i-- > 0 && question.ops;) {
        if (ql_question_same(&whatif->answers[i]->question, &question)) {
            return whatif->answers[i];
        }
    }
    return NULL;
}

/* A plan without layers is asked for when nothing else is to be done: models and data are then at hand when
 * the first layer changes. */
bool ql_whatif_question(const ql_session *session, ql_question *question)
{
    const ql_whatif *whatif = &session->whatif;
    bool idle = session->run == QL_RUN_DONE || session->run == QL_RUN_STOPPED;
    for (int i = 0; i < QL_PLANS && session->engine; i++) {
        int which = (whatif->shown + i) % QL_PLANS;
        const ql_draft *plan = &whatif->plans[which];
        bool wanted = ql_draft_layers(plan) || (idle && !i);
        if (plan->ops && wanted && !ql_whatif_answer(session, which)) {
            *question = question_of(plan);
            return true;
        }
    }
    return false;
}

void ql_whatif_take(ql_session *session, ql_answer *answer)
{
    ql_whatif *whatif = &session->whatif;
    ql_answer *kept = answer->code == QL_E_INTERRUPTED ? NULL : malloc(sizeof *kept);
    if (!kept) {
        ql_answer_free(answer);
        return;
    }
    if (answer->code &&
        ql_modes_keep_all(answer->question.modes, answer->question.ops)) { /* nobody has asked for that one */
        char text[1200];
        ql_session_log(session, "plans cannot be measured: %s", ql_err_text(&answer->err, text, sizeof text));
    } else if (answer->code) {
        ql_session_error(session, &answer->err);
    }
    *kept = *answer;
    if (whatif->answer_count == QL_ANSWERS) {
        ql_answer_free(whatif->answers[0]);
        free(whatif->answers[0]);
        memmove(whatif->answers, whatif->answers + 1, (QL_ANSWERS - 1) * sizeof *whatif->answers);
        whatif->answer_count--;
    }
    whatif->answers[whatif->answer_count++] = kept;
}

/* Of a saved result only what the document says is known. */
static const char *saved_refusal(const ql_session *session, int op)
{
    const ql_row *row = ql_digest_row_of_op(&session->digest, op);
    if (!row || isnan(ql_json_get_number(row->candidate, "scale", (double)NAN)) ||
        !strcmp(row->op, "QUANTIZE") || !strcmp(row->op, "DEQUANTIZE")) {
        return "it is no quantized layer";
    }
    return ql_digest_int(row->reference, "op_index", -1) < 0 ? "it has no counterpart in the float model"
                                                             : NULL;
}

static const char *live_refusal(const ql_session *session, int op, ql_layer_mode mode)
{
    const ql_engine_options *o = session->engine;
    int ops = o->candidate.model->subgraphs[o->candidate.subgraph].operator_count;
    return op >= ops ? "it is no layer"
                     : ql_mixed_refusal(o->reference, o->candidate, session->whole, op, mode);
}

const char *ql_whatif_refusal(const ql_session *session, int op, ql_layer_mode mode)
{
    if (op < 0 || op >= session->whatif.plans[0].ops) {
        return "it is no layer";
    }
    return mode == QL_LAYER_KEEP ? NULL
           : !session->engine    ? saved_refusal(session, op)
                                 : live_refusal(session, op, mode);
}

static const char *name_of(const ql_session *session, int op)
{
    const ql_row *row = ql_digest_row_of_op(&session->digest, op);
    return row ? ql_digest_short(&session->digest, row->label) : "the layer";
}

static void say_set(ql_session *session, const int *ops, int set, int count, ql_layer_mode mode,
                    const char *why)
{
    const char *name = name_of(session, ops[0]), *to = ql_layer_mode_name(mode);
    if (!set) {
        ql_session_say(session, QL_ROLE_WARN, "%.100s cannot be %s: %s", name, to, why ? why : "?");
    } else if (why) {
        ql_session_say(session, QL_ROLE_WARN, "%d of %d layers: %s; the others cannot: %s", set, count, to,
                       why);
    } else if (count > 1) {
        ql_session_say(session, QL_ROLE_NORMAL, "%d layers: %s", set, to);
    } else {
        ql_session_say(session, QL_ROLE_NORMAL, "%.150s: %s", name, to);
    }
}

static ql_layer_mode *copy_modes(const ql_draft *plan)
{
    ql_layer_mode *modes = plan->ops ? malloc((size_t)plan->ops * sizeof *modes) : NULL;
    if (modes) {
        memcpy(modes, ql_draft_modes(plan), (size_t)plan->ops * sizeof *modes);
    }
    return modes;
}

void ql_whatif_set(ql_session *session, const int *ops, int count, ql_layer_mode mode)
{
    ql_whatif *whatif = &session->whatif;
    ql_draft *plan = &whatif->plans[whatif->shown];
    ql_layer_mode *modes = copy_modes(plan);
    const char *why = NULL;
    int set = 0;
    for (int i = 0; modes && i < count; i++) {
        const char *refused = ql_whatif_refusal(session, ops[i], mode);
        why = refused ? refused : why;
        if (!refused) {
            modes[ops[i]] = mode;
            set++;
        }
    }
    if (modes && count) {
        whatif->used[whatif->shown] = ql_draft_step(plan, modes) || whatif->used[whatif->shown];
        ql_session_fill(session, QL_TUI_whatif);
        say_set(session, ops, set, count, mode, why);
    }
    free(modes);
}

/* The operators that read what `op` makes, appended to the list. */
static int add_readers(const ql_session *session, int op, int *ops, int count)
{
    const ql_row *own = ql_digest_row_of_op(&session->digest, op);
    for (int i = 0; i < session->digest.row_count && own; i++) {
        const ql_row *row = &session->digest.rows[i];
        if (row->first_of_op && row->op_index >= 0 && row->op_index != op && ql_row_reads(row, own->tensor)) {
            ops[count++] = row->op_index;
        }
    }
    return count;
}

/* What a key is about: the marked layers, else the one that the view stands on. */
static int chosen(const ql_session *session, bool around, int *ops)
{
    const ql_whatif *whatif = &session->whatif;
    const ql_tui_view *view = ql_tui_views[session->view];
    int count = 0;
    for (int op = 0; op < whatif->plans[0].ops && whatif->mark_count && !around; op++) {
        ops[count] = op;
        count += whatif->marks[op];
    }
    int op = view->op ? view->op(session) : -1;
    if (!count && op >= 0) {
        ops[count++] = op;
        count = around ? add_readers(session, op, ops, count) : count;
    }
    return count;
}

/* The mode after the first layer's; one that it cannot have is passed over. */
static ql_layer_mode next_mode(const ql_session *session, int op)
{
    static const ql_layer_mode after[] = {[QL_LAYER_KEEP] = QL_LAYER_FLOAT,
                                          [QL_LAYER_FLOAT] = QL_LAYER_INT16X8,
                                          [QL_LAYER_INT16X8] = QL_LAYER_KEEP};
    const ql_whatif *whatif = &session->whatif;
    ql_layer_mode now = ql_draft_mode(&whatif->plans[whatif->shown], op), next = after[now];
    while (next != QL_LAYER_KEEP && ql_whatif_refusal(session, op, next)) {
        next = after[next];
    }
    return next == now ? QL_LAYER_FLOAT : next;
}

void ql_whatif_cycle(ql_session *session, bool around)
{
    int *ops =
        calloc((size_t)session->whatif.plans[0].ops + (size_t)session->digest.row_count + 2, sizeof *ops);
    int count = ops ? chosen(session, around, ops) : 0, lead = 0;
    while (lead + 1 < count && ql_whatif_refusal(session, ops[lead], QL_LAYER_FLOAT)) {
        lead++;
    }
    if (count) {
        ql_whatif_set(session, ops, count, next_mode(session, ops[lead]));
    } else {
        ql_session_say(session, QL_ROLE_WARN, "no layer is under the cursor");
    }
    free(ops);
}

bool ql_whatif_is_marked(const ql_session *session, int op)
{
    return op >= 0 && op < session->whatif.plans[0].ops && session->whatif.marks && session->whatif.marks[op];
}

static void set_mark(ql_session *session, int op, bool mark)
{
    ql_whatif *whatif = &session->whatif;
    if (whatif->marks && op >= 0 && op < whatif->plans[0].ops && whatif->marks[op] != mark) {
        whatif->marks[op] = mark;
        whatif->mark_count += mark ? 1 : -1;
    }
}

/* And one row on, so that a run of rows is marked by repeating the key. */
void ql_whatif_mark(ql_session *session)
{
    const ql_tui_view *view = ql_tui_views[session->view];
    int op = view->op ? view->op(session) : -1;
    if (op < 0) {
        ql_session_say(session, QL_ROLE_WARN, "no layer is under the cursor");
        return;
    }
    set_mark(session, op, !ql_whatif_is_marked(session, op));
    if (session->view != QL_TUI_tensor) {
        ql_list_move(ql_session_list(session), 1);
    }
    ql_session_say(session, QL_ROLE_NORMAL, "%d marked", session->whatif.mark_count);
}

void ql_whatif_mark_matching(ql_session *session, const char *pattern)
{
    ql_list matcher = {0};
    ql_err err = {0};
    int before = session->whatif.mark_count;
    for (int op = 0; !*pattern && op < session->whatif.plans[0].ops; op++) {
        set_mark(session, op, false);
    }
    if (*pattern && ql_list_filter(&matcher, pattern, &err)) {
        ql_session_error(session, &err);
        return;
    }
    for (int i = 0; *pattern && i < session->digest.row_count; i++) {
        if (ql_session_row_matches(session, &matcher, QL_TUI_layers, i)) {
            set_mark(session, session->digest.rows[i].op_index, true);
        }
    }
    ql_list_free(&matcher);
    ql_session_say(session, QL_ROLE_NORMAL, "%d marked, %d before", session->whatif.mark_count, before);
}

void ql_whatif_set_matching(ql_session *session, const char *rule)
{
    const char *equals = strrchr(rule, '=');
    char pattern[QL_INPUT];
    ql_layer_mode mode;
    ql_list matcher = {0};
    ql_err err = {0};
    if (!equals || equals == rule || !ql_layer_mode_named(equals + 1, &mode)) {
        ql_session_say(session, QL_ROLE_BAD, "set: REGEX=float, REGEX=int16x8 or REGEX=keep is required");
        return;
    }
    snprintf(pattern, sizeof pattern, "%.*s", (int)(equals - rule), rule);
    if (ql_list_filter(&matcher, pattern, &err)) {
        ql_session_error(session, &err);
        return;
    }
    int *ops = calloc((size_t)session->digest.row_count + 1, sizeof *ops), count = 0;
    for (int i = 0; ops && i < session->digest.row_count; i++) {
        const ql_row *row = &session->digest.rows[i];
        if (row->first_of_op && row->op_index >= 0 &&
            ql_session_row_matches(session, &matcher, QL_TUI_layers, i)) {
            ops[count++] = row->op_index;
        }
    }
    ql_list_free(&matcher);
    if (count) {
        ql_whatif_set(session, ops, count, mode);
    } else {
        ql_session_say(session, QL_ROLE_WARN, "set: no layer matches");
    }
    free(ops);
}

void ql_whatif_undo(ql_session *session, bool redo)
{
    ql_draft *plan = &session->whatif.plans[session->whatif.shown];
    bool done = redo ? ql_draft_redo(plan) : ql_draft_undo(plan);
    ql_session_fill(session, QL_TUI_whatif);
    ql_session_say(session, done ? QL_ROLE_NORMAL : QL_ROLE_WARN,
                   done ? "plan %c: step %d of %d" : "no more steps", 'A' + session->whatif.shown, plan->at,
                   plan->count ? plan->count - 1 : 0);
}

void ql_whatif_other(ql_session *session)
{
    ql_whatif *whatif = &session->whatif;
    ql_layer_mode *modes = copy_modes(&whatif->plans[whatif->shown]);
    whatif->used[whatif->shown] = true;
    whatif->shown = (whatif->shown + 1) % QL_PLANS;
    bool copied = modes && !whatif->used[whatif->shown];
    if (copied) {
        ql_draft_step(&whatif->plans[whatif->shown], modes);
    }
    whatif->used[whatif->shown] = true;
    free(modes);
    ql_session_fill(session, QL_TUI_whatif);
    ql_session_say(session, QL_ROLE_NORMAL, "plan %c%s", 'A' + whatif->shown,
                   copied ? ", begun as a copy" : "");
}

void ql_whatif_clear(ql_session *session)
{
    ql_draft *plan = &session->whatif.plans[session->whatif.shown];
    ql_layer_mode *none = calloc((size_t)plan->ops + 1, sizeof *none);
    if (none && ql_draft_step(plan, none)) {
        ql_session_say(session, QL_ROLE_NORMAL, "plan %c keeps everything: u takes that back",
                       'A' + session->whatif.shown);
    }
    free(none);
    ql_session_fill(session, QL_TUI_whatif);
}

void ql_text_whatif(ql_text *text, const ql_session *session)
{
    const ql_whatif *whatif = &session->whatif;
    int layers = ql_draft_layers(&whatif->plans[whatif->shown]);
    const ql_answer *answer = ql_whatif_answer(session, whatif->shown);
    char figure[QL_FIGURE_SIZE];
    if (!layers) {
        return;
    }
    ql_text_format(text, "%c: %d layer%s", 'A' + whatif->shown, layers, layers > 1 ? "s" : "");
    if (answer && answer->code) {
        ql_text_put(text, " refused");
    } else if (answer) {
        const ql_whatif_figures *f = &answer->worth.figures;
        bool exact = isinf(f->sqnr_db);
        ql_text_format(text, exact ? " %s" : " %s dB",
                       exact ? "exact" : ql_figure_text(figure, "sqnr_db", f->sqnr_db));
        double share = isnan(f->accuracy) ? f->top1 : f->accuracy;
        if (!isnan(share)) {
            ql_text_format(text, " %s", ql_percent_text(figure, share));
        }
    }
}
