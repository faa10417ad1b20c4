/* How many samples judge the plans of a search, and how much of it is done. */
#include "analyzer/suggest/search.h"
#include "tests/support/suite.h"

#include <math.h>

static const struct {
    const char *what;
    double macs; /* of the candidate, a sample */
    int singles, groups, layers;
    uint64_t all, asked, few;
    bool heavy;
} searches[] = {
    {"tiny: many samples", 1e5, 20, 20, 4, 100000, 0, 512, false},
    {"as many as make a plan cost the same", 2e7, 20, 20, 4, 100000, 0, 50, false},
    {"all that there are", 1e5, 20, 20, 4, 30, 0, 30, false},
    {"MobileNetV2", 3e8, 65, 100, 4, 100000, 0, 8, false},
    {"ResNet-v2-101", 7.8e9, 216, 220, 4, 100000, 0, 3, true},
    {"fewer layers, more samples", 7.8e9, 216, 220, 1, 100000, 0, 4, true},
    {"those that are asked for", 7.8e9, 216, 220, 4, 100000, 50, 50, true},
    {"never less than two", 1e12, 500, 500, 4, 100000, 0, 2, true},
    {"unless there are less", 1e12, 500, 500, 4, 1, 0, 1, true},
};

START_TEST(samples_are_chosen_by_what_a_search_takes)
{
    ql_suggest_goal goal = {.search_samples = searches[_i].asked};
    ql_search s = {
        .goal = &goal,
        .moves = {.count = searches[_i].singles + searches[_i].groups, .singles = searches[_i].singles},
        .most = searches[_i].layers,
        .all = searches[_i].all};
    uint64_t few = ql_choose_few(&s, (uint64_t)searches[_i].macs);
    ck_assert_msg(few == searches[_i].few, "%s: %llu samples", searches[_i].what, (unsigned long long)few);
    ck_assert_msg((s.promising > 0) == searches[_i].heavy, "%s", searches[_i].what);
    s.tries.asked = 1000000;
    ck_assert_msg(ql_may_grow(&s) != searches[_i].heavy, "%s: only a heavy one ends", searches[_i].what);
}
END_TEST

START_TEST(what_is_left_shrinks_part_by_part)
{
    ql_suggest_goal goal = {0};
    ql_search s = {.goal = &goal, .moves = {.count = 40, .singles = 20}, .most = 4, .all = 64};
    s.few = ql_choose_few(&s, 100000000);
    ql_choose_budget(&s, 100000000);
    uint64_t plans, expected;
    double before = HUGE_VAL;
    for (int part = 0; part < QL_PARTS; part++) {
        ql_foretell(&s, (ql_search_part)part, 1);
        ck_assert(s.expected <= before);
        before = s.expected;
    }
    s.expected = 100 * (double)s.few;
    s.tries.work = 99 * (double)s.few;
    s.tries.at_work = (double)s.few;
    for (uint64_t done = 0; done <= 4; done++) {
        ql_told(&s, done, 4, &plans, &expected);
        ck_assert(plans <= expected && (plans == expected) == (done == 4));
    }
}
END_TEST

Suite *ql_suite(void)
{
    Suite *suite = suite_create("extent of a search");
    TCase *tests = tcase_create("all");
    tcase_add_loop_test(tests, samples_are_chosen_by_what_a_search_takes, 0,
                        (int)(sizeof searches / sizeof *searches));
    tcase_add_test(tests, what_is_left_shrinks_part_by_part);
    suite_add_tcase(suite, tests);
    return suite;
}
