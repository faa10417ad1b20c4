/* Gates: what the parser takes and refuses, in its exact words, and verdicts on documents written by hand. */
#include "analyzer/gates/gates.h"

#include "analyzer/analyzer.h"
#include "analyzer/gates/noise.h"
#include "tests/support/suite.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* message NULL: it is well-formed. */
static const struct {
    const char *expr, *message;
} expressions[] = {
    {"output.sqnr_db >= 25", NULL},
    {"  whole.sqnr_db>25 ", NULL},
    {"any.local.rmse_over_scale <= 1", NULL},
    {"any.cumulative.cosine < .5e-3", NULL},
    {"/a\\/b/i.cumulative.sqnr_db >= 15", NULL},
    {"#12.local.sqnr_db != -30", NULL},
    {"accuracy.drop <= +1.0", NULL},
    {"agreement.top1_in_5 == 99", NULL},
    {"findings.note <= 3", NULL},
    {"finding.bias-scale == 0", NULL},
    {"size.reference <= 20000", NULL},
    {"", "gate '': character 1: it ends here: a subject is required"},
    {"outputs.sqnr_db >= 25",
     "gate 'outputs.sqnr_db >= 25': character 1: 'outputs': no subject: did you mean "
     "'output'?"},
    {"output sqnr_db >= 25", "gate 'output sqnr_db >= 25': character 7: ' ': '.' is required"},
    {"output.sqnr >= 25",
     "gate 'output.sqnr >= 25': character 8: 'sqnr': no metric: did you mean 'sqnr_db'?"},
    {"output.zzz >= 25",
     "gate 'output.zzz >= 25': character 8: 'zzz': no metric: one of rmse, mse, mae, max_abs, "
     "mean_error, sqnr_db, psnr_db, cosine, rel_l2, rmse_over_scale, kl, saturated is required"},
    {"any.rmse <= 1",
     "gate 'any.rmse <= 1': character 5: 'rmse': no kind of error: one of cumulative, local is "
     "required"},
    {"any.lokal.rmse <= 1",
     "gate 'any.lokal.rmse <= 1': character 5: 'lokal': no kind of error: did you mean 'local'?"},
    {"whole.rmse <= 1",
     "gate 'whole.rmse <= 1': character 7: 'rmse': no figure of the whole model: one of sqnr_db "
     "is required"},
    {"finding.saturatoin == 0",
     "gate 'finding.saturatoin == 0': character 9: 'saturatoin': no finding: did you mean 'saturation'?"},
    {"findings.errors == 0",
     "gate 'findings.errors == 0': character 10: 'errors': no severity: did you mean 'error'?"},
    {"output.rmse => 1", "gate 'output.rmse => 1': character 13: '=': one of <= >= < > == != is required"},
    {"output.rmse", "gate 'output.rmse': character 12: it ends here: one of <= >= < > == != is required"},
    {"output.rmse <=", "gate 'output.rmse <=': character 15: it ends here: a number is required"},
    {"output.rmse <= nan", "gate 'output.rmse <= nan': character 16: 'nan': a number is required"},
    {"output.rmse <= 1e999", "gate 'output.rmse <= 1e999': character 16: '1e999': a number is required"},
    {"output.rmse <= 1.2.3",
     "gate 'output.rmse <= 1.2.3': character 19: '.3': nothing may follow the number"},
    {"output.rmse <= 0x1", "gate 'output.rmse <= 0x1': character 17: 'x1': nothing may follow the number"},
    {"#.local.rmse <= 1",
     "gate '#.local.rmse <= 1': character 1: '#': an operator's index such as #12 is required"},
    {"#99999999999.local.rmse <= 1", "gate '#99999999999.local.rmse <= 1': character 1: '#99999999999': an "
                                     "operator's index such as #12 is required"},
    {"/abc.local.rmse <= 1",
     "gate '/abc.local.rmse <= 1': character 1: '/abc.local.rmse <= 1': /regex/ is required"},
    {"//.local.rmse <= 1",
     "gate '//.local.rmse <= 1': character 1: '//.local.rmse <= 1': /regex/ is required"},
    {"/(/.local.rmse <= 1", "regular expression '(': character 2: missing closing parenthesis"},
};
enum { EXPRESSIONS = sizeof expressions / sizeof *expressions };

