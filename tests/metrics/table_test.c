#include "metrics/metrics.h"
#include "tests/support/suite.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROWS(table) (int)(sizeof(table) / sizeof *(table))
#define ABSENT      ((double)NAN)

/* Figures worked out by hand; kl, where not named, is not looked at (-1). */
static const struct {
    int n;
    float f[4], q[4];
    double scale;
    double mse, mae, max_abs, mean_error, sqnr, psnr, cosine, rel_l2, over_scale, kl;
} cases[] = {
    {0, {0}, {0}, 1, ABSENT, ABSENT, ABSENT, ABSENT, ABSENT, ABSENT, ABSENT, ABSENT, ABSENT, ABSENT},
    {1, {(float)NAN}, {1}, 1, ABSENT, ABSENT, ABSENT, ABSENT, ABSENT, ABSENT, ABSENT, ABSENT, ABSENT, ABSENT},
    {3, {0}, {0}, 1, 0, 0, 0, 0, ABSENT, ABSENT, ABSENT, ABSENT, 0, 0},
    {2, {0, -0.0F}, {-0.0F, 0}, 0, 0, 0, 0, 0, ABSENT, ABSENT, ABSENT, ABSENT, ABSENT, 0},
    {2, {0, 0}, {3, -4}, 0.5, 12.5, 3.5, 4, -0.5, ABSENT, ABSENT, 0, ABSENT, 7.0710678118654755, -1},
    {2, {3, -4}, {0, 0}, 0.5, 12.5, 3.5, 4, 0.5, 0, 5.9328606702045716, 0, 1, 7.0710678118654755, -1},
    {3, {1, 2, 3}, {1, 2, 3}, 1, 0, 0, 0, 0, ABSENT, ABSENT, 1, 0, 0, 0},
    {2, {1, 1}, {2, 2}, 1, 1, 1, 1, 1, 0, ABSENT, 1, 1, 1, -1},
    {2, {1, 1}, {-1, -1}, 0, 4, 2, 2, -2, -6.0205999132796242, ABSENT, -1, 2, ABSENT, -1},
    {4,
     {1, -1, 2, 0},
     {1.5F, -1, 1.5F, 0},
     0.5,
     0.125,
     0.25,
     0.5,
     0,
     10.791812460476249,
     18.573324964312686,
     0.9574271077563381,
     0.28867513459481287,
     0.70710678118654757,
     -1},
    {2,
     {1, (float)NAN},
     {1.5F, 2},
     (double)NAN,
     0.25,
     0.5,
     0.5,
     0.5,
     6.0205999132796242,
     ABSENT,
     1,
     0.5,
     ABSENT,
     -1},
};

static void figure_is(const ql_stats *stats, double scale, const char *id, double want)
{
    ql_metric_context context = {scale};
    double got = ql_metric_find(id)->get(stats, &context);
    if (isnan(want)) {
        ck_assert_msg(isnan(got), "%s: %g, want none", id, got);
    } else {
        ck_assert_msg(fabs(got - want) <= 1e-14 * fabs(want), "%s: %.17g, want %.17g", id, got, want);
        ck_assert_msg(want != 0 || !signbit(got), "%s: -0", id);
    }
}

START_TEST(figures_are_as_worked_out)
{
    ql_stats *stats = calloc(1, sizeof *stats);
    double s = cases[_i].scale;
    ql_stats_add(stats, 0, cases[_i].f, cases[_i].q, (size_t)cases[_i].n);
    figure_is(stats, s, "mse", cases[_i].mse);
    figure_is(stats, s, "rmse", sqrt(cases[_i].mse));
    figure_is(stats, s, "mae", cases[_i].mae);
    figure_is(stats, s, "max_abs", cases[_i].max_abs);
    figure_is(stats, s, "mean_error", cases[_i].mean_error);
    figure_is(stats, s, "sqnr_db", cases[_i].sqnr);
    figure_is(stats, s, "psnr_db", cases[_i].psnr);
    figure_is(stats, s, "cosine", cases[_i].cosine);
    figure_is(stats, s, "rel_l2", cases[_i].rel_l2);
    figure_is(stats, s, "rmse_over_scale", cases[_i].over_scale);
    if (!(cases[_i].kl < 0)) {
        figure_is(stats, s, "kl", cases[_i].kl);
    }
    figure_is(stats, s, "saturated", ABSENT);
    ck_assert(isnan(ql_metric_find("rmse_over_scale")->get(stats, NULL)));
    free(stats);
}
END_TEST

/* Sums that no floats give, as a file may bring them. */
START_TEST(no_figure_is_infinite)
{
    ql_stats *stats = calloc(1, sizeof *stats);
    const float f[] = {1, 2};
    ql_stats_add(stats, 0, f, f, 2);
    ql_exact_add(&stats->sum[_i % 2 ? QL_SUM_EE : QL_SUM_FF], 1e308);
    ql_exact_add(&stats->sum[_i % 2 ? QL_SUM_FF : QL_SUM_EE], 0x1p-1074);
    ql_exact_add(&stats->sum[QL_SUM_FF], _i % 2 ? -5.0 : 0.0);
    stats->f.max = 1e308;
    const ql_metric_context context = {0x1p-1074};
    for (size_t i = 0; i < ql_metric_count; i++) {
        ck_assert_msg(!isinf(ql_metrics[i].get(stats, &context)), "%s", ql_metrics[i].id);
    }
    free(stats);
}
END_TEST

