/* What several parts of the page are made of. */
#include "reports/html/html.h"

#include <math.h>
#include <string.h>

void ql_page_open_part(ql_page *page, const char *id, const char *title)
{
    ql_text_format(page->out, "<section aria-labelledby=\"%s\">\n<h2 id=\"%s\">%s</h2>\n", id, id, title);
}

void ql_page_close_part(ql_page *page)
{
    ql_text_put(page->out, "</section>\n");
}

static void put_column(ql_page *page, const char *head)
{
    bool number = *head == '#', name = *head == '.';
    ql_text_format(page->out, "<th scope=\"col\"%s>%s</th>",
                   number ? " class=\"n\""
                   : name ? " class=\"name\""
                          : "",
                   head + (number || name));
}

void ql_page_open_table(ql_page *page, const char *id, const char *caption, const char *const heads[])
{
    ql_text_format(page->out,
                   "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Table of "
                   "%s\"><table>\n<caption>%s</caption>\n<thead><tr>",
                   id, caption);
    for (; *heads; heads++) {
        put_column(page, *heads);
    }
    ql_text_put(page->out, "</tr></thead>\n<tbody>\n");
}

void ql_page_close_table(ql_page *page)
{
    ql_text_put(page->out, "</tbody></table></div>\n");
}

void ql_page_cell(ql_page *page, const char *metric, double figure)
{
    char shown[QL_FIGURE_SIZE], exact[QL_FIGURE_SIZE];
    ql_figure_text(shown, metric, figure);
    ql_text_format(page->out, "<td class=\"n\" data-v=\"%s\">%s</td>", ql_exact_text(exact, figure),
                   *shown ? shown : "\xe2\x80\x93");
}

void ql_page_link(ql_page *page, const ql_row *row, const char *text, size_t columns)
{
    if (row->first_of_op) {
        ql_text_format(page->out, "<a href=\"#op-%d\">", row->op_index);
    } else {
        ql_text_format(page->out, "<a href=\"#p-%d\">", row->number);
    }
    ql_page_cut(page, text, columns);
    ql_text_put(page->out, "</a>");
}

void ql_page_plot(ql_page *page, const ql_plot *plot, const char *alt)
{
    ql_text_format(page->out, "<svg class=\"plot\" viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\">",
                   plot->width, plot->height, alt);
    ql_text_put(page->out, ql_text_bytes(&plot->body));
    ql_text_put(page->out, "</svg>\n");
}

static double largest(const ql_json *counts, double most)
{
    for (const ql_json *count = ql_json_first(counts); count; count = ql_json_next(count)) {
        most = fmax(most, ql_json_number_or(count, 0));
    }
    return most;
}

/* Heights go by the logarithm, so that tails can be seen: 0 to 100. */
static void put_outline(ql_text *out, const ql_json *counts, double most, bool closed)
{
    int bins = ql_json_size(counts), i = 0;
    double last = -1;
    ql_text_put(out, closed ? "M0 100" : "");
    for (const ql_json *count = ql_json_first(counts); count; count = ql_json_next(count), i++) {
        double height = fmin(fmax(log1p(fmax(0, ql_json_number_or(count, 0))) / log1p(most), 0), 1);
        double y = round(100 - 96 * height);
        if (!i && !closed) {
            ql_text_format(out, "M0 %.0f", y);
        } else if (fabs(y - last) > 0.5) {
            ql_text_format(out, "H%.4gV%.0f", 256.0 * i / bins, y);
        }
        last = y;
    }
    ql_text_put(out, closed ? "H256V100Z" : "H256");
}

static bool is_drawable(const ql_json *counts)
{
    int bins = ql_json_size(counts);
    return ql_json_is_array(counts) && bins > 0 && bins <= 1024;
}

void ql_page_bars(ql_page *page, const ql_json *low_high, const ql_json *filled, const ql_json *outline,
                  const char *alt)
{
    char low[QL_FIGURE_SIZE], high[QL_FIGURE_SIZE];
    double most = largest(outline, largest(filled, 1));
    if (!is_drawable(outline) || most > 1e300) {
        return;
    }
    ql_text_format(page->out,
                   "<svg class=\"mini\" viewBox=\"0 0 256 100\" preserveAspectRatio=\"none\" role=\"img\" "
                   "aria-label=\"%s\">",
                   alt);
    if (is_drawable(filled)) {
        ql_text_put(page->out, "<path class=\"r\" d=\"");
        put_outline(page->out, filled, most, true);
        ql_text_put(page->out, "\"/>");
    }
    ql_text_put(page->out, "<path class=\"q\" d=\"");
    put_outline(page->out, outline, most, false);
    ql_text_format(page->out, "\"/></svg>\n<span class=\"mono\">%s to %s</span> ",
                   ql_value_text(low, ql_json_get_number(low_high, "low", (double)NAN)),
                   ql_value_text(high, ql_json_get_number(low_high, "high", (double)NAN)));
}

void ql_page_source(ql_page *page, const ql_row *row)
{
    const ql_json *list = ql_json_get(row->json, "source");
    for (const ql_json *source = ql_json_first(list); source; source = ql_json_next(source)) {
        ql_text_put(page->out, source == ql_json_first(list) ? "<code>" : ", <code>");
        ql_page_cut(page, ql_json_get_text(source, "file", ""), 120);
        ql_text_format(page->out, ":%d</code>", ql_digest_int(source, "line", 0));
    }
}

static const char *severity_class(const char *severity)
{
    return !strcmp(severity, "error")     ? "sev-error"
           : !strcmp(severity, "warning") ? "sev-warning"
                                          : "sev-note";
}

static void put_blamed_op(ql_page *page, const ql_json *op)
{
    const ql_row *row = ql_digest_row_of_op(page->digest, ql_digest_int(op, "op_index", -1));
    ql_text_put(page->out, "<li>");
    if (row) {
        ql_text_format(page->out, "#%d ", row->op_index);
        ql_page_text(page, row->op);
        ql_text_put(page->out, " ");
        ql_page_link(page, row, row->label, 90);
        ql_text_put(page->out, " ");
        ql_page_source(page, row);
    } else {
        ql_page_cut(page, ql_json_get_text(op, "name", ""), 90);
    }
    ql_text_put(page->out, "</li>\n");
}

static void put_said(ql_page *page, const char *before, const ql_json *what)
{
    if (ql_json_text(what)) {
        ql_text_put(page->out, before);
        ql_page_text(page, ql_json_text(what));
        ql_text_put(page->out, "</p>\n");
    }
}

void ql_page_finding(ql_page *page, const ql_json *finding, const char *heading, bool with_ops)
{
    const char *severity = ql_json_get_text(finding, "severity", "note");
    const ql_json *ops = ql_json_get(finding, "ops");
    ql_text_format(page->out, "<div class=\"finding\"><%s><span class=\"badge %s\">", heading,
                   severity_class(severity));
    ql_page_text(page, severity);
    ql_text_put(page->out, "</span> ");
    ql_page_text(page, ql_json_get_text(finding, "code", "?"));
    ql_text_format(page->out, "</%s>\n", heading);
    put_said(page, "<p>", ql_json_get(finding, "evidence"));
    put_said(page, "<p class=\"do\"><strong>What to do:</strong> ", ql_json_get(finding, "remedy"));
    if (with_ops && ql_json_size(ops) > 0) {
        ql_text_put(page->out, "<ul>\n");
        for (const ql_json *op = ql_json_first(ops); op; op = ql_json_next(op)) {
            put_blamed_op(page, op);
        }
        ql_text_put(page->out, "</ul>\n");
    }
    ql_text_put(page->out, "</div>\n");
}