START_TEST(expressions_are_read_or_refused)
{
    ql_gates *gates;
    ql_err err = {0};
    ck_assert_int_eq(ql_gates_make(&gates, &err), QL_OK);
    ql_code code = ql_gates_add(gates, expressions[_i].expr, &err);
    ck_assert_int_eq(code, expressions[_i].message ? QL_E_USAGE : QL_OK);
    ck_assert_str_eq(err.text, expressions[_i].message ? expressions[_i].message : "");
    ck_assert_int_eq(ql_gates_any(gates), !expressions[_i].message);
    ql_gates_free(gates);
}
END_TEST

/* A pair: error figures of its cumulative and local kind, then what else it has. */
#define PAIR(name, op, index, cumulative, local, more)                                                       \
    "{\"name\":\"" name "\",\"node_names\":[\"node/" name "\"],\"op\":\"" op "\",\"op_index\":" index        \
    ",\"cumulative\":" cumulative ",\"local\":" local more "}"
#define SCALE    ",\"candidate\":{\"scale\":0.5,\"name\":\"q\"}"
#define NO_SCALE ",\"candidate\":{\"scale\":null,\"name\":\"q\"}"
#define NOISE(sqnr, mse)                                                                                     \
    ",\"per_sample\":{\"sqnr_db\":{\"mean\":30,\"half_width\":" sqnr                                         \
    "},\"mse\":{\"mean\":4,\"half_width\":" mse "}}"
#define EXACT  "{\"rmse\":0,\"mse\":0,\"max_abs\":0,\"sqnr_db\":null,\"cosine\":1,\"rmse_over_scale\":0}"
#define BROKEN "{\"rmse\":null,\"mse\":null,\"max_abs\":null,\"sqnr_db\":null,\"cosine\":null}"
#define SILENT "{\"rmse\":2,\"mse\":4,\"max_abs\":3,\"sqnr_db\":null,\"cosine\":null}"
#define GOOD(sqnr)                                                                                           \
    "{\"rmse\":2,\"mse\":4,\"max_abs\":3,\"sqnr_db\":" sqnr ",\"cosine\":0.99,\"rmse_over_scale\":4}"

#define OUT PAIR("out", "SOFTMAX", "2", GOOD("30"), GOOD("50"), SCALE NOISE("1.5", "0.4"))
#define PAIRS                                                                                                \
    "\"pairs\":[" PAIR("in", "INPUT", "null", EXACT, "null", SCALE) "," PAIR(                                \
        "a", "CONV_2D", "0", GOOD("20"), GOOD("40"),                                                         \
        NO_SCALE) "," PAIR("still", "RELU", "1", SILENT, EXACT, SCALE) "," PAIR("nan", "LOG", "7", BROKEN,   \
                                                                                BROKEN, SCALE) "," OUT "]"
#define TASK                                                                                                 \
    "\"agreement\":{\"top1\":0.57,\"top5\":0.9,\"rows\":100,\"accuracy\":{\"reference\":0.9,\"candidate\":"  \
    "0.88,"                                                                                                  \
    "\"labelled\":100,\"difference\":{\"only_reference_right\":3,\"only_candidate_right\":1}}}"
#define FINDINGS                                                                                             \
    "\"findings\":[{\"code\":\"saturation\",\"severity\":\"warning\"},{\"code\":\"outliers\",\"severity\":"  \
    "\"warning\"},"                                                                                          \
    "{\"code\":\"dead-channel\",\"severity\":\"note\"}]"
#define HEAD                                                                                                 \
    "{\"schema\":\"qloupe.comparison/1\",\"reference\":{\"bytes\":30000},\"candidate\":{\"bytes\":12000},"
#define WHOLE                                                                                                \
    HEAD "\"whole\":{\"sqnr_db\":30,\"exact\":false},\"outputs\":[" OUT "]," PAIRS "," TASK "," FINDINGS     \
         ",\"run\":{\"host\":\"h\"}}"
#define PERFECT                                                                                              \
    HEAD "\"whole\":{\"sqnr_db\":null,\"exact\":true},\"outputs\":[" PAIR(                                   \
        "o", "ADD", "0", EXACT, EXACT,                                                                       \
        SCALE) "],\"pairs\":[" PAIR("o", "ADD", "0", EXACT, EXACT,                                           \
                                    SCALE) "],\"agreement\":{\"accuracy\":null},"                            \
                                           "\"findings\":[]}"
#define UNPAIRED                                                                                             \
    HEAD "\"whole\":{\"sqnr_db\":null,\"exact\":true},\"outputs\":[null],\"pairs\":[],\"agreement\":null}"

