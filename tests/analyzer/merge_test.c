/* Parts that were damaged on the way: what merging says of each. */
#include "analyzer/analyzer.h"
#include "tests/support/suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MODEL(name) QL_SOURCE_DIR "/samples/digits_" name ".tflite"

/* Takes the spaces between tokens away, so that damages can be told in few words. */
static void squeeze(char *text)
{
    bool quoted = false;
    char *out = text;
    for (const char *at = text; *at; at++) {
        quoted = *at == '"' && (at == text || at[-1] != '\\') ? !quoted : quoted;
        if (quoted || !strchr(" \t\n", *at)) {
            *out++ = *at;
        }
    }
    *out = 0;
}

/* A comparison of two noise samples in one part, as text. */
static char *make_part(void)
{
    ql_model *models[2];
    ql_dataset *data;
    ql_arena arena;
    ql_pairing pairing;
    ql_comparison comparison;
    ql_json *result;
    const int graphs[2] = {0, 0};
    ql_arena_init(&arena, 0);
    ck_assert_int_eq(ql_model_open(&models[0], MODEL("float32"), NULL), QL_OK);
    ck_assert_int_eq(ql_model_open(&models[1], MODEL("int8"), NULL), QL_OK);
    ck_assert_int_eq(ql_dataset_open(&data, "random:2", (const ql_model *const *)models, graphs, 2,
                                     &(ql_data_options){0}, NULL),
                     QL_OK);
    ql_engine_options options = {.reference = {models[0], 0},
                                 .candidate = {models[1], 0},
                                 .pairing = &pairing,
                                 .data = data,
                                 .threads = 1,
                                 .local = true};
    ck_assert_int_eq(ql_pair_models(options.reference, options.candidate, &arena, &pairing, NULL), QL_OK);
    ck_assert_int_eq(ql_engine_run(&options, &comparison, NULL), QL_OK);
    ck_assert_int_eq(ql_result_frame(&result, &options, NULL), QL_OK);
    ck_assert_int_eq(ql_result_fill(result, &comparison, true, NULL), QL_OK);
    ck_assert_int_eq(ql_result_sign(result, &(ql_run_facts){.shards = 1, .started = ""}, NULL), QL_OK);
    char *text = ql_json_print(result);
    ck_assert_ptr_nonnull(text);
    squeeze(text);
    ql_json_free(result);
    ql_comparison_free(&comparison);
    ql_dataset_close(data);
    ql_model_close(models[0]);
    ql_model_close(models[1]);
    ql_arena_free(&arena);
    return text;
}

/* `found` (the first one after `after`) becomes `becomes`. */
static const struct {
    const char *after, *found, *becomes;
    ql_code code;
    const char *says;
} damages[] = {
    {"", "\"schema\":", "\"schema\":", QL_OK, ""},
    {"", "qloupe.comparison/1", "qloupe.comparison/2", QL_E_FORMAT,
     "p.json: not a comparison: schema qloupe.comparison/1 is required"},
    {"", "\"partial\":", "\"other\":", QL_E_FORMAT,
     "p.json: no exact sums: a part written with --shard is required"},
    {"\"partial\":", "\"pairs\":[", "\"pairs\":[{},", QL_E_FORMAT,
     "p.json: sums of 12 pairs: there must be 11"},
    {"\"partial\":", "qs4 ", "qs2 ", QL_E_FORMAT, "p.json: the sums of pair 0 are damaged"},
    {"\"partial\":", "\"errors\":\"", "\"errors\":\"1", QL_E_FORMAT,
     "p.json: the sums of pair 0 are damaged"},
    {"\"partial\":", "\"levels\":\"", "\"levels\":\"x", QL_E_FORMAT,
     "p.json: the sums of pair 0 are damaged"},
    {"\"partial\":", "\"channels\":", "\"chances\":", QL_E_FORMAT, "are damaged"},
    {"\"task\":{\"rows\"", ":\"", ":\"x", QL_E_FORMAT, "p.json: count \"rows\" is damaged"},
    {"\"task\":{\"rows\"", "\"labelled\":", "\"labels\":", QL_E_FORMAT,
     "p.json: count \"labelled\" is damaged"},
    {"\"task\":{\"rows\"", "\"classes\":[", "\"classes\":[99999,\"1\"", QL_E_FORMAT,
     "p.json: the counts by class are damaged"},
    {"\"task\":{\"rows\"", "\"classes\":", "\"class\":", QL_E_FORMAT,
     "p.json: the counts by class are damaged"},
    {"\"left_out\":", "\"samples\":2", "\"samples\":-2", QL_E_FORMAT,
     "p.json: the number of samples is damaged"},
    {"\"run\":", "\"shards\":1", "\"shards\":0", QL_E_FORMAT,
     "p.json: it does not say which shard it is: a part written with --shard is required"},
    {"\"run\":", "\"shards\":1", "\"shards\":2", QL_E_FIT,
     "shard 2 of 2 is missing: run it with --shard 2/2"},
    {"\"run\":", "\"shard\":1", "\"shard\":2", QL_E_FIT, "p.json: not one of 1 shards as the first part is"},
};

static char *damaged(const char *text, int i)
{
    const char *at = strstr(text, damages[i].after);
    at = at ? strstr(at, damages[i].found) : NULL;
    ck_assert_msg(at != NULL, "case %d: no %s after %s", i, damages[i].found, damages[i].after);
    size_t before = (size_t)(at - text), size = strlen(text) + strlen(damages[i].becomes) + 1;
    char *out = malloc(size);
    ck_assert_ptr_nonnull(out);
    memcpy(out, text, before);
    snprintf(out + before, size - before, "%s%s", damages[i].becomes, at + strlen(damages[i].found));
    return out;
}

START_TEST(damaged_parts_are_refused)
{
    char *whole = make_part(), *text = damaged(whole, _i), message[1024];
    const char *const name = "p.json";
    ql_json *part, *merged = NULL;
    ql_err err;
    ql_err_clear(&err);
    ck_assert_int_eq(ql_json_parse(&part, text, strlen(text), &err), QL_OK);
    ql_code code = ql_result_merge(&merged, &part, &name, 1, &err);
    ql_err_text(&err, message, sizeof message);
    ck_assert_msg(code == damages[_i].code && strstr(message, damages[_i].says), "case %d: %d %s", _i, code,
                  message);
    ck_assert(!code == (merged != NULL));
    ql_json_free(merged);
    ql_json_free(part);
    free(whole);
    free(text);
}
END_TEST

Suite *ql_suite(void)
{
    Suite *suite = suite_create("merge");
    TCase *tests = tcase_create("merge");
    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, damaged_parts_are_refused, 0, sizeof damages / sizeof *damages);
    suite_add_tcase(suite, tests);
    return suite;
}
