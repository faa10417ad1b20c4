/* Whole reports: of a small document as in golden/ (tool_report_write makes them), of hostile ones, of odd
 * ones. */
#include "reports/reports.h"
#include "tests/support/suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define GOLDEN QL_SOURCE_DIR "/tests/reports/golden/"

static const ql_report_options options = {.columns = 100, .gnuplot = ""};

static ql_json *read_golden(const char *name)
{
    char path[512];
    ql_err err;
    ql_json *doc = NULL;
    snprintf(path, sizeof path, GOLDEN "%s", name);
    ck_assert_int_eq(ql_json_read(&doc, path, &err), QL_OK);
    return doc;
}

static void make(const char *writer, const ql_json *doc, const ql_report_options *how, ql_text *text)
{
    ql_err err;
    const ql_report_writer *row = ql_report_find(writer);
    ck_assert_ptr_nonnull(row);
    ck_assert_int_eq(ql_report_make(row, doc, how, text, &err), QL_OK);
}

static const struct {
    const char *writer, *golden;
    ql_report_options options;
} goldens[] = {
    {"text", "small.txt", {.columns = 100}},
    {"text", "small-narrow-colour.txt", {.columns = 72, .colour = true}},
    {"text", "small-worst.txt", {.columns = 100, .sort = "rmse_over_scale", .top = 2}},
    {"csv", "small.csv", {0}},
    {"markdown", "small.md", {0}},
    {"junit", "small.xml", {0}},
    {"model-explorer", "small-nodes.json", {0}},
    {"model-explorer", "small-nodes-bias.json", {.sort = "local.mean_error"}},
};

START_TEST(golden)
{
    char path[512], *want;
    size_t length;
    ql_err err;
    ql_json *doc = read_golden("small.json");
    ql_text text = {0};
    make(goldens[_i].writer, doc, &goldens[_i].options, &text);
    snprintf(path, sizeof path, GOLDEN "%s", goldens[_i].golden);
    if (getenv("QL_UPDATE_GOLDEN")) {
        ck_assert_int_eq(ql_file_write(path, text.bytes, text.length, &err), QL_OK);
    }
    ck_assert_int_eq(ql_file_read(path, &want, &length, &err), QL_OK);
    ck_assert_str_eq(ql_text_bytes(&text), want);
    free(want);
    ql_text_free(&text);
    ql_json_free(doc);
}
END_TEST

/* A saved document gives the report that the fresh one gave, and twice the same. */
START_TEST(reports_are_repeatable)
{
    const char *writer = ql_report_writers[_i].id;
    ql_json *doc = read_golden("small.json"), *saved = NULL;
    ql_doc d = {0};
    ql_put_number(&d, ql_json_get(doc, "agreement"), "ninth", 1.0 / 9);
    ql_put_float(&d, ql_json_get(doc, "agreement"), "tenth", 0.1F);
    ql_text fresh = {0}, again = {0}, later = {0};
    ql_err err;
    make(writer, doc, &options, &fresh);
    make(writer, doc, &options, &again);
    char *text = ql_json_print(doc);
    ck_assert_int_eq(ql_json_parse(&saved, text, strlen(text), &err), QL_OK);
    make(writer, saved, &options, &later);
    ck_assert_str_eq(ql_text_bytes(&fresh), ql_text_bytes(&again));
    ck_assert_str_eq(ql_text_bytes(&fresh), ql_text_bytes(&later));
    free(text);
    ql_text_free(&fresh);
    ql_text_free(&again);
    ql_text_free(&later);
    ql_json_free(saved);
    ql_json_free(doc);
}
END_TEST

static const char *const hostile[] = {
    "<script>hostile()</script>",
    "</svg></style></script><img src=x onerror=hostile()>",
    "`hostile`; system(\"id\")",
    "\"; system(\"id\") #hostile",
    "=cmd|' /C hostile'!A0",
    "\x1b[31mhostile\x1b[0m",
    "hostile\nsecond line\r\n| a | b |",
    "hostile ]]> <![CDATA[ &amp; &#0;",
    "hostile\xff\xfe\xc0\xaf",
    "\xe2\x80\xaehostile",
    "__proto__",
    "",
};

