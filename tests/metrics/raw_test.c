/* Figures of integers as they are kept are, bit by bit, those of the floats they stand for. */
#include "metrics/fill.h"
#include "metrics/metrics.h"
#include "tests/support/stats_text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LONGEST = 40000 };

static const struct {
    ql_raw_type type;
    float scale;
    int zero;
    size_t n;
    bool odd; /* some of the reference are not finite */
} cases[] = {
    {QL_RAW_I8, 0.0235F, -128, 700, false},
    {QL_RAW_I8, 0.0235F, -128, LONGEST, false},
    {QL_RAW_I8, 0.7F, 3, LONGEST - 77, true},
    {QL_RAW_U8, 0.1F, 128, 20000, false},
    {QL_RAW_U8, 1e-30F, 0, 513, true},
    {QL_RAW_U8, 3e38F, 0, 5000, false},
    {QL_RAW_I8, -0.5F, 0, 900, true},
    {QL_RAW_I8, 5e-45F, 1, 30000, true},
    {QL_RAW_I8, 900.0F, QL_ZERO_MOST, 300, true},
    {QL_RAW_I8, 0.5F, -QL_ZERO_MOST, 20000, false},
    {QL_RAW_I16, 3e-4F, 0, LONGEST, false},
    {QL_RAW_I16, 3e-4F, -QL_ZERO_MOST, 600, true},
    {QL_RAW_I8, 0.1F, 0, 0, false},
    {QL_RAW_U8, (float)NAN, 0, 600, false},
};
enum { CASES = sizeof cases / sizeof *cases };

static int16_t words[LONGEST];
static int8_t bytes[LONGEST];
static float f[LONGEST], q[LONGEST];

/* As DEQUANTIZE computes it. */
static float real(int i, size_t at)
{
    int raw = cases[i].type == QL_RAW_I16  ? words[at]
              : cases[i].type == QL_RAW_I8 ? bytes[at]
                                           : (uint8_t)bytes[at];
    return (float)((double)cases[i].scale * (double)(raw - cases[i].zero));
}

static ql_raw fill(int i, int sample)
{
    srand((unsigned)(i * 10 + sample));
    for (size_t at = 0; at < cases[i].n; at++) {
        words[at] = (int16_t)(rand() % 65536 - 32768);
        bytes[at] = (int8_t)(rand() % 3 ? rand() % (100 + 80 * sample) - 90 : -128);
        q[at] = real(i, at);
        f[at] = q[at] * (1 + (float)(rand() % 100) / 1e4F);
        f[at] = isfinite(f[at]) ? f[at] : 1;
        if (cases[i].odd && rand() % 900 == 0) {
            f[at] = rand() % 2 ? NAN : INFINITY;
        }
    }
    return (ql_raw){.type = cases[i].type,
                    .raw = cases[i].type == QL_RAW_I16 ? (const void *)words : bytes,
                    .scale = cases[i].scale,
                    .zero = cases[i].zero};
}

/* Two samples, so that what is counted comes upon bins that are filled. */
static char *text_of(const ql_loops *loops, int i, bool as_kept)
{
    ql_stats *stats = calloc(1, sizeof *stats);
    ql_hist *errors = calloc(1, sizeof *errors);
    ck_assert(stats && errors);
    for (int sample = 0; sample < 2; sample++) {
        ql_levels levels;
        ql_raw raw = fill(i, sample), floats = ql_raw_of_floats(q);
        bool counted = as_kept && ql_levels_count(&levels, &raw, cases[i].n);
        ck_assert(counted == (as_kept && cases[i].type != QL_RAW_I16));
        ql_stats_add_with(loops, stats, (uint64_t)sample, f, as_kept ? &raw : &floats, cases[i].n,
                          &(ql_stats_also){.levels = counted ? &levels : NULL, .errors = errors});
    }
    char *text = stats_text(stats, errors);
    ck_assert_uint_eq(stats->samples, 2);
    free(errors);
    free(stats);
    return text;
}

static const ql_loops *loops_or_skip(int i)
{
    const ql_loops *loops = ql_loops_at(i);
    return loops && loops->present() ? loops : ql_loops_at(0);
}

START_TEST(values_are_those_of_dequantize)
{
    for (int i = 0; i < CASES; i++) {
        ql_raw raw = fill(i, 1);
        float *read = malloc((cases[i].n + 1) * sizeof *read);
        ck_assert_ptr_nonnull(read);
        ql_raw_read(&raw, 0, cases[i].n, read);
        for (size_t at = 0; at < cases[i].n; at++) {
            float one = ql_raw_at(&raw, at);
            ck_assert((isnan(q[at]) && isnan(read[at])) || !memcmp(&q[at], &read[at], sizeof one));
            ck_assert((isnan(q[at]) && isnan(one)) || !memcmp(&q[at], &one, sizeof one));
        }
        free(read);
    }
}
END_TEST

