#include "metrics/channels.h"
#include "tests/support/suite.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { CHANNELS = 5, ROWS = 7, SAMPLES = 40 };

static float f[SAMPLES][ROWS * CHANNELS], q[SAMPLES][ROWS * CHANNELS];

static void fill(void)
{
    uint32_t state = 1;
    for (int s = 0; s < SAMPLES; s++) {
        for (int i = 0; i < ROWS * CHANNELS; i++) {
            state = state * 1664525u + 1013904223u;
            f[s][i] = ((float)(state >> 8) / 8388608.0f - 1.0f) * powf(10.0f, (float)(i % CHANNELS) - 2.0f);
            q[s][i] = f[s][i] + (float)(state & 255) * 1e-5f;
        }
    }
    f[3][2] = NAN;
    q[5][4] = INFINITY;
}

static void add(ql_channel *channels, int s)
{
    ql_channels_add(channels, CHANNELS, f[s], q[s], ROWS);
}

static char *text_of(const ql_channel *channels)
{
    size_t length = ql_channels_write(channels, CHANNELS, NULL, 0);
    char *text = malloc(length + 1);
    ck_assert_ptr_nonnull(text);
    ck_assert_uint_eq(ql_channels_write(channels, CHANNELS, text, length + 1), length);
    return text;
}

START_TEST(any_split_and_order_gives_the_same_text)
{
    fill();
    ql_channel whole[CHANNELS] = {{0}};
    for (int s = 0; s < SAMPLES; s++) {
        add(whole, s);
    }
    char *want = text_of(whole);
    ql_channel parts[4][CHANNELS];
    memset(parts, 0, sizeof parts);
    for (int s = SAMPLES - 1; s >= 0; s--) {
        add(parts[(s * 7 + _i) % 4], s);
    }
    for (int p = 1; p < 4; p++) {
        ql_channels_merge(parts[0], parts[p], CHANNELS);
    }
    char *got = text_of(parts[0]);
    ck_assert_str_eq(got, want);
    free(got);
    free(want);
}
END_TEST

START_TEST(figures_are_the_formulas)
{
    fill();
    ql_channel channels[CHANNELS] = {{0}};
    for (int s = 0; s < SAMPLES; s++) {
        add(channels, s);
    }
    for (int c = 0; c < CHANNELS; c++) {
        double ff = 0, ee = 0, high = -HUGE_VAL;
        uint64_t count = 0;
        for (int s = 0; s < SAMPLES; s++) {
            for (int r = 0; r < ROWS; r++) {
                double x = (double)f[s][r * CHANNELS + c], e = (double)q[s][r * CHANNELS + c] - x;
                if (isfinite(x) && isfinite(e)) {
                    ff += x * x;
                    ee += e * e;
                    high = fmax(high, x);
                    count++;
                }
            }
        }
        ck_assert_uint_eq(channels[c].count, count);
        ck_assert_double_eq((double)channels[c].max_f, high);
        ck_assert_double_eq_tol(ql_channel_sqnr_db(&channels[c]), 10 * log10(ff / ee), 1e-9);
    }
}
END_TEST

static const struct {
    double value, want;
} wides[] = {
    {1.0, 1.0},        {0x1p-96, 0x1p-96}, {0x1p-97, 0.0}, {0x1p80, 0x1p80},
    {0x1p300, 0x1p90}, {-1.0, 0.0},        {0.0, 0.0},     {0x1.8p-90, 0x1.8p-90},
};

START_TEST(wide_sums_cut_at_their_ends)
{
    ql_wide sum = {{0}};
    ql_wide_add(&sum, wides[_i].value);
    ck_assert_double_eq(ql_wide_value(&sum), wides[_i].want);
    ql_wide_add(&sum, (double)NAN);
    ck_assert_double_eq(ql_wide_value(&sum), wides[_i].want);
}
END_TEST

START_TEST(text_round_trips_and_refuses_damage)
{
    fill();
    ql_channel channels[CHANNELS] = {{0}}, back[CHANNELS];
    add(channels, 1);
    char *text = text_of(channels);
    size_t length = strlen(text);
    ck_assert(ql_channels_parse(back, CHANNELS, text, length));
    char *again = text_of(back);
    ck_assert_str_eq(again, text);
    /* the last field may be cut to a shorter number that is one too */
    size_t last = (size_t)(strrchr(text, ' ') - text) + 1;
    for (size_t cut = 0; cut <= last; cut++) {
        ck_assert(!ql_channels_parse(back, CHANNELS, text, cut));
    }
    ck_assert(!ql_channels_parse(back, CHANNELS - 1, text, length));
    text[5] = 'x';
    ck_assert(!ql_channels_parse(back, CHANNELS, text, length));
    free(again);
    free(text);
}
END_TEST

Suite *ql_suite(void)
{
    Suite *suite = suite_create("channels");
    TCase *cases = tcase_create("channels");
    tcase_add_loop_test(cases, any_split_and_order_gives_the_same_text, 0, 3);
    tcase_add_test(cases, figures_are_the_formulas);
    tcase_add_loop_test(cases, wide_sums_cut_at_their_ends, 0, sizeof wides / sizeof *wides);
    tcase_add_test(cases, text_round_trips_and_refuses_damage);
    suite_add_tcase(suite, cases);
    return suite;
}