/* Puts `name` wherever a document holds text of a model's or a user's. */
static void rename_all(ql_json *json, const char *name)
{
    static const char *const members[] = {"name",     "file",    "code",    "evidence", "remedy",
                                          "severity", "op",      "how",     "reason",   "dtype",
                                          "host",     "version", "started", "expr",     "model"};
    ql_doc d = {0};
    for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
        if (ql_json_text(ql_json_get(json, members[i]))) {
            ql_json_drop(json, members[i]);
            char *text = ql_json_print(json);
            free(text);
            ql_json *copy = NULL;
            char quoted[600];
            size_t used = 0;
            quoted[used++] = '"';
            for (const char *at = name; *at && used < sizeof quoted - 8; at++) {
                used += (unsigned char)*at < 0x20 || *at == '"' || *at == '\\'
                            ? (size_t)snprintf(quoted + used, 8, "\\u%04x", (unsigned)*at & 255)
                            : (size_t)snprintf(quoted + used, 2, "%c", *at);
            }
            quoted[used++] = '"';
            ck_assert_int_eq(ql_json_parse(&copy, quoted, used, NULL), QL_OK);
            ql_put(&d, json, members[i], copy); /* raw bytes, as a file could hold them */
        }
    }
    for (ql_json *child = ql_json_first(json); child; child = ql_json_next(child)) {
        rename_all(child, name);
    }
    ck_assert(!d.failed);
}

static bool has(const ql_text *text, const char *what)
{
    return strstr(ql_text_bytes(text), what) != NULL;
}

/* Nothing but printable UTF-8 and line ends. */
static void check_inert_text(const ql_text *text, bool tabs)
{
    for (size_t at = 0; at < text->length;) {
        size_t length = ql_utf8_length(text->bytes + at, text->length - at);
        unsigned char c = (unsigned char)text->bytes[at];
        ck_assert_msg(length && (c >= 0x20 || c == '\n' || (tabs && c == '\t')), "byte %zu is %02x", at, c);
        at += length;
    }
    ck_assert(!has(text, "\xe2\x80\xae") || tabs);
}

static int count_lines(const ql_text *text)
{
    int lines = 0;
    for (size_t i = 0; i < text->length; i++) {
        lines += text->bytes[i] == '\n';
    }
    return lines;
}

START_TEST(hostile_names_are_inert)
{
    ql_json *doc = read_golden("small.json"), *clean = read_golden("small.json");
    rename_all(doc, hostile[_i]);
    for (size_t w = 0; w < ql_report_writer_count; w++) {
        const char *id = ql_report_writers[w].id;
        bool is_json = !strcmp(id, "json") || !strncmp(id, "model-explorer", 14);
        ql_text text = {0}, plain = {0};
        make(id, doc, &options, &text);
        make(id, clean, &options, &plain);
        if (strcmp(id, "json") != 0) {
            check_inert_text(&text, is_json);
        }
        if (!strcmp(id, "csv") || !strcmp(id, "junit")) {
            ck_assert_int_eq(count_lines(&text), count_lines(&plain));
        }
        if (!strcmp(id, "csv")) {
            ck_assert(!has(&text, ",=") && !has(&text, "\n=") && !has(&text, ",\"="));
        }
        if (!strcmp(id, "html") || !strcmp(id, "junit")) {
            ck_assert(!has(&text, "<script>hostile") && !has(&text, "<img") &&
                      !has(&text, "CDATA[ &amp; &#0"));
        }
        if (is_json) {
            ql_json *again = NULL;
            ck_assert_int_eq(ql_json_parse(&again, text.bytes, text.length, NULL), QL_OK);
            ql_json_free(again);
        }
        ql_text_free(&text);
        ql_text_free(&plain);
    }
    ql_json_free(doc);
    ql_json_free(clean);
}
END_TEST

