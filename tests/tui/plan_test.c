/* Plans that are edited by keys, files of plans, completion, what was typed before, samples. */
#include "tests/support/suite.h"
#include "tui/lab/task.h"
#include "tui/session/plan_file.h"
#include "tui/session/prompt.h"
#include "tui/session/session.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define GOLDEN QL_SOURCE_DIR "/tests/tui/golden/"

static void open_session(ql_session *session)
{
    ql_err err;
    ql_json *doc = NULL;
    ql_session_open(session, "result.json", NULL);
    ck_assert_int_eq(ql_json_read(&doc, GOLDEN "small.json", &err), QL_OK);
    ck_assert_int_eq(ql_session_document(session, doc, &err), QL_OK);
}

static void press(ql_session *session, int key)
{
    ql_answer answer = {0};
    ql_task task = {.options = {.threads = 1}};
    ql_session_event(session, (ql_event){key, 0, 0});
    if (ql_session_question(session, QL_ASK_WRITE, &answer.question)) {
        answer.code = ql_task_run(&task, &answer);
        ql_session_answer(session, &answer);
    }
}

/* '\n' is Enter, '\b' Esc, '^' Up, '_' Down, '<' Left, '>' Right. */
static void type(ql_session *session, const char *keys)
{
    for (; *keys; keys++) {
        press(session, *keys == '\n'   ? QL_KEY_ENTER
                       : *keys == '\b' ? QL_KEY_ESCAPE
                       : *keys == '^'  ? QL_KEY_UP
                       : *keys == '_'  ? QL_KEY_DOWN
                       : *keys == '<'  ? QL_KEY_LEFT
                       : *keys == '>'  ? QL_KEY_RIGHT
                                       : *keys);
    }
}

/* A letter an operator: - F H. */
static void letters(const ql_session *session, int which, char out[16])
{
    const ql_draft *plan = &session->whatif.plans[which];
    for (int op = 0; op < plan->ops; op++) {
        out[op] = "-FH"[ql_draft_mode(plan, op)];
    }
    out[plan->ops] = 0;
}

/* Operators 0 to 5; 5 is no layer. The input is the list's first row. */
static const struct {
    const char *keys, *a, *b;
} edits[] = {
    {"", "------", "------"},
    {"t", "------", "------"}, /* the input is no layer */
    {"jt", "F-----", "------"},
    {"jtt", "H-----", "------"},
    {"jttt", "------", "------"},
    {"jtjtt", "FH----", "------"},
    {"Gt", "------", "------"},
    {"jtu", "------", "------"},
    {"jtjtuU", "FF----", "------"},
    {"jtjtuuuU", "F-----", "------"},
    {"jtjtujjtU", "F--F--", "------"}, /* a new step forgets those taken back */
    {"jmmt", "FF----", "------"},
    {"jmmtt", "HH----", "------"},
    {"jmmkmt", "F-----", "------"}, /* the second mark taken away, the list's third row has none */
    {"Mblock\nt", "FFFF--", "------"},
    {"Mblock\nM\njt", "F-----", "------"},
    {"M(\njt", "F-----", "------"},
    {":set block=int16x8\n", "HHHH--", "------"},
    {":set block=int16x8\n:set add=keep\n", "HHH---", "------"},
    {":set block\n", "------", "------"},
    {":set (=float\n", "------", "------"},
    {":set nothing like it=float\n", "------", "------"},
    {"!T", "---FF-", "------"}, /* with what reads its tensor */
    {"!\nt", "---F--", "------"},
    {"!\nTT", "---HH-", "------"},
    {"3t", "---F--", "------"},
    {"jtx", "F-----", "F-----"}, /* the other one begins as a copy */
    {"jtxjt", "F-----", "FF----"},
    {"jtxjtxjt", "F-F---", "FF----"},
    {"jtxux", "F-----", "------"},
    {"jt4t", "H-----", "------"},
    {"jt4m4t", "H-----", "------"},
    {"jt:clear\n", "------", "------"},
    {"jt:clear\nu", "F-----", "------"},
    {":plan " GOLDEN "plans.json\n", "-F-H--", "------"},
    {":plan " GOLDEN "plans.json\n5j\n", "---F--", "------"},
    {":plan " GOLDEN "plans.json\n5jjj\nu", "-F-H--", "------"},
    {":plan " GOLDEN "plans.json\n5G\n", "------", "------"},
    {":plan " GOLDEN "small.json\n", "------", "------"},
    {":plan " GOLDEN "nothing.json\n", "------", "------"},
};

START_TEST(keys_edit_plans)
{
    ql_session session;
    char a[16], b[16];
    open_session(&session);
    type(&session, edits[_i].keys);
    letters(&session, 0, a);
    letters(&session, 1, b);
    ck_assert_str_eq(a, edits[_i].a);
    ck_assert_str_eq(b, edits[_i].b);
    ql_session_close(&session);
}
END_TEST

