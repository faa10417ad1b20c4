/* The loops of every instruction set that this machine has give the bits of the portable ones. */
#include "metrics/fill.h"
#include "metrics/metrics.h"
#include "tests/support/stats_text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LONGEST = 1300, ROUNDS = 300 };

static float f[LONGEST], q[LONGEST], other[LONGEST];

static float value(int kind)
{
    const float odd[] = {NAN, INFINITY, -INFINITY, -0.0F, 1e-45F, -3e38F, 0.0F, 1023.99994F};
    double u = rand() / (double)RAND_MAX - 0.5;
    return kind == 0 && rand() % 40 == 0 ? odd[rand() % 8] : (float)ldexp(u, kind * 9 - 30);
}

/* Lengths go over the ends of blocks and lanes and to nothing. */
static size_t fill(int round)
{
    srand((unsigned)round + 5);
    size_t n = round % 17 == 0 ? (size_t)round % 9 : (size_t)(rand() % LONGEST);
    for (size_t i = 0; i < n; i++) {
        f[i] = rand() % 3 ? value(round % 5) : 0.0F;
        q[i] = round % 2 ? value(round % 5) : rintf(f[i] * 8.0F) / 8.0F;
    }
    return n;
}

static void add(const ql_loops *loops, ql_stats *stats, int sample, size_t n, ql_hist *errors)
{
    ql_raw values = ql_raw_of_floats(q);
    ql_stats_add_with(loops, stats, (uint64_t)sample, f, &values, n, &(ql_stats_also){.errors = errors});
}

/* Two samples, so that histograms grow when bins are filled already. */
static char *stats_of(const ql_loops *loops, int round)
{
    ql_stats *stats = calloc(1, sizeof *stats);
    ql_hist *errors = calloc(1, sizeof *errors);
    ck_assert(stats && errors);
    for (int i = 0; i < 2; i++) {
        add(loops, stats, i, fill(round + i), errors);
    }
    char *text = stats_text(stats, errors);
    free(errors);
    free(stats);
    return text;
}

/* The same figures, filled on the way, and those against another reference: the same from its end to its
 * beginning. */
static char *both_of(const ql_loops *loops, int round, size_t count, ql_channel *channels)
{
    ql_stats *stats = calloc(2, sizeof *stats);
    ql_hist *errors = calloc(1, sizeof *errors);
    ck_assert(stats && errors);
    size_t n = fill(round);
    n -= n % count;
    for (size_t i = 0; i < n; i++) {
        other[i] = f[n - 1 - i];
    }
    ql_raw values = ql_raw_of_floats(q);
    ql_stats_also also = {
        .errors = errors, .channels = channels, .channel_count = count, .other = stats + 1, .other_f = other};
    ql_stats_add_with(loops, stats, (uint64_t)round, f, &values, n, &also);
    char *text = stats_text(round % 2 ? &stats[0] : &stats[1], errors);
    free(errors);
    free(stats);
    return text;
}

static char *text_of(const ql_channel *channels, size_t count)
{
    size_t length = ql_channels_write(channels, count, NULL, 0);
    char *text = malloc(length + 1);
    ck_assert_ptr_nonnull(text);
    ql_channels_write(channels, count, text, length + 1);
    return text;
}

static char *channels_of(const ql_loops *loops, int round, size_t count)
{
    size_t n = fill(round);
    ql_channel channels[64] = {{0}};
    ql_raw values = ql_raw_of_floats(q);
    ql_channels_add_with(loops, channels, &(ql_rows){f, &values, n / count, count});
    return text_of(channels, count);
}

static const ql_loops *loops_or_skip(int i)
{
    const ql_loops *loops = ql_loops_at(i);
    return loops && loops->present() ? loops : ql_loops_at(0);
}

START_TEST(statistics_have_the_same_bits)
{
    for (int round = 0; round < ROUNDS; round++) {
        char *want = stats_of(ql_loops_at(0), round), *got = stats_of(loops_or_skip(_i), round);
        ck_assert_str_eq(got, want);
        free(want);
        free(got);
    }
}
END_TEST

START_TEST(channels_have_the_same_bits)
{
    const size_t counts[] = {1, 3, 8, 11, 16, 64};
    for (int round = 0; round < ROUNDS; round++) {
        size_t count = counts[round % 6];
        char *want = channels_of(ql_loops_at(0), round, count);
        char *got = channels_of(loops_or_skip(_i), round, count);
        ck_assert_str_eq(got, want);
        free(want);
        free(got);
    }
}
END_TEST

