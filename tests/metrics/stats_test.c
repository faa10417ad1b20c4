#include "metrics/metrics.h"
#include "tests/support/suite.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define ROWS(table) (int)(sizeof(table) / sizeof *(table))

enum { SAMPLES = 200, LONGEST = 1300, ROOM = 200000 };

typedef struct {
    float f[LONGEST], q[LONGEST];
    size_t n;
} sample;

static float value(int kind)
{
    double u = rand() / (double)RAND_MAX - 0.5;
    float odd[] = {(float)NAN, (float)INFINITY, -(float)INFINITY, -0.0F, 1e-45F, 3e38F, 0.0F};
    return kind && rand() % 50 == 0 ? odd[rand() % 7] : (float)ldexp(u, rand() % 12);
}

/* Sample i is the same whenever it is made. Lengths go over block and lane ends and to nothing. */
static void make_sample(sample *s, int i)
{
    srand((unsigned)i + 77);
    s->n = i % 11 == 0 ? 0 : (size_t)(rand() % LONGEST);
    for (size_t k = 0; k < s->n; k++) {
        s->f[k] = value(i % 3 == 0);
        s->q[k] = i % 5 ? (float)(rint((double)s->f[k] / 0.125) * 0.125) : value(i % 3 == 1);
    }
}

static void add_sample(ql_stats *stats, int i)
{
    static sample s;
    make_sample(&s, i);
    ql_stats_add(stats, (uint64_t)i, s.f, s.q, s.n);
    const int8_t raw[] = {-128, 5, 127, (int8_t)i};
    ql_stats_add_raw(stats, QL_RAW_I8, raw, 4, -128, 127);
}

static char *text_of(const ql_stats *stats)
{
    char *text = malloc(ROOM);
    ck_assert_uint_lt(ql_stats_write(stats, text, ROOM), ROOM);
    return text;
}

/* Merges parts[from..to) as a tree cut at random places, sometimes with the right side as the target. */
static void merge_tree(ql_stats *parts, int from, int to)
{
    if (to - from < 2) {
        return;
    }
    int middle = from + 1 + rand() % (to - from - 1);
    merge_tree(parts, from, middle);
    merge_tree(parts, middle, to);
    if (rand() % 2) {
        ql_stats_merge(&parts[middle], &parts[from]);
        parts[from] = parts[middle];
    } else {
        ql_stats_merge(&parts[from], &parts[middle]);
    }
}

START_TEST(any_order_split_and_tree_gives_the_same_text)
{
    enum { PARTS = 9 };
    ql_stats *whole = calloc(1, sizeof *whole), *parts = calloc(PARTS, sizeof *parts);
    int order[SAMPLES], home[SAMPLES];
    for (int i = 0; i < SAMPLES; i++) {
        add_sample(whole, i);
        order[i] = i;
    }
    srand((unsigned)_i);
    for (int i = SAMPLES - 1; i > 0; i--) {
        int k = rand() % (i + 1), swap = order[i];
        order[i] = order[k];
        order[k] = swap;
    }
    for (int i = 0; i < SAMPLES; i++) {
        home[i] = rand() % (_i % PARTS + 1);
    }
    for (int i = 0; i < SAMPLES; i++) {
        add_sample(&parts[home[i]], order[i]);
    }
    srand((unsigned)_i);
    merge_tree(parts, 0, PARTS);
    char *want = text_of(whole), *got = text_of(parts);
    ck_assert_str_eq(want, got);
    for (size_t i = 0; i < ql_metric_count; i++) {
        ql_metric_context context = {0.125};
        double a = ql_metrics[i].get(whole, &context), b = ql_metrics[i].get(parts, &context);
        ck_assert_mem_eq(&a, &b, sizeof a);
    }
    free(want);
    free(got);
    free(whole);
    free(parts);
}
END_TEST

