/* JUnit XML: a test case a gate, and one a layer for gates on many; without gates one an output, which fails
 * only when it could not be compared.
 *
 * What the schemas in use have in common: those of Ant want every attribute and child here and no output in
 * a test case, that of Jenkins allows them. */
#include "reports/digest/figure.h"
#include "reports/digest/gate.h"
#include "reports/digest/verdict.h"
#include "reports/text/escape.h"
#include "reports/writers.h"

#include <math.h>
#include <string.h>

typedef struct {
    int tests, failures;
    ql_text cases, said; /* the test cases, and the suite's output */
} suite;

static void open_case(suite *s, const char *class_name, const char *name, const char *fallback)
{
    s->tests++;
    ql_text_format(&s->cases, "    <testcase classname=\"qloupe.%s\" name=\"", class_name);
    ql_text_escaped(&s->cases, &ql_escape_markup, name && *name ? name : fallback);
}

static void close_case(suite *s, const char *type, const char *message)
{
    ql_text_put(&s->cases, "\" time=\"0\"");
    if (!message) {
        ql_text_put(&s->cases, "/>\n");
        return;
    }
    s->failures++;
    ql_text_format(&s->cases, ">\n      <failure type=\"%s\" message=\"", type);
    ql_text_escaped(&s->cases, &ql_escape_markup, message);
    ql_text_put(&s->cases, "\"/>\n    </testcase>\n");
}

static void say(suite *s, const char *what, const char *state, const char *message)
{
    ql_text_escaped(&s->said, &ql_escape_markup, what);
    ql_text_format(&s->said, " %s: ", state);
    ql_text_escaped(&s->said, &ql_escape_markup, message);
    ql_text_put(&s->said, "\n");
}

static void put_layer(suite *s, const char *expr, const ql_json *layer)
{
    int op = ql_digest_int(layer, "op_index", -1);
    bool passed = ql_json_is_true(ql_json_get(layer, "passed"));
    open_case(s, "layer", expr, "(no expression)");
    ql_text_put(&s->cases, ": ");
    if (op >= 0) {
        ql_text_format(&s->cases, "#%d ", op);
    }
    ql_text_escaped(&s->cases, &ql_escape_markup, ql_json_get_text(layer, "name", ""));
    close_case(s, "layer", passed ? NULL : ql_json_get_text(layer, "message", "over its budget"));
}

static void put_gate(suite *s, const ql_json *gate)
{
    ql_gate_state state = ql_gate_state_of(gate);
    const char *expr = ql_json_get_text(gate, "expr", ""), *message = ql_json_get_text(gate, "message", "");
    open_case(s, "gate", expr, "(no expression)");
    close_case(s, state == QL_GATE_NOISY ? "gate-within-noise" : "gate",
               ql_gate_passes(state) ? NULL
               : *message            ? message
                                     : "the gate did not hold");
    say(s, expr, ql_gate_words(state), message);
    const ql_json *layers = ql_json_get(gate, "layers");
    for (const ql_json *layer = ql_json_first(layers); layer; layer = ql_json_next(layer)) {
        put_layer(s, expr, layer);
    }
}

static void say_figures(suite *s, const ql_row *row)
{
    ql_text_escaped(&s->said, &ql_escape_markup, row->name);
    for (size_t m = 0; m < ql_metric_count; m++) {
        char text[QL_FIGURE_SIZE];
        double figure = ql_row_figure(row, QL_CUMULATIVE, ql_metrics[m].id);
        ql_text_format(&s->said, " %s %s", ql_metrics[m].id,
                       isnan(figure) ? "null" : ql_exact_text(text, figure));
    }
    ql_text_put(&s->said, "\n");
}

static void put_output(suite *s, const ql_digest *digest, const ql_json *place)
{
    double i = ql_json_number_or(place, -1);
    bool paired = i >= 0 && i < digest->row_count;
    open_case(s, "output", paired ? digest->rows[(int)i].name : NULL, paired ? "(unnamed)" : "(not paired)");
    close_case(s, "output", paired ? NULL : "no output of the reference pairs with it");
    if (paired) {
        say_figures(s, &digest->rows[(int)i]);
    }
}

/* "2026-11-21T07:13:10", as all schemas want it: without a zone; a fixed time where a document has none. */
static void put_time(ql_text *out, const char *started)
{
    static const char form[] = "dddd-dd-ddTdd:dd:dd";
    size_t i = 0;
    for (; form[i] && started[i]; i++) {
        bool digit = started[i] >= '0' && started[i] <= '9';
        if (form[i] == 'd' ? !digit : started[i] != form[i]) {
            break;
        }
    }
    if (form[i]) {
        ql_text_put(out, "1970-01-01T00:00:00");
    } else {
        ql_text_put_bytes(out, started, sizeof form - 1);
    }
}

static void put_attribute(ql_text *out, const char *name, const char *value)
{
    ql_text_format(out, " %s=\"", name);
    ql_text_escaped(out, &ql_escape_markup, *value ? value : "unknown");
    ql_text_put(out, "\"");
}

static void put_suite_head(ql_text *out, const ql_digest *digest, const suite *s)
{
    const ql_json *run = ql_json_get(digest->doc, "run");
    double seconds = ql_json_get_number(run, "seconds", 0);
    ql_text_put(out, "  <testsuite");
    put_attribute(out, "name", ql_json_get_text(ql_json_get(digest->doc, "candidate"), "file", ""));
    ql_text_put(out, " package=\"qloupe\" id=\"0\" timestamp=\"");
    put_time(out, ql_json_get_text(run, "started", ""));
    ql_text_put(out, "\"");
    put_attribute(out, "hostname", ql_json_get_text(run, "host", ""));
    ql_text_format(out, " tests=\"%d\" failures=\"%d\" errors=\"0\" skipped=\"0\" time=\"%.3f\">\n", s->tests,
                   s->failures, seconds >= 0 && seconds < 1e9 ? seconds : 0);
}

static void put_properties(ql_text *out, const ql_digest *digest)
{
    static const char *const sides[] = {"reference", "candidate", "data"};
    ql_text_put(out, "    <properties>\n");
    for (int i = 0; i < 3; i++) {
        const ql_json *side = ql_json_get(digest->doc, sides[i]);
        ql_text_format(out, "      <property name=\"%s\" value=\"", sides[i]);
        ql_text_escaped(out, &ql_escape_markup, ql_json_get_text(side, "file", ""));
        ql_text_put(out, " ");
        ql_text_escaped(out, &ql_escape_markup, ql_json_get_text(side, "sha256", ""));
        ql_text_put(out, "\"/>\n");
    }
    ql_text_put(out, "    </properties>\n");
}

static void put_suite(const ql_digest *digest, const suite *s, ql_text *out)
{
    ql_verdict verdict = ql_verdict_of(digest);
    ql_text_put(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n");
    put_suite_head(out, digest, s);
    put_properties(out, digest);
    ql_text_put(out, ql_text_bytes(&s->cases));
    ql_text_format(out, "    <system-out>%s: ", ql_level_sentence(verdict.level));
    ql_text_verdict_figures(out, &verdict);
    ql_text_format(out, "\n%s</system-out>\n    <system-err/>\n  </testsuite>\n</testsuites>\n",
                   ql_text_bytes(&s->said));
    out->failed |= s->cases.failed || s->said.failed;
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
    ql_text_free(&s.said);
    return QL_OK;
}