typedef enum { HOLDS, BREACH, NOISY } verdict;

static const struct {
    const char *document, *expr;
    verdict verdict;
    double found, tightest; /* NAN: null */
    const char *message;
} judged[] = {
    {WHOLE, "output.sqnr_db >= 25", HOLDS, 30, 30, "found 30 at op #2 'out'"},
    {WHOLE, "output.sqnr_db >= 30", HOLDS, 30, 30, "found 30 at op #2 'out'"},
    {WHOLE, "output.sqnr_db > 30", NOISY, 30, 29.999999999999996,
     "found 30 at op #2 'out': > 29.99 would hold (within noise: +-1.5)"},
    {WHOLE, "output.sqnr_db >= 31.5", NOISY, 30, 30,
     "found 30 at op #2 'out': >= 30 would hold (within noise: +-1.5)"},
    {WHOLE, "output.sqnr_db >= 31.6", BREACH, 30, 30, "found 30 at op #2 'out': >= 30 would hold"},
    {WHOLE, "output.rmse <= 1.95", NOISY, 2, 2,
     "found 2 at op #2 'out': <= 2 would hold (within noise: +-0.1)"},
    {WHOLE, "output.rmse <= 1.85", BREACH, 2, 2, "found 2 at op #2 'out': <= 2 would hold"},
    {WHOLE, "output.rmse_over_scale <= 3.85", NOISY, 4, 4,
     "found 4 at op #2 'out': <= 4 would hold (within noise: +-0.2)"},
    {WHOLE, "output.max_abs <= 2.99999", BREACH, 3, 3, "found 3 at op #2 'out': <= 3 would hold"},
    {WHOLE, "output.max_abs == 3", HOLDS, 3, 3, "found 3 at op #2 'out'"},
    {WHOLE, "output.max_abs != 3", BREACH, 3, NAN, "found 3 at op #2 'out'"},
    {WHOLE, "whole.sqnr_db >= 29", HOLDS, 30, 30, "found 30"},
    {WHOLE, "whole.sqnr_db >= 31", NOISY, 30, 30, "found 30: >= 30 would hold (within noise: +-1.5)"},
    {WHOLE, "agreement.top1 >= 57", HOLDS, 57, 57, "found 57"},
    {WHOLE, "agreement.top1 >= 58", NOISY, 57, 57, "found 57: >= 57 would hold (within noise: +-9.526)"},
    {WHOLE, "agreement.top1 >= 80", BREACH, 57, 57, "found 57: >= 57 would hold"},
    {WHOLE, "agreement.top5 >= 90", HOLDS, 90, 90, "found 90"},
    {WHOLE, "agreement.top1_in_5 >= 1", BREACH, NAN, NAN,
     "cannot be judged: the first output has no rows of several elements to rank"},
    {WHOLE, "accuracy.drop <= 2", HOLDS, 2, 2, "found 2"},
    {WHOLE, "accuracy.drop <= 1", NOISY, 2, 2, "found 2: <= 2 would hold (within noise: +-4.28)"},
    {WHOLE, "accuracy.drop <= -3", BREACH, 2, 2, "found 2: <= 2 would hold"},
    {WHOLE, "accuracy.candidate >= 88", HOLDS, 88, 88, "found 88"},
    {WHOLE, "accuracy.reference >= 99", BREACH, 90, 90, "found 90: >= 90 would hold"},
    {WHOLE, "findings.error == 0", HOLDS, 0, 0, "found 0"},
    {WHOLE, "findings.warning <= 1", BREACH, 2, 2, "found 2: <= 2 would hold"},
    {WHOLE, "findings.warning < 2", BREACH, 2, 3, "found 2: < 3 would hold"},
    {WHOLE, "finding.saturation == 0", BREACH, 1, 1, "found 1: == 1 would hold"},
    {WHOLE, "finding.bias-scale == 0", HOLDS, 0, 0, "found 0"},
    {WHOLE, "size.candidate <= 11999", BREACH, 12000, 12000, "found 12000: <= 12000 would hold"},
    {WHOLE, "/^a$/.cumulative.sqnr_db >= 20.00001", BREACH, 20, 20,
     "found 20 at op #0 'a': >= 20 would hold"},
    {WHOLE, "/NODE.A/i.cumulative.sqnr_db >= 20", HOLDS, 20, 20, "found 20 at op #0 'a'"},
    {WHOLE, "/a|out/.cumulative.sqnr_db <= 25", BREACH, NAN, NAN,
     "cannot be judged at op #7 'nan': cumulative.sqnr_db does not exist: no element is finite in both "
     "models"},
    {WHOLE, "/a$|out/.cumulative.sqnr_db <= 25", BREACH, 30, 30, "found 30 at op #2 'out': <= 30 would hold"},
    {WHOLE, "/^[ai]/.cumulative.sqnr_db >= 19", HOLDS, 20, 20, "found 20 at op #0 'a'"},
    {WHOLE, "#0.local.sqnr_db >= 30", HOLDS, 40, 40, "found 40 at op #0 'a'"},
    {WHOLE, "#0.local.rmse_over_scale >= 3", HOLDS, 4, 4, "found 4 at op #0 'a'"},
    /* figures that do not exist */
    {WHOLE, "#1.local.sqnr_db >= 200", HOLDS, NAN, NAN, "no error at all at op #1 'still'"},
    {WHOLE, "#1.local.sqnr_db <= 200", BREACH, NAN, NAN, "no error at all at op #1 'still'"},
    {WHOLE, "#1.cumulative.sqnr_db >= 1", BREACH, NAN, NAN,
     "cannot be judged at op #1 'still': cumulative.sqnr_db does not exist: the reference is 0 everywhere, "
     "or the "
     "figure cannot be told"},
    {WHOLE, "#7.cumulative.rmse <= 1", BREACH, NAN, NAN,
     "cannot be judged at op #7 'nan': cumulative.rmse does not exist: no element is finite in both models"},
    {WHOLE, "any.cumulative.cosine >= 0", BREACH, NAN, NAN,
     "cannot be judged at op #1 'still': cumulative.cosine does not exist: the reference is 0 everywhere, or "
     "the "
     "figure cannot be told"},
    /* nothing to judge */
    {WHOLE, "#3.local.sqnr_db >= 1", BREACH, NAN, NAN,
     "nothing matches: the candidate has no such operator with a paired tensor"},
    {WHOLE, "/nothing/.local.rmse <= 1", BREACH, NAN, NAN,
     "nothing matches: no paired tensor with such a figure has a name like this"},
    {WHOLE, "/^in$/.local.rmse <= 1", BREACH, NAN, NAN,
     "nothing matches: no paired tensor with such a figure has a name like this"},
    {PERFECT, "output.sqnr_db >= 1000", HOLDS, NAN, NAN, "no error at all at op #0 'o'"},
    {PERFECT, "whole.sqnr_db > 1000", HOLDS, NAN, NAN, "no error at all"},
    {PERFECT, "whole.sqnr_db == 1000", BREACH, NAN, NAN, "no error at all"},
    {PERFECT, "any.local.rmse_over_scale <= 0", HOLDS, 0, 0, "found 0 at op #0 'o'"},
    {PERFECT, "accuracy.drop <= 100", BREACH, NAN, NAN,
     "cannot be judged: there is no accuracy without labels (--labels NAME)"},
    {UNPAIRED, "whole.sqnr_db >= 1", BREACH, NAN, NAN,
     "cannot be judged: an output of the candidate has no counterpart"},
    {UNPAIRED, "output.sqnr_db >= 1", BREACH, NAN, NAN,
     "cannot be judged: output 0 of the candidate has no counterpart"},
    {UNPAIRED, "any.local.rmse <= 1", BREACH, NAN, NAN,
     "nothing matches: no paired tensor has such a figure"},
    {UNPAIRED, "findings.error == 0", BREACH, NAN, NAN,
     "cannot be judged: the document has no list of findings"},
    {"{}", "output.rmse <= 1", BREACH, NAN, NAN, "nothing matches: the candidate has no output"},
    {"[1]", "size.candidate <= 1", BREACH, NAN, NAN, "cannot be judged: the document does not say it"},
};
enum { JUDGED = sizeof judged / sizeof *judged };

