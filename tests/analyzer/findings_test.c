/* Every diagnosis has a result that triggers it and one just short of its threshold. */
#include "analyzer/analyzer.h"
#include "analyzer/findings/diagnose.h"
#include "tests/support/suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A pair in JSON: int8, scale 1, zero point 0, so the range is -128 .. 127 (width 255). */
#define PAIR(tensor, op, index, inputs, figures)                                                             \
    "{\"name\":\"t" #tensor "\",\"op\":\"" op "\",\"op_index\":" #index ",\"inputs\":[" inputs               \
    "],\"candidate\":{\"tensor\":" #tensor ",\"dtype\":\"int8\",\"scale\":1,\"zero_point\":0}," figures "}"
#define RANGE(low, high, p_low, p_high)                                                                      \
    "\"range\":{\"reference\":{\"min\":" #low ",\"max\":" #high ",\"p0_1\":" #p_low ",\"p99_9\":" #p_high "}}"
#define SQNR(db)            "\"cumulative\":{\"sqnr_db\":" #db ",\"saturated\":0.01}"
#define LOCAL(db, step)     "\"local\":{\"rmse\":1,\"sqnr_db\":" #db ",\"rmse_over_scale\":" #step "}"
#define EIGHT(low, high)    "\"by_channel\":{\"min\":[" low "],\"max\":[" high "],\"sqnr_db\":[1,1,1,1,1,1,1,1]}"
#define ZEROS               "0,0,0,0,0,0,0,0"
#define CHANNELS(low, high) "\"by_channel\":{\"min\":[" low "],\"max\":[" high "],\"sqnr_db\":[1,1,1,1]}"
#define GOOD                PAIR(0, "INPUT", null, "", SQNR(60) "," RANGE(-120, 120, -110, 110))
#define TOP(top1, sqnr)     "\"agreement\":{\"top1\":" #top1 "},\"whole\":{\"sqnr_db\":" #sqnr "},"
#define WEIGHT(spread, scale)                                                                                \
    "\"weights\":[{\"name\":\"w\",\"op_index\":1,\"channel_spread\":" #spread                                \
    ",\"candidate\":{\"scale\":" scale "}}],"