static const struct {
    const char *text;
    ql_code want;
} odd[] = {
    {"{}", QL_E_FORMAT},
    {"[]", QL_E_FORMAT},
    {"7", QL_E_FORMAT},
    {"{\"schema\":\"qloupe.plan/1\",\"pairs\":[]}", QL_E_FORMAT},
    {"{\"schema\":\"qloupe.comparison/1\"}", QL_E_FORMAT},
    {"{\"schema\":\"qloupe.comparison/1\",\"pairs\":{}}", QL_E_FORMAT},
    {"{\"schema\":\"qloupe.comparison/1\",\"pairs\":[]}", QL_OK},
    {"{\"schema\":\"qloupe.comparison/1\",\"pairs\":[7,null,\"x\",[],{}]}", QL_OK},
    {"{\"schema\":\"qloupe.comparison/"
     "1\",\"pairs\":[{\"name\":7,\"op_index\":1e99,\"cumulative\":[],\"local\":{},"
     "\"candidate\":{\"shape\":[1e300,-1,\"x\"],\"scale\":-1,\"dtype\":\"int8\"},\"histograms\":{\"values\":"
     "{\"low\":1,\"high\":0,\"reference\":[1,-5,1e300,null]}}}],\"output_pairs\":[0,-1,9,1e99,\"x\"],"
     "\"findings\":[{\"ops\":[{\"op_index\":-1e99}],\"severity\":\"error\"},7],\"gates\":[{},7],\"weights\":["
     "{},7],"
     "\"unpaired\":[{},7],\"samples\":-1e99,\"run\":{\"command\":[7,\"x\"]}}",
     QL_OK},
    {"{\"schema\":\"qloupe.comparison/1\",\"pairs\":[{\"cumulative\":{\"sqnr_db\":1e308,\"rmse\":-1e308},"
     "\"local\":{\"sqnr_db\":-1e308}},{\"cumulative\":{\"sqnr_db\":-1e308}}],\"whole\":{\"sqnr_db\":-1e308}}",
     QL_OK},
};

START_TEST(odd_documents)
{
    ql_json *doc = NULL;
    ck_assert_int_eq(ql_json_parse(&doc, odd[_i].text, strlen(odd[_i].text), NULL), QL_OK);
    for (size_t w = 0; w < ql_report_writer_count; w++) {
        ql_text text = {0};
        ql_err err;
        ck_assert_int_eq(ql_report_make(&ql_report_writers[w], doc, &options, &text, &err), odd[_i].want);
        ck_assert((text.length > 0) == (odd[_i].want == QL_OK));
        ql_text_free(&text);
    }
    ql_json_free(doc);
}
END_TEST

/* However much there is to say, it still fits an issue. */
START_TEST(markdown_stays_short)
{
    static const char *const lists[] = {"findings", "gates", "output_pairs", "pairs", "unpaired"};
    ql_json *doc = read_golden("small.json");
    ql_doc d = {0};
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        ql_json *list = ql_json_get(doc, lists[i]);
        for (int k = 0; k < 200; k++) {
            ql_put(&d, list, NULL, ql_json_copy(&d, ql_json_first(list)));
        }
    }
    ck_assert(!d.failed);
    ql_text text = {0};
    make("markdown", doc, &options, &text);
    ck_assert_int_lt(count_lines(&text), 60);
    ck_assert(has(&text, "and 197 more") && has(&text, "more gates"));
    ql_text_free(&text);
    ql_json_free(doc);
}
END_TEST

static const struct {
    double sqnr;
    bool warned;
} inputs[] = {{48, false}, {20, false}, {19.9, true}, {-3, true}};