/* The formulas in long double, in the plainest loop. */
START_TEST(figures_agree_with_plain_loops)
{
    enum { CALLS = 20, N = 777 };
    ql_stats *stats = calloc(1, sizeof *stats);
    long double ff = 0, qq = 0, fq = 0, ee = 0, ae = 0, e1 = 0, mse = 0, count = 0;
    srand((unsigned)_i + 5);
    for (int call = 0; call < CALLS; call++) {
        float f[N], q[N];
        long double own = 0;
        for (int i = 0; i < N; i++) {
            f[i] = (float)ldexp(rand() / (double)RAND_MAX - 0.3, 3 * _i - 10);
            q[i] = f[i] + (float)ldexp(rand() / (double)RAND_MAX - 0.4, 3 * _i - 14);
            long double x = (long double)f[i], y = (long double)q[i], e = y - x;
            ff += x * x, qq += y * y, fq += x * y, own += e * e, ae += fabsl(e), e1 += e;
        }
        ee += own, mse += own / N, count += N;
        ql_stats_add(stats, (uint64_t)call, f, q, N);
    }
    const struct {
        const char *id;
        long double want;
    } plain[] = {
        {"mse", ee / count},        {"rmse", sqrtl(ee / count)},       {"mae", ae / count},
        {"mean_error", e1 / count}, {"sqnr_db", 10 * log10l(ff / ee)}, {"cosine", fq / sqrtl(ff * qq)},
        {"rel_l2", sqrtl(ee / ff)},
    };
    for (int i = 0; i < ROWS(plain); i++) {
        double got = ql_metric_find(plain[i].id)->get(stats, NULL), want = (double)plain[i].want;
        ck_assert_msg(fabs(got - want) <= 1e-12 * fabs(want), "%s: %.17g, want %.17g", plain[i].id, got,
                      want);
    }
    double mean = ql_moments_mean(&stats->per_sample[QL_SAMPLE_MSE]);
    ck_assert_double_eq_tol(mean, (double)(mse / CALLS), 1e-12 * mean);
    ck_assert_uint_eq(stats->per_sample[QL_SAMPLE_SQNR_DB].count, CALLS);
    free(stats);
}
END_TEST

static const char *const ids[] = {"rmse",    "mse",      "mae",    "max_abs", "mean_error",
                                  "sqnr_db", "psnr_db",  "cosine", "rel_l2",  "rmse_over_scale",
                                  "kl",      "saturated"};

START_TEST(the_table_is_complete)
{
    ck_assert_uint_eq(ql_metric_count, sizeof ids / sizeof *ids);
    for (int i = 0; i < ROWS(ids); i++) {
        const ql_metric *row = ql_metric_find(ids[i]);
        ck_assert_ptr_nonnull(row);
        ck_assert(row->unit[0] && row->title[0] && row->get);
        ck_assert_int_eq(row->meaning[strlen(row->meaning) - 1], '.');
    }
    ck_assert_ptr_null(ql_metric_find(""));
    ck_assert_ptr_null(ql_metric_find("RMSE"));
}
END_TEST

static const struct {
    const char *id;
    double a, b;
    bool better;
} pairs[] = {
    {"rmse", 1, 2, true},          {"rmse", 2, 1, false},        {"rmse", 1, 1, false},
    {"sqnr_db", 2, 1, true},       {"sqnr_db", 1, 2, false},     {"mean_error", -1, 2, true},
    {"mean_error", 1, -2, true},   {"mean_error", -3, 2, false}, {"rmse", ABSENT, 2, false},
    {"sqnr_db", 2, ABSENT, false},
};

START_TEST(better_has_a_direction)
{
    const ql_metric *row = ql_metric_find(pairs[_i].id);
    ck_assert_int_eq(ql_metric_is_better(row, pairs[_i].a, pairs[_i].b), pairs[_i].better);
}
END_TEST

START_TEST(every_metric_has_its_row_in_the_docs)
{
    static char page[1 << 16];
    FILE *file = fopen(QL_SOURCE_DIR "/docs/metrics.md", "r");
    ck_assert_ptr_nonnull(file);
    size_t length = fread(page, 1, sizeof page - 1, file);
    fclose(file);
    page[length] = '\0';
    for (size_t i = 0; i < ql_metric_count; i++) {
        char row[64];
        snprintf(row, sizeof row, "\n| `%s` | ", ql_metrics[i].id);
        ck_assert_msg(strstr(page, row) != NULL, "docs/metrics.md has no row for %s", ql_metrics[i].id);
    }
}
END_TEST

Suite *ql_suite(void)
{
    Suite *suite = suite_create("table");
    TCase *figures = tcase_create("figures");
    tcase_add_loop_test(figures, figures_are_as_worked_out, 0, ROWS(cases));
    tcase_add_loop_test(figures, figures_agree_with_plain_loops, 0, 8);
    tcase_add_loop_test(figures, no_figure_is_infinite, 0, 2);
    suite_add_tcase(suite, figures);
    TCase *rows = tcase_create("rows");
    tcase_add_test(rows, the_table_is_complete);
    tcase_add_loop_test(rows, better_has_a_direction, 0, ROWS(pairs));
    tcase_add_test(rows, every_metric_has_its_row_in_the_docs);
    suite_add_tcase(suite, rows);
    return suite;
}
