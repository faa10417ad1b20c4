#include "analyzer/gates/diff.h"

#include "analyzer/gates/judge.h"
#include "analyzer/gates/keyed.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const char schema[] = "qloupe.comparison/1";

ql_code ql_comparison_check(const ql_json *doc, const char *name, ql_err *err)
{
    char shown[64];
    const char *found = ql_json_get_text(doc, "schema", "none");
    if (strcmp(found, schema) != 0) {
        ql_fail(err, QL_E_FORMAT, "not a comparison: schema %s: %s is required",
                ql_escape(shown, sizeof shown, found, strlen(found)), schema);
        return ql_at_file(err, name);
    }
    if (!ql_json_is_array(ql_json_get(doc, "pairs")) || !ql_json_is_array(ql_json_get(doc, "outputs"))) {
        ql_fail(err, QL_E_FORMAT, "not a whole comparison: 'pairs' and 'outputs' are required");
        return ql_at_file(err, name);
    }
    return QL_OK;
}

/* One figure of both documents. */
typedef struct {
    const char *kind, *what; /* "tensor", "cumulative.sqnr_db" */
    ql_better better;
    ql_reading before, after;
    double noise; /* half the interval of their difference; 0: exact, or not known */
} change;

static double half_or_0(ql_interval interval)
{
    double half = ql_interval_half(interval);
    return half >= 0 ? half : 0;
}

static bool is_better(ql_better better, double a, double b)
{
    const ql_metric metric = {.better = better};
    return ql_metric_is_better(&metric, a, b);
}

static const char *verdict_of(const change *c)
{
    double a = c->before.value, b = c->after.value;
    if (isnan(a) || isnan(b)) {
        return isnan(a) == isnan(b) ? "same" : isnan(b) ? "worse" : "appeared";
    }
    if (!is_better(c->better, a, b) && !is_better(c->better, b, a)) {
        return "same";
    }
    bool inside = isfinite(a) && isfinite(b) && fabs(a - b) <= c->noise + 1e-9 * fabs(a);
    return inside ? "within-noise" : is_better(c->better, a, b) ? "worse" : "better";
}

static const char *value_text(char out[QL_GATE_NUMBER], double value, double other)
{
    return isnan(value) ? "none" : isinf(value) ? "no error" : ql_gate_number(out, value, other);
}

static void put_message(ql_doc *d, ql_json *entry, const change *c)
{
    char message[QL_GATE_MESSAGE], name[120], place[160] = "", noise[60] = "";
    char a[QL_GATE_NUMBER], b[QL_GATE_NUMBER], n[QL_GATE_NUMBER];
    if (c->after.name) {
        ql_escape(name, sizeof name, c->after.name, strlen(c->after.name));
        snprintf(place, sizeof place, " of '%s'", name);
    }
    if (c->noise > 0) {
        snprintf(noise, sizeof noise, " (noise +-%s)", ql_gate_number(n, c->noise, (double)NAN));
    }
    snprintf(message, sizeof message, "%s%s: %s -> %s%s", c->what, place,
             value_text(a, c->before.value, c->after.value), value_text(b, c->after.value, c->before.value),
             noise);
    ql_put_text(d, entry, "message", message);
}

static void put_change(ql_doc *d, ql_json *list, const change *c)
{
    const char *verdict = verdict_of(c);
    if (!strcmp(verdict, "same")) {
        return;
    }
    ql_json *entry = ql_put_object(d, list, NULL);
    ql_put_text(d, entry, "kind", c->kind);
    ql_put_text(d, entry, "what", c->what);
    if (c->after.name) {
        ql_put_text(d, entry, "name", c->after.name);
    } else {
        ql_put_null(d, entry, "name");
    }
    ql_put_number(d, entry, "before", c->before.value);
    ql_put_number(d, entry, "after", c->after.value);
    ql_put_number(d, entry, "noise", c->noise > 0 ? c->noise : (double)NAN);
    ql_put_text(d, entry, "verdict", verdict);
    put_message(d, entry, c);
}

static void put_readings(ql_doc *d, ql_json *list, const char *kind, const char *what, ql_better better,
                         ql_reading before, ql_reading after)
{
    change c = {kind, what, better, before, after, 0};
    c.noise = hypot(half_or_0(before.interval), half_or_0(after.interval));
    put_change(d, list, &c);
}