/* Data that do not fit the candidate's input are told before any operator is blamed. */
START_TEST(input_that_cannot_hold_the_data)
{
    ql_json *doc = read_golden("small.json");
    ql_json *figures = ql_json_get(ql_json_first(ql_json_get(doc, "pairs")), "cumulative");
    ql_doc d = {0};
    ql_json_drop(figures, "sqnr_db");
    ql_put_number(&d, figures, "sqnr_db", inputs[_i].sqnr);
    static const char *const writers[] = {"text", "html", "markdown"};
    for (size_t i = 0; i < sizeof writers / sizeof *writers; i++) {
        ql_text text = {0};
        make(writers[i], doc, &options, &text);
        ck_assert(has(&text, "Already the input") == inputs[_i].warned);
        ql_text_free(&text);
    }
    ql_json_free(doc);
}
END_TEST

START_TEST(unknown_metric_is_usage)
{
    static const char *const names[] = {"nothing", "local.", "", "local.nothing", "cumulative."};
    ql_json *doc = read_golden("small.json");
    ql_report_options sorted = {.sort = names[_i]};
    ql_text text = {0};
    ql_err err;
    ck_assert_int_eq(ql_report_make(ql_report_find("text"), doc, &sorted, &text, &err), QL_E_USAGE);
    ck_assert_int_eq(ql_report_make(ql_report_find("model-explorer"), doc, &sorted, &text, &err), QL_E_USAGE);
    ck_assert_int_eq(ql_report_make(ql_report_find("csv"), doc, &sorted, &text, &err), QL_E_USAGE);
    ql_text_free(&text);
    ql_json_free(doc);
}
END_TEST

/* The first operator of the CSV when it is ordered by a metric. */
static const struct {
    const char *sort, *first;
} sorts[] = {
    {NULL, "INPUT"},
    {"rmse_over_scale", "FULLY_CONNECTED"},
    {"cumulative.mean_error", "SOFTMAX"},
    {"local.sqnr_db", "FULLY_CONNECTED"},
};

START_TEST(csv_is_ordered)
{
    ql_json *doc = read_golden("small.json");
    ql_report_options sorted = {.sort = sorts[_i].sort};
    ql_text text = {0};
    ck_assert_int_eq(ql_report_make(ql_report_find("csv"), doc, &sorted, &text, NULL), QL_OK);
    const char *row = strchr(ql_text_bytes(&text), '\n') + 1;
    ck_assert_msg(!strncmp(row, sorts[_i].first, strlen(sorts[_i].first)), "%s: %.40s", sorts[_i].sort, row);
    ql_text_free(&text);
    ql_json_free(doc);
}
END_TEST

START_TEST(options_are_looked_up)
{
    ck_assert_ptr_eq(ql_report_find("--model-explorer"), ql_report_find("model-explorer"));
    ck_assert_ptr_nonnull(ql_report_find("--model-explorer"));
    ck_assert_ptr_null(ql_report_find("--"));
    ck_assert_ptr_null(ql_report_find("htm"));
}
END_TEST

#define COUNT(table) (int)(sizeof(table) / sizeof *(table))

Suite *ql_suite(void)
{
    Suite *suite = suite_create("writers");
    TCase *all = tcase_create("writers");
    tcase_add_loop_test(all, golden, 0, COUNT(goldens));
    tcase_add_loop_test(all, reports_are_repeatable, 0, (int)ql_report_writer_count);
    tcase_add_loop_test(all, hostile_names_are_inert, 0, COUNT(hostile));
    tcase_add_loop_test(all, odd_documents, 0, COUNT(odd));
    tcase_add_loop_test(all, csv_is_ordered, 0, (int)(sizeof sorts / sizeof *sorts));
    tcase_add_loop_test(all, unknown_metric_is_usage, 0, 5);
    tcase_add_test(all, markdown_stays_short);
    tcase_add_loop_test(all, input_that_cannot_hold_the_data, 0, COUNT(inputs));
    tcase_add_test(all, options_are_looked_up);
    suite_add_tcase(suite, all);
    return suite;
}
