/* Markdown: what an issue or a pull request wants to say about a model, in fewer than 60 lines. */
#include "reports/digest/figure.h"
#include "reports/digest/gate.h"
#include "reports/digest/verdict.h"
#include "reports/text/escape.h"
#include "reports/writers.h"

#include <math.h>
#include <stdlib.h>

enum {
    WORST_ROWS = 5,
    FINDINGS = 4,
    GATES = 6,
    OUTPUTS = 4,
    PLAN_LAYERS = 3,
    NAME_COLUMNS = 60,
    MESSAGE_COLUMNS = 160
};

static void put_cell(ql_text *out, const char *text)
{
    ql_text_format(out, " %s |", *text ? text : "–");
}

static void put_figure(ql_text *out, const ql_row *row, ql_figures which, const char *metric)
{
    char text[QL_FIGURE_SIZE];
    put_cell(out, ql_figure_text(text, metric, ql_row_figure(row, which, metric)));
}

static void put_models(ql_text *out, const ql_digest *digest)
{
    static const char *const sides[] = {"reference", "candidate"};
    char size[QL_FIGURE_SIZE];
    for (int i = 0; i < 2; i++) {
        const ql_json *model = ql_json_get(digest->doc, sides[i]);
        ql_text_format(out, "* %s ", sides[i]);
        ql_text_code_span(out, ql_json_get_text(model, "file", ""), NAME_COLUMNS);
        ql_text_format(out, " (%s)\n", ql_bytes_text(size, ql_json_get_number(model, "bytes", (double)NAN)));
    }
    ql_text_put(out, "* data ");
    ql_text_code_span(out, ql_json_get_text(ql_json_get(digest->doc, "data"), "file", ""), NAME_COLUMNS);
    ql_text_format(out, ", %.0f samples\n* ", ql_json_get_number(digest->doc, "samples", 0));
    ql_text_pairing(out, digest);
    ql_text_put(out, "\n");
}

static void put_findings(ql_text *out, const ql_digest *digest)
{
    const ql_json *findings = ql_json_get(digest->doc, "findings");
    int left = FINDINGS, all = ql_json_size(findings);
    ql_text_put(out, all ? "\n### Findings\n\n" : "");
    for (const ql_json *f = ql_json_first(findings); f && left--; f = ql_json_next(f)) {
        ql_text_put(out, "* **");
        ql_text_markdown(out, ql_json_get_text(f, "severity", ""));
        ql_text_put(out, "** ");
        ql_text_code_span(out, ql_json_get_text(f, "code", "?"), NAME_COLUMNS);
        const ql_json *op = ql_json_first(ql_json_get(f, "ops"));
        if (op) {
            ql_text_put(out, " at ");
            const ql_row *row = ql_digest_row_of_op(digest, ql_digest_int(op, "op_index", -1));
            ql_text_code_span(out, row ? row->label : ql_json_get_text(op, "name", ""), NAME_COLUMNS);
        }
        ql_text_put(out, ": ");
        ql_text_markdown(out, ql_json_get_text(f, "evidence", ""));
        ql_text_put(out, ql_text_between(ql_json_get_text(f, "evidence", "")));
        ql_text_markdown(out, ql_json_get_text(f, "remedy", ""));
        ql_text_put(out, "\n");
    }
    if (all > FINDINGS) {
        ql_text_format(out, "* and %d more\n", all - FINDINGS);
    }
}

static void put_gate(ql_text *out, const ql_json *gate)
{
    ql_gate_state state = ql_gate_state_of(gate);
    ql_text_put(out, "| ");
    ql_text_code_span(out, ql_json_get_text(gate, "expr", ""), NAME_COLUMNS);
    ql_text_format(out, ql_gate_passes(state) ? " | %s | " : " | **%s** | ", ql_gate_words(state));
    ql_text_markdown_cut(out, ql_json_get_text(gate, "message", ""), MESSAGE_COLUMNS);
    ql_text_put(out, " |\n");
}

/* Those that did not hold come first: a long list must not hide them. */
static void put_gates(ql_text *out, const ql_digest *digest)
{
    ql_gate_count count = ql_gates_counted(digest);
    int left = GATES;
    if (!count.all) {
        return;
    }
    ql_text_format(out,
                   "\n### %d of %d gates held\n\n| gate | result | what was found |\n| --- | --- | --- |\n",
                   count.held, count.all);
    for (const ql_json *g = ql_gate_after(digest, NULL); g && left; g = ql_gate_after(digest, g)) {
        put_gate(out, g);
        left--;
    }
    if (count.all > GATES) {
        ql_text_format(out, "\nand %d more gates\n", count.all - GATES);
    }
}

