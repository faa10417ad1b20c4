#include "metrics/metrics.h"
#include "tests/support/suite.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MANY = 400 };
static const double inf_ = (double)INFINITY;

static const struct {
    int n;
    double x[8];
    double want;
} sums[] = {
    {0, {0}, 0.0},
    {2, {0.1, 0.2}, 0.1 + 0.2},
    {3, {1e308, 1.0, -1e308}, 1.0},
    {5, {DBL_MAX, DBL_MAX, -DBL_MAX, -DBL_MAX, 0x1p-1074}, 0x1p-1074},
    {2, {DBL_MAX, DBL_MAX}, (double)INFINITY},
    {2, {-DBL_MAX, -DBL_MAX}, -(double)INFINITY},
    {2, {DBL_MAX, 0x1p969}, DBL_MAX},           /* below half of the last place */
    {2, {DBL_MAX, 0x1p970}, (double)INFINITY},  /* half of it: ties to even, past the largest */
    {3, {DBL_MAX, DBL_MAX, -DBL_MAX}, DBL_MAX}, /* through overflow and back */
    {2, {0x1p-1074, 0x1p-1074}, 0x1p-1073},     /* denormals */
    {2, {DBL_MIN, -0x1p-1074}, DBL_MIN - 0x1p-1074},
    {2, {1.0, 0x1p-53}, 1.0},                      /* tie, to even */
    {3, {1.0, 0x1p-53, 0x1p-1074}, 1.0 + 0x1p-52}, /* just above the tie */
    {3, {1.0, 0x1p-53, -0x1p-1074}, 1.0},
    {2, {1.0 + 0x1p-52, 0x1p-53}, 1.0 + 0x1p-51}, /* tie, odd goes up */
    {3, {-1.0, -0x1p-53, -0x1p-1074}, -1.0 - 0x1p-52},
    {2, {-0.0, -0.0}, 0.0},
    {4, {1e16, 1.0, -1e16, 1.0}, 2.0},
    {3, {0x1p32, -1.0, 0x1p-32}, 0x1p32 - 1.0 + 0x1p-32},
};

START_TEST(sum_is_rounded_once)
{
    ql_exact sum = {0};
    for (int i = 0; i < sums[_i].n; i++) {
        ql_exact_add(&sum, sums[_i].x[i]);
    }
    double got = ql_exact_value(&sum);
    ck_assert_mem_eq(&got, &sums[_i].want, sizeof got);
}
END_TEST

static const struct {
    int n;
    double x[3];
    int want; /* 0 NaN, else the sign of the infinity */
} apart[] = {
    {2, {1.0, (double)NAN}, 0},
    {2, {1.0, (double)INFINITY}, 1},
    {3, {-(double)INFINITY, 2.0, -(double)INFINITY}, -1},
    {2, {(double)INFINITY, -(double)INFINITY}, 0},
};

START_TEST(what_is_not_finite_is_counted_apart)
{
    ql_exact sum = {0}, merged = {0};
    for (int i = 0; i < apart[_i].n; i++) {
        ql_exact_add(&sum, apart[_i].x[i]);
    }
    ql_exact_merge(&merged, &sum);
    double got = ql_exact_value(&merged);
    ck_assert(apart[_i].want ? isinf(got) && (got > 0) == (apart[_i].want > 0) : isnan(got));
    char text[700];
    size_t length = ql_exact_write(&merged, text, sizeof text);
    ck_assert(ql_exact_parse(&sum, text, length));
    ck_assert_uint_eq(sum.nan + sum.plus_inf + sum.minus_inf,
                      merged.nan + merged.plus_inf + merged.minus_inf);
}
END_TEST

static double wild(void)
{
    double sign = rand() % 2 ? 1.0 : -1.0;
    return sign * ldexp(1.0 + rand() / (double)RAND_MAX, rand() % 2000 - 1060);
}

START_TEST(any_order_and_split_gives_the_same_text)
{
    srand((unsigned)_i + 1);
    double x[MANY];
    ql_exact forth = {0}, back = {0}, part[7];
    memset(part, 0, sizeof part);
    for (int i = 0; i < MANY; i++) {
        x[i] = wild();
        ql_exact_add(&forth, x[i]);
        ql_exact_add(&part[rand() % 7], x[i]);
    }
    for (int i = MANY - 1; i >= 0; i--) {
        ql_exact_add(&back, x[i]);
    }
    for (int i = 5; i >= 0; i--) {
        ql_exact_merge(&part[i], &part[i + 1]);
    }
    char a[700], b[700], c[700];
    size_t length = ql_exact_write(&forth, a, sizeof a);
    ql_exact_write(&back, b, sizeof b);
    ql_exact_write(&part[0], c, sizeof c);
    ck_assert_str_eq(a, b);
    ck_assert_str_eq(a, c);
    ql_exact again;
    ck_assert(ql_exact_parse(&again, a, length));
    ck_assert_double_eq(ql_exact_value(&again), ql_exact_value(&forth));
    for (int i = 0; i < MANY; i++) {
        ql_exact_add(&again, -x[i]);
    }
    ql_exact_write(&again, b, sizeof b);
    ck_assert_str_eq(b, "0");
}
END_TEST