START_TEST(text_makes_a_round_trip)
{
    ql_stats *stats = calloc(2, sizeof *stats);
    for (int i = 0; i < _i; i++) {
        add_sample(stats, i);
    }
    char *text = text_of(stats);
    ck_assert(ql_stats_parse(&stats[1], text, strlen(text)));
    add_sample(&stats[0], 500); /* what was read goes on as what was written */
    add_sample(&stats[1], 500);
    char *a = text_of(&stats[0]), *b = text_of(&stats[1]);
    ck_assert_str_eq(a, b);
    ck_assert_double_eq(stats[0].max_abs.value, stats[1].max_abs.value);
    free(a);
    free(b);
    free(text);
    free(stats);
}
END_TEST

/* Every cut is refused, and no changed byte gives a state that writes other text than was read. */
START_TEST(hostile_text_is_refused)
{
    ql_stats *stats = calloc(2, sizeof *stats);
    float f[] = {1.0F, -2.5F, 3.0F, 0.0F}, q[] = {1.25F, -2.5F, 2.75F, 0.0F};
    ql_stats_add(stats, 3, f, q, 4);
    char *text = text_of(stats);
    size_t length = strlen(text);
    for (size_t cut = 0; cut < length; cut++) {
        char *tight = malloc(cut + 1);
        memcpy(tight, text, cut);
        ck_assert(!ql_stats_parse(&stats[1], tight, cut));
        free(tight);
    }
    ck_assert_uint_eq(stats[1].samples, 0);
    int refused = 0;
    for (size_t at = 0; at < length; at++) {
        for (const char *c = "09af -:;,/@~\n"; *c; c++) {
            char was = text[at];
            text[at] = *c;
            bool good = ql_stats_parse(&stats[1], text, length);
            refused += !good;
            if (good) {
                char *again = text_of(&stats[1]);
                ck_assert_str_eq(again, text);
                free(again);
            }
            text[at] = was;
        }
    }
    ck_assert_int_gt(refused, (int)length * 9);
    ck_assert(!ql_stats_parse(&stats[1], text, length + 1)); /* the end mark is no part of it */
    free(text);
    free(stats);
}
END_TEST

#define Z6  "0 0 0 0 0 0"
#define M12 "0 0 0 0 0 0 0 0 0 0 0 0"
static const struct {
    const char *text;
    bool good;
} texts[] = {
    {"qs4 0 0 0 0 0 0 0 0 0 0 0 " Z6 " " M12 " 0000000000000000 empty empty", true},
    {"qs4 7 0 3 0 0 0 0 0 0 0 0 " Z6 " " M12 " 0000000000000000 empty empty", true},
    {"qs4 0 0 0 0 0 0 5 2 3 0 0 " Z6 " " M12 " 0000000000000000 empty empty", true},
    {"qs4 0 0 0 0 0 0 5 6 0 0 0 " Z6 " " M12 " 0000000000000000 empty empty", false},
    {"qs4 0 0 0 0 0 0 5 0 6 0 0 " Z6 " " M12 " 0000000000000000 empty empty", false},
    {"qs4 0 1 0 0 0 0 0 0 0 0 0 " Z6 " " M12 " 0000000000000000 empty empty", false},
    {"qs4 0 0 0 0 0 0 0 0 0 1 0 " Z6 " " M12 " 0000000000000000 empty empty", false},
    {"qs4 0 0 0 0 0 0 0 0 0 0 0 0~1,0,0 0 0 0 0 0 " M12 " 0000000000000000 empty empty", false},
    {"qs4 1 0 0 0 0 0 0 0 0 0 0 -1@0 0 0 0 0 0 " M12 " 0000000000000000 empty empty", false},
    {"qs4 0 0 0 0 0 0 0 0 0 0 0 " Z6 " 1 0 0 0 0 0 0 0 0 0 0 0 0000000000000000 empty empty", false},
    {"qs4 1 0 0 0 0 0 0 0 0 0 0 " Z6
     " 1 0 0 5 0000000000000000 0 0 0 0 0 0 0 0 0 0000000000000000 empty empty",
     true},
    {"qs4 1 0 0 0 0 0 0 0 0 0 0 " Z6
     " 1 0 0 5 7ff0000000000000 0 0 0 0 0 0 0 0 0 0000000000000000 empty empty",
     false},
    {"qs4 1 0 0 0 0 0 0 0 0 0 0 " Z6 " 1 0 0 5 0 0 0 0 0 0 0 0 0 0 0000000000000000 empty empty", false},
    {"qs2 0 0 0 0 0 0 0 0 0 0 0 " Z6 " " M12 " 0000000000000000 empty empty", false},
    {"qs4 0 0 0 0 0 0 0 0 0 0 0 " Z6 " " M12 " 0000000000000000 empty empty ", false},
    {"qs4 0 0 0 0 0 0 0 0 0 0 0 " Z6 " " M12 " 0000000000000000 empty", false},
    {"qs4 0 0 0 0 0 0 0 0 0 0 0 " Z6 " " M12 " 3ff0000000000000 empty empty", false},
    {"qs4 1 0 0 0 0 0 0 0 0 0 0 " Z6 " " M12 " 8000000000000000 empty empty", false},
    {"", false},
};

