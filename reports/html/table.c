/* The table of tensors. */
#include "reports/html/html.h"

#include <math.h>

enum { MANY = 300 }; /* rows from which on columns have fixed widths: finding them takes a browser too long */

typedef struct {
    const char *title;
    ql_figures which;
    const char *metric;
} column;

static const column columns[] = {
    {"local SQNR", QL_LOCAL, "sqnr_db"},       {"RMSE / scale", QL_CUMULATIVE, "rmse_over_scale"},
    {"saturated", QL_CUMULATIVE, "saturated"}, {"max |e|", QL_CUMULATIVE, "max_abs"},
    {"RMSE", QL_CUMULATIVE, "rmse"},           {"mean error", QL_CUMULATIVE, "mean_error"},
    {"cosine", QL_CUMULATIVE, "cosine"},       {"KL", QL_CUMULATIVE, "kl"},
};

static void put_sqnr(ql_page *page, const ql_row *row)
{
    char shown[QL_FIGURE_SIZE], exact[QL_FIGURE_SIZE];
    double sqnr = ql_row_figure(row, QL_CUMULATIVE, "sqnr_db");
    double share = row->exact ? 1 : isnan(sqnr) ? 0 : fmin(1, fmax(0, sqnr / 50));
    ql_figure_text(shown, "sqnr_db", sqnr);
    ql_text_format(page->out,
                   "<td class=\"n\" data-v=\"%s\">%s<span class=\"meter\" aria-hidden=\"true\"><i "
                   "style=\"width:%.0f%%\"></i></span></td>",
                   row->exact ? "1e9" : ql_exact_text(exact, sqnr),
                   row->exact ? "no error"
                   : *shown   ? shown
                              : "\xe2\x80\x93",
                   100 * share);
}

static void put_name(ql_page *page, const ql_row *row)
{
    ql_text_put(page->out, "<th scope=\"row\" class=\"name\">");
    if (row->blamed) {
        ql_text_put(page->out, "<span class=\"mark\">\xe2\x96\xb6 to blame</span> ");
    }
    if (row->number == page->digest->worst) {
        ql_text_put(page->out, "<span class=\"mark\">\xe2\x96\xbc lowest</span> ");
    }
    ql_page_link(page, row, ql_digest_short(page->digest, row->label), 110);
    ql_text_put(page->out, "</th>");
}

static void put_row(ql_page *page, const ql_row *row)
{
    ql_text_format(page->out, "<tr%s id=\"row-%d\" data-op=\"", row->blamed ? " class=\"blamed\"" : "",
                   row->number);
    ql_page_text(page, row->op);
    ql_text_format(page->out, "\"><td class=\"n\" data-v=\"%d\">", row->op_index);
    if (row->op_index >= 0) {
        ql_text_format(page->out, "%d", row->op_index);
    }
    ql_text_put(page->out, "</td><td>");
    ql_page_text(page, row->op);
    ql_text_put(page->out, "</td>");
    put_name(page, row);
    ql_text_put(page->out, "<td>");
    ql_text_shape(page->out, row->candidate, "\xc3\x97");
    ql_text_put(page->out, "</td><td>");
    ql_page_text(page, row->dtype);
    ql_text_put(page->out, "</td>");
    put_sqnr(page, row);
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++) {
        ql_page_cell(page, columns[i].metric, ql_row_figure(row, columns[i].which, columns[i].metric));
    }
    ql_text_put(page->out, "<td>");
    ql_page_text(page, ql_json_get_text(row->json, "how", ""));
    ql_text_put(page->out, "</td></tr>\n");
}

static void put_tools(ql_page *page)
{
    ql_text_put(
        page->out,
        "<div class=\"tools\" id=\"tensor-tools\" hidden>\n<label>Filter <input type=\"search\" "
        "placeholder=\"regular expressions\"></label>\n<label>Operator <select><option "
        "value=\"\">all</option></select></label>\n<label><input type=\"checkbox\"> only to blame</label>\n"
        "<span id=\"tensor-count\" role=\"status\"></span></div>\n");
}

static void put_head(ql_page *page)
{
    ql_text_format(page->out,
                   "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Table of "
                   "tensors\"><table id=\"tensor-table\"%s>\n",
                   page->digest->row_count > MANY ? " class=\"many\"" : "");
    ql_text_put(page->out, "<caption>In execution order; cumulative figures unless a column says otherwise.");
    if (page->digest->prefix) {
        ql_text_put(page->out, " Names without their ");
        ql_text prefix = {0};
        ql_text_put_bytes(&prefix, page->digest->prefix, page->digest->prefix_length);
        ql_page_text(page, ql_text_bytes(&prefix));
        ql_text_free(&prefix);
        ql_text_put(page->out, ".");
    }
    ql_text_put(
        page->out,
        "</caption>\n<thead><tr>"
        "<th scope=\"col\" class=\"n\">op</th><th scope=\"col\">type</th><th scope=\"col\" "
        "class=\"name\">node</th><th scope=\"col\">shape</th><th scope=\"col\">dtype</th><th scope=\"col\" "
        "class=\"n\">SQNR, dB</th>");
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++) {
        ql_text_format(page->out, "<th scope=\"col\" class=\"n\">%s</th>", columns[i].title);
    }
    ql_text_put(page->out, "<th scope=\"col\">paired by</th></tr></thead>\n<tbody>\n");
}

void ql_page_table(ql_page *page)
{
    const ql_digest *digest = page->digest;
    ql_text_put(page->out, "<section aria-labelledby=\"tensors\">\n<h2 id=\"tensors\">Tensors</h2>\n");
    put_tools(page);
    put_head(page);
    for (int i = 0; i < digest->row_count; i++) {
        if (!digest->rows[i].integer) {
            put_row(page, &digest->rows[i]);
        }
    }
    ql_text_put(page->out, "</tbody></table></div>\n");
    if (digest->integer_count) {
        ql_text_format(
            page->out,
            "<p>%d pairs of plain integers (shapes, indices) are not listed here; they are among the <a "
            "href=\"#details\">details</a>.</p>\n",
            digest->integer_count);
    }
    ql_text_put(page->out, "</section>\n");
}
