/* A section for every pair of tensors. */
#include "reports/html/html.h"

#include <math.h>
#include <string.h>

static void put_histogram(ql_page *page, const ql_row *row, bool error)
{
    static const char *const alts[] = {"Histogram of the values of reference and candidate",
                                       "Histogram of the errors, candidate minus reference"};
    static const char *const captions[] = {
        "Values, on a logarithmic scale: <span class=\"key k3\">reference</span><span class=\"key line "
        "k4\">candidate</span>",
        "Errors, candidate minus reference, on a logarithmic scale"};
    const ql_plot *plot = ql_sheet_of(&page->sheet, row, error ? QL_DRAW_ERROR : QL_DRAW_VALUES);
    const ql_json *histogram = ql_json_get(ql_json_get(row->json, "histograms"), error ? "error" : "values");
    if (!histogram) {
        return;
    }
    ql_text_put(page->out, "<figure>\n");
    if (plot) {
        ql_page_plot(page, plot, alts[error]);
    } else {
        ql_page_bars(page, histogram, error ? NULL : ql_json_get(histogram, "reference"),
                     ql_json_get(histogram, error ? "counts" : "candidate"), alts[error]);
    }
    ql_text_format(page->out, "<figcaption>%s", captions[error]);
    if (plot) {
        ql_text_put(page->out, error ? "; dashed: half a step to either side"
                                     : "; dashed: what the candidate's integers reach");
    }
    ql_text_put(page->out, "</figcaption></figure>\n");
}

static void put_scatter(ql_page *page, const ql_row *row)
{
    static const char alt[] = "Elements drawn at random, the candidate's value against the reference's";
    const ql_plot *plot = ql_sheet_of(&page->sheet, row, QL_DRAW_SCATTER);
    if (!ql_json_size(ql_json_get(ql_json_get(row->json, "scatter"), "reference"))) {
        return;
    }
    ql_text_put(page->out, "<figure>\n");
    bool any = plot || ql_page_mini_scatter(page, row, alt);
    if (plot) {
        ql_page_plot(page, plot, alt);
    }
    ql_text_put(page->out,
                any ? "<figcaption>Elements drawn at random: the candidate's value (up) against the "
                      "reference's (across)</figcaption></figure>\n"
                    : "<figcaption>All elements drawn have one value</figcaption></figure>\n");
}

static void put_channels(ql_page *page, const ql_row *row)
{
    static const char alt[] = "Range of the reference's values by channel, coloured by SQNR";
    const ql_plot *plot = ql_sheet_of(&page->sheet, row, QL_DRAW_CHANNELS);
    if (!ql_json_is_object(ql_json_get(row->json, "by_channel"))) {
        return;
    }
    ql_text_put(page->out, "<figure>\n");
    if (plot) {
        ql_page_plot(page, plot, alt);
    } else {
        ql_page_mini_channels(page, row, alt);
    }
    ql_text_put(page->out,
                "<figcaption>Range by channel, coloured by SQNR: <span class=\"swatch "
                "s-close\">from 30 dB</span> <span class=\"swatch s-drifts\">20 to 30</span> <span "
                "class=\"swatch s-far\">10 to 20</span> <span class=\"swatch s-broken\">below "
                "10</span></figcaption></figure>\n");
}

/* Where its own error comes from, when that was asked for. */
static void put_split(ql_page *page, const ql_row *row)
{
    const ql_json *split = ql_json_get(row->json, "split");
    const char *before = "<li>Parts of its error, RMS: ";
    for (const ql_json *part = ql_json_first(split); part; part = ql_json_next(part)) {
        char text[QL_FIGURE_SIZE];
        ql_value_text(text, ql_json_number_or(part, (double)NAN));
        if (*text) {
            ql_text_put(page->out, before);
            ql_page_text(page, ql_json_key(part));
            ql_text_format(page->out, " %s", text);
            before = ", ";
        }
    }
    ql_text_put(page->out, *before == ',' ? "</li>\n" : "");
}