START_TEST(contradictions_are_refused)
{
    ql_stats *stats = calloc(1, sizeof *stats);
    ck_assert_int_eq(ql_stats_parse(stats, texts[_i].text, strlen(texts[_i].text)), texts[_i].good);
    free(stats);
}
END_TEST

START_TEST(not_finite_is_counted_apart)
{
    const float n = (float)NAN, inf = (float)INFINITY;
    const float f[] = {1, n, 2, inf, 4, -inf, n, 5}, q[] = {1, 1, n, 1, 4.5F, n, n, -inf};
    ql_stats *stats = calloc(1, sizeof *stats);
    ql_stats_add(stats, 0, f, q, 8);
    ck_assert_uint_eq(stats->count, 2);
    ck_assert_uint_eq(stats->nan_f, 2);
    ck_assert_uint_eq(stats->inf_f, 2);
    ck_assert_uint_eq(stats->nan_q, 3);
    ck_assert_uint_eq(stats->inf_q, 1);
    ck_assert_uint_eq(stats->max_abs.element, 4);
    ck_assert_double_eq(stats->max_abs.value, 0.5);
    ck_assert_double_eq(stats->f.max, 4.0);
    ck_assert_double_eq(ql_stats_sum(stats, QL_SUM_FQ), 1 + 18);
    free(stats);
}
END_TEST

static const struct {
    uint64_t sample[2];
    size_t n[2], at[2];
    float size[2];
    uint64_t want_sample, want_element;
} worst[] = {
    {{0, 1}, {900, 900}, {700, 3}, {2, 2}, 0, 700},  {{1, 0}, {900, 900}, {700, 3}, {2, 2}, 0, 3},
    {{1, 0}, {900, 900}, {700, 3}, {-3, 2}, 1, 700}, {{5, 4}, {10, 10}, {9, 9}, {0, 0}, 4, 0},
    {{5, 4}, {10, 0}, {9, 0}, {0, 0}, 5, 0},         {{5, 4}, {513, 513}, {512, 512}, {1, -1}, 4, 512},
};

