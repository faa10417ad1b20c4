/* The words below a terminal's table. */
#include "reports/digest/figure.h"
#include "reports/digest/gate.h"
#include "reports/text/escape.h"
#include "reports/write/terminal.h"

#include <math.h>
#include <string.h>

enum { UNPAIRED = 10, FINDINGS = 4, GATES = 10, INDENT = 12 };

/* Breaks at spaces; lines after the first start at `indent`. */
static void put_wrapped(const ql_terminal *s, size_t indent, const char *text)
{
    ql_text safe = {0};
    ql_text_escaped(&safe, &ql_escape_plain, text);
    size_t used = 0, room = s->columns > indent + 20 ? s->columns - indent : 20;
    for (const char *at = ql_text_bytes(&safe); *at;) {
        size_t length = strcspn(at, " "), columns = ql_text_columns(at, length);
        if (used && used + 1 + columns > room) {
            ql_text_put(s->out, "\n");
            ql_text_put_char(s->out, ' ', indent);
            used = 0;
        }
        ql_text_put(s->out, used ? " " : "");
        ql_text_put_bytes(s->out, at, length);
        used += columns + (used > 0);
        at += length + strspn(at + length, " ");
    }
    ql_text_put(s->out, "\n");
    s->out->failed |= safe.failed;
    ql_text_free(&safe);
}

static void put_label(const ql_terminal *s, const char *label)
{
    ql_text_put(s->out, " ");
    ql_terminal_styled(s, QL_DIM, label);
    size_t used = ql_text_columns(label, strlen(label));
    ql_text_put_char(s->out, ' ', used < INDENT - 1 ? INDENT - 1 - used : 1);
}

static void put_named(const ql_terminal *s, const char *label, const ql_row *row, ql_figures which)
{
    char sqnr[QL_FIGURE_SIZE];
    put_label(s, label);
    ql_text text = {0};
    if (row->op_index >= 0) {
        ql_text_format(&text, "op #%d ", row->op_index);
    }
    ql_text_format(&text, "%s '%s': ", row->op, row->label);
    ql_figure_text(sqnr, "sqnr_db", ql_row_figure(row, which, "sqnr_db"));
    ql_text_format(&text, which == QL_LOCAL ? "its own error is %s dB below its signal" : "SQNR %s dB", sqnr);
    put_wrapped(s, INDENT, ql_text_bytes(&text));
    ql_text_free(&text);
}

static void put_culprits(const ql_terminal *s)
{
    const ql_digest *digest = s->digest;
    if (digest->worst >= 0) {
        put_named(s, "▼ worst", &digest->rows[digest->worst], QL_CUMULATIVE);
    }
    for (int i = 0; i < digest->culprit_count; i++) {
        const ql_row *row = ql_digest_culprit(digest, i);
        ql_figures which = isnan(ql_row_figure(row, QL_LOCAL, "sqnr_db")) ? QL_CUMULATIVE : QL_LOCAL;
        put_named(s, i ? "" : "▶ to blame", row, which);
    }
}

static void put_findings(const ql_terminal *s)
{
    const ql_json *findings = ql_json_get(s->digest->doc, "findings");
    int left = FINDINGS, all = ql_json_size(findings);
    for (const ql_json *f = ql_json_first(findings); f && left--; f = ql_json_next(f)) {
        ql_text text = {0};
        put_label(s, "finding");
        ql_text_format(&text, "%s %s", ql_json_get_text(f, "severity", ""), ql_json_get_text(f, "code", "?"));
        const ql_json *op = ql_json_first(ql_json_get(f, "ops"));
        if (op) {
            const ql_row *row = ql_digest_row_of_op(s->digest, ql_digest_int(op, "op_index", -1));
            ql_text_format(&text, " at '%s'", row ? row->label : ql_json_get_text(op, "name", ""));
        }
        const char *evidence = ql_json_get_text(f, "evidence", "");
        ql_text_format(&text, ": %s%s%s", evidence, ql_text_between(evidence),
                       ql_json_get_text(f, "remedy", ""));
        put_wrapped(s, INDENT, ql_text_bytes(&text));
        ql_text_free(&text);
    }
    if (all > FINDINGS) {
        put_label(s, "");
        ql_text_format(s->out, "and %d more findings\n", all - FINDINGS);
    }
}

static void put_gate(const ql_terminal *s, const ql_json *gate)
{
    ql_gate_state state = ql_gate_state_of(gate);
    bool passes = ql_gate_passes(state);
    ql_text text = {0};
    put_label(s, "gate");
    ql_terminal_styled(s, passes ? QL_GREEN : QL_RED, passes ? "✓ " : "✗ ");
    ql_text_format(&text, "%s %s: %s", ql_json_get_text(gate, "expr", ""), ql_gate_words(state),
                   ql_json_get_text(gate, "message", ""));
    put_wrapped(s, INDENT, ql_text_bytes(&text));
    s->out->failed |= text.failed;
    ql_text_free(&text);
}

