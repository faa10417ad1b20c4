/* What a terminal shows: the tensors in execution order, and below them the words of terminal_words.c. */
#include "reports/write/terminal.h"

#include "reports/digest/figure.h"
#include "reports/text/escape.h"
#include "reports/writers.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BAR_CELLS = 8, MIN_NODE = 16, MAX_TYPE = 24, MAX_OUTPUT = 26, MAX_SOURCE = 24, NARROW = 90 };
#define BAR_DB 48.0

void ql_terminal_styled(const ql_terminal *s, ql_style how, const char *text)
{
    static const char *const codes[] = {"", "\x1b[1m", "\x1b[2m", "\x1b[1;31m", "\x1b[33m", "\x1b[32m"};
    bool on = s->options->colour && how != QL_PLAIN;
    ql_text_put(s->out, on ? codes[how] : "");
    ql_text_put(s->out, text);
    ql_text_put(s->out, on ? "\x1b[0m" : "");
}

ql_style ql_style_of(ql_level level)
{
    return level == QL_LEVEL_BROKEN  ? QL_RED
           : level == QL_LEVEL_FAR   ? QL_YELLOW
           : level <= QL_LEVEL_CLOSE ? QL_GREEN
                                     : QL_PLAIN;
}

void ql_terminal_cell(const ql_terminal *s, const char *text, int width)
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

static void put_bar(const ql_terminal *s, const ql_row *row, double sqnr)
{
    static const char *const eighths[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
    ql_text bar = {0};
    double share = row->exact ? 1 : isnan(sqnr) ? 0 : fmin(1, fmax(0, sqnr / BAR_DB));
    size_t parts = (size_t)lround(share * BAR_CELLS * 8), cells = (parts + 7) / 8;
    for (size_t i = 0; i < parts / 8; i++) {
        ql_text_put(&bar, "█");
    }
    ql_text_put(&bar, eighths[parts % 8]);
    ql_terminal_styled(s, ql_style_of(ql_level_of(sqnr, row->exact)), ql_text_bytes(&bar));
    ql_text_put_char(s->out, ' ', BAR_CELLS - cells);
    s->out->failed |= bar.failed;
    ql_text_free(&bar);
}

static void put_figure(const ql_terminal *s, const ql_row *row, ql_figures which, const char *metric,
                       int width)
{
    char text[QL_FIGURE_SIZE];
    bool exact = row->exact && !strcmp(metric, "sqnr_db") && which == QL_CUMULATIVE;
    ql_figure_text(text, metric, ql_row_figure(row, which, metric));
    ql_terminal_cell(s, exact ? "exact" : *text ? text : "-", width);
}

/* Shape and type; a narrow terminal has room for the type. */
static ql_text output_of(const ql_terminal *s, const ql_row *row)
{
    ql_text text = {0};
    if (s->columns >= NARROW) {
        ql_text_shape(&text, row->candidate, "x");
        ql_text_put(&text, " ");
    }
    ql_text_put(&text, row->dtype);
    return text;
}

static void put_output_cell(const ql_terminal *s, const ql_row *row, int width)
{
    ql_text cell = output_of(s, row);
    ql_terminal_cell(s, ql_text_bytes(&cell), width);
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

static void put_source_cell(const ql_terminal *s, const ql_row *row)
{
    ql_text cell = source_of(row);
    ql_terminal_cell(s, ql_text_bytes(&cell), (int)s->source);
    ql_text_put(s->out, " ");
    ql_text_free(&cell);
}

static const char *marker_of(const ql_digest *digest, const ql_row *row)
{
    return row->blamed ? "▶" : row->number == digest->worst ? "▼" : " ";
}

static void put_row(const ql_terminal *s, const ql_row *row)
{
    char op[16] = "";
    double sqnr = ql_row_figure(row, QL_CUMULATIVE, "sqnr_db");
    if (row->op_index >= 0) {
        snprintf(op, sizeof op, "%d", row->op_index);
    }
    bool marked = row->blamed || row->number == s->digest->worst;
    ql_terminal_styled(s, row->blamed ? QL_RED : QL_YELLOW, marker_of(s->digest, row));
    ql_terminal_cell(s, op, -4);
    ql_text_put(s->out, " ");
    ql_terminal_cell(s, row->op, (int)s->type);
    ql_text_put(s->out, " ");
    ql_text_put(s->out, s->options->colour && marked ? "\x1b[1m" : "");
    ql_terminal_cell(s, ql_digest_short(s->digest, row->label), (int)s->node);
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

static void put_header(const ql_terminal *s)
{
    ql_text line = {0};
    ql_terminal to = *s;
    to.out = &line;
    ql_terminal_cell(&to, "", 1);
    ql_terminal_cell(&to, "op", -4);
    ql_text_put(&line, " ");
    ql_terminal_cell(&to, "type", (int)s->type + 1);
    ql_text node = {0};
    ql_text_put(&node, "node");
    if (s->digest->prefix) {
        ql_text_put(&node, " of ");
        ql_text_put_bytes(&node, s->digest->prefix, s->digest->prefix_length);
    }
    ql_terminal_cell(&to, ql_text_bytes(&node), (int)s->node);
    ql_text_free(&node);
    ql_text_put(&line, " ");
    if (s->source) {
        ql_terminal_cell(&to, "source", (int)s->source + 1);
    }
    ql_terminal_cell(&to, "output", (int)s->output);
    ql_terminal_cell(&to, "SQNR dB", -7);
    ql_terminal_cell(&to, "", BAR_CELLS + 1);
    ql_terminal_cell(&to, "local", -7);
    ql_terminal_cell(&to, "RMSE/step", -10);
    ql_terminal_styled(s, QL_DIM, ql_text_bytes(&line));
    ql_text_put(s->out, "\n");
    s->out->failed |= line.failed;
    ql_text_free(&line);
}

static void measure(ql_terminal *s)
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
static ql_code choose(const ql_terminal *s, int *order, int *count, ql_err *err)
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

static ql_code put_table(const ql_terminal *s, ql_err *err)
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

ql_code ql_write_terminal(const ql_digest *digest, const ql_report_options *options, ql_text *out,
                          ql_err *err)
{
    ql_terminal s = {.digest = digest, .options = options, .out = out};
    measure(&s);
    ql_code code = put_table(&s, err);
    if (!code) {
        ql_text_put(out, "\n");
        ql_terminal_words(&s);
    }
    return code;
}