static ql_json *parse(const char *text)
{
    ql_json *json = NULL;
    ql_err err = {0};
    ck_assert_msg(!ql_json_parse(&json, text, strlen(text), &err), "%s: %s", err.text, text);
    return json;
}

static ql_json *apply(ql_json *document, const char *expr, bool forgive)
{
    ql_doc d = {0};
    ql_gates *gates;
    ql_err err = {0};
    ck_assert_int_eq(ql_gates_make(&gates, &err), QL_OK);
    ck_assert_msg(!ql_gates_add(gates, expr, &err), "%s", err.text);
    if (forgive) {
        ql_gates_forgive_noise(gates);
    }
    ck_assert_msg(!ql_gates_apply(&d, document, gates, &err), "%s", err.text);
    ql_gates_free(gates);
    return ql_json_at(ql_json_get(document, "gates"), 0);
}

static void same_number(double got, double wanted, const char *what)
{
    ck_assert_msg(isnan(wanted) ? isnan(got) : fabs(got - wanted) <= 0, "%s: %.17g, not %.17g", what, got,
                  wanted);
}

START_TEST(documents_are_judged)
{
    bool is_object = judged[_i].document[0] == '{';
    ql_json *document = parse(is_object ? judged[_i].document : "{\"candidate\":[1]}");
    ql_json *gate = apply(document, judged[_i].expr, false);
    ck_assert_str_eq(ql_json_get_text(gate, "expr", ""), judged[_i].expr);
    ck_assert_str_eq(ql_json_get_text(gate, "message", ""), judged[_i].message);
    ck_assert_int_eq(ql_json_is_true(ql_json_get(gate, "passed")), judged[_i].verdict == HOLDS);
    ck_assert_int_eq(ql_json_is_true(ql_json_get(gate, "within_noise")), judged[_i].verdict == NOISY);
    same_number(ql_json_get_number(gate, "found", (double)NAN), judged[_i].found, "found");
    same_number(ql_json_get_number(gate, "tightest", (double)NAN), judged[_i].tightest, "tightest");
    ck_assert_int_eq(ql_gates_breached(document), judged[_i].verdict != HOLDS);
    gate = apply(document, judged[_i].expr, true);
    ck_assert_int_eq(ql_json_is_true(ql_json_get(gate, "passed")), judged[_i].verdict != BREACH);
    ql_json_free(document);
}
END_TEST