START_TEST(many_steps)
{
    ql_session session;
    open_session(&session);
    for (int i = 0; i < 500; i++) {
        type(&session, i % 7 ? "jt" : "gjt");
    }
    for (int i = 0; i < QL_DRAFT_STEPS + 5; i++) {
        type(&session, "u");
    }
    ck_assert_int_eq(session.whatif.plans[0].at, 0);
    for (int i = 0; i < QL_DRAFT_STEPS + 5; i++) {
        type(&session, "U");
    }
    ck_assert_int_eq(session.whatif.plans[0].at, QL_DRAFT_STEPS - 1);
    ql_session_close(&session);
}
END_TEST

/* What a plan is written as gives the same plan when it is read. */
START_TEST(plans_are_written_and_read)
{
    char folder[] = "/tmp/qloupe-plan-XXXXXX", line[400], path[120], a[16];
    ql_session session;
    ql_err err;
    ql_json *json = NULL;
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/p.json", folder);
    open_session(&session);
    snprintf(line, sizeof line, "jtjjtt:write plan %s\n:clear\n:plan %s\n", path, path);
    type(&session, line);
    letters(&session, 0, a);
    ck_assert_str_eq(a, "F-H---");
    ck_assert_int_eq(ql_json_read(&json, path, &err), QL_OK);
    const ql_json *second = ql_json_at(ql_json_get(json, "layers"), 1);
    ck_assert_str_eq(ql_json_get_text(json, "schema", ""), "qloupe.plan/1");
    ck_assert_str_eq(ql_json_get_text(second, "mode", ""), "int16x8");
    ck_assert_int_eq(ql_digest_int(second, "op_index", -1), 2);
    ck_assert(ql_json_size(ql_json_get(second, "node_names")) > 1);
    ql_json_free(json);
    unlink(path);
    ck_assert(!rmdir(folder));
    ql_session_close(&session);
}
END_TEST

/* "\t" completes; what the line is then, and how it begins where several fit. */
static const struct {
    const char *typed, *line, *choices;
} completions[] = {
    {":w\t", "write ", ""},
    {":s\t", "s", "set  sort  suggest"},
    {":so\t", "sort ", ""},
    {":sort loc\t", "sort local.", "local.cosine"},
    {":sort local.sq\t", "sort local.sqnr_db ", ""},
    {":columns mae rms\t", "columns mae rmse", "rmse  rmse_over_scale"},
    {":view w\t", "view w", "weights  what-if"},
    {":view wh\t", "view what-if ", ""},
    {":set conv=\t", "set conv=", "conv=float  conv=int16x8  conv=keep"},
    {":set conv=f\t", "set conv=float ", ""},
    {":write p\t", "write plan ", ""},
    {":write config tf-\t", "write config tf-debugger ", ""},
    {":plan " GOLDEN "plans.j\t", "plan " GOLDEN "plans.json", ""},
    {":plan " QL_SOURCE_DIR "/tests/tui/gold\t", "plan " GOLDEN, ""},
    {":nothing x\t", "nothing x", ""},
    {":xyz\t", "xyz", ""},
    {":op\t", "op ", ""},
    {":sort  x<<loc\t", "sort local. x", "local.cosine"},
};

START_TEST(completion)
{
    ql_session session;
    open_session(&session);
    type(&session, completions[_i].typed);
    ck_assert_str_eq(session.prompt.text, completions[_i].line);
    size_t length = strlen(completions[_i].choices);
    ck_assert(!strncmp(ql_text_bytes(&session.prompt.choices), completions[_i].choices, length));
    ql_session_close(&session);
}
END_TEST

/* Lines typed before come back with Up ('^') and Down ('_'), each kind of prompt its own. */
static const struct {
    const char *keys, *text;
} recalls[] = {
    {":op 1\n:op 2\n:^", "op 2"},
    {":op 1\n:op 2\n:^^", "op 1"},
    {":op 1\n:op 2\n:^^^^", "op 1"},
    {":op 1\n:op 2\n:^^_", "op 2"},
    {":op 1\n:op 2\n:new^^__", "new"},
    {":op 1\n:op 2\n:op 1\n:^^", "op 2"},
    {"/conv\n/^", "conv"},
    {"/conv\n&^", ""},
    {":abc<<X", "aXbc"},
    {":abc<<\x7fY", "Ybc"},
    {":abc def\x17g", "abc g"},
    {":abc<<\x15", "bc"},
    {":abc\x01X", "Xabc"},
    {":abc\x01X\x05Z", "XabcZ"},
    {":abc\x01>X", "aXbc"},
};

