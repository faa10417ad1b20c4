/* The first screen: what the comparison comes to, who is to blame, what to do about it. */
#include "reports/html/html.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* The first finding that names this operator. */
static const ql_json *finding_of(const ql_page *page, const ql_row *row)
{
    const ql_json *findings = ql_json_get(page->digest->doc, "findings");
    for (const ql_json *f = ql_json_first(findings); f; f = ql_json_next(f)) {
        for (const ql_json *op = ql_json_first(ql_json_get(f, "ops")); op; op = ql_json_next(op)) {
            if (row->op_index >= 0 && ql_digest_int(op, "op_index", -1) == row->op_index) {
                return f;
            }
        }
    }
    return NULL;
}

/* A regular expression of exactly this text. */
static void put_literal(ql_text *out, const char *text)
{
    for (; *text; text++) {
        ql_text_put(out, strchr("\\^$.[]|()?*+{}", *text) ? "\\" : "");
        ql_text_put_bytes(out, text, 1);
    }
}

/* " --set '^name(;|$)=float'" */
static void put_rule(ql_text *command, const ql_row *row)
{
    ql_text rule = {0};
    ql_text_put(&rule, "^");
    put_literal(&rule, row->label);
    ql_text_put(&rule, "(;|$)=float");
    ql_text_put(command, " --set ");
    ql_text_shell_word(command, ql_text_bytes(&rule));
    command->failed |= rule.failed;
    ql_text_free(&rule);
}

/* One rule for every operator that the finding wants changed together, else one for the row's. */
static void put_rules(const ql_page *page, ql_text *command, const ql_row *row, const ql_json *finding)
{
    int left = 4, rules = 0;
    for (const ql_json *op = ql_json_first(ql_json_get(finding, "ops")); op && left--;
         op = ql_json_next(op)) {
        const ql_row *other = ql_digest_row_of_op(page->digest, ql_digest_int(op, "op_index", -1));
        if (other) {
            put_rule(command, other);
            rules++;
        }
    }
    if (!rules) {
        put_rule(command, row);
    }
}

static void put_try(ql_page *page, const ql_row *row, const ql_json *finding)
{
    const ql_json *doc = page->digest->doc;
    ql_text command = {0};
    const char *words[] = {ql_json_get_text(ql_json_get(doc, "reference"), "file", ""),
                           ql_json_get_text(ql_json_get(doc, "candidate"), "file", ""), "--data",
                           ql_json_get_text(ql_json_get(doc, "data"), "file", "")};
    ql_text_put(&command, "qloupe whatif");
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        ql_text_put(&command, " ");
        ql_text_shell_word(&command, words[i]);
    }
    put_rules(page, &command, row, finding);
    ql_text_put(page->out, "<p>Measure what float would buy here:</p><pre><code>");
    ql_page_text(page, ql_text_bytes(&command));
    ql_text_put(page->out, "</code></pre>\n");
    page->out->failed |= command.failed;
    ql_text_free(&command);
}

static void put_decibel(ql_page *page, const char *before, double sqnr)
{
    char text[QL_FIGURE_SIZE];
    if (!isnan(sqnr)) {
        ql_text_format(page->out,
                       "%s<strong>%s\xc2\xa0"
                       "dB</strong>",
                       before, ql_figure_text(text, "sqnr_db", sqnr));
    }
}

static void put_other_culprits(ql_page *page)
{
    for (int i = 1; i < page->digest->culprit_count; i++) {
        const ql_row *row = ql_digest_culprit(page->digest, i);
        ql_text_put(page->out, i == 1 ? " Also " : ", ");
        ql_text_format(page->out, "#%d ", row->op_index);
        ql_page_link(page, row, row->label, 48);
        put_decibel(page, " ", ql_row_figure(row, QL_LOCAL, "sqnr_db"));
    }
    ql_text_put(page->out, page->digest->culprit_count > 1 ? "." : "");
}

/* A model that is fit to ship has nobody to blame, but a weakest place. */
static const char *kicker(ql_level level)
{
    bool fit = level == QL_LEVEL_EQUAL || level == QL_LEVEL_CLOSE;
    return fit ? "Where to look first" : "\xe2\x96\xb6 To blame";
}

