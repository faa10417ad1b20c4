/* Findings, gates, outputs, weights, what could not be paired, and where it all comes from. */
#include "reports/html/html.h"

#include <math.h>
#include <stdio.h>

static void open_part(ql_page *page, const char *id, const char *title)
{
    ql_text_format(page->out, "<section aria-labelledby=\"%s\">\n<h2 id=\"%s\">%s</h2>\n", id, id, title);
}

static void open_table(ql_page *page, const char *id, const char *caption, const char *heads)
{
    ql_text_format(
        page->out,
        "<div class=\"scroll\" tabindex=\"0\" role=\"region\" "
        "aria-label=\"Table of %s\"><table>\n<caption>%s</caption>\n<thead><tr>%s</tr></thead>\n<tbody>\n",
        id, caption, heads);
}

static void close_table(ql_page *page)
{
    ql_text_put(page->out, "</tbody></table></div>\n</section>\n");
}

static void put_text_cell(ql_page *page, const char *text, size_t columns)
{
    ql_text_put(page->out, "<td>");
    ql_page_cut(page, text, columns);
    ql_text_put(page->out, "</td>");
}

void ql_page_findings(ql_page *page)
{
    const ql_json *findings = ql_json_get(page->digest->doc, "findings");
    if (ql_json_size(findings) <= 0) {
        return;
    }
    open_part(page, "findings", "Findings");
    for (const ql_json *finding = ql_json_first(findings); finding; finding = ql_json_next(finding)) {
        ql_page_finding(page, finding, "h3", true);
    }
    ql_text_put(page->out, "</section>\n");
}

static void put_gate(ql_page *page, const ql_json *gate)
{
    static const char *const members[] = {"found", "bound", "tightest", "noise"};
    bool passed = ql_json_is_true(ql_json_get(gate, "passed"));
    ql_text_put(page->out, "<tr><th scope=\"row\"><code>");
    ql_page_text(page, ql_json_get_text(gate, "expr", ""));
    ql_text_format(page->out, "</code></th><td><span class=\"badge %s</span></td>",
                   passed ? "level-close\">held" : "sev-error\">did not hold");
    for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
        char text[QL_FIGURE_SIZE];
        const ql_json *member = ql_json_get(gate, members[i]);
        ql_text_put(page->out, "<td class=\"n\">");
        ql_page_text(page, ql_json_text(member)
                               ? ql_json_text(member)
                               : ql_value_text(text, ql_json_number_or(member, (double)NAN)));
        ql_text_put(page->out, "</td>");
    }
    ql_text_put(page->out, "</tr>\n");
}

void ql_page_gates(ql_page *page)
{
    const ql_json *gates = ql_json_get(page->digest->doc, "gates");
    if (ql_json_size(gates) <= 0) {
        return;
    }
    open_part(page, "gates", "Gates");
    open_table(
        page, "gates", "What was required, and what would have been the tightest bound to hold.",
        "<th scope=\"col\">gate</th><th scope=\"col\">result</th><th scope=\"col\" class=\"n\">found</th><th "
        "scope=\"col\" class=\"n\">bound</th><th scope=\"col\" class=\"n\">tightest</th><th scope=\"col\" "
        "class=\"n\">half a 95 % interval</th>");
    for (const ql_json *gate = ql_json_first(gates); gate; gate = ql_json_next(gate)) {
        put_gate(page, gate);
    }
    close_table(page);
}

static void put_output(ql_page *page, const ql_row *row)
{
    static const char *const metrics[] = {"sqnr_db", "rmse", "max_abs", "mean_error", "cosine", "kl"};
    ql_text_put(page->out, "<tr><th scope=\"row\" class=\"name\">");
    ql_page_link(page, row, row->label, 110);
    ql_text_put(page->out, "</th>");
    for (size_t i = 0; i < sizeof metrics / sizeof *metrics; i++) {
        ql_page_cell(page, metrics[i], ql_row_figure(row, QL_CUMULATIVE, metrics[i]));
    }
    ql_text_put(page->out, "</tr>\n");
}