/* What is told of each tensor. A local figure has no interval of its own: the cumulative one stands in. */
static void put_pair(ql_doc *d, ql_json *list, const char *kind, const ql_json *before, const ql_json *after)
{
    static const struct {
        const char *figures, *metric, *what;
    } rows[] = {
        {"cumulative", "sqnr_db", "cumulative.sqnr_db"},
        {"cumulative", "cosine", "cumulative.cosine"},
        {"cumulative", "rmse", "cumulative.rmse"},
        {"local", "sqnr_db", "local.sqnr_db"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        ql_reading a = ql_reading_of_pair(before, rows[i].figures, rows[i].metric);
        ql_reading b = ql_reading_of_pair(after, rows[i].figures, rows[i].metric);
        if (!strcmp(rows[i].figures, "local")) {
            a.interval = ql_reading_of_pair(before, "cumulative", rows[i].metric).interval;
            b.interval = ql_reading_of_pair(after, "cumulative", rows[i].metric).interval;
        }
        ql_better better = ql_metric_find(rows[i].metric)->better;
        put_readings(d, list, kind, rows[i].what, better, a, b);
    }
}

static void put_outputs(ql_doc *d, ql_json *list, const ql_json *before, const ql_json *after)
{
    const ql_json *a = ql_json_first(ql_json_get(before, "outputs"));
    const ql_json *b = ql_json_first(ql_json_get(after, "outputs"));
    for (; a && b; a = ql_json_next(a), b = ql_json_next(b)) {
        put_pair(d, list, "output", a, b);
    }
}

static double findings_from(const ql_json *doc, bool warnings)
{
    double errors = ql_reading_of_findings(doc, "severity", "error").value;
    return warnings ? errors + ql_reading_of_findings(doc, "severity", "warning").value : errors;
}

/* An error that became a warning is no new warning, so warnings count errors too. */
static void put_counts(ql_doc *d, ql_json *list, const ql_json *before, const ql_json *after)
{
    for (int i = 0; i < 2; i++) {
        ql_reading a = ql_reading_of_findings(before, "severity", "error"), b = a;
        a.value = findings_from(before, i);
        b.value = findings_from(after, i);
        put_readings(d, list, "findings", i ? "errors and warnings" : "errors", QL_LOWER_IS_BETTER, a, b);
    }
}

static void put_summary(ql_doc *d, ql_json *list, const ql_json *before, const ql_json *after)
{
    put_readings(d, list, "whole", "whole.sqnr_db", QL_HIGHER_IS_BETTER, ql_reading_of_whole(before),
                 ql_reading_of_whole(after));
    put_outputs(d, list, before, after);
    put_readings(d, list, "agreement", "agreement.top1", QL_HIGHER_IS_BETTER,
                 ql_reading_of_agreement(before, "top1"), ql_reading_of_agreement(after, "top1"));
    put_readings(d, list, "agreement", "agreement.top5", QL_HIGHER_IS_BETTER,
                 ql_reading_of_agreement(before, "top5"), ql_reading_of_agreement(after, "top5"));
    put_readings(d, list, "accuracy", "accuracy.candidate", QL_HIGHER_IS_BETTER,
                 ql_reading_of_accuracy(before, "candidate"), ql_reading_of_accuracy(after, "candidate"));
    put_readings(d, list, "size", "size.candidate", QL_LOWER_IS_BETTER,
                 ql_reading_of_size(before, "candidate"), ql_reading_of_size(after, "candidate"));
    put_counts(d, list, before, after);
}

static void read_pair(ql_keyed_entry *entry)
{
    entry->name = ql_json_get_text(entry->json, "name", "");
    entry->op = ql_json_get_number(entry->json, "op_index", (double)NAN);
    entry->kind = ql_json_get_text(entry->json, "op", "");
}

static void read_finding(ql_keyed_entry *entry)
{
    const ql_json *tensor = ql_json_first(ql_json_get(entry->json, "tensors"));
    const ql_json *op = ql_json_first(ql_json_get(entry->json, "ops"));
    entry->name = ql_json_text(tensor) ? ql_json_text(tensor) : ql_json_get_text(op, "name", "");
    entry->kind = ql_json_get_text(entry->json, "code", "");
}

static void put_lone(ql_doc *d, ql_json *to, const char *key, const ql_keyed *keyed)
{
    ql_json *list = ql_put_array(d, to, key);
    for (int i = 0; i < keyed->count; i++) {
        const ql_keyed_entry *entry = &keyed->list[i];
        if (entry->twin < 0) {
            ql_json *one = ql_put_object(d, list, NULL);
            const char *severity = ql_json_get_text(entry->json, "severity", NULL);
            ql_put_text(d, one, severity ? "code" : "op", entry->kind);
            ql_put_text(d, one, "name", entry->name);
            if (severity) {
                ql_put_text(d, one, "severity", severity);
                ql_put_text(d, one, "evidence", ql_json_get_text(entry->json, "evidence", ""));
            }
        }
    }
}

static ql_code match(ql_keyed sides[2], const ql_json *before, const ql_json *after, const char *member,
                     void (*read)(ql_keyed_entry *), ql_err *err)
{
    ql_code code = ql_keyed_make(&sides[0], ql_json_get(before, member), read, err);
    code = code ? code : ql_keyed_make(&sides[1], ql_json_get(after, member), read, err);
    return code ? code : ql_keyed_pair(&sides[0], &sides[1], err);
}

static ql_code put_tensors(ql_doc *d, ql_json *diff, ql_json *figures, const ql_json *before,
                           const ql_json *after, ql_err *err)
{
    ql_keyed sides[2] = {{0}};
    ql_code code = match(sides, before, after, "pairs", read_pair, err);
    for (int i = 0; i < sides[1].count && !code; i++) {
        const ql_keyed_entry *entry = &sides[1].list[i];
        if (entry->twin >= 0) {
            put_pair(d, figures, "tensor", sides[0].list[entry->twin].json, entry->json);
        }
    }
    if (!code) {
        ql_json *tensors = ql_put_object(d, diff, "tensors");
        put_lone(d, tensors, "added", &sides[1]);
        put_lone(d, tensors, "removed", &sides[0]);
    }
    ql_keyed_free(&sides[0]);
    ql_keyed_free(&sides[1]);
    return code;
}

static ql_code put_findings(ql_doc *d, ql_json *diff, const ql_json *before, const ql_json *after,
                            ql_err *err)
{
    ql_keyed sides[2] = {{0}};
    ql_code code = match(sides, before, after, "findings", read_finding, err);
    if (!code) {
        ql_json *findings = ql_put_object(d, diff, "findings");
        put_lone(d, findings, "appeared", &sides[1]);
        put_lone(d, findings, "gone", &sides[0]);
    }
    ql_keyed_free(&sides[0]);
    ql_keyed_free(&sides[1]);
    return code;
}

/* Models and data, and whether they are still the same bytes. */
static void put_files(ql_doc *d, ql_json *diff, const ql_json *before, const ql_json *after)
{
    static const char *const members[] = {"reference", "candidate", "data"};
    ql_json *files = ql_put_array(d, diff, "files");
    for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
        const ql_json *a = ql_json_get(before, members[i]), *b = ql_json_get(after, members[i]);
        const char *x = ql_json_get_text(a, "sha256", ""), *y = ql_json_get_text(b, "sha256", "");
        const char *old_name = ql_json_get_text(a, "file", ""), *new_name = ql_json_get_text(b, "file", "");
        bool samples = i < 2 || fabs(ql_json_get_number(before, "samples", 0) -
                                     ql_json_get_number(after, "samples", 0)) <= 0;
        bool same = *x || *y ? !strcmp(x, y) : !strcmp(old_name, new_name);
        ql_json *entry = ql_put_object(d, files, NULL);
        ql_put_text(d, entry, "what", members[i]);
        ql_put_text(d, entry, "before", old_name);
        ql_put_text(d, entry, "after", new_name);
        ql_put_text(d, entry, "before_sha256", x);
        ql_put_text(d, entry, "after_sha256", y);
        ql_put_bool(d, entry, "changed", !same || !samples);
    }
}

