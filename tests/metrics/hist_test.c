#include "metrics/metrics.h"
#include "tests/support/suite.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    double x;
    int k, bin;
} places[] = {
    {0.0, -60, 0},
    {-0.0, -60, 0},
    {1.0, -9, 512},
    {-1.0, -9, -512},
    {0x1p-50, -59, 512},
    {0x1.fffffffffffffp-51, -60, 1023},
    {-0x1.fffffffffffffp-51, -60, -1024},
    {-0x1p-1074, -60, -1},
    {0x1p-1074, -60, 0},
    {1023.75, 0, 1023},
    {1024.0, 1, 512},
    {-1024.0, 1, -512},
    {-1023.25, 0, -1024},
    {FLT_MAX, 118, 1023},
    {DBL_MAX, 1014, 1023},
    {-DBL_MAX, 1014, -1024},
};

START_TEST(value_goes_to_its_bin)
{
    static ql_hist hist;
    memset(&hist, 0, sizeof hist);
    ql_range range = ql_hist_add(&hist, &places[_i].x, 1);
    ck_assert_int_eq(ql_hist_k(&hist), places[_i].k);
    ck_assert_uint_eq(ql_hist_at(&hist, places[_i].bin), 1);
    ck_assert_double_eq(range.min, places[_i].x);
    ck_assert(!signbit(range.max + 0.0) || places[_i].x < 0);
}
END_TEST

/* Tiny values beside a huge one: the scaled value underflows but its side of 0 must not be lost. */
START_TEST(sign_survives_underflow)
{
    static ql_hist hist, late;
    double x[] = {-1e-300, 1e-300, 1e308, -0.0, 0.0};
    memset(&hist, 0, sizeof hist);
    memset(&late, 0, sizeof late);
    ql_hist_add(&hist, x, 5);
    for (int i = 0; i < 5; i++) {
        ql_hist_add(&late, x + i, 1);
    }
    ck_assert_uint_eq(ql_hist_at(&hist, -1), 1);
    ck_assert_uint_eq(ql_hist_at(&hist, 0), 3);
    ck_assert_mem_eq(&hist, &late, sizeof hist);
}
END_TEST

static double spread(int exponents)
{
    double sign = rand() % 2 ? 1.0 : -1.0;
    return rand() % 9 ? sign * ldexp(rand() / (double)RAND_MAX, rand() % exponents - exponents / 2) : 0.0;
}

START_TEST(any_order_and_split_gives_the_same_histogram)
{
    enum { MANY = 1000, PARTS = 5 };
    static ql_hist whole, part[PARTS], direct;
    static double x[MANY];
    memset(&whole, 0, sizeof whole);
    memset(&direct, 0, sizeof direct);
    memset(part, 0, sizeof part);
    int fold = _i % 2 ? QL_HIST_FOLD : 0, side = QL_HIST_SIDE >> fold;
    whole.fold = direct.fold = fold;
    for (int i = 0; i < PARTS - 1; i++) {
        part[i].fold = fold;
    }
    srand((unsigned)_i + 1);
    for (int i = 0; i < MANY; i++) {
        x[i] = spread(4 + 6 * _i);
        ql_hist_add(&part[rand() % (PARTS - 1)], x + i, 1); /* the last part stays empty */
    }
    ql_hist_add(&whole, x, MANY);
    for (int i = 0; i < MANY; i++) { /* by definition, at the final k */
        direct.bin[QL_HIST_SIDE + (int)floor(x[i] / ql_hist_width(&whole))]++;
    }
    ck_assert_mem_eq(whole.bin, direct.bin, sizeof whole.bin);
    ck_assert(fmax(-whole.min, whole.max) < side * ql_hist_width(&whole));
    ck_assert(fmax(-whole.min, whole.max) >= side / 2 * ql_hist_width(&whole) ||
              ql_hist_k(&whole) == -60 + fold);
    for (int i = PARTS - 1; i > 0; i--) {
        ql_hist_merge(&part[i - 1], &part[i]);
    }
    ck_assert_mem_eq(&whole, &part[0], sizeof whole);
    static char text[60000];
    size_t length = ql_hist_write(&whole, text, sizeof text);
    ck_assert_uint_lt(length, sizeof text);
    ck_assert(ql_hist_parse(&direct, text, length));
    ck_assert_mem_eq(&whole, &direct, sizeof whole);
}
END_TEST

static const struct {
    double p, want, tolerance;
} quantiles[] = {
    {-1, 0, 1e-12},    {0, 0, 1e-12},       {0.001, 1, 1.001}, {0.25, 250, 1.001},
    {0.5, 500, 1.001}, {0.999, 999, 1.001}, {1, 1000, 1e-12},  {2, 1000, 1e-12},
};