static const struct {
    const char *code, *severity; /* severity NULL: is not found */
    const char *members, *pairs;
} cases[] = {
    {"saturation", "warning", "", GOOD "," PAIR(2, "CONV_2D", 1, "0", SQNR(20) "," RANGE(0, 140, 0, 130))},
    {"saturation", NULL, "", GOOD "," PAIR(2, "CONV_2D", 1, "0", SQNR(20) "," RANGE(0, 139, 0, 130))},
    {"saturation", "error", TOP(0.5, 3),
     GOOD "," PAIR(2, "CONV_2D", 1, "0", SQNR(9) "," RANGE(0, 400, 0, 130))},
    {"saturation", "warning", TOP(0.9, 3),
     GOOD "," PAIR(2, "CONV_2D", 1, "0", SQNR(9) "," RANGE(0, 400, 0, 130))},
    {"saturation", "warning", TOP(0.5, 3),
     GOOD "," PAIR(2, "CONV_2D", 1, "0", SQNR(11) "," RANGE(0, 400, 0, 130))},
    {"range-too-wide", "note", "", GOOD "," PAIR(2, "CONV_2D", 1, "0", SQNR(20) "," RANGE(0, 84, 0, 80))},
    {"range-too-wide", NULL, "", GOOD "," PAIR(2, "CONV_2D", 1, "0", SQNR(20) "," RANGE(0, 86, 0, 80))},
    {"range-too-wide", "warning", "",
     GOOD "," PAIR(2, "CONV_2D", 1, "0", SQNR(20) "," RANGE(-11, 20, 0, 20))},
    {"range-too-wide", NULL, "", GOOD "," PAIR(2, "SOFTMAX", 1, "0", SQNR(20) "," RANGE(0, 1, 0, 1))},
    {"saturation", NULL, "", GOOD "," PAIR(2, "MAX_POOL_2D", 1, "0", SQNR(20) "," RANGE(0, 140, 0, 130))},
    {"few-levels", NULL, "",
     GOOD "," PAIR(2, "RESHAPE", 1, "0", "\"levels_used\":20," SQNR(20) "," RANGE(0, 100, 0, 99))},
    {"range-too-wide", NULL, "", GOOD "," PAIR(2, "MAX_POOL_2D", 1, "0", SQNR(20) "," RANGE(0, 84, 0, 80))},
    /* made for -128 .. 127 */
    {"range-too-narrow", "note", "", GOOD "," PAIR(2, "CONV_2D", 1, "0", SQNR(20) "," RANGE(0, 281, 0, 130))},
    {"range-too-narrow", NULL, "", GOOD "," PAIR(2, "CONV_2D", 1, "0", SQNR(20) "," RANGE(0, 280, 0, 130))},
    {"range-too-narrow", "warning", "",
     GOOD "," PAIR(2, "CONV_2D", 1, "0", SQNR(20) "," RANGE(-83, 300, 0, 130))},
    {"range-too-narrow", NULL, "",
     GOOD "," PAIR(2, "MAX_POOL_2D", 1, "0", SQNR(20) "," RANGE(-83, 300, 0, 130))},
    /* one of eight channels is more than eight times as wide as the median; without it 90 of 255 would do */
    {"channel-outlier", "note", "",
     GOOD "," PAIR(2, "CONV_2D", 1, "0", SQNR(40) "," EIGHT(ZEROS, "16,16,16,16,90,16,16,129"))},
    {"channel-outlier", "warning", "",
     GOOD "," PAIR(2, "CONV_2D", 1, "0", SQNR(40) "," EIGHT(ZEROS, "15,15,15,15,15,15,15,127"))},
    {"channel-outlier", NULL, "",
     GOOD "," PAIR(2, "CONV_2D", 1, "0", SQNR(40) "," EIGHT(ZEROS, "16,16,16,16,128,16,16,128"))},
    {"channel-outlier", NULL, "",
     GOOD "," PAIR(2, "CONV_2D", 1, "0", SQNR(40) "," EIGHT(ZEROS, "16,16,16,16,15,16,129,129"))},
    {"channel-spread", NULL, "",
     GOOD "," PAIR(2, "CONV_2D", 1, "0", SQNR(40) "," EIGHT(ZEROS, "15,15,15,15,15,15,15,127"))},
    {"relu6-pattern", "note", "",
     GOOD "," PAIR(2, "RELU6", 1, "0", SQNR(60) "," RANGE(0, 6, 0, 6) "," CHANNELS("0,0,0,0", "6,90,90,90"))},
    {"relu6-pattern", "warning", "",
     GOOD "," PAIR(
         2, "CONV_2D", 1, "0",
         "\"activation\":\"RELU6\"," SQNR(57) "," RANGE(0, 6, 0, 6) "," CHANNELS("0,0,0,0", "6,90,90,90"))},
    {"relu6-pattern", NULL, "",
     GOOD
     "," PAIR(2, "CONV_2D", 1, "0", SQNR(57) "," RANGE(0, 6, 0, 6) "," CHANNELS("0,0,0,0", "6,90,90,90"))},
    {"relu6-pattern", NULL, "",
     GOOD
     "," PAIR(2, "RELU6", 1, "0", SQNR(57) "," RANGE(0, 5.9, 0, 5) "," CHANNELS("0,0,0,0", "6,90,90,90"))},
    {"scale-mismatch", "note", "",
     GOOD "," PAIR(2, "CONV_2D", 1, "0", SQNR(60) "," RANGE(0, 15.9, 0, 15)) "," PAIR(
         3, "ADD", 2, "0,2", SQNR(60) "," RANGE(0, 100, 0, 99))},
    {"scale-mismatch", NULL, "",
     GOOD "," PAIR(2, "CONV_2D", 1, "0", SQNR(60) "," RANGE(0, 16, 0, 15)) "," PAIR(
         3, "ADD", 2, "0,2", SQNR(60) "," RANGE(0, 100, 0, 99))},
    {"scale-mismatch", NULL, "",
     GOOD "," PAIR(2, "CONV_2D", 1, "0", SQNR(60) "," RANGE(0, 3, 0, 3)) "," PAIR(
         3, "MUL", 2, "0,2", SQNR(60) "," RANGE(0, 100, 0, 99))},
    {"scale-mismatch", "warning", "",
     GOOD "," PAIR(2, "CONV_2D", 1, "0", SQNR(60) "," RANGE(0, 3.9, 0, 3)) "," PAIR(
         3, "CONCATENATION", 2, "0,2", SQNR(60) "," RANGE(0, 100, 0, 99))},
    {"outliers", "warning", "", GOOD "," PAIR(2, "CONV_2D", 1, "0", SQNR(57) "," RANGE(0, 101, 0, 20))},
    {"outliers", NULL, "", GOOD "," PAIR(2, "CONV_2D", 1, "0", SQNR(57) "," RANGE(0, 99, 0, 20))},
    {"outliers", NULL, "", GOOD "," PAIR(2, "CONV_2D", 1, "0", SQNR(57.1) "," RANGE(0, 101, 0, 20))},
    {"few-levels", "note", "",
     GOOD "," PAIR(2, "CONV_2D", 1, "0", "\"levels_used\":24," SQNR(24.9) "," RANGE(0, 100, 0, 99))},
    {"few-levels", NULL, "",
     GOOD "," PAIR(2, "CONV_2D", 1, "0", "\"levels_used\":25," SQNR(24.9) "," RANGE(0, 100, 0, 99))},
    {"few-levels", NULL, "",
     GOOD "," PAIR(2, "CONV_2D", 1, "0", "\"levels_used\":24," SQNR(25) "," RANGE(0, 100, 0, 99))},
    {"few-levels", "warning", "",
     GOOD "," PAIR(2, "CONV_2D", 1, "0", "\"levels_used\":7," SQNR(24.9) "," RANGE(0, 100, 0, 99))},
    {"channel-spread", "note", "",
     GOOD "," PAIR(2, "CONV_2D", 1, "0",
                   SQNR(40) "," RANGE(0, 100, 0, 99) "," CHANNELS("0,0,0,0", "10,10,10,90"))},
    {"channel-spread", NULL, "",
     GOOD "," PAIR(2, "CONV_2D", 1, "0",
                   SQNR(40) "," RANGE(0, 100, 0, 99) "," CHANNELS("0,0,0,0", "10,10,10,80"))},
    {"channel-spread", NULL, "",
     GOOD "," PAIR(2, "CONV_2D", 1, "0",
                   SQNR(40) "," RANGE(0, 100, 0, 99) "," CHANNELS("0,0,0,0", "16,16,16,900"))},
    {"local-error", "note", "",
     GOOD "," PAIR(2, "CONV_2D", 1, "0", SQNR(20) "," LOCAL(29.9, 1.01) "," RANGE(0, 100, 0, 99))},
    {"local-error", NULL, "",
     GOOD "," PAIR(2, "CONV_2D", 1, "0", SQNR(20) "," LOCAL(29.9, 1) "," RANGE(0, 100, 0, 99))},
    {"local-error", NULL, "",
     GOOD "," PAIR(2, "CONV_2D", 1, "0", SQNR(20) "," LOCAL(30, 1.01) "," RANGE(0, 100, 0, 99))},
    {"local-error", "warning", "",
     GOOD "," PAIR(2, "CONV_2D", 1, "0", SQNR(20) "," LOCAL(29.9, 2.01) "," RANGE(0, 100, 0, 99))},
    {"swish-pattern", "warning", "",
     GOOD "," PAIR(2, "HARD_SWISH", 1, "0", SQNR(57) "," RANGE(0, 100, 0, 99))},
    {"swish-pattern", NULL, "", GOOD "," PAIR(2, "HARD_SWISH", 1, "0", SQNR(57.1) "," RANGE(0, 100, 0, 99))},
    {"swish-pattern", NULL, "", GOOD "," PAIR(2, "RELU6", 1, "0", SQNR(50) "," RANGE(0, 100, 0, 99))},
    {"swish-pattern", "warning", "",
     GOOD "," PAIR(2, "LOGISTIC", 1, "0", SQNR(60) "," RANGE(0, 100, 0, 99)) "," PAIR(
         3, "MUL", 2, "0,2", SQNR(50) "," RANGE(0, 100, 0, 99))},
    {"swish-pattern", NULL, "", /* a gate by another value */
     GOOD "," PAIR(2, "LOGISTIC", 1, "0", SQNR(60) "," RANGE(0, 100, 0, 99)) "," PAIR(
         3, "EXP", 2, "0", SQNR(60) "," RANGE(0, 100, 0, 99)) "," PAIR(4, "MUL", 3, "3,2", SQNR(50))},
    {"dead-channel", "note", "",
     GOOD
     "," PAIR(2, "CONV_2D", 1, "0", SQNR(40) "," RANGE(0, 100, 0, 99) "," CHANNELS("0,3,0,0", "90,3,90,90"))},
    {"dead-channel", NULL, "",
     GOOD
     "," PAIR(2, "CONV_2D", 1, "0", SQNR(40) "," RANGE(0, 100, 0, 99) "," CHANNELS("0,3,0,0", "90,4,90,90"))},
    {"dead-channel", NULL, "",
     GOOD
     "," PAIR(2, "ADD", 1, "0", SQNR(40) "," RANGE(0, 100, 0, 99) "," CHANNELS("0,3,0,0", "90,3,90,90"))},
    {"data-out-of-range", "warning", "", PAIR(0, "INPUT", null, "", SQNR(60) "," RANGE(0, 132.2, 0, 110))},
    {"data-out-of-range", NULL, "", PAIR(0, "INPUT", null, "", SQNR(60) "," RANGE(0, 132, 0, 110))},
    {"data-out-of-range", NULL, "", GOOD "," PAIR(2, "CONV_2D", 1, "0", SQNR(60) "," RANGE(0, 200, 0, 110))},
    {"data-out-of-range", "warning", "",
     GOOD "," PAIR(1, "QUANTIZE", 0, "0", SQNR(60) "," RANGE(0, 140, 0, 110))},
    {"weights-spread", "warning", WEIGHT(8.1, "0.5"), GOOD "," PAIR(2, "CONV_2D", 1, "0", SQNR(40))},
    {"weights-spread", NULL, WEIGHT(8, "0.5"), GOOD "," PAIR(2, "CONV_2D", 1, "0", SQNR(40))},
    {"weights-spread", NULL, WEIGHT(80, "null"), GOOD "," PAIR(2, "CONV_2D", 1, "0", SQNR(40))},
    {"output-differs", "error", TOP(0.79, 4.9), GOOD},
    {"output-differs", "warning", TOP(0.79, 5), GOOD},
    {"output-differs", "warning", TOP(0.8, 4.9), GOOD},
    {"output-differs", NULL, TOP(0.8, 5), GOOD},
    {"output-differs", "error", TOP(null, 4.9), GOOD},
    {"output-differs", NULL, TOP(null, 5), GOOD},
    {"kernel-divergence", "note", "\"reference\":{\"sha256\":\"s\"},\"candidate\":{\"sha256\":\"s\"},",
     GOOD "," PAIR(2, "CONV_2D", 1, "0", SQNR(40) "," LOCAL(60, 0.1))},
    {"kernel-divergence", NULL, "\"reference\":{\"sha256\":\"s\"},\"candidate\":{\"sha256\":\"s\"},",
     GOOD "," PAIR(2, "CONV_2D", 1, "0", SQNR(40) ",\"local\":{\"rmse\":0}")},
    {"kernel-divergence", NULL, "\"reference\":{\"sha256\":\"s\"},\"candidate\":{\"sha256\":\"t\"},",
     GOOD "," PAIR(2, "CONV_2D", 1, "0", SQNR(40) "," LOCAL(60, 0.1))},
    {"noise-input", "note", "\"data\":{\"file\":\"random\",\"random\":true},", GOOD},
    {"noise-input", NULL, "\"data\":{\"file\":\"random\",\"random\":false},", GOOD},
    /* one of four channels spans 7 steps; the next operator falls from 30 to 19 dB, doing well itself */
    {"culprit-tensor", "warning", "",
     GOOD "," PAIR(2, "CONV_2D", 1, "0", SQNR(30) "," CHANNELS("0,0,0,0", "7,90,90,90")) "," PAIR(
         3, "CONV_2D", 2, "2", SQNR(19) "," LOCAL(40, 0.3))},
    {"culprit-tensor", "error", "",
     GOOD "," PAIR(2, "CONV_2D", 1, "0", SQNR(30) "," CHANNELS("0,0,0,0", "7,90,90,90")) "," PAIR(
         3, "CONV_2D", 2, "2", SQNR(14.9) "," LOCAL(40, 0.3))},
    {"culprit-tensor", "warning", TOP(0.9, 21),
     GOOD "," PAIR(2, "CONV_2D", 1, "0", SQNR(30) "," CHANNELS("0,0,0,0", "7,90,90,90")) "," PAIR(
         3, "CONV_2D", 2, "2", SQNR(14.9) "," LOCAL(40, 0.3))},
    /* another operand is as bad */
    {"culprit-tensor", NULL, "",
     PAIR(0, "INPUT", null, "", SQNR(19)) "," PAIR(
         2, "CONV_2D", 1, "0",
         SQNR(30) "," CHANNELS("0,0,0,0", "7,90,90,90")) "," PAIR(3, "MUL", 2, "2,0",
                                                                  SQNR(19) "," LOCAL(40, 0.3))},
    {"culprit-tensor", NULL, "",
     GOOD "," PAIR(2, "CONV_2D", 1, "0", SQNR(30) "," CHANNELS("0,0,0,0", "8,90,90,90")) "," PAIR(
         3, "CONV_2D", 2, "2", SQNR(19) "," LOCAL(40, 0.3))},
    {"culprit-tensor", NULL, "",
     GOOD "," PAIR(2, "CONV_2D", 1, "0", SQNR(30) "," CHANNELS("0,0,0,0", "7,90,90,90")) "," PAIR(
         3, "CONV_2D", 2, "2", SQNR(20) "," LOCAL(40, 0.3))},
    {"culprit-tensor", NULL, "",
     GOOD "," PAIR(2, "CONV_2D", 1, "0", SQNR(25) "," CHANNELS("0,0,0,0", "7,90,90,90")) "," PAIR(
         3, "CONV_2D", 2, "2", SQNR(19) "," LOCAL(40, 0.3))},
    {"culprit-tensor", NULL, "",
     GOOD "," PAIR(2, "CONV_2D", 1, "0", SQNR(30) "," CHANNELS("0,0,0,0", "7,90,90,90")) "," PAIR(
         3, "CONV_2D", 2, "2", SQNR(19) "," LOCAL(25, 0.3))},
};
enum { CASES = sizeof cases / sizeof *cases };

