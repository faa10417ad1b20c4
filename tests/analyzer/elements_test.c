/* The worst elements of a sample, and what a comparison tells of every sample. */
#include "tests/support/suite.h"
#include "tests/support/twins.h"

#include <math.h>

#define SAMPLES QL_SOURCE_DIR "/samples/"
enum { COUNT = 30, ROOM = 8 };

static void open_digits(twins *t)
{
    ck_assert(twins_open(t, SAMPLES "digits_float32.tflite", SAMPLES "digits_int8.tflite",
                         SAMPLES "digits.npz", COUNT, "y"));
    t->engine.threads = 2;
}

/* By sample: how often it was shown, and whether both models name its label. Each slot has one writer. */
typedef struct {
    int seen[COUNT];
    bool right[2][COUNT];
} shown;

static size_t highest(const float *scores, size_t count)
{
    size_t best = 0;
    for (size_t i = 1; i < count; i++) {
        best = scores[i] > scores[best] ? i : best;
    }
    return best;
}

static void note(void *user, const ql_sample_scores *scores)
{
    shown *to = user;
    to->seen[scores->sample]++;
    to->right[0][scores->sample] = highest(scores->reference, scores->row) == (size_t)*scores->label;
    to->right[1][scores->sample] = highest(scores->candidate, scores->row) == (size_t)*scores->label;
}

START_TEST(every_sample_is_shown_once)
{
    twins t;
    shown seen = {.seen = {0}};
    ql_comparison comparison;
    ql_err err;
    uint64_t right[2] = {0, 0};
    open_digits(&t);
    t.engine.sampled = note;
    t.engine.user = &seen;
    ck_assert_int_eq(ql_engine_run(&t.engine, &comparison, &err), QL_OK);
    for (int i = 0; i < COUNT; i++) {
        ck_assert_int_eq(seen.seen[i], 1);
        right[0] += seen.right[0][i];
        right[1] += seen.right[1][i];
    }
    ck_assert_uint_eq(right[0], comparison.task.reference_right);
    ck_assert_uint_eq(right[1], comparison.task.candidate_right);
    ql_comparison_free(&comparison);
    twins_close(&t);
}
END_TEST

static double error_of(const ql_element *e)
{
    return fabs((double)e->candidate - (double)e->reference);
}

START_TEST(worst_elements_begin_with_the_worst_of_all)
{
    twins t;
    ql_comparison comparison;
    ql_err err;
    open_digits(&t);
    ck_assert_int_eq(ql_engine_run(&t.engine, &comparison, &err), QL_OK);
    for (int i = 0; i < t.pairing.pair_count; i++) {
        ql_element worst[ROOM];
        int count;
        uint64_t sample = comparison.pairs[i].cumulative.max_abs.sample;
        ck_assert_int_eq(ql_worst_elements(&t.engine, i, sample, worst, ROOM, &count, &err), QL_OK);
        ck_assert_int_gt(count, 0);
        ck_assert_uint_eq(worst[0].element, comparison.pairs[i].cumulative.max_abs.element);
        for (int k = 1; k < count; k++) {
            ck_assert(error_of(&worst[k]) <= error_of(&worst[k - 1]));
        }
    }
    ql_comparison_free(&comparison);
    twins_close(&t);
}
END_TEST

Suite *ql_suite(void)
{
    Suite *suite = suite_create("elements");
    TCase *all = tcase_create("elements");
    tcase_add_test(all, every_sample_is_shown_once);
    tcase_add_test(all, worst_elements_begin_with_the_worst_of_all);
    suite_add_tcase(suite, all);
    return suite;
}