START_TEST(the_largest_error_has_a_place)
{
    ql_stats *stats = calloc(1, sizeof *stats);
    static float zero[900], q[900];
    for (int i = 0; i < 2; i++) {
        memset(q, 0, sizeof q);
        if (worst[_i].n[i]) {
            q[worst[_i].at[i]] = worst[_i].size[i];
            q[worst[_i].n[i] - 1] = worst[_i].size[i]; /* a later equal does not count */
        }
        ql_stats_add(stats, worst[_i].sample[i], zero, q, worst[_i].n[i]);
    }
    ck_assert_uint_eq(stats->max_abs.sample, worst[_i].want_sample);
    ck_assert_uint_eq(stats->max_abs.element, worst[_i].want_element);
    double size[] = {fabs((double)worst[_i].size[0]), fabs((double)worst[_i].size[1])};
    ck_assert_double_eq(stats->max_abs.value, fmax(size[0], size[1]));
    ck_assert(!signbit(stats->max_abs.value));
    free(stats);
}
END_TEST

START_TEST(raw_limits_are_counted)
{
    ql_stats *stats = calloc(1, sizeof *stats);
    const int8_t i8[] = {-128, -127, 0, 127, 127};
    const uint8_t u8[] = {0, 255, 254, 1};
    const int16_t i16[] = {-32768, -32767, 32767, 5};
    ql_stats_add_raw(stats, QL_RAW_I8, i8, 5, -128, 127);
    ql_stats_add_raw(stats, QL_RAW_U8, u8, 4, 0, 255);
    ql_stats_add_raw(stats, QL_RAW_I16, i16, 4, -32767, 32767);
    ck_assert_uint_eq(stats->raw_count, 13);
    ck_assert_uint_eq(stats->at_min, 1 + 1 + 2);
    ck_assert_uint_eq(stats->at_max, 2 + 1 + 1);
    ck_assert_double_eq(ql_metric_find("saturated")->get(stats, NULL), 8.0 / 13.0);
    free(stats);
}
END_TEST

/* Samples 4 and 7 are equally bad; the least number stands, whatever the order and the split. */
START_TEST(the_worst_sample_is_known)
{
    static const float f[] = {1, 2}, near[] = {1.25f, 2}, far[] = {1, 3};
    static const uint64_t orders[][4] = {{2, 4, 7, 9}, {7, 9, 4, 2}, {9, 7, 2, 4}};
    ql_stats *parts = calloc(2, sizeof *parts);
    for (int i = 0; i < 4; i++) {
        uint64_t number = orders[_i][i];
        bool bad = number == 4 || number == 7;
        ql_stats_add(&parts[i % 2], number, f, bad ? far : near, 2);
    }
    ql_stats_merge(&parts[0], &parts[1]);
    for (int figure = 0; figure < QL_SAMPLE_COUNT; figure++) {
        ck_assert_uint_eq(parts[0].worst[figure].sample, 4);
    }
    ck_assert(parts[0].worst[QL_SAMPLE_MSE].value == 0.5);
    ck_assert(parts[0].worst[QL_SAMPLE_MAX_ABS].value == 1);
    ck_assert(fabs(parts[0].worst[QL_SAMPLE_SQNR_DB].value - 10 * log10(5)) < 1e-12);
    free(parts);
}
END_TEST

Suite *ql_suite(void)
{
    Suite *suite = suite_create("stats");
    TCase *merge = tcase_create("merge");
    tcase_set_timeout(merge, 60);
    tcase_add_loop_test(merge, any_order_split_and_tree_gives_the_same_text, 0, 18);
    tcase_add_loop_test(merge, the_worst_sample_is_known, 0, 3);
    suite_add_tcase(suite, merge);
    TCase *text = tcase_create("text");
    tcase_set_timeout(text, 60);
    tcase_add_loop_test(text, text_makes_a_round_trip, 0, 12);
    tcase_add_test(text, hostile_text_is_refused);
    tcase_add_loop_test(text, contradictions_are_refused, 0, ROWS(texts));
    suite_add_tcase(suite, text);
    TCase *add = tcase_create("add");
    tcase_add_test(add, not_finite_is_counted_apart);
    tcase_add_loop_test(add, the_largest_error_has_a_place, 0, ROWS(worst));
    tcase_add_test(add, raw_limits_are_counted);
    suite_add_tcase(suite, add);
    return suite;
}