START_TEST(quantile_is_within_a_bin)
{
    static ql_hist hist;
    memset(&hist, 0, sizeof hist);
    ck_assert_double_nan(ql_hist_quantile(&hist, 0.5));
    ck_assert_double_nan(ql_hist_share_below(&hist, 0.5));
    for (int i = 0; i <= 10000; i++) {
        double x = i / 10.0;
        ql_hist_add(&hist, &x, 1);
    }
    ck_assert_double_eq_tol(ql_hist_quantile(&hist, quantiles[_i].p), quantiles[_i].want,
                            quantiles[_i].tolerance);
    ck_assert_double_eq_tol(ql_hist_share_below(&hist, quantiles[_i].want), fmin(fmax(quantiles[_i].p, 0), 1),
                            2e-3);
    ck_assert_double_nan(ql_hist_quantile(&hist, (double)NAN));
}
END_TEST

static const struct {
    double low, high;
    size_t bins;
    bool good;
} displays[] = {
    {-10, 10, 7, true},
    {0, 1, 1, true},
    {100, 200, 16, true},
    {-1e300, 1e300, 3, true},
    {-0.5, 0.5, 999, true},
    {0, 0, 4, false},
    {1, 0, 4, false},
    {0, 1, 0, false},
    {0, (double)NAN, 4, false},
    {0, (double)INFINITY, 4, false},
    {-DBL_MAX, DBL_MAX, 4, false},
};

START_TEST(display_bins_lose_no_count)
{
    static ql_hist hist;
    memset(&hist, 0, sizeof hist);
    srand(3);
    for (int i = 0; i < 500; i++) {
        double x = spread(10);
        ql_hist_add(&hist, &x, 1);
    }
    uint64_t out[999], total = 0;
    ck_assert_int_eq(ql_hist_rebin(&hist, displays[_i].low, displays[_i].high, displays[_i].bins, out),
                     displays[_i].good);
    for (size_t i = 0; displays[_i].good && i < displays[_i].bins; i++) {
        total += out[i];
    }
    ck_assert_uint_eq(total, displays[_i].good ? 500 : 0);
}
END_TEST

START_TEST(display_bins_are_where_they_belong)
{
    static ql_hist hist;
    memset(&hist, 0, sizeof hist);
    const double x[] = {-3.5, -3.4, -0.5, 0.5, 1.5, 3.9, 3.9, 3.9};
    ql_hist_add(&hist, x, 8);
    uint64_t out[8];
    const uint64_t want[] = {2, 0, 0, 1, 1, 1, 0, 3};
    ck_assert(ql_hist_rebin(&hist, -4, 4, 8, out));
    ck_assert_mem_eq(out, want, sizeof want);
}
END_TEST

/* Values 16 and 512 apart at k = 0 (1000 is always there) are in bins of their own. */
static const struct {
    int n;
    double p[4], q[4];
    double want;
} divergences[] = {
    {2, {1000, 8}, {1000, 8}, 0.0},
    {2, {1000, 8}, {1000, 9}, 0.0},                                /* the same bin of 16 */
    {4, {1000, 1000, 8, 8}, {1000, 8, 8, 8}, 0.14384103622589042}, /* .5 ln 2 + .5 ln(2/3) */
    {2, {1000, 8}, {1000, 1000}, 0.22314355131420976},             /* Q = 2/2.5, .5/2.5 */
    {2, {1000, 1000}, {1000, 8}, 0.6931471805599453},
    {2, {1000, -8}, {1000, 8}, 0.5697171415941824}, /* Q = 1/2.5, .5/2.5 */
};

START_TEST(divergence_is_as_written)
{
    static ql_hist p, q, empty;
    memset(&p, 0, sizeof p);
    memset(&q, 0, sizeof q);
    ql_hist_add(&p, divergences[_i].p, (size_t)divergences[_i].n);
    ql_hist_add(&q, divergences[_i].q, (size_t)divergences[_i].n);
    ck_assert_double_eq_tol(ql_hist_kl(&p, &q), divergences[_i].want, 1e-15);
    ck_assert_double_nan(ql_hist_kl(&p, &empty));
    ck_assert_double_nan(ql_hist_kl(&empty, &p));
}
END_TEST

START_TEST(divergence_takes_different_k)
{
    static ql_hist p, q, wide;
    const double small[] = {1, 2, 3}, large[] = {1, 2, 3000};
    memset(&p, 0, sizeof p);
    memset(&q, 0, sizeof q);
    ql_hist_add(&p, small, 3);
    ql_hist_add(&q, large, 3);
    wide = p;
    ql_hist_share(&wide, &q);
    ck_assert_int_eq(ql_hist_k(&wide), 2);
    ck_assert_double_eq(ql_hist_kl(&p, &q), ql_hist_kl(&wide, &q));
}
END_TEST

START_TEST(folding_keeps_the_divergence)
{
    enum { MANY = 2000 };
    static ql_hist hist[2][2]; /* by fold, p and q */
    static double x[2][MANY];
    memset(hist, 0, sizeof hist);
    srand((unsigned)_i + 7);
    for (int i = 0; i < MANY; i++) {
        x[0][i] = spread(1 + 4 * _i);
        x[1][i] = rand() % 3 ? x[0][i] : spread(4 + 4 * _i);
    }
    for (int fold = 0; fold < 2; fold++) {
        for (int side = 0; side < 2; side++) {
            hist[fold][side].fold = fold ? QL_HIST_FOLD : 0;
            ql_hist_add(&hist[fold][side], x[side], MANY);
        }
    }
    ck_assert_double_eq(ql_hist_kl(&hist[0][0], &hist[0][1]), ql_hist_kl(&hist[1][0], &hist[1][1]));
    ck_assert_double_eq(ql_hist_kl(&hist[0][0], &hist[1][1]), ql_hist_kl(&hist[1][0], &hist[0][1]));
    ck_assert_double_eq(hist[0][0].max, hist[1][0].max);
}
END_TEST