static ql_json *result_of(int i)
{
    size_t size = strlen(cases[i].members) + strlen(cases[i].pairs) + 32;
    char *text = malloc(size);
    ck_assert_ptr_nonnull(text);
    snprintf(text, size, "{%s\"pairs\":[%s]}", cases[i].members, cases[i].pairs);
    ql_json *result;
    ql_err err;
    ql_err_clear(&err);
    ck_assert_msg(!ql_json_parse(&result, text, strlen(text), &err), "case %d: %s: %s", i, err.text, text);
    free(text);
    return result;
}

static const ql_json *find(const ql_json *list, const char *code)
{
    const ql_json *one = ql_json_first(list);
    while (one && strcmp(ql_json_get_text(one, "code", ""), code) != 0) {
        one = ql_json_next(one);
    }
    return one;
}

START_TEST(thresholds)
{
    ql_doc d = {0};
    ql_json *result = result_of(_i);
    ck_assert_int_eq(ql_diagnose(&d, result, NULL), QL_OK);
    const ql_json *found = find(ql_json_get(result, "findings"), cases[_i].code);
    const char *severity = found ? ql_json_get_text(found, "severity", "") : "none";
    const char *wanted = cases[_i].severity ? cases[_i].severity : "none";
    ck_assert_msg(!strcmp(severity, wanted), "case %d, %s: %s, not %s", _i, cases[_i].code, severity, wanted);
    if (found) {
        ck_assert(*ql_json_get_text(found, "evidence", ""));
        ck_assert(*ql_json_get_text(found, "remedy", ""));
    }
    ql_json_free(result);
}
END_TEST