START_TEST(channels_on_the_way_have_the_same_bits)
{
    const size_t counts[] = {1, 8, 24, 12, 96, 640, 3, 65};
    static ql_channel wanted[640], taken[640], apart[640];
    for (int round = 0; round < ROUNDS; round++) {
        size_t count = counts[round % 8];
        memset(wanted, 0, sizeof wanted);
        memset(taken, 0, sizeof taken);
        memset(apart, 0, sizeof apart);
        char *want = both_of(ql_loops_at(0), round, count, wanted);
        char *got = both_of(loops_or_skip(_i), round, count, taken);
        ql_raw values = ql_raw_of_floats(q);
        ql_channels_add_with(loops_or_skip(_i), apart, &(ql_rows){f, &values, fill(round) / count, count});
        char *of_wanted = text_of(wanted, count), *of_taken = text_of(taken, count),
             *of_apart = text_of(apart, count);
        ck_assert_str_eq(got, want);
        ck_assert_str_eq(of_taken, of_wanted);
        ck_assert_str_eq(of_apart, of_wanted);
        free(want);
        free(got);
        free(of_wanted);
        free(of_taken);
        free(of_apart);
    }
}
END_TEST

/* Only the order of the additions is another. */
START_TEST(sums_with_channels_are_those_without)
{
    for (int round = 1; round < ROUNDS; round += 2) {
        ql_stats *stats = calloc(3, sizeof *stats);
        ql_channel channels[24] = {{0}};
        ck_assert_ptr_nonnull(stats);
        size_t n = fill(round);
        n -= n % 24;
        ql_raw values = ql_raw_of_floats(q);
        ql_stats_also also = {.channels = channels,
                              .channel_count = 24,
                              .as_noise = round % 4 == 1,
                              .other = &stats[2],
                              .other_f = f};
        double exact = also.as_noise ? 0 : 1e-12;
        ql_stats_add_with(loops_or_skip(_i), &stats[0], 0, f, &values, n, &(ql_stats_also){0});
        ql_stats_add_with(loops_or_skip(_i), &stats[1], 0, f, &values, n, &also);
        ck_assert_uint_eq(stats[0].count, stats[1].count);
        ck_assert_uint_eq(stats[0].nan_f + stats[0].inf_q, stats[1].nan_f + stats[1].inf_q);
        ck_assert_mem_eq(&stats[0].f, &stats[1].f, sizeof stats->f);
        ck_assert_mem_eq(&stats[0].q, &stats[1].q, sizeof stats->q);
        ck_assert_mem_eq(&stats[0].f, &stats[2].f, sizeof stats->f);
        ck_assert_mem_eq(&stats[0].q, &stats[2].q, sizeof stats->q);
        ck_assert_mem_eq(&stats[0].max_abs, &stats[2].max_abs, sizeof stats->max_abs);
        ck_assert_uint_eq(stats[0].nan_q, stats[2].nan_q);
        for (int i = 0; i < QL_SUM_COUNT; i++) {
            double want = ql_stats_sum(&stats[0], (ql_sum)i), size = ql_stats_sum(&stats[0], QL_SUM_ABS_E);
            size = i == QL_SUM_E ? size : fabs(want);
            size = i == QL_SUM_FQ
                       ? sqrt(ql_stats_sum(&stats[0], QL_SUM_FF)) * sqrt(ql_stats_sum(&stats[0], QL_SUM_QQ))
                       : size;
            ck_assert_double_le(fabs(ql_stats_sum(&stats[1], (ql_sum)i) - want), exact * size);
        }
        free(stats);
    }
}
END_TEST

/* The histogram of single precision slots is the one that ql_hist_add defines. */
START_TEST(slots_are_those_of_the_histogram)
{
    for (int round = 1; round < ROUNDS; round += 5) {
        ql_hist *e = calloc(2, sizeof *e), *errors = e + 1;
        ql_stats *stats = calloc(1, sizeof *stats);
        size_t n = fill(round);
        for (size_t i = 0; i < n; i++) {
            double error = (double)q[i] - (double)f[i];
            ql_hist_add(e, &error, 1);
        }
        add(loops_or_skip(_i), stats, 0, n, errors);
        ck_assert_mem_eq(e->bin, errors->bin, sizeof e->bin);
        free(stats);
        free(e);
    }
}
END_TEST

START_TEST(the_best_is_one_that_runs)
{
    int present = 0;
    for (int i = 0; ql_loops_at(i); i++) {
        present += ql_loops_at(i)->present();
    }
    ck_assert_int_gt(present, 0);
    ck_assert(ql_loops_best()->present());
    ck_assert_ptr_null(ql_loops_at(-1));
}
END_TEST

Suite *ql_suite(void)
{
    Suite *suite = suite_create("loops");
    TCase *cases = tcase_create("loops");
    tcase_add_loop_test(cases, statistics_have_the_same_bits, 0, 4);
    tcase_add_loop_test(cases, channels_have_the_same_bits, 0, 4);
    tcase_add_loop_test(cases, channels_on_the_way_have_the_same_bits, 0, 4);
    tcase_add_loop_test(cases, sums_with_channels_are_those_without, 0, 4);
    tcase_add_loop_test(cases, slots_are_those_of_the_histogram, 0, 4);
    tcase_add_test(cases, the_best_is_one_that_runs);
    suite_add_tcase(suite, cases);
    return suite;
}
