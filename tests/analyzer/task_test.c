/* Figures of the task against counts by hand, and parts that were damaged. */
#include "analyzer/analyzer.h"
#include "analyzer/compare/task.h"
#include "tests/support/suite.h"

#include <math.h>

/* Three classes; each sample two rows. Argmax of the reference and of the candidate, row by row. */
static const struct {
    int reference[2], candidate[2];
    int64_t label;
} samples[] = {
    {{0, 1}, {0, 1}, 0}, /* both right */
    {{0, 1}, {1, 1}, 0}, /* only the reference */
    {{1, 1}, {0, 0}, 0}, /* only the candidate */
    {{1, 0}, {1, 0}, 0}, /* neither */
    {{0, 0}, {0, 0}, 7}, /* a label past the classes: nobody is right */
    {{0, 0}, {0, 0}, -1},
};
enum { SAMPLES = sizeof samples / sizeof *samples, CLASSES = 3 };
static const ql_task_shape shape = {.classes = CLASSES, .labels = true, .rows = true};

static void add(ql_task_stats *task, int i)
{
    float f[2 * CLASSES] = {0}, q[2 * CLASSES] = {0};
    for (int row = 0; row < 2; row++) {
        f[CLASSES * row + samples[i].reference[row]] = 1;
        q[CLASSES * row + samples[i].candidate[row]] = 1;
    }
    ql_task_add(task, f, q, 2 * CLASSES, CLASSES, &samples[i].label);
}

START_TEST(counts_are_those_by_hand)
{
    ql_task_stats task[2];
    ck_assert_int_eq(ql_task_make(&task[0], shape, NULL), QL_OK);
    ck_assert_int_eq(ql_task_make(&task[1], shape, NULL), QL_OK);
    for (int i = 0; i < SAMPLES; i++) {
        add(&task[i % (_i + 1)], i); /* all in one, or in two parts */
    }
    ql_task_merge(&task[0], &task[1]);
    ck_assert_uint_eq(task->labelled, 6);
    ck_assert_uint_eq(task->reference_right, 2);
    ck_assert_uint_eq(task->candidate_right, 2);
    ck_assert_uint_eq(task->both_right, 1);
    ck_assert_uint_eq(task->agreement.rows, 12);
    ck_assert_uint_eq(task->agreement.top1, 9);
    ck_assert_uint_eq(task->reference_confusion[0], 2);
    ck_assert_uint_eq(task->reference_confusion[1], 2);
    ck_assert_uint_eq(task->candidate_confusion[0], 2);
    ck_assert_uint_eq(task->candidate_confusion[1], 2);
    /* rows of class 0: reference 7, candidate 8, both 6; of class 1: 5, 4, 3; class 2 is never named */
    ck_assert(fabs(ql_task_iou(task, 0) - 6.0 / 9) < 1e-15);
    ck_assert(fabs(ql_task_iou(task, 1) - 3.0 / 6) < 1e-15);
    ck_assert(isnan(ql_task_iou(task, 2)));
    ck_assert(fabs(ql_task_mean_iou(task) - (6.0 / 9 + 0.5) / 2) < 1e-15);
    ql_task_free(&task[0]);
    ql_task_free(&task[1]);
}
END_TEST

START_TEST(what_there_is_nothing_of_is_absent)
{
    ql_task_stats task;
    const float scores[] = {0, 1, 0};
    ck_assert_int_eq(ql_task_make(&task, (ql_task_shape){.classes = 3}, NULL), QL_OK);
    ql_task_add(&task, scores, scores, 3, 3, NULL);
    ck_assert_uint_eq(task.labelled, 0);
    ck_assert_ptr_null(task.reference_confusion);
    ck_assert(isnan(ql_task_mean_iou(&task)));
    ck_assert_uint_eq(task.agreement.top1, 1);
    ql_task_free(&task);
}
END_TEST

Suite *ql_suite(void)
{
    Suite *suite = suite_create("task");
    TCase *tests = tcase_create("task");
    tcase_add_loop_test(tests, counts_are_those_by_hand, 0, 2);
    tcase_add_test(tests, what_there_is_nothing_of_is_absent);
    suite_add_tcase(suite, tests);
    return suite;
}