static void put_agreement(ql_page *page)
{
    static const struct {
        const char *member, *title;
    } shares[] = {
        {"top1", "Rows whose largest element is the same (top-1 agreement)"},
        {"top5", "Mean overlap of the five largest"},
        {"top1_in_5", "Rows where the reference's largest is among the candidate's five"},
    };
    const ql_json *agreement = ql_json_get(page->digest->doc, "agreement"),
                  *accuracy = ql_json_get(agreement, "accuracy");
    char a[QL_FIGURE_SIZE], b[QL_FIGURE_SIZE];
    ql_text_put(page->out, "<ul class=\"facts\">\n");
    for (size_t i = 0; i < sizeof shares / sizeof *shares; i++) {
        ql_percent_text(a, ql_json_get_number(agreement, shares[i].member, (double)NAN));
        if (*a) {
            ql_text_format(page->out, "<li>%s: <strong>%s</strong> of %.0f rows</li>\n", shares[i].title, a,
                           ql_json_get_number(agreement, "rows", 0));
        }
    }
    if (ql_json_is_object(accuracy)) {
        ql_text_format(page->out,
                       "<li>Accuracy: reference <strong>%s</strong>, candidate <strong>%s</strong>, on %.0f "
                       "labelled samples</li>\n",
                       ql_percent_text(a, ql_json_get_number(accuracy, "reference", (double)NAN)),
                       ql_percent_text(b, ql_json_get_number(accuracy, "candidate", (double)NAN)),
                       ql_json_get_number(accuracy, "labelled", 0));
    }
    ql_text_put(page->out, "</ul>\n");
}

void ql_page_outputs(ql_page *page)
{
    const ql_json *places = ql_json_get(page->digest->doc, "output_pairs");
    open_part(page, "outputs", "The models' outputs");
    put_agreement(page);
    open_table(
        page, "outputs", "Errors of every output, over all samples.",
        "<th scope=\"col\">output</th><th scope=\"col\" class=\"n\">SQNR, dB</th><th scope=\"col\" "
        "class=\"n\">RMSE</th><th scope=\"col\" class=\"n\">max |e|</th><th scope=\"col\" class=\"n\">mean "
        "error</th><th scope=\"col\" class=\"n\">cosine</th><th scope=\"col\" class=\"n\">KL</th>");
    for (const ql_json *place = ql_json_first(places); place; place = ql_json_next(place)) {
        double i = ql_json_number_or(place, -1);
        if (i >= 0 && i < page->digest->row_count) {
            put_output(page, &page->digest->rows[(int)i]);
        } else {
            ql_text_put(page->out, "<tr><th scope=\"row\">(not paired)</th><td colspan=\"6\">nothing to "
                                   "compare it with</td></tr>\n");
        }
    }
    close_table(page);
}

static void put_weight(ql_page *page, const ql_json *weight)
{
    static const char *const metrics[] = {"sqnr_db", "rmse", "max_abs", "mean_error", "cosine", "saturated"};
    const ql_json *error = ql_json_get(weight, "error"), *candidate = ql_json_get(weight, "candidate");
    const ql_row *row = ql_digest_row_of_op(page->digest, ql_digest_int(weight, "op_index", -1));
    ql_text_put(page->out, "<tr><td class=\"n\">");
    if (row) {
        char number[16];
        snprintf(number, sizeof number, "%d", row->op_index);
        ql_page_link(page, row, number, 12);
    }
    ql_text_put(page->out, "</td>");
    put_text_cell(page, ql_json_get_text(weight, "op", ""), 60);
    ql_text_put(page->out, "<th scope=\"row\" class=\"name\">");
    ql_page_cut(page, ql_json_get_text(weight, "name", ""), 110);
    ql_text_put(page->out, "</th><td>");
    ql_text_shape(page->out, candidate, "\xc3\x97");
    ql_text_put(page->out, "</td>");
    put_text_cell(page, ql_json_get_text(candidate, "dtype", ""), 20);
    for (size_t i = 0; i < sizeof metrics / sizeof *metrics; i++) {
        ql_page_cell(page, metrics[i], ql_json_get_number(error, metrics[i], (double)NAN));
    }
    ql_text_put(page->out, "</tr>\n");
}

