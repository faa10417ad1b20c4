/* JUnit XML: a test case a gate; without gates, one an output, which fails only when it could not be
 * compared. */
#include "reports/digest/figure.h"
#include "reports/digest/verdict.h"
#include "reports/text/escape.h"
#include "reports/writers.h"

#include <math.h>

typedef struct {
    int tests, failures;
    ql_text cases;
} suite;

static void open_case(suite *s, const char *class_name, const char *name, const char *fallback)
{
    s->tests++;
    ql_text_format(&s->cases, "    <testcase classname=\"qloupe.%s\" name=\"", class_name);
    ql_text_escaped(&s->cases, &ql_escape_markup, name && *name ? name : fallback);
    ql_text_put(&s->cases, "\">\n");
}

static void close_case(suite *s)
{
    ql_text_put(&s->cases, "    </testcase>\n");
}

static void put_number(ql_text *out, const char *label, const ql_json *gate, const char *member)
{
    char text[QL_FIGURE_SIZE];
    const ql_json *value = ql_json_get(gate, member);
    if (!value || ql_json_is_null(value)) {
        return;
    }
    ql_text_format(out, "%s ", label);
    if (ql_json_text(value)) {
        ql_text_escaped(out, &ql_escape_markup, ql_json_text(value));
    } else {
        ql_text_put(out, ql_exact_text(text, ql_json_number_or(value, (double)NAN)));
    }
    ql_text_put(out, "\n");
}

static void put_gate_facts(ql_text *out, const ql_json *gate)
{
    put_number(out, "found", gate, "found");
    put_number(out, "required", gate, "bound");
    put_number(out, "the tightest bound that would hold is", gate, "tightest");
    put_number(out, "half a 95 % interval over samples is", gate, "noise");
}

static void put_gate(suite *s, const ql_json *gate)
{
    bool passed = ql_json_is_true(ql_json_get(gate, "passed"));
    open_case(s, "gate", ql_json_get_text(gate, "expr", ""), "(no expression)");
    if (passed) {
        ql_text_put(&s->cases, "      <system-out>");
    } else {
        ql_text_put(&s->cases, "      <failure type=\"gate\" message=\"");
        ql_text_escaped(&s->cases, &ql_escape_markup,
                        ql_json_get_text(gate, "message", "the gate did not hold"));
        ql_text_put(&s->cases, "\">");
    }
    put_gate_facts(&s->cases, gate);
    ql_text_put(&s->cases, passed ? "</system-out>\n" : "</failure>\n");
    s->failures += !passed;
    close_case(s);
}

static void put_output(suite *s, const ql_digest *digest, const ql_json *place)
{
    double i = ql_json_number_or(place, -1);
    if (!(i >= 0 && i < digest->row_count)) {
        open_case(s, "output", NULL, "(not paired)");
        ql_text_put(&s->cases, "      <failure message=\"no output of the reference pairs with it\"/>\n");
        s->failures++;
    } else {
        const ql_row *row = &digest->rows[(int)i];
        open_case(s, "output", row->name, "(unnamed)");
        ql_text_put(&s->cases, "      <system-out>");
        for (size_t m = 0; m < ql_metric_count; m++) {
            char text[QL_FIGURE_SIZE];
            double figure = ql_row_figure(row, QL_CUMULATIVE, ql_metrics[m].id);
            ql_text_format(&s->cases, "%s %s\n", ql_metrics[m].id,
                           isnan(figure) ? "null" : ql_exact_text(text, figure));
        }
        ql_text_put(&s->cases, "</system-out>\n");
    }
    close_case(s);
}

static void put_suite(const ql_digest *digest, const suite *s, ql_text *out)
{
    ql_verdict verdict = ql_verdict_of(digest);
    ql_text_put(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    ql_text_format(out, "<testsuites tests=\"%d\" failures=\"%d\" errors=\"0\">\n", s->tests, s->failures);
    ql_text_put(out, "  <testsuite name=\"qloupe ");
    ql_text_escaped(out, &ql_escape_markup,
                    ql_json_get_text(ql_json_get(digest->doc, "candidate"), "file", ""));
    ql_text_format(out, "\" tests=\"%d\" failures=\"%d\" errors=\"0\" skipped=\"0\">\n", s->tests,
                   s->failures);
    ql_text_put(out, ql_text_bytes(&s->cases));
    ql_text_format(out, "    <system-out>%s: ", ql_level_sentence(verdict.level));
    ql_text_verdict_figures(out, &verdict);
    ql_text_put(out, "</system-out>\n  </testsuite>\n</testsuites>\n");
    out->failed |= s->cases.failed;
}

ql_code ql_write_junit(const ql_digest *digest, const ql_report_options *options, ql_text *out, ql_err *err)
{
    (void)options;
    (void)err;
    suite s = {0};
    const ql_json *gates = ql_json_get(digest->doc, "gates");
    for (const ql_json *gate = ql_json_first(gates); gate; gate = ql_json_next(gate)) {
        put_gate(&s, gate);
    }
    const ql_json *places = ql_json_size(gates) ? NULL : ql_json_get(digest->doc, "output_pairs");
    for (const ql_json *place = ql_json_first(places); place; place = ql_json_next(place)) {
        put_output(&s, digest, place);
    }
    put_suite(digest, &s, out);
    ql_text_free(&s.cases);
    return QL_OK;
}