START_TEST(statistics_are_those_of_the_floats)
{
    for (int i = 0; i < CASES; i++) {
        char *want = text_of(ql_loops_at(0), i, false), *got = text_of(loops_or_skip(_i), i, true);
        ck_assert_str_eq(got, want);
        free(want);
        free(got);
    }
}
END_TEST

START_TEST(channels_are_those_of_the_floats)
{
    const size_t counts[] = {1, 3, 8, 100, 512, 600, 1037};
    static ql_channel want[1037], got[1037];
    for (int i = 0; i < CASES * 7; i++) {
        size_t count = counts[i / CASES], rows = cases[i % CASES].n / count;
        ql_raw raw = fill(i % CASES, 0), floats = ql_raw_of_floats(q);
        memset(want, 0, sizeof want);
        memset(got, 0, sizeof got);
        ql_channels_add_with(ql_loops_at(0), want, &(ql_rows){f, &floats, rows, count});
        ql_channels_add_with(loops_or_skip(_i), got, &(ql_rows){f, &raw, rows, count});
        char text[2][60000];
        ck_assert_uint_lt(ql_channels_write(want, count < 200 ? count : 200, text[0], sizeof *text),
                          sizeof *text);
        ql_channels_write(got, count < 200 ? count : 200, text[1], sizeof *text);
        ck_assert_str_eq(text[0], text[1]);
        for (size_t c = 0; c < count; c++) {
            ck_assert_uint_eq(want[c].count, got[c].count);
            ck_assert_mem_eq(&want[c].ee, &got[c].ee, sizeof want[c].ee);
        }
    }
}
END_TEST

START_TEST(drawn_elements_are_those_of_the_floats)
{
    for (int i = 0; i < CASES; i++) {
        ql_scatter want = {0}, got = {0};
        ql_scatter_draws draws;
        ql_scatter_draw(&draws, 4);
        ql_raw raw = fill(i, 0), floats = ql_raw_of_floats(q);
        ql_scatter_add(&want, &draws, f, &floats, cases[i].n);
        ql_scatter_add(&got, &draws, f, &raw, cases[i].n);
        ck_assert_uint_eq(want.count, got.count);
        ck_assert(!want.count || got.points[want.count - 1].draw == want.points[want.count - 1].draw);
    }
}
END_TEST

START_TEST(levels_are_counted_from_the_lowest)
{
    ql_raw raw = fill(1, 0);
    ql_levels levels;
    uint64_t want[256] = {0};
    for (size_t at = 0; at < cases[1].n; at++) {
        want[bytes[at] + 128]++;
    }
    ck_assert(ql_levels_count(&levels, &raw, cases[1].n));
    ck_assert_mem_eq(levels.count, want, sizeof want);
    ck_assert_int_eq(ql_levels_at(&raw, 0), bytes[0] + 128);
}
END_TEST

/* More in one bin than a small counter can hold. */
START_TEST(no_counter_overflows)
{
    enum { MANY = 1200000 };
    float *x = malloc(MANY * sizeof *x);
    ql_stats *stats = calloc(1, sizeof *stats);
    ql_hist *errors = calloc(1, sizeof *errors);
    ck_assert(x && stats && errors);
    for (size_t i = 0; i < MANY; i++) {
        x[i] = 1;
    }
    ql_raw values = ql_raw_of_floats(x);
    ql_stats_add_values(stats, 0, x, &values, MANY, &(ql_stats_also){.errors = errors});
    ck_assert_uint_eq(ql_hist_at(&stats->f, 512), MANY);
    ck_assert_uint_eq(ql_hist_at(&stats->q, 512), MANY);
    ck_assert_uint_eq(ql_hist_at(errors, 0), MANY);
    free(errors);
    free(stats);
    free(x);
}
END_TEST

Suite *ql_suite(void)
{
    Suite *suite = suite_create("raw");
    TCase *cases_of = tcase_create("raw");
    tcase_add_test(cases_of, values_are_those_of_dequantize);
    tcase_add_loop_test(cases_of, statistics_are_those_of_the_floats, 0, 4);
    tcase_add_loop_test(cases_of, channels_are_those_of_the_floats, 0, 4);
    tcase_add_test(cases_of, drawn_elements_are_those_of_the_floats);
    tcase_add_test(cases_of, levels_are_counted_from_the_lowest);
    tcase_add_test(cases_of, no_counter_overflows);
    suite_add_tcase(suite, cases_of);
    return suite;
}