void ql_page_weights(ql_page *page)
{
    const ql_json *weights = ql_json_get(page->digest->doc, "weights");
    if (ql_json_size(weights) <= 0) {
        return;
    }
    open_part(page, "weights", "Weights");
    open_table(
        page, "weights", "Constants of paired operators: how far the candidate's lie from the reference's.",
        "<th scope=\"col\" class=\"n\">op</th><th scope=\"col\">type</th><th scope=\"col\" "
        "class=\"name\">tensor</th><th scope=\"col\">shape</th><th scope=\"col\">dtype</th><th scope=\"col\" "
        "class=\"n\">SQNR, dB</th><th scope=\"col\" class=\"n\">RMSE</th><th scope=\"col\" class=\"n\">max "
        "|e|</th><th scope=\"col\" class=\"n\">mean error</th><th scope=\"col\" class=\"n\">cosine</th><th "
        "scope=\"col\" class=\"n\">saturated</th>");
    for (const ql_json *weight = ql_json_first(weights); weight; weight = ql_json_next(weight)) {
        put_weight(page, weight);
    }
    close_table(page);
}

void ql_page_unpaired(ql_page *page)
{
    static const char *const members[] = {"model", "op", "name", "dtype", "reason"};
    const ql_json *list = ql_json_get(page->digest->doc, "unpaired");
    if (ql_json_size(list) <= 0) {
        return;
    }
    open_part(page, "unpaired", "Not paired");
    open_table(page, "unpaired", "Activations without a counterpart: nothing is known of their error.",
               "<th scope=\"col\">model</th><th scope=\"col\">operator</th><th scope=\"col\">tensor</th><th "
               "scope=\"col\">dtype</th><th scope=\"col\">reason</th>");
    for (const ql_json *entry = ql_json_first(list); entry; entry = ql_json_next(entry)) {
        ql_text_put(page->out, "<tr>");
        for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
            put_text_cell(page, ql_json_get_text(entry, members[i], ""), 110);
        }
        ql_text_put(page->out, "</tr>\n");
    }
    close_table(page);
}

static void put_fact(ql_page *page, const char *title, const char *value)
{
    if (value && *value) {
        ql_text_format(page->out, "<tr><th scope=\"row\">%s</th><td><code>", title);
        ql_page_text(page, value);
        ql_text_put(page->out, "</code></td></tr>\n");
    }
}

static void put_command(ql_page *page, const ql_json *words)
{
    ql_text command = {0};
    for (const ql_json *word = ql_json_first(words); word; word = ql_json_next(word)) {
        ql_text_put(&command, command.length ? " " : "");
        ql_text_shell_word(&command, ql_json_text(word) ? ql_json_text(word) : "");
    }
    if (command.length) {
        ql_text_put(page->out, "<p>The same again:</p>\n<pre><code>");
        ql_page_text(page, ql_text_bytes(&command));
        ql_text_put(page->out, "</code></pre>\n");
    }
    page->out->failed |= command.failed;
    ql_text_free(&command);
}

void ql_page_provenance(ql_page *page)
{
    static const char *const files[][2] = {
        {"reference", "Reference"}, {"candidate", "Candidate"}, {"data", "Data"}};
    static const char *const facts[][2] = {{"version", "qloupe"}, {"started", "Started"}, {"host", "Host"}};
    const ql_json *run = ql_json_get(page->digest->doc, "run");
    char seconds[QL_FIGURE_SIZE];
    open_part(page, "provenance", "Provenance");
    put_command(page, ql_json_get(run, "command"));
    open_table(page, "provenance", "What went in.",
               "<th scope=\"col\">what</th><th scope=\"col\">which</th>");
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        const ql_json *file = ql_json_get(page->digest->doc, files[i][0]);
        put_fact(page, files[i][1], ql_json_get_text(file, "file", ""));
        put_fact(page, "its SHA-256", ql_json_get_text(file, "sha256", ""));
    }
    for (size_t i = 0; i < sizeof facts / sizeof *facts; i++) {
        put_fact(page, facts[i][1], ql_json_get_text(run, facts[i][0], ""));
    }
    put_fact(page, "Seconds", ql_value_text(seconds, ql_json_get_number(run, "seconds", (double)NAN)));
    close_table(page);
}
