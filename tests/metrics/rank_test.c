#include "metrics/metrics.h"
#include "tests/support/suite.h"

#include <math.h>
#include <stdlib.h>

#define ROWS(table) (int)(sizeof(table) / sizeof *(table))
#define N_          ((float)NAN)
#define INF_        ((float)INFINITY)

static const struct {
    size_t n, k;
    float x[8];
    size_t want[8], count;
} tops[] = {
    {5, 3, {1, 5, 3, 2, 4}, {1, 4, 2}, 3},
    {4, 4, {2, 2, 2, 2}, {0, 1, 2, 3}, 4},
    {4, 2, {1, 2, 2, 3}, {3, 1}, 2},
    {3, 5, {1, 2, 3}, {2, 1, 0}, 3},
    {4, 4, {N_, -INF_, N_, INF_}, {3, 1, 0, 2}, 4},
    {2, 1, {-0.0F, 0.0F}, {0}, 1},
    {3, 0, {1, 2, 3}, {0}, 0},
    {0, 5, {0}, {0}, 0},
};

START_TEST(top_k_is_in_order)
{
    size_t got[8] = {0};
    ck_assert_uint_eq(ql_top_k(tops[_i].x, tops[_i].n, tops[_i].k, got), tops[_i].count);
    for (size_t i = 0; i < tops[_i].count; i++) {
        ck_assert_uint_eq(got[i], tops[_i].want[i]);
        ck_assert_uint_eq(ql_rank_of(tops[_i].x, tops[_i].n, got[i]), i);
    }
    if (tops[_i].count) {
        ck_assert_uint_eq(ql_argmax(tops[_i].x, tops[_i].n), tops[_i].want[0]);
    }
}
END_TEST

static const struct {
    size_t n;
    float f[8], q[8];
    uint64_t top1, in_5, overlap, possible;
} rows[] = {
    {3, {1, 2, 3}, {1, 2, 3}, 1, 1, 3, 3},
    {3, {1, 2, 3}, {3, 2, 1}, 0, 1, 3, 3},
    {8, {8, 7, 6, 5, 4, 3, 2, 1}, {1, 2, 3, 4, 5, 6, 7, 8}, 0, 0, 2, 5},
    {8, {8, 7, 6, 5, 4, 3, 2, 1}, {0, 0, 0, 0, 0, 0, 0, 0}, 1, 1, 5, 5}, /* ties: first index */
    {6, {0, 0, 0, 0, 0, 1}, {1, 1, 1, 1, 1, N_}, 0, 0, 4, 5},
    {1, {N_}, {N_}, 1, 1, 1, 1},
};

START_TEST(agreement_counts_rows)
{
    ql_agreement one = {0}, sum = {0};
    ql_agreement_add(&one, rows[_i].f, rows[_i].q, rows[_i].n);
    ql_agreement_add(&one, NULL, NULL, 0);
    ql_agreement_merge(&sum, &one);
    ql_agreement_merge(&sum, &one);
    ck_assert_uint_eq(sum.rows, 2);
    ck_assert_uint_eq(sum.top1, 2 * rows[_i].top1);
    ck_assert_uint_eq(sum.top1_in_5, 2 * rows[_i].in_5);
    ck_assert_uint_eq(sum.overlap, 2 * rows[_i].overlap);
    ck_assert_uint_eq(sum.possible, 2 * rows[_i].possible);
    ck_assert_double_eq(ql_agreement_top1(&sum), (double)rows[_i].top1);
    ck_assert_double_eq(ql_agreement_overlap(&sum), (double)rows[_i].overlap / (double)rows[_i].possible);
}
END_TEST

START_TEST(nothing_has_no_rank)
{
    ql_agreement none = {0};
    ck_assert_uint_eq(ql_argmax(NULL, 0), SIZE_MAX);
    ck_assert_double_nan(ql_agreement_top1(&none));
    ck_assert_double_nan(ql_agreement_top1_in_5(&none));
    ck_assert_double_nan(ql_agreement_overlap(&none));
}
END_TEST

START_TEST(overlap_agrees_with_the_two_lists)
{
    float f[40], q[40];
    size_t a[9], b[9], common = 0, n = 1 + (size_t)_i % 40, k = (size_t)_i % 9 + 1;
    srand((unsigned)_i);
    for (size_t i = 0; i < n; i++) {
        f[i] = (float)(rand() % 12);
        q[i] = rand() % 6 ? f[i] : (float)(rand() % 12);
    }
    size_t count = ql_top_k(f, n, k, a);
    ql_top_k(q, n, k, b);
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < count; j++) {
            common += a[i] == b[j];
        }
    }
    ck_assert_uint_eq(ql_top_overlap(f, q, n, k), common);
}
END_TEST

Suite *ql_suite(void)
{
    Suite *suite = suite_create("rank");
    TCase *rank = tcase_create("rank");
    tcase_add_loop_test(rank, top_k_is_in_order, 0, ROWS(tops));
    tcase_add_loop_test(rank, agreement_counts_rows, 0, ROWS(rows));
    tcase_add_test(rank, nothing_has_no_rank);
    tcase_add_loop_test(rank, overlap_agrees_with_the_two_lists, 0, 100);
    suite_add_tcase(suite, rank);
    return suite;
}