/* Those that did not hold come first. */
static void put_gates(const ql_terminal *s)
{
    int left = GATES, all = ql_gates_counted(s->digest).all;
    for (const ql_json *g = ql_gate_after(s->digest, NULL); g && left; g = ql_gate_after(s->digest, g)) {
        put_gate(s, g);
        left--;
    }
    if (all > GATES) {
        put_label(s, "");
        ql_text_format(s->out, "and %d more gates\n", all - GATES);
    }
}

static void put_output(const ql_terminal *s, const ql_row *row)
{
    char figure[QL_FIGURE_SIZE];
    put_label(s, "output");
    ql_terminal_cell(s, row->label, s->columns > 100 ? 40 : 24);
    static const char *const metrics[] = {"sqnr_db", "cosine", "max_abs", "mean_error"};
    static const char *const titles[] = {"SQNR", "cosine", "max |e|", "mean error"};
    for (size_t i = 0; i < sizeof metrics / sizeof *metrics; i++) {
        ql_figure_text(figure, metrics[i], ql_row_figure(row, QL_CUMULATIVE, metrics[i]));
        const char *shown = *figure ? figure : row->exact && i == 0 ? "exact" : "-";
        ql_text_format(s->out, "  %s %s%s", titles[i], shown, i == 0 && *figure ? " dB" : "");
    }
    ql_text_put(s->out, "\n");
}

/* Which sample to look at first; of one sample there is no choice. */
static void put_worst_sample(const ql_terminal *s, const ql_row *row)
{
    const ql_json *sqnr = ql_json_get(ql_json_get(row->json, "per_sample"), "sqnr_db");
    const ql_json *worst = ql_json_get(sqnr, "worst");
    char value[QL_FIGURE_SIZE];
    ql_figure_text(value, "sqnr_db", ql_json_get_number(worst, "value", (double)NAN));
    if (*value && ql_json_get_number(s->digest->doc, "samples", 0) > 1) {
        put_label(s, "");
        ql_text_format(s->out, "worst sample %.0f: SQNR %s dB\n", ql_json_get_number(worst, "sample", 0),
                       value);
    }
}

static void put_outputs(const ql_terminal *s)
{
    const ql_json *places = ql_json_get(s->digest->doc, "output_pairs");
    for (const ql_json *place = ql_json_first(places); place; place = ql_json_next(place)) {
        double i = ql_json_number_or(place, -1);
        if (i >= 0 && i < s->digest->row_count) {
            put_output(s, &s->digest->rows[(int)i]);
            put_worst_sample(s, &s->digest->rows[(int)i]);
        } else {
            put_label(s, "output");
            ql_text_put(s->out, "(not paired: no figures)\n");
        }
    }
}

static void put_unpaired(const ql_terminal *s)
{
    const ql_json *list = ql_json_get(s->digest->doc, "unpaired");
    int left = UNPAIRED, all = ql_json_size(list);
    for (const ql_json *entry = ql_json_first(list); entry && left--; entry = ql_json_next(entry)) {
        ql_text text = {0};
        ql_text_format(&text, "%s's %s '%s': %s", ql_json_get_text(entry, "model", "?"),
                       ql_json_get_text(entry, "op", "?"), ql_json_get_text(entry, "name", ""),
                       ql_json_get_text(entry, "reason", ""));
        put_label(s, "unpaired");
        put_wrapped(s, INDENT, ql_text_bytes(&text));
        ql_text_free(&text);
    }
    if (all > UNPAIRED) {
        put_label(s, "");
        ql_text_format(s->out, "and %d more unpaired\n", all - UNPAIRED);
    }
}

static void put_verdict(const ql_terminal *s)
{
    ql_verdict verdict = ql_verdict_of(s->digest);
    ql_text figures = {0};
    ql_terminal_styled(s, ql_style_of(verdict.level), ql_level_sentence(verdict.level));
    ql_text_put(s->out, ".\n");
    ql_text_verdict_figures(&figures, &verdict);
    ql_text_format(&figures, "%s%.0f samples", figures.length ? ", " : "", verdict.samples);
    put_wrapped(s, 0, ql_text_bytes(&figures));
    if (verdict.random) {
        ql_terminal_styled(s, QL_YELLOW, "Measured on seeded noise: the figures mean little.");
        ql_text_put(s->out, "\n");
    }
    ql_text_free(&figures);
    ql_text warning = {0};
    ql_text_input_warning(&warning, s->digest);
    if (warning.length) {
        put_wrapped(s, 0, ql_text_bytes(&warning));
    }
    ql_text_free(&warning);
}

static void put_pairing(const ql_terminal *s)
{
    ql_text text = {0};
    ql_text_pairing(&text, s->digest);
    put_label(s, "pairs");
    put_wrapped(s, INDENT, ql_text_bytes(&text));
    ql_text_free(&text);
}

void ql_terminal_words(const ql_terminal *s)
{
    put_verdict(s);
    ql_text_put(s->out, "\n");
    put_culprits(s);
    put_findings(s);
    put_gates(s);
    put_outputs(s);
    put_pairing(s);
    put_unpaired(s);
}
