#include "metrics/scatter.h"
#include "tests/support/suite.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { N = 1000, SAMPLES = 30 };

static float f[SAMPLES][N], q[SAMPLES][N];

static void fill(void)
{
    for (int s = 0; s < SAMPLES; s++) {
        for (int i = 0; i < N; i++) {
            f[s][i] = (float)(s * N + i);
            q[s][i] = f[s][i] + 0.5f;
        }
    }
    f[2][7] = NAN;
    q[3][9] = INFINITY;
}

static void add(ql_scatter *scatter, int sample, const float *a, const float *b, size_t n)
{
    ql_raw values = ql_raw_of_floats(b);
    ql_scatter_draws draws;
    ql_scatter_draw(&draws, (uint64_t)sample);
    ql_scatter_add(scatter, &draws, a, &values, n);
}

static char *text_of(const ql_scatter *scatter)
{
    size_t length = ql_scatter_write(scatter, NULL, 0);
    char *text = malloc(length + 1);
    ck_assert_ptr_nonnull(text);
    ck_assert_uint_eq(ql_scatter_write(scatter, text, length + 1), length);
    return text;
}

START_TEST(any_split_and_order_gives_the_same_text)
{
    ql_scatter whole = {0}, parts[4] = {{0}};
    fill();
    for (int s = 0; s < SAMPLES; s++) {
        add(&whole, s, f[s], q[s], N);
    }
    for (int s = SAMPLES - 1; s >= 0; s--) {
        add(&parts[(s * 7 + _i) % 4], s, f[s], q[s], N);
    }
    for (int p = 1; p < 4; p++) {
        ql_scatter_merge(&parts[0], &parts[p]);
    }
    char *want = text_of(&whole), *got = text_of(&parts[0]);
    ck_assert_str_eq(got, want);
    ql_scatter read;
    ck_assert(ql_scatter_parse(&read, want, strlen(want)));
    ck_assert_mem_eq(&read, &whole, sizeof whole);
    free(got);
    free(want);
}
END_TEST

/* 160 of 30,000 equally likely elements: their mean is within five standard errors of the middle. */
START_TEST(elements_are_drawn_evenly)
{
    ql_scatter scatter = {0};
    fill();
    for (int s = 0; s < SAMPLES; s++) {
        add(&scatter, s, f[s], q[s], N);
    }
    double sum = 0;
    for (size_t i = 0; i < scatter.count; i++) {
        sum += (double)scatter.points[i].f;
        ck_assert_double_eq_tol((double)(scatter.points[i].q - scatter.points[i].f), 0.5, 1e-2);
    }
    ck_assert_uint_eq(scatter.count, QL_SCATTER_POINTS);
    double middle = SAMPLES * N / 2.0, width = SAMPLES * N / sqrt(12.0 * QL_SCATTER_POINTS);
    ck_assert_double_eq_tol(sum / QL_SCATTER_POINTS, middle, 5 * width);
}
END_TEST

START_TEST(of_few_elements_all_are_kept)
{
    ql_scatter scatter = {0};
    const float few[] = {1, NAN, 3, -INFINITY, 5};
    add(&scatter, 9, few, few, 5);
    ck_assert_uint_eq(scatter.count, 3);
    add(&scatter, 10, few, few, 0);
    ck_assert_uint_eq(scatter.count, 3);
}
END_TEST

static const char *const damaged[] = {"",
                                      "qp1 ",
                                      "qp2",
                                      "qp1 1",
                                      "qp1 1 2",
                                      "qp1 5 0 0 4 0 0",
                                      "qp1 1 0 2139095040",
                                      "qp1 01 0 0",
                                      "qp1 1 0 0 ",
                                      "qp1 1 0 4294967296"};

START_TEST(damaged_text_is_refused)
{
    ql_scatter scatter;
    ck_assert(!ql_scatter_parse(&scatter, damaged[_i], strlen(damaged[_i])));
    ck_assert_uint_eq(scatter.count, 0);
}
END_TEST

Suite *ql_suite(void)
{
    Suite *suite = suite_create("scatter");
    TCase *cases = tcase_create("scatter");
    tcase_add_loop_test(cases, any_split_and_order_gives_the_same_text, 0, 4);
    tcase_add_test(cases, elements_are_drawn_evenly);
    tcase_add_test(cases, of_few_elements_all_are_kept);
    tcase_add_loop_test(cases, damaged_text_is_refused, 0, (int)(sizeof damaged / sizeof *damaged));
    suite_add_tcase(suite, cases);
    return suite;
}