static void put_levels(ql_page *page, const ql_row *row)
{
    int used = ql_digest_int(row->json, "levels_used", -1);
    if (used >= 0) {
        ql_text_format(page->out, "<li>%d of 256 levels are used</li>\n", used);
    }
}

/* A cell of a table that is not sorted. */
static void put_figure(ql_page *page, const char *metric, double figure)
{
    char text[QL_FIGURE_SIZE];
    ql_figure_text(text, metric, figure);
    ql_text_format(page->out, "<td class=\"n\">%s</td>", *text ? text : "\xe2\x80\x93");
}

static void put_figures(ql_page *page, const ql_row *row)
{
    ql_text_put(page->out,
                "<table><caption>Figures</caption><thead><tr><th scope=\"col\">metric</th><th scope=\"col\" "
                "class=\"n\">cumulative</th><th scope=\"col\" class=\"n\">local</th></tr></thead><tbody>\n");
    for (size_t i = 0; i < ql_metric_count; i++) {
        const ql_metric *m = &ql_metrics[i];
        bool has_unit = strncmp(m->unit, "value", 5) && strcmp(m->unit, "1") && strcmp(m->unit, "steps");
        ql_text_format(page->out, "<tr><th scope=\"row\" title=\"%s\">%s%s%s</th>", m->meaning, m->title,
                       has_unit ? ", " : "", has_unit ? m->unit : "");
        put_figure(page, m->id, ql_row_figure(row, QL_CUMULATIVE, m->id));
        put_figure(page, m->id, ql_row_figure(row, QL_LOCAL, m->id));
        ql_text_put(page->out, "</tr>\n");
    }
    ql_text_put(page->out, "</tbody></table>\n");
}

static void put_value_cell(ql_page *page, const ql_json *object, const char *member)
{
    char text[QL_FIGURE_SIZE];
    const char *shown = ql_value_text(text, ql_json_get_number(object, member, (double)NAN));
    ql_text_format(page->out, "<td class=\"n\">%s</td>", *shown ? shown : "\xe2\x80\x93");
}

static void put_side_row(ql_page *page, const char *title, const ql_row *row, const char *member)
{
    ql_text_format(page->out, "<tr><th scope=\"row\">%s</th>", title);
    put_value_cell(page, row->reference, member);
    put_value_cell(page, row->candidate, member);
    ql_text_put(page->out, "</tr>\n");
}

static void put_range_row(ql_page *page, const char *title, const ql_json *range, const char *member)
{
    ql_text_format(page->out, "<tr><th scope=\"row\">%s</th>", title);
    put_value_cell(page, ql_json_get(range, "reference"), member);
    put_value_cell(page, ql_json_get(range, "candidate"), member);
    ql_text_put(page->out, "</tr>\n");
}

static void put_type_row(ql_page *page, const ql_row *row)
{
    const ql_json *sides[] = {row->reference, row->candidate};
    ql_text_put(page->out, "<tr><th scope=\"row\">type</th>");
    for (int i = 0; i < 2; i++) {
        ql_text_put(page->out, "<td class=\"n\">");
        ql_page_text(page, ql_json_get_text(sides[i], "dtype", ""));
        ql_text_put(page->out, "<br>");
        ql_text_shape(page->out, sides[i], "\xc3\x97");
        ql_text_put(page->out, "</td>");
    }
    ql_text_put(page->out, "</tr>\n");
}

static void put_sides(ql_page *page, const ql_row *row)
{
    static const char *const members[] = {"min", "p0_1", "p50", "p99_9", "max"};
    static const char *const titles[] = {"lowest value", "0.1 % quantile", "median", "99.9 % quantile",
                                         "highest value"};
    const ql_json *range = ql_json_get(row->json, "range");
    ql_text_put(
        page->out,
        "<table><caption>The two tensors</caption><thead><tr><th scope=\"col\"><span "
        "class=\"skip\">fact</span></th><th scope=\"col\" class=\"n\">reference</th><th scope=\"col\" "
        "class=\"n\">candidate</th></tr></thead><tbody>\n");
    put_type_row(page, row);
    put_side_row(page, "tensor", row, "tensor");
    put_side_row(page, "operator", row, "op_index");
    put_side_row(page, "scale", row, "scale");
    put_side_row(page, "zero point", row, "zero_point");
    for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
        put_range_row(page, titles[i], range, members[i]);
    }
    ql_text_put(page->out, "</tbody></table>\n");
}