/* A tightest bound is one that holds: put back as the bound, the gate holds. */
START_TEST(the_tightest_bound_holds)
{
    double tightest = judged[_i].tightest;
    const char *relation = strpbrk(judged[_i].expr, "<>=!");
    if (isnan(tightest)) {
        return;
    }
    char expr[160];
    int length = (int)strcspn(relation, "0123456789-+ ");
    snprintf(expr, sizeof expr, "%.*s%.*s %.17g", (int)(relation - judged[_i].expr), judged[_i].expr, length,
             relation, tightest);
    ql_json *document = parse(judged[_i].document);
    ql_json *gate = apply(document, expr, false);
    ck_assert_msg(ql_json_is_true(ql_json_get(gate, "passed")), "%s: %s", expr,
                  ql_json_get_text(gate, "message", ""));
    ql_json_free(document);
}
END_TEST

START_TEST(gates_come_before_the_run)
{
    ql_json *document = parse(WHOLE);
    apply(document, "size.candidate <= 1", false);
    apply(document, "size.candidate <= 1", false);
    int size = ql_json_size(document), place = 0;
    ck_assert_int_eq(ql_json_size(ql_json_get(document, "gates")), 1);
    for (const ql_json *m = ql_json_first(document); m; m = ql_json_next(m), place++) {
        ck_assert_int_eq(!strcmp(ql_json_key(m), "gates"), place == size - 2);
        ck_assert_int_eq(!strcmp(ql_json_key(m), "run"), place == size - 1);
    }
    ql_json_free(document);
}
END_TEST

static const struct {
    const char *text;
    ql_code code;
    const char *message; /* "" when it is good */
} files[] = {
    {"{\"gates\":[\"size.candidate <= 1\",\"output.rmse < 1\"],\"ratchet\":false}", QL_OK, ""},
    {"{}", QL_OK, ""},
    {"{\"baseline\":\"old.json\",\"ratchet\":true}", QL_OK, ""},
    {"[]", QL_E_FORMAT, "an object {\"gates\": [..]} is required"},
    {"{\"gates\":\"output.rmse < 1\"}", QL_E_FORMAT, "'gates' must be a list of expressions"},
    {"{\"gates\":[\"output.rmse < 1\",1]}", QL_E_FORMAT, "entry 2 of 'gates' must be a text"},
    {"{\"gates\":[\"output.rmze < 1\"]}", QL_E_USAGE,
     "gate 'output.rmze < 1': character 8: 'rmze': no metric: did you mean 'rmse'?"},
    {"{\"gate\":[]}", QL_E_FORMAT,
     "member 'gate' is none of gates, baseline, ratchet: did you mean 'gates'?"},
    {"{\"baseline\":3}", QL_E_FORMAT, "'baseline' must be the path of a result"},
    {"{\"baseline\":\"\"}", QL_E_FORMAT, "'baseline' must be the path of a result"},
    {"{\"ratchet\":\"yes\"}", QL_E_FORMAT, "'ratchet' must be true or false"},
    {"{\"gates\":[\"a\\u0000b\"]}", QL_E_USAGE, NULL},
    {"{\"gates\":", QL_E_FORMAT, NULL},
    {"", QL_E_FORMAT, NULL},
};
enum { FILES = sizeof files / sizeof *files };

