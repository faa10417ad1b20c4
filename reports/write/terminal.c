/* What a terminal shows: the tensors in execution order, then the models' outputs and what could not be
 * paired. */
#include "reports/digest/figure.h"
#include "reports/digest/gate.h"
#include "reports/digest/verdict.h"
#include "reports/text/escape.h"
#include "reports/writers.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    UNPAIRED = 10,
    FINDINGS = 4,
    GATES = 10,
    BAR_CELLS = 8,
    MIN_NODE = 16,
    MAX_TYPE = 24,
    MAX_OUTPUT = 26,
    MAX_SOURCE = 24,
    INDENT = 12,
    NARROW = 90
};
#define BAR_DB 48.0

typedef struct {
    const ql_digest *digest;
    const ql_report_options *options;
    ql_text *out;
    size_t columns, type, node, output, source; /* widths; source 0: no model says where it comes from */
} screen;

typedef enum { PLAIN, BOLD, DIM, RED, YELLOW, GREEN } style;

static void put_styled(const screen *s, style how, const char *text)
{
    static const char *const codes[] = {"", "\x1b[1m", "\x1b[2m", "\x1b[1;31m", "\x1b[33m", "\x1b[32m"};
    bool on = s->options->colour && how != PLAIN;
    ql_text_put(s->out, on ? codes[how] : "");
    ql_text_put(s->out, text);
    ql_text_put(s->out, on ? "\x1b[0m" : "");
}

static style style_of(ql_level level)
{
    return level == QL_LEVEL_BROKEN  ? RED
           : level == QL_LEVEL_FAR   ? YELLOW
           : level <= QL_LEVEL_CLOSE ? GREEN
                                     : PLAIN;
}

/* Text that may be hostile in a cell of `width` columns; negative: to the right. */
static void put_cell(const screen *s, const char *text, int width)
{
    ql_text cell = {0};
    size_t columns = (size_t)abs(width);
    ql_text_cut(&cell, &ql_escape_plain, text, columns);
    size_t used = ql_text_columns(ql_text_bytes(&cell), cell.length),
           left = used < columns ? columns - used : 0;
    ql_text_put_char(s->out, ' ', width < 0 ? left : 0);
    ql_text_put(s->out, ql_text_bytes(&cell));
    ql_text_put_char(s->out, ' ', width < 0 ? 0 : left);
    s->out->failed |= cell.failed;
    ql_text_free(&cell);
}