/* 3ff0.. is 1.0, in bin 512 at k = -9 */
#define ONE "3ff0000000000000"
static const struct {
    const char *text;
    bool good;
} texts[] = {
    {"empty", true},
    {"-9/1/" ONE "/" ONE "/512:1", true},
    {"-8/1/" ONE "/" ONE "/256:1", true}, /* a shared k may be larger */
    {"f-5/1/" ONE "/" ONE "/32:1", true},
    {"f-9/1/" ONE "/" ONE "/512:1", false}, /* too fine for a folded one */
    {"ff-5/1/" ONE "/" ONE "/32:1", false},
    {"-9/2/0000000000000000/" ONE "/0:1;512:1", true},
    {"-9/18446744073709551615/" ONE "/" ONE "/512:18446744073709551615", true},
    {"", false},
    {"Empty", false},
    {"empty ", false},
    {"-9/1/" ONE "/" ONE "/512:1;", false},
    {"-9/1/" ONE "/" ONE "/512:1,", false},
    {"-9/1/" ONE "/" ONE "/512:1,0", false},
    {"-9/1/" ONE "/" ONE "/511:0,1", false},
    {"-9/2/" ONE "/" ONE "/512:1", false},
    {"-9/1/" ONE "/" ONE "/512:2", false},
    {"-9/1/" ONE "/" ONE "/511:1", false},
    {"-9/1/" ONE "/" ONE "/1024:1", false},
    {"-9/1/" ONE "/" ONE "/-1025:1", false},
    {"-9/2/" ONE "/" ONE "/1023:1,1", false},
    {"-9/2/" ONE "/" ONE "/512:1;512:1", false},
    {"-10/1/" ONE "/" ONE "/1023:1", false}, /* 1.0 does not fit */
    {"-61/0/0000000000000000/0000000000000000/", false},
    {"-60/0/0000000000000000/0000000000000000/", false}, /* that is "empty" */
    {"1015/1/" ONE "/" ONE "/0:1", false},
    {"-9/1/7ff0000000000000/7ff0000000000000/512:1", false},
    {"-9/1/7ff8000000000000/7ff8000000000000/512:1", false},
    {"-9/2/" ONE "/0000000000000000/0:1;512:1", false},
    {"-9/1/3FF0000000000000/" ONE "/512:1", false},
    {"-9/1/3ff000000000000/" ONE "/512:1", false},
    {"-60/1/8000000000000000/0000000000000000/0:1", false}, /* -0 */
    {"-9/2/" ONE "/" ONE "/512:18446744073709551615,3", false},
    {"-9/18446744073709551616/" ONE "/" ONE "/512:1", false},
    {"-9/+1/" ONE "/" ONE "/512:1", false},
    {"-09/1/" ONE "/" ONE "/512:1", false},
    {"-9/1/" ONE "/" ONE "/512", false},
    {"-9/1/" ONE "/" ONE "/", false},
    {"-9/1/" ONE, false},
};

START_TEST(only_canonical_text_is_read)
{
    static ql_hist hist;
    size_t length = strlen(texts[_i].text);
    char *tight = malloc(length + 1);
    memcpy(tight, texts[_i].text, length);
    ck_assert_int_eq(ql_hist_parse(&hist, tight, length), texts[_i].good);
    free(tight);
}
END_TEST

#define ROWS(table) (int)(sizeof(table) / sizeof *(table))

Suite *ql_suite(void)
{
    Suite *suite = suite_create("hist");
    TCase *bins = tcase_create("bins");
    tcase_add_loop_test(bins, value_goes_to_its_bin, 0, ROWS(places));
    tcase_add_test(bins, sign_survives_underflow);
    tcase_add_loop_test(bins, any_order_and_split_gives_the_same_histogram, 0, 20);
    suite_add_tcase(suite, bins);
    TCase *read = tcase_create("read");
    tcase_add_loop_test(read, quantile_is_within_a_bin, 0, ROWS(quantiles));
    tcase_add_loop_test(read, display_bins_lose_no_count, 0, ROWS(displays));
    tcase_add_test(read, display_bins_are_where_they_belong);
    tcase_add_loop_test(read, divergence_is_as_written, 0, ROWS(divergences));
    tcase_add_test(read, divergence_takes_different_k);
    tcase_add_loop_test(read, folding_keeps_the_divergence, 0, 10);
    tcase_add_loop_test(read, only_canonical_text_is_read, 0, ROWS(texts));
    suite_add_tcase(suite, read);
    return suite;
}