START_TEST(recall_and_edit)
{
    ql_session session;
    open_session(&session);
    type(&session, recalls[_i].keys);
    ck_assert_str_eq(session.prompt.text, recalls[_i].text);
    ql_session_close(&session);
}
END_TEST

/* Enter on a sample chooses it for the elements, once more leaves each tensor its own. */
START_TEST(samples_are_chosen)
{
    static const ql_sample one = {.sample = 5, .sqnr = 3, .reference = 1, .candidate = 2, .label = 1};
    ql_session session;
    open_session(&session);
    ql_session_samples(&session, &one, 1);
    type(&session, "6\n");
    ck_assert_int_eq(session.view, QL_TUI_tensor);
    ck_assert_int_eq(session.sample, 5);
    ck_assert(session.elements);
    ck_assert_int_eq(session.row, 5); /* the output's */
    type(&session, "6\n");
    ck_assert_int_eq(session.sample, -1);
    ck_assert_int_eq(session.view, QL_TUI_samples);
    ql_session_close(&session);
}
END_TEST

/* Samples in three orders: by SQNR, by class, by number. */
START_TEST(sample_orders)
{
    static const ql_sample list[] = {
        {.sample = 2, .sqnr = 30, .reference = 1, .candidate = 1, .label = 1},
        {.sample = 0, .sqnr = 10, .reference = 1, .candidate = 1, .label = 1},
        {.sample = 3, .sqnr = HUGE_VAL, .reference = 0, .candidate = 0, .label = 1},
        {.sample = 1, .sqnr = 20, .reference = 1, .candidate = 2, .label = 1},
    };
    static const int orders[QL_SAMPLE_ORDERS][4] = {{1, 3, 0, 2}, {3, 2, 1, 0}, {1, 3, 0, 2}};
    ql_samples samples = {0};
    int order[4];
    for (int i = 0; i < 4; i++) {
        ql_samples_add(&samples, &list[i]);
    }
    for (int by = 0; by < QL_SAMPLE_ORDERS; by++) {
        ql_samples_order(&samples, (ql_sample_order)by, order);
        ck_assert_mem_eq(order, orders[by], sizeof order);
    }
    ql_samples_free(&samples);
}
END_TEST

/* Scores of a reference and a candidate, and what a sample is then. */
static const struct {
    float f[4], q[4];
    size_t count, row;
    int reference, candidate;
    double sqnr, max_abs, agreement;
} scores[] = {
    {{1, 0, 0, 0}, {1, 0, 0, 0}, 4, 4, 0, 0, HUGE_VAL, 0, 1},
    {{1, 0, 0, 0}, {0, 1, 0, 0}, 4, 4, 0, 1, -3.0103, 1, 0},
    {{1, 0, 0, 1}, {1, 0, 1, 0}, 4, 2, -1, -1, 0, 1, 0.5},
    {{10, 0}, {9, 0}, 2, 1, -1, -1, 20, 1, NAN},
    {{1, 0}, {NAN, 0}, 2, 2, 0, 1, -HUGE_VAL, HUGE_VAL, 0},
};

START_TEST(sample_figures)
{
    ql_sample_scores s = {.sample = 7,
                          .reference = scores[_i].f,
                          .candidate = scores[_i].q,
                          .count = scores[_i].count,
                          .row = scores[_i].row};
    ql_sample got = ql_sample_of(&s);
    ck_assert_int_eq(got.reference, scores[_i].reference);
    ck_assert_int_eq(got.candidate, scores[_i].candidate);
    ck_assert(got.sqnr == scores[_i].sqnr || fabs(got.sqnr - scores[_i].sqnr) < 1e-4);
    ck_assert(got.max_abs == scores[_i].max_abs || fabs(got.max_abs - scores[_i].max_abs) < 1e-6);
    ck_assert(isnan(scores[_i].agreement) ? isnan(got.agreement)
                                          : fabs(got.agreement - scores[_i].agreement) < 1e-9);
    ck_assert_int_eq(got.label, -1);
}
END_TEST

#define COUNT(table) (int)(sizeof(table) / sizeof *(table))

Suite *ql_suite(void)
{
    Suite *suite = suite_create("plan");
    TCase *all = tcase_create("plan");
    tcase_add_loop_test(all, keys_edit_plans, 0, COUNT(edits));
    tcase_add_test(all, many_steps);
    tcase_add_test(all, plans_are_written_and_read);
    tcase_add_loop_test(all, completion, 0, COUNT(completions));
    tcase_add_loop_test(all, recall_and_edit, 0, COUNT(recalls));
    tcase_add_test(all, samples_are_chosen);
    tcase_add_test(all, sample_orders);
    tcase_add_loop_test(all, sample_figures, 0, COUNT(scores));
    suite_add_tcase(suite, all);
    return suite;
}
