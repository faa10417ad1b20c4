#include "metrics/metrics.h"
#include "tests/support/suite.h"

#include <math.h>

/* From the formula, with Python's exact integers. */
static const struct {
    uint64_t part, whole;
    double low, high;
} intervals[] = {{0, 10, 0, 0.27753280},
                 {10, 10, 0.72246720, 1},
                 {5, 10, 0.23659309, 0.76340691},
                 {1, 3, 0.06149194, 0.79234040}};

START_TEST(wilson)
{
    double low, high;
    ql_wilson(intervals[_i].part, intervals[_i].whole, &low, &high);
    ck_assert_msg(fabs(low - intervals[_i].low) < 1e-7, "%.9g", low);
    ck_assert_msg(fabs(high - intervals[_i].high) < 1e-7, "%.9g", high);
}
END_TEST

START_TEST(no_cases_have_no_interval)
{
    double low = 0, high = 0;
    ql_wilson(0, 0, &low, &high);
    ck_assert(isnan(low));
    ck_assert(isnan(high));
}
END_TEST

static const struct {
    uint64_t a, b;
    double chance;
} tests[] = {{0, 0, 1},
             {0, 1, 1},
             {7, 7, 1},
             {3, 10, 0.09228515625},
             {10, 3, 0.09228515625},
             {40, 60, 0.05688793364},
             {0, 1000, 0},
             {600, 500, 0.00283613266},
             {501, 500, 1},
             {2000, 1000, 0}};

START_TEST(mcnemar)
{
    double chance = ql_mcnemar(tests[_i].a, tests[_i].b);
    ck_assert_msg(fabs(chance - tests[_i].chance) < 1e-7 * (1 + tests[_i].chance), "case %d: %.9g", _i,
                  chance);
}
END_TEST

Suite *ql_suite(void)
{
    Suite *suite = suite_create("share");
    TCase *all = tcase_create("share");
    tcase_add_loop_test(all, wilson, 0, sizeof intervals / sizeof *intervals);
    tcase_add_test(all, no_cases_have_no_interval);
    tcase_add_loop_test(all, mcnemar, 0, sizeof tests / sizeof *tests);
    suite_add_tcase(suite, all);
    return suite;
}
