/* Findings, weights, what could not be paired, and where it all comes from. */
#include "reports/html/html.h"

#include <math.h>
#include <stdio.h>

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
    ql_page_open_part(page, "findings", "Findings");
    for (const ql_json *finding = ql_json_first(findings); finding; finding = ql_json_next(finding)) {
        ql_page_finding(page, finding, "h3", true);
    }
    ql_text_put(page->out, "</section>\n");
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
    ql_text_put(page->out, "<td>");
    ql_page_spark(page, ql_json_get(ql_json_get(weight, "by_channel"), "sqnr_db"));
    ql_text_put(page->out, "</td></tr>\n");
}

void ql_page_weights(ql_page *page)
{
    const ql_json *weights = ql_json_get(page->digest->doc, "weights");
    if (ql_json_size(weights) <= 0) {
        return;
    }
    ql_page_open_part(page, "weights", "Weights");
    static const char *const heads[] = {"#op",        "type",       ".tensor",  "shape",       "dtype",
                                        "#SQNR, dB",  "#RMSE",      "#max |e|", "#mean error", "#cosine",
                                        "#saturated", "by channel", NULL};
    ql_page_open_table(page, "weights",
                       "Constants of paired operators: how far the candidate's lie from the reference's; by "
                       "channel the SQNR, a full bar is 60 dB.",
                       heads);
    for (const ql_json *weight = ql_json_first(weights); weight; weight = ql_json_next(weight)) {
        put_weight(page, weight);
    }
    ql_page_close_table(page);
    ql_page_close_part(page);
}

void ql_page_unpaired(ql_page *page)
{
    static const char *const members[] = {"model", "op", "name", "dtype", "reason"};
    const ql_json *list = ql_json_get(page->digest->doc, "unpaired");
    if (ql_json_size(list) <= 0) {
        return;
    }
    ql_page_open_part(page, "unpaired", "Not paired");
    static const char *const heads[] = {"model", "operator", "tensor", "dtype", "reason", NULL};
    ql_page_open_table(page, "unpaired",
                       "Activations without a counterpart: nothing is known of their error.", heads);
    for (const ql_json *entry = ql_json_first(list); entry; entry = ql_json_next(entry)) {
        ql_text_put(page->out, "<tr>");
        for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
            put_text_cell(page, ql_json_get_text(entry, members[i], ""), 110);
        }
        ql_text_put(page->out, "</tr>\n");
    }
    ql_page_close_table(page);
    ql_page_close_part(page);
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
    ql_page_open_part(page, "provenance", "Provenance");
    put_command(page, ql_json_get(run, "command"));
    static const char *const heads[] = {"what", "which", NULL};
    ql_page_open_table(page, "provenance", "What went in.", heads);
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        const ql_json *file = ql_json_get(page->digest->doc, files[i][0]);
        put_fact(page, files[i][1], ql_json_get_text(file, "file", ""));
        put_fact(page, "its SHA-256", ql_json_get_text(file, "sha256", ""));
    }
    for (size_t i = 0; i < sizeof facts / sizeof *facts; i++) {
        put_fact(page, facts[i][1], ql_json_get_text(run, facts[i][0], ""));
    }
    put_fact(page, "Seconds", ql_value_text(seconds, ql_json_get_number(run, "seconds", (double)NAN)));
    ql_page_close_table(page);
    ql_page_close_part(page);
}