START_TEST(every_diagnosis_is_seen_and_missed)
{
    for (int r = 0; r < ql_diagnosis_count; r++) {
        bool seen = false, missed = false;
        for (int i = 0; i < CASES; i++) {
            bool same = !strcmp(cases[i].code, ql_diagnoses[r].code);
            seen = seen || (same && cases[i].severity);
            missed = missed || (same && !cases[i].severity);
        }
        ck_assert_msg(seen && missed, "%s", ql_diagnoses[r].code);
    }
}
END_TEST

/* Errors come before warnings before notes, and a pair lists what blames its tensor. */
START_TEST(findings_are_ranked_and_listed_by_pair)
{
    static const char *const order[] = {"note", "warning", "error"};
    ql_doc d = {0};
    for (int i = 0; i < CASES; i++) {
        int last = 2;
        ql_json *result = result_of(i);
        ck_assert_int_eq(ql_diagnose(&d, result, NULL), QL_OK);
        for (const ql_json *one = ql_json_first(ql_json_get(result, "findings")); one;
             one = ql_json_next(one)) {
            int rank = 2;
            while (strcmp(order[rank], ql_json_get_text(one, "severity", "")) != 0) {
                ck_assert_int_gt(rank--, 0);
            }
            ck_assert_int_le(rank, last);
            last = rank;
            const ql_json *tensor = ql_json_first(ql_json_get(one, "tensors"));
            const ql_json *pair = ql_json_first(ql_json_get(result, "pairs"));
            while (tensor && strcmp(ql_json_get_text(pair, "name", ""), ql_json_text(tensor)) != 0) {
                pair = ql_json_next(pair);
            }
            ck_assert(!tensor ||
                      find(ql_json_get(pair, "findings"), ql_json_get_text(one, "code", "")) != NULL);
        }
        ql_json_free(result);
    }
}
END_TEST

Suite *ql_suite(void)
{
    Suite *suite = suite_create("findings");
    TCase *tests = tcase_create("findings");
    tcase_add_loop_test(tests, thresholds, 0, CASES);
    tcase_add_test(tests, every_diagnosis_is_seen_and_missed);
    tcase_add_test(tests, findings_are_ranked_and_listed_by_pair);
    suite_add_tcase(suite, tests);
    return suite;
}
