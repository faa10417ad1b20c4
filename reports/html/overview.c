/* The first screen: what the comparison comes to, who is to blame, what to do about it. */
#include "reports/html/html.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static void put_tile(ql_page *page, const char *title, const char *value, const char *small)
{
    if (*value) {
        ql_text_format(page->out, "<div><dt>%s</dt><dd>%s<small>%s</small></dd></div>\n", title, value,
                       small);
    }
}

static void put_tiles(ql_page *page, const ql_verdict *v)
{
    char value[3 * QL_FIGURE_SIZE] = "", small[2 * QL_FIGURE_SIZE] = "", a[QL_FIGURE_SIZE], b[QL_FIGURE_SIZE];
    ql_text_put(page->out, "<dl class=\"tiles\">\n");
    if (!isnan(v->sqnr)) {
        snprintf(value, sizeof value,
                 "%s\xc2\xa0"
                 "dB",
                 ql_figure_text(a, "sqnr_db", v->sqnr));
        snprintf(small, sizeof small, "errors are %.3g\xc2\xa0%% of the signal", 100 * v->noise);
    }
    put_tile(page, "Output SQNR", v->level == QL_LEVEL_EQUAL ? "no error" : value, small);
    put_tile(page, "Top-1 agreement", ql_percent_text(value, v->top1), "with the reference");
    *value = 0;
    if (!isnan(v->reference) && !isnan(v->candidate)) {
        snprintf(value, sizeof value, "%s", ql_percent_text(a, v->candidate));
        snprintf(small, sizeof small, "reference %s, %+.1f points", ql_percent_text(b, v->reference),
                 100 * (v->candidate - v->reference));
    }
    put_tile(page, "Accuracy", value, small);
    ql_text_put(page->out, "</dl>\n");
}

/* The whole path is under provenance. */
static const char *last_part(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash && slash[1] ? slash + 1 : path;
}

static void put_models(ql_page *page)
{
    static const char *const sides[] = {"reference", "candidate"};
    char size[QL_FIGURE_SIZE];
    ql_text_put(page->out,
                "<table><caption>What was compared</caption><thead><tr><th scope=\"col\">what</th>"
                "<th scope=\"col\">file</th><th scope=\"col\" class=\"n\">size</th></tr></thead><tbody>\n");
    for (int i = 0; i < 2; i++) {
        const ql_json *model = ql_json_get(page->digest->doc, sides[i]);
        ql_text_format(page->out, "<tr><th scope=\"row\">%s</th><td><code>", sides[i]);
        ql_page_cut(page, last_part(ql_json_get_text(model, "file", "")), 60);
        ql_text_format(page->out, "</code></td><td class=\"n\">%s</td></tr>\n",
                       ql_bytes_text(size, ql_json_get_number(model, "bytes", (double)NAN)));
    }
    const ql_json *data = ql_json_get(page->digest->doc, "data");
    ql_text_put(page->out, "<tr><th scope=\"row\">data</th><td><code>");
    ql_page_cut(page, last_part(ql_json_get_text(data, "file", "")), 60);
    ql_text_format(page->out, "</code></td><td class=\"n\">%.0f samples</td></tr>\n</tbody></table>\n",
                   ql_json_get_number(page->digest->doc, "samples", 0));
}

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
    ql_text_put(page->out, "<p>What float would buy here:</p><pre><code>");
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
        ql_text_put(page->out, i == 1 ? "<p>Also: " : ", ");
        ql_text_format(page->out, "#%d ", row->op_index);
        ql_page_link(page, row, row->label, 48);
        put_decibel(page, " ", ql_row_figure(row, QL_LOCAL, "sqnr_db"));
    }
    ql_text_put(page->out, page->digest->culprit_count > 1 ? "</p>\n" : "");
}

static void put_culprit(ql_page *page, const ql_row *row)
{
    const ql_json *finding = finding_of(page, row);
    ql_text_put(page->out, "<div class=\"card blame\"><p class=\"kicker\">\xe2\x96\xb6 To blame</p>\n<h2>");
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
    ql_text_put(page->out, ".</p>\n");
    if (finding) {
        ql_page_finding(page, finding, "h3", false);
    }
    ql_page_plan_summary(page);
    put_try(page, row, finding);
    put_other_culprits(page);
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
        put_culprit(page, culprit);
    } else {
        put_innocent(page);
    }
    ql_text_put(page->out, "<div class=\"card\">\n");
    put_tiles(page, &v);
    put_models(page);
    ql_page_gate_summary(page);
    ql_text_put(page->out, "</div>\n</div>\n");
}