/* What the plan that was attached would bring. */
static void put_plan(ql_text *out, const ql_digest *digest)
{
    bool proved;
    const ql_json *layers = ql_json_get(ql_json_get(digest->doc, "plan"), "layers"),
                  *best = ql_digest_plan_figures(digest, &proved);
    char sqnr[QL_FIGURE_SIZE];
    int left = PLAN_LAYERS, all = ql_json_size(layers);
    if (all <= 0) {
        return;
    }
    ql_figure_text(sqnr, "sqnr_db", ql_json_get_number(best, "sqnr_db", (double)NAN));
    ql_text_format(out, "\n### A plan of %d layers brings the output to %s dB%s\n\n", all, sqnr,
                   proved ? " (proved)" : "");
    for (const ql_json *layer = ql_json_first(layers); layer && left--; layer = ql_json_next(layer)) {
        ql_text_put(out, "* ");
        ql_text_code_span(out, ql_json_get_text(layer, "name", ""), NAME_COLUMNS);
        ql_text_put(out, " in ");
        ql_text_markdown(out, ql_json_get_text(layer, "mode", ""));
        ql_text_put(out, "\n");
    }
    if (all > PLAN_LAYERS) {
        ql_text_format(out, "* and %d more\n", all - PLAN_LAYERS);
    }
}

static void put_outputs(ql_text *out, const ql_digest *digest)
{
    const ql_json *places = ql_json_get(digest->doc, "output_pairs");
    int left = OUTPUTS, all = ql_json_size(places);
    ql_text_put(out, "\n| output | SQNR, dB | cosine | max \\|e\\| |\n| --- | --: | --: | --: |\n");
    for (const ql_json *place = ql_json_first(places); place && left--; place = ql_json_next(place)) {
        double i = ql_json_number_or(place, -1);
        ql_text_put(out, "| ");
        if (!(i >= 0 && i < digest->row_count)) {
            ql_text_put(out, "(not paired) | – | – | – |\n");
            continue;
        }
        const ql_row *row = &digest->rows[(int)i];
        ql_text_code_span(out, row->label, NAME_COLUMNS);
        ql_text_put(out, " |");
        put_figure(out, row, QL_CUMULATIVE, "sqnr_db");
        put_figure(out, row, QL_CUMULATIVE, "cosine");
        put_figure(out, row, QL_CUMULATIVE, "max_abs");
        ql_text_put(out, "\n");
    }
    if (all > OUTPUTS) {
        ql_text_format(out, "\nand %d more outputs\n", all - OUTPUTS);
    }
}

static void put_row(ql_text *out, const ql_row *row)
{
    ql_text_put(out, "| ");
    if (row->op_index >= 0) {
        ql_text_format(out, "%d ", row->op_index);
    }
    ql_text_put(out, "| ");
    ql_text_markdown(out, row->op);
    ql_text_put(out, row->blamed ? " | **→** " : " | ");
    ql_text_code_span(out, row->label, NAME_COLUMNS);
    ql_text_put(out, " |");
    put_figure(out, row, QL_CUMULATIVE, "sqnr_db");
    put_figure(out, row, QL_LOCAL, "sqnr_db");
    put_figure(out, row, QL_CUMULATIVE, "rmse_over_scale");
    ql_text_put(out, "\n");
}

static ql_code put_worst(ql_text *out, const ql_digest *digest, ql_err *err)
{
    int *order = calloc((size_t)digest->row_count + 1, sizeof *order);
    if (!order) {
        return ql_fail_memory(err, (size_t)digest->row_count * sizeof *order);
    }
    ql_figures which = digest->has_local ? QL_LOCAL : QL_CUMULATIVE;
    ql_code code = ql_digest_order(digest, which, ql_metric_find("sqnr_db"), order, err);
    ql_text_format(out, "\n### The tensors with the lowest %sSQNR\n\n", which == QL_LOCAL ? "local " : "");
    ql_text_put(out, "| op | type | node | SQNR, dB | local | RMSE / scale |\n"
                     "| --: | --- | --- | --: | --: | --: |\n");
    for (int i = 0; i < digest->row_count && i < WORST_ROWS && !code; i++) {
        const ql_row *row = &digest->rows[order[i]];
        if (!isnan(ql_row_figure(row, which, "sqnr_db")) && !row->integer) {
            put_row(out, row);
        }
    }
    free(order);
    return code;
}

ql_code ql_write_markdown(const ql_digest *digest, const ql_report_options *options, ql_text *out,
                          ql_err *err)
{
    (void)options;
    ql_verdict verdict = ql_verdict_of(digest);
    ql_text_format(out, "## %s\n\n", ql_level_sentence(verdict.level));
    ql_text_verdict_figures(out, &verdict);
    ql_text_put(out,
                verdict.random ? "\n\n**Measured on seeded noise: the figures mean little.**\n\n" : "\n\n");
    ql_text warning = {0};
    ql_text_input_warning(&warning, digest);
    ql_text_markdown(out, ql_text_bytes(&warning));
    ql_text_put(out, warning.length ? "\n\n" : "");
    ql_text_free(&warning);
    put_models(out, digest);
    put_gates(out, digest);
    put_findings(out, digest);
    put_plan(out, digest);
    put_outputs(out, digest);
    return put_worst(out, digest, err);
}