START_TEST(gate_files_are_read_or_refused)
{
    char path[] = "/tmp/qloupe-gates-XXXXXX";
    int file = mkstemp(path);
    ck_assert_int_ge(file, 0);
    ck_assert_int_eq(write(file, files[_i].text, strlen(files[_i].text)), (int)strlen(files[_i].text));
    close(file);
    ql_gates *gates;
    ql_err err = {0};
    ck_assert_int_eq(ql_gates_make(&gates, &err), QL_OK);
    ql_code code = ql_gates_read(gates, path, &err);
    unlink(path);
    ck_assert_msg(code == files[_i].code, "%d: %s", code, err.text);
    ck_assert_str_eq(err.file, code ? path : "");
    if (files[_i].message) {
        ck_assert_str_eq(err.text, files[_i].message);
    }
    ql_gates_free(gates);
}
END_TEST

/* A regular expression that would take for ever ends with an error, not with a verdict. */
START_TEST(a_costly_expression_is_refused)
{
    char name[64 * 1024], document[66 * 1024];
    memset(name, 'a', sizeof name - 1);
    name[sizeof name - 1] = 0;
    snprintf(document, sizeof document, "{\"pairs\":[{\"name\":\"%s\",\"cumulative\":{\"rmse\":1}}]}", name);
    ql_json *result = parse(document);
    ql_doc d = {0};
    ql_gates *gates;
    ql_err err = {0};
    ck_assert_int_eq(ql_gates_make(&gates, &err), QL_OK);
    ck_assert_int_eq(ql_gates_add(gates, "/^(a+)+$b/.cumulative.rmse <= 1", &err), QL_OK);
    ck_assert_int_eq(ql_gates_apply(&d, result, gates, &err), QL_E_UNSUPPORTED);
    ck_assert_ptr_null(ql_json_get(result, "gates"));
    ql_gates_free(gates);
    ql_json_free(result);
}
END_TEST

/* Values of the published formulas, computed apart from this program. */
START_TEST(intervals_are_those_of_the_formulas)
{
    ql_interval share = ql_interval_of_share(0.9, 100);
    ck_assert_double_eq_tol(share.low, 0.8256343, 1e-6);
    ck_assert_double_eq_tol(share.high, 0.9447708, 1e-6);
    ql_interval all = ql_interval_of_share(1, 10);
    ck_assert_double_eq_tol(all.low, 0.7224672, 1e-6);
    ck_assert_double_eq_tol(all.high, 1, 1e-12);
    ck_assert(isnan(ql_interval_of_share(0.5, 0).low));
    ql_interval paired = ql_interval_of_paired(3, 1, 100);
    ck_assert_double_eq_tol(paired.high + paired.low, 2 * 2.0 / 102, 1e-12);
    ck_assert_double_eq_tol(ql_interval_half(paired), 1.959964 * sqrt(5 - 4.0 / 102) / 102, 1e-12);
    ck_assert(isnan(ql_interval_of_paired((double)NAN, 1, 100).low));
    ck_assert(isnan(ql_interval_of_paired(60, 60, 100).low));
}
END_TEST

Suite *ql_suite(void)
{
    Suite *suite = suite_create("gates");
    TCase *tests = tcase_create("gates");
    tcase_add_loop_test(tests, expressions_are_read_or_refused, 0, EXPRESSIONS);
    tcase_add_loop_test(tests, documents_are_judged, 0, JUDGED);
    tcase_add_loop_test(tests, the_tightest_bound_holds, 0, JUDGED);
    tcase_add_loop_test(tests, gate_files_are_read_or_refused, 0, FILES);
    tcase_add_test(tests, gates_come_before_the_run);
    tcase_add_test(tests, a_costly_expression_is_refused);
    tcase_add_test(tests, intervals_are_those_of_the_formulas);
    suite_add_tcase(suite, tests);
    return suite;
}