static void put_bar(const screen *s, const ql_row *row, double sqnr)
{
    static const char *const eighths[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
    ql_text bar = {0};
    double share = row->exact ? 1 : isnan(sqnr) ? 0 : fmin(1, fmax(0, sqnr / BAR_DB));
    size_t parts = (size_t)lround(share * BAR_CELLS * 8), cells = (parts + 7) / 8;
    for (size_t i = 0; i < parts / 8; i++) {
        ql_text_put(&bar, "█");
    }
    ql_text_put(&bar, eighths[parts % 8]);
    put_styled(s, style_of(ql_level_of(sqnr, row->exact)), ql_text_bytes(&bar));
    ql_text_put_char(s->out, ' ', BAR_CELLS - cells);
    s->out->failed |= bar.failed;
    ql_text_free(&bar);
}

static void put_figure(const screen *s, const ql_row *row, ql_figures which, const char *metric, int width)
{
    char text[QL_FIGURE_SIZE];
    bool exact = row->exact && !strcmp(metric, "sqnr_db") && which == QL_CUMULATIVE;
    ql_figure_text(text, metric, ql_row_figure(row, which, metric));
    put_cell(s, exact ? "exact" : *text ? text : "-", width);
}

/* Shape and type; a narrow terminal has room for the type. */
static ql_text output_of(const screen *s, const ql_row *row)
{
    ql_text text = {0};
    if (s->columns >= NARROW) {
        ql_text_shape(&text, row->candidate, "x");
        ql_text_put(&text, " ");
    }
    ql_text_put(&text, row->dtype);
    return text;
}

static void put_output_cell(const screen *s, const ql_row *row, int width)
{
    ql_text cell = output_of(s, row);
    put_cell(s, ql_text_bytes(&cell), width);
    ql_text_free(&cell);
}

/* "model.py:12": where in the Python source the operator was made, the innermost place. */
static ql_text source_of(const ql_row *row)
{
    ql_text text = {0};
    const ql_json *place = ql_json_first(ql_json_get(row->json, "source"));
    if (place) {
        const char *file = ql_json_get_text(place, "file", ""), *slash = strrchr(file, '/');
        ql_text_put(&text, slash ? slash + 1 : file);
        ql_text_format(&text, ":%d", ql_digest_int(place, "line", 0));
    }
    return text;
}

static void put_source_cell(const screen *s, const ql_row *row)
{
    ql_text cell = source_of(row);
    put_cell(s, ql_text_bytes(&cell), (int)s->source);
    ql_text_put(s->out, " ");
    ql_text_free(&cell);
}

static const char *marker_of(const ql_digest *digest, const ql_row *row)
{
    return row->blamed ? "▶" : row->number == digest->worst ? "▼" : " ";
}

static void put_row(const screen *s, const ql_row *row)
{
    char op[16] = "";
    double sqnr = ql_row_figure(row, QL_CUMULATIVE, "sqnr_db");
    if (row->op_index >= 0) {
        snprintf(op, sizeof op, "%d", row->op_index);
    }
    bool marked = row->blamed || row->number == s->digest->worst;
    put_styled(s, row->blamed ? RED : YELLOW, marker_of(s->digest, row));
    put_cell(s, op, -4);
    ql_text_put(s->out, " ");
    put_cell(s, row->op, (int)s->type);
    ql_text_put(s->out, " ");
    ql_text_put(s->out, s->options->colour && marked ? "\x1b[1m" : "");
    put_cell(s, ql_digest_short(s->digest, row->label), (int)s->node);
    ql_text_put(s->out, s->options->colour && marked ? "\x1b[0m " : " ");
    if (s->source) {
        put_source_cell(s, row);
    }
    put_output_cell(s, row, (int)s->output);
    put_figure(s, row, QL_CUMULATIVE, "sqnr_db", -7);
    ql_text_put(s->out, " ");
    put_bar(s, row, sqnr);
    put_figure(s, row, QL_LOCAL, "sqnr_db", -7);
    put_figure(s, row, s->digest->has_local ? QL_LOCAL : QL_CUMULATIVE, "rmse_over_scale", -9);
    ql_text_put(s->out, "\n");
}

static void put_header(const screen *s)
{
    ql_text line = {0};
    screen to = *s;
    to.out = &line;
    put_cell(&to, "", 1);
    put_cell(&to, "op", -4);
    ql_text_put(&line, " ");
    put_cell(&to, "type", (int)s->type + 1);
    ql_text node = {0};
    ql_text_put(&node, "node");
    if (s->digest->prefix) {
        ql_text_put(&node, " of ");
        ql_text_put_bytes(&node, s->digest->prefix, s->digest->prefix_length);
    }
    put_cell(&to, ql_text_bytes(&node), (int)s->node);
    ql_text_free(&node);
    ql_text_put(&line, " ");
    if (s->source) {
        put_cell(&to, "source", (int)s->source + 1);
    }
    put_cell(&to, "output", (int)s->output);
    put_cell(&to, "SQNR dB", -7);
    put_cell(&to, "", BAR_CELLS + 1);
    put_cell(&to, "local", -7);
    put_cell(&to, "RMSE/step", -10);
    put_styled(s, DIM, ql_text_bytes(&line));
    ql_text_put(s->out, "\n");
    s->out->failed |= line.failed;
    ql_text_free(&line);
}

/* Breaks at spaces; lines after the first start at `indent`. */
static void put_wrapped(const screen *s, size_t indent, const char *text)
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

static void measure(screen *s)
{
    s->columns = s->options->columns > 0 ? (size_t)s->options->columns : 100;
    s->type = 4;
    s->output = 6;
    for (int i = 0; i < s->digest->row_count; i++) {
        const ql_row *row = &s->digest->rows[i];
        size_t type = ql_text_columns(row->op, strlen(row->op));
        ql_text cell = output_of(s, row);
        size_t output = ql_text_columns(ql_text_bytes(&cell), cell.length);
        ql_text_free(&cell);
        ql_text place = source_of(row);
        size_t source = ql_text_columns(ql_text_bytes(&place), place.length);
        ql_text_free(&place);
        s->source = source < s->source ? s->source : source < MAX_SOURCE ? source : MAX_SOURCE;
        s->type = row->integer || type < s->type ? s->type : type < MAX_TYPE ? type : MAX_TYPE;
        s->output = row->integer || output < s->output ? s->output
                    : output < MAX_OUTPUT              ? output
                                                       : MAX_OUTPUT;
    }
    s->source = s->columns < NARROW ? 0 : s->source;
    size_t fixed =
        1 + 4 + 1 + s->type + 1 + 1 + s->output + 8 + BAR_CELLS + 7 + 9 + (s->source ? s->source + 1 : 0);
    s->node = s->columns > fixed + MIN_NODE ? s->columns - fixed : MIN_NODE;
}

/* Which rows are shown, in which order; the count is returned through `count`. */
static ql_code choose(const screen *s, int *order, int *count, ql_err *err)
{
    const ql_report_options *o = s->options;
    ql_figures which = s->digest->has_local ? QL_LOCAL : QL_CUMULATIVE;
    const ql_metric *metric = ql_metric_find("sqnr_db");
    if (o->sort && !(metric = ql_digest_metric(o->sort, &which, err))) {
        return err ? err->code : QL_E_USAGE;
    }
    ql_code code = ql_digest_order(s->digest, which, metric, order, err);
    bool *chosen = calloc((size_t)s->digest->row_count + 1, sizeof *chosen);
    if (code || !chosen) {
        free(chosen);
        return code ? code : ql_fail_memory(err, (size_t)s->digest->row_count);
    }
    int kept = 0;
    for (int i = 0; i < s->digest->row_count; i++) {
        if (!s->digest->rows[order[i]].integer && (o->top <= 0 || kept < o->top)) {
            order[kept++] = order[i];
            chosen[order[kept - 1]] = true;
        }
    }
    *count = kept;
    for (int i = 0, k = 0; i < s->digest->row_count && !o->sort; i++) {
        if (chosen[i]) {
            order[k++] = i;
        }
    }
    free(chosen);
    return QL_OK;
}

static ql_code put_table(const screen *s, ql_err *err)
{
    int count = 0, *order = calloc((size_t)s->digest->row_count + 1, sizeof *order);
    ql_code code = order ? choose(s, order, &count, err)
                         : ql_fail_memory(err, (size_t)s->digest->row_count * sizeof *order);
    if (!code) {
        put_header(s);
    }
    for (int i = 0; i < count && !code; i++) {
        put_row(s, &s->digest->rows[order[i]]);
    }
    if (!code && s->digest->integer_count) {
        ql_text_format(s->out, "      %d of plain integers (shapes, indices) not shown\n",
                       s->digest->integer_count);
    }
    int hidden = s->digest->row_count - s->digest->integer_count - count;
    if (!code && hidden > 0) {
        ql_text_format(s->out, "      %d better ones not shown\n", hidden);
    }
    free(order);
    return code;
}

static void put_label(const screen *s, const char *label)
{
    ql_text_put(s->out, " ");
    put_styled(s, DIM, label);
    size_t used = ql_text_columns(label, strlen(label));
    ql_text_put_char(s->out, ' ', used < INDENT - 1 ? INDENT - 1 - used : 1);
}

static void put_named(const screen *s, const char *label, const ql_row *row, ql_figures which)
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

static void put_culprits(const screen *s)
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

static void put_findings(const screen *s)
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

static void put_gate(const screen *s, const ql_json *gate)
{
    ql_gate_state state = ql_gate_state_of(gate);
    bool passes = ql_gate_passes(state);
    ql_text text = {0};
    put_label(s, "gate");
    put_styled(s, passes ? GREEN : RED, passes ? "✓ " : "✗ ");
    ql_text_format(&text, "%s %s: %s", ql_json_get_text(gate, "expr", ""), ql_gate_words(state),
                   ql_json_get_text(gate, "message", ""));
    put_wrapped(s, INDENT, ql_text_bytes(&text));
    s->out->failed |= text.failed;
    ql_text_free(&text);
}

/* Those that did not hold come first. */
static void put_gates(const screen *s)
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

static void put_output(const screen *s, const ql_row *row)
{
    char figure[QL_FIGURE_SIZE];
    put_label(s, "output");
    put_cell(s, row->label, s->columns > 100 ? 40 : 24);
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
static void put_worst_sample(const screen *s, const ql_row *row)
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

static void put_outputs(const screen *s)
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

static void put_unpaired(const screen *s)
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

static void put_verdict(const screen *s)
{
    ql_verdict verdict = ql_verdict_of(s->digest);
    ql_text figures = {0};
    put_styled(s, style_of(verdict.level), ql_level_sentence(verdict.level));
    ql_text_put(s->out, ".\n");
    ql_text_verdict_figures(&figures, &verdict);
    ql_text_format(&figures, "%s%.0f samples", figures.length ? ", " : "", verdict.samples);
    put_wrapped(s, 0, ql_text_bytes(&figures));
    if (verdict.random) {
        put_styled(s, YELLOW, "Measured on seeded noise: the figures mean little.");
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

static void put_pairing(const screen *s)
{
    ql_text text = {0};
    ql_text_pairing(&text, s->digest);
    put_label(s, "pairs");
    put_wrapped(s, INDENT, ql_text_bytes(&text));
    ql_text_free(&text);
}

ql_code ql_write_terminal(const ql_digest *digest, const ql_report_options *options, ql_text *out,
                          ql_err *err)
{
    screen s = {.digest = digest, .options = options, .out = out};
    measure(&s);
    ql_code code = put_table(&s, err);
    if (code) {
        return code;
    }
    ql_text_put(out, "\n");
    put_verdict(&s);
    ql_text_put(out, "\n");
    put_culprits(&s);
    put_findings(&s);
    put_gates(&s);
    put_outputs(&s);
    put_pairing(&s);
    put_unpaired(&s);
    return QL_OK;
}