static ql_code fill(ql_doc *d, ql_json *diff, const ql_json *before, const ql_json *after, ql_err *err)
{
    ql_put_text(d, diff, "schema", "qloupe.diff/1");
    put_files(d, diff, before, after);
    ql_json *figures = ql_json_array(d);
    put_summary(d, figures, before, after);
    ql_code code = put_tensors(d, diff, figures, before, after, err);
    code = code ? code : put_findings(d, diff, before, after, err);
    ql_put(d, diff, "figures", figures);
    ql_put_int(d, diff, "worse", ql_diff_worse(diff));
    return code ? code : ql_doc_check(d, err);
}

ql_code ql_diff(ql_json **diff, const ql_json *before, const ql_json *after, const char *const names[2],
                ql_err *err)
{
    ql_doc d = {0};
    *diff = NULL;
    ql_code code = ql_comparison_check(before, names[0], err);
    code = code ? code : ql_comparison_check(after, names[1], err);
    if (code) {
        return code;
    }
    ql_json *made = ql_json_object(&d);
    code = made ? fill(&d, made, before, after, err) : ql_doc_check(&d, err);
    if (code) {
        ql_json_free(made);
        return code;
    }
    *diff = made;
    return QL_OK;
}

int ql_diff_worse(const ql_json *diff)
{
    int count = 0;
    const ql_json *figure = ql_json_first(ql_json_get(diff, "figures"));
    for (; figure; figure = ql_json_next(figure)) {
        count += !strcmp(ql_json_get_text(figure, "verdict", ""), "worse");
    }
    return count;
}