static void put_names(ql_page *page, const ql_row *row)
{
    ql_text_put(page->out, "<li>Reference tensor <code>");
    ql_page_text(page, ql_json_get_text(row->reference, "name", ""));
    ql_text_put(page->out, "</code></li>\n<li>Candidate tensor <code>");
    ql_page_text(page, ql_json_get_text(row->candidate, "name", ""));
    ql_text_put(page->out, "</code>, paired by ");
    ql_page_text(page, ql_json_get_text(row->json, "how", "?"));
    ql_text_put(page->out, "</li>\n");
    if (ql_json_size(ql_json_get(row->json, "source")) > 0) {
        ql_text_put(page->out, "<li>Made at ");
        ql_page_source(page, row);
        ql_text_put(page->out, "</li>\n");
    }
}

static void put_limits(ql_page *page, const ql_row *row)
{
    double low, high;
    char a[QL_FIGURE_SIZE], b[QL_FIGURE_SIZE];
    if (ql_row_limits(row, &low, &high)) {
        ql_text_format(page->out, "<li>The candidate's integers reach from %s to %s</li>\n",
                       ql_value_text(a, low), ql_value_text(b, high));
    }
}

static void put_samples(ql_page *page, const ql_row *row)
{
    static const char *const metrics[] = {"sqnr_db", "mse", "cosine", "max_abs"};
    const ql_json *samples = ql_json_get(row->json, "per_sample");
    const char *before = "<li>Mean over samples, with half a 95 % interval: ";
    for (size_t i = 0; i < sizeof metrics / sizeof *metrics; i++) {
        char mean[QL_FIGURE_SIZE], half[QL_FIGURE_SIZE];
        const ql_json *one = ql_json_get(samples, metrics[i]);
        ql_figure_text(mean, metrics[i], ql_json_get_number(one, "mean", (double)NAN));
        ql_value_text(half, ql_json_get_number(one, "half_width", (double)NAN));
        if (*mean) {
            const ql_metric *metric = ql_metric_find(metrics[i]);
            ql_text_format(page->out, "%s%s %s%s%s", before, metric ? metric->title : metrics[i], mean,
                           *half ? " \xc2\xb1 " : "", half);
            before = ", ";
        }
    }
    ql_text_put(page->out, *before == ',' ? "</li>\n" : "");
}

/* The sample that is worst by each figure, where the result says. */
static void put_worst_samples(ql_page *page, const ql_row *row)
{
    static const char *const metrics[] = {"sqnr_db", "mse", "cosine", "max_abs"};
    const ql_json *samples = ql_json_get(row->json, "per_sample");
    const char *before = "<li>Worst sample: ";
    for (size_t i = 0; i < sizeof metrics / sizeof *metrics; i++) {
        char value[QL_FIGURE_SIZE];
        const ql_metric *metric = ql_metric_find(metrics[i]);
        const ql_json *worst = ql_json_get(ql_json_get(samples, metrics[i]), "worst");
        ql_figure_text(value, metrics[i], ql_json_get_number(worst, "value", (double)NAN));
        if (*value) {
            ql_text_format(page->out, "%s%.0f by %s (%s)", before, ql_json_get_number(worst, "sample", 0),
                           metric ? metric->title : metrics[i], value);
            before = ", ";
        }
    }
    ql_text_put(page->out, *before == ',' ? "</li>\n" : "");
}