static void put_culprit(ql_page *page, const ql_row *row, ql_level level)
{
    const ql_json *finding = finding_of(page, row);
    ql_text_format(page->out, "<div class=\"card blame\"><p class=\"kicker\">%s</p>\n<h2>", kicker(level));
    if (row->op_index >= 0) {
        ql_text_format(page->out, "#%d ", row->op_index);
    }
    ql_page_text(page, row->op);
    ql_text_put(page->out, " ");
    ql_page_link(page, row, row->label, 90);
    ql_text_put(page->out, "</h2>\n<p>");
    ql_page_source(page, row);
    ql_text_put(page->out, "</p>\n<p>Its own error: ");
    put_decibel(page, "local SQNR ", ql_row_figure(row, QL_LOCAL, "sqnr_db"));
    put_decibel(page, ", cumulative ", ql_row_figure(row, QL_CUMULATIVE, "sqnr_db"));
    ql_text_put(page->out, ".");
    put_other_culprits(page);
    ql_text_put(page->out, "</p>\n");
    if (finding) {
        ql_page_finding(page, finding, "h3", false);
    }
    ql_page_plan_summary(page);
    put_try(page, row, finding);
    ql_text_put(page->out, "</div>\n");
}

static void put_innocent(ql_page *page)
{
    ql_text_put(page->out,
                "<div class=\"card\"><p class=\"kicker\">To blame</p>\n<h2>No operator stands out</h2>\n<p>");
    if (page->digest->worst >= 0) {
        const ql_row *row = &page->digest->rows[page->digest->worst];
        ql_text_put(page->out, "The lowest SQNR is at ");
        ql_page_link(page, row, row->label, 90);
        put_decibel(page, ": ", ql_row_figure(row, QL_CUMULATIVE, "sqnr_db"));
        ql_text_put(page->out, ".");
    } else {
        ql_text_put(page->out, "No tensor has an error that could be measured.");
    }
    ql_text_put(page->out, "</p></div>\n");
}

void ql_page_network(ql_page *page)
{
    ql_text_put(page->out,
                "<section aria-labelledby=\"network\">\n<h2 id=\"network\">SQNR along the network</h2>\n");
    if (ql_sheet_network(&page->sheet)) {
        ql_text_put(page->out,
                    "<figure><div class=\"network scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Plot "
                    "of the SQNR along the network\">\n");
        ql_page_plot(
            page, ql_sheet_network(&page->sheet),
            "SQNR in decibel of every operator in execution order, cumulative and local, and of weights. "
            "The table of tensors has the figures.");
        ql_text_put(
            page->out,
            "</div><figcaption>Higher is better.<span class=\"key line k3\">cumulative: what has gathered up "
            "to "
            "here</span><span class=\"key k4\">local: the operator's own error</span><span class=\"key "
            "k6\">weights</span><span class=\"key k5\">to blame</span></figcaption></figure>\n");
    }
    if (page->no_plots) {
        ql_text_format(page->out,
                       "<p class=\"note\">Plots are missing: %s. The tables have every figure.</p>\n",
                       page->no_plots);
    }
    ql_text_put(page->out, "</section>\n");
}

void ql_page_overview(ql_page *page)
{
    ql_verdict v = ql_verdict_of(page->digest);
    const ql_row *culprit = ql_digest_culprit(page->digest, 0);
    ql_text pairing = {0};
    ql_text_pairing(&pairing, page->digest);
    ql_text_format(page->out, "<h1 class=\"level-%s\">%s</h1>\n<p class=\"lead\">", ql_level_word(v.level),
                   ql_level_sentence(v.level));
    ql_page_gate_badge(page, "%d of %d gates held");
    ql_text_put(page->out, " ");
    ql_page_text(page, ql_text_bytes(&pairing));
    ql_text_put(page->out, ".</p>\n");
    ql_text_free(&pairing);
    if (v.random) {
        ql_text_put(page->out,
                    "<p class=\"note\"><strong>Measured on seeded noise, not on data: the figures mean "
                    "little.</strong></p>\n");
    }
    ql_text warning = {0};
    ql_text_input_warning(&warning, page->digest);
    if (warning.length) {
        ql_text_put(page->out, "<p class=\"note\">");
        ql_page_cut(page, ql_text_bytes(&warning), 300);
        ql_text_put(page->out, "</p>\n");
    }
    ql_text_free(&warning);
    ql_text_put(page->out, "<div class=\"cards\">\n");
    if (culprit) {
        put_culprit(page, culprit, v.level);
    } else {
        put_innocent(page);
    }
    ql_text_put(page->out, "<div class=\"card\">\n");
    ql_page_tiles(page, &v);
    ql_page_gate_summary(page);
    ql_page_models(page);
    ql_text_put(page->out, "</div>\n</div>\n");
}