START_TEST(many_merges_do_not_overflow)
{
    ql_exact one = {0}, sum = {0};
    ql_exact_add(&one, DBL_MAX);
    ql_exact_add(&one, 1.0);
    for (int i = 0; i < 40; i++) { /* doubles each time */
        ql_exact copy = sum;
        ql_exact_merge(&sum, &copy);
        ql_exact_merge(&sum, &one);
    }
    ck_assert_double_eq(ql_exact_value(&sum), inf_);
    ql_exact minus = {0};
    for (int i = 0; i < 40; i++) {
        ql_exact copy = minus;
        ql_exact_merge(&minus, &copy);
        ql_exact_add(&minus, -DBL_MAX);
    }
    ql_exact_merge(&sum, &minus);
    ck_assert_double_eq(ql_exact_value(&sum), 0x1p40 - 1.0);
}
END_TEST

static const struct {
    const char *text;
    bool good;
} texts[] = {
    {"0", true},
    {"1@0", true},
    {"-1@0", true},
    {"400000@33", true},
    {"0~1,0,0", true},
    {"-1@3~0,2,18446744073709551615", true},
    {"", false},
    {"-", false},
    {"-0", false},
    {"00", false},
    {"0@0", false},
    {"01@0", false},
    {"1", false},
    {"1@", false},
    {"1@-1", false},
    {"1@00", false},
    {"1@67", false},
    {"1@68", false},
    {"1@99999999999999999999", false},
    {"100000000@0", false}, /* its lowest digit is 0: 1@1 */
    {"A@0", false},
    {"1@0 ", false},
    {" 1@0", false},
    {"+1@0", false},
    {"1@0~", false},
    {"1@0~0,0,0", false},
    {"1@0~1,0", false},
    {"1@0~1,0,18446744073709551616", false},
    {"1@0~01,0,0", false},
    {"--1@0", false},
};

START_TEST(only_canonical_text_is_read)
{
    ql_exact sum;
    size_t length = strlen(texts[_i].text);
    char *tight = malloc(length + 1); /* not terminated: reading past the end is caught by the sanitizer */
    memcpy(tight, texts[_i].text, length);
    ck_assert_int_eq(ql_exact_parse(&sum, tight, length), texts[_i].good);
    free(tight);
}
END_TEST

START_TEST(too_many_digits_are_refused)
{
    char text[700];
    memset(text, 'f', sizeof text);
    ql_exact sum;
    ck_assert(!ql_exact_parse(&sum, text, sizeof text));
    memcpy(text + 536, "@0", 2);
    ck_assert(ql_exact_parse(&sum, text, 538));
    ck_assert_double_eq(ql_exact_value(&sum), inf_);
    memcpy(text + 537, "@0", 2);
    text[536] = 'f';
    ck_assert(!ql_exact_parse(&sum, text, 539));
}
END_TEST

START_TEST(short_room_cuts_but_counts)
{
    ql_exact sum = {0};
    ql_exact_add(&sum, 1.0);
    char text[4];
    ck_assert_uint_eq(ql_exact_write(&sum, NULL, 0), strlen("40000@33") + 0U);
    ck_assert_uint_eq(ql_exact_write(&sum, text, sizeof text), strlen("40000@33"));
    ck_assert_str_eq(text, "400");
}
END_TEST

static const struct {
    int n;
    double x[6];
    double mean, variance;
} moments[] = {
    {0, {0}, (double)NAN, (double)NAN},
    {1, {3.0}, 3.0, (double)NAN},
    {4, {1, 2, 3, 4}, 2.5, 5.0 / 3.0},
    {4, {1e9 + 1, 1e9 + 2, 1e9 + 3, 1e9 + 4}, 1e9 + 2.5, 5.0 / 3.0}, /* squares alone would lose this */
    {3, {1e15, 1e15 + 1, 1e15 + 2}, 1e15 + 1, 1.0},
    {3, {0.1, 0.1, 0.1}, 0.1, 0.0},
    {4, {1.0, (double)NAN, 3.0, (double)INFINITY}, 2.0, 2.0},
};

START_TEST(moments_do_not_cancel)
{
    ql_moments m = {0};
    for (int i = 0; i < moments[_i].n; i++) {
        ql_moments_add(&m, moments[_i].x[i]);
    }
    if (isnan(moments[_i].mean)) {
        ck_assert_double_nan(ql_moments_mean(&m));
    } else {
        ck_assert_double_eq_tol(ql_moments_mean(&m), moments[_i].mean, 1e-15 * fabs(moments[_i].mean));
    }
    if (isnan(moments[_i].variance)) {
        ck_assert_double_nan(ql_moments_variance(&m));
        ck_assert_double_nan(ql_moments_half_width(&m));
    } else {
        ck_assert_double_eq_tol(ql_moments_variance(&m), moments[_i].variance, 1e-14);
    }
}
END_TEST

Suite *ql_suite(void)
{
    Suite *suite = suite_create("exact");
    TCase *sum = tcase_create("sum");
    tcase_add_loop_test(sum, sum_is_rounded_once, 0, sizeof sums / sizeof *sums);
    tcase_add_loop_test(sum, what_is_not_finite_is_counted_apart, 0, sizeof apart / sizeof *apart);
    tcase_add_loop_test(sum, any_order_and_split_gives_the_same_text, 0, 30);
    tcase_add_test(sum, many_merges_do_not_overflow);
    suite_add_tcase(suite, sum);
    TCase *text = tcase_create("text");
    tcase_add_loop_test(text, only_canonical_text_is_read, 0, sizeof texts / sizeof *texts);
    tcase_add_test(text, too_many_digits_are_refused);
    tcase_add_test(text, short_room_cuts_but_counts);
    suite_add_tcase(suite, text);
    TCase *moment = tcase_create("moments");
    tcase_add_loop_test(moment, moments_do_not_cancel, 0, sizeof moments / sizeof *moments);
    suite_add_tcase(suite, moment);
    return suite;
}