static void put_worst(ql_page *page, const ql_row *row)
{
    const ql_json *worst = ql_json_get(row->json, "worst");
    char error[QL_FIGURE_SIZE];
    ql_value_text(error, ql_json_get_number(worst, "error", (double)NAN));
    if (*error) {
        ql_text_format(page->out, "<li>Largest error %s: element %.0f of sample %.0f</li>\n", error,
                       ql_json_get_number(worst, "element", 0), ql_json_get_number(worst, "sample", 0));
    }
}

static void put_not_finite(ql_page *page, const ql_row *row)
{
    const ql_json *list = ql_json_get(row->json, "not_finite");
    for (const ql_json *one = ql_json_first(list); one; one = ql_json_next(one)) {
        if (ql_json_number_or(one, 0) > 0) {
            ql_text_format(page->out, "<li><strong>Not finite, and in no figure: %.0f (",
                           ql_json_number_or(one, 0));
            ql_page_text(page, ql_json_key(one));
            ql_text_put(page->out, ")</strong></li>\n");
        }
    }
}

static void put_summary(ql_page *page, const ql_row *row)
{
    char sqnr[QL_FIGURE_SIZE];
    ql_figure_text(sqnr, "sqnr_db", ql_row_figure(row, QL_CUMULATIVE, "sqnr_db"));
    ql_text_put(page->out, "<summary><h3>");
    ql_text_put(page->out, row->blamed ? "<span class=\"mark\">\xe2\x96\xb6</span> " : "");
    if (row->op_index >= 0) {
        ql_text_format(page->out, "#%d ", row->op_index);
    }
    ql_page_text(page, row->op);
    ql_text_put(page->out, " ");
    ql_page_cut(page, row->label, 110);
    ql_text_format(page->out, "</h3> %s%s</summary>\n", row->exact ? "no error" : sqnr,
                   *sqnr ? "\xc2\xa0"
                           "dB"
                         : "");
}

static void put_tensor(ql_page *page, const ql_row *row)
{
    const ql_json *findings = ql_json_get(row->json, "findings");
    ql_text_format(page->out, "<details class=\"tensor%s\"%s id=\"", row->blamed ? " blamed" : "",
                   ql_sheet_has(&page->sheet, row) ? " open" : "");
    ql_text_format(page->out, row->first_of_op ? "op-%d\">\n" : "p-%d\">\n",
                   row->first_of_op ? row->op_index : row->number);
    put_summary(page, row);
    ql_text_put(page->out, "<div class=\"body\"");
    if (row->first_of_tensor) {
        ql_text_format(page->out, " id=\"t-%d\"", row->tensor);
    }
    ql_text_put(page->out, ">\n");
    for (const ql_json *f = ql_json_first(findings); f; f = ql_json_next(f)) {
        ql_page_finding(page, f, "h4", false);
    }
    ql_text_put(page->out, "<div class=\"pair\">\n");
    put_histogram(page, row, false);
    put_histogram(page, row, true);
    put_scatter(page, row);
    put_channels(page, row);
    ql_text_put(page->out, "</div>\n<ul class=\"facts\">\n");
    put_names(page, row);
    put_limits(page, row);
    put_levels(page, row);
    put_split(page, row);
    put_worst(page, row);
    put_samples(page, row);
    put_worst_samples(page, row);
    put_not_finite(page, row);
    ql_text_put(page->out, "</ul>\n<div class=\"pair\">\n");
    put_figures(page, row);
    put_sides(page, row);
    ql_text_put(page->out, "</div></div></details>\n");
}

void ql_page_tensors(ql_page *page)
{
    ql_text_format(page->out, "<section aria-labelledby=\"details\">\n<h2 id=\"details\">Details of every "
                              "tensor</h2>\n<p>Open: those to "
                              "blame and those of the lowest SQNR. Links to them are <code>#op-N</code> and "
                              "<code>#t-N</code>, by the "
                              "candidate's operator and tensor. <button type=\"button\" id=\"open-all\" "
                              "hidden>Open all</button></p>\n");
    for (int i = 0; i < page->digest->row_count; i++) {
        put_tensor(page, &page->digest->rows[i]);
    }
    ql_text_put(page->out, "</section>\n");
}
