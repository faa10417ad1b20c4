/* The first screen's figures: how far off the model is, and what was compared. */
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

/* The worst of four zones is on the left; 40 dB and more at the right end. */
static void put_scale(ql_page *page, const ql_verdict *v)
{
    static const ql_level zones[] = {QL_LEVEL_BROKEN, QL_LEVEL_FAR, QL_LEVEL_DRIFTS, QL_LEVEL_CLOSE};
    bool exact = v->level == QL_LEVEL_EQUAL;
    if (isnan(v->sqnr) && !exact) {
        return;
    }
    double place = exact ? 100 : 100 * fmin(1, fmax(0, v->sqnr / 40));
    ql_text_put(page->out, "<div class=\"scale\" aria-hidden=\"true\">");
    for (size_t i = 0; i < sizeof zones / sizeof *zones; i++) {
        ql_text_format(page->out, "<i class=\"s-%s\"><b>%s</b></i>", ql_level_word(zones[i]),
                       i == 3   ? "30 dB and more"
                       : i == 2 ? "20"
                       : i == 1 ? "10"
                                : "0");
    }
    ql_text_format(page->out, "<u style=\"left:%.1f%%\"></u></div>\n", place);
}

void ql_page_tiles(ql_page *page, const ql_verdict *v)
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
    put_scale(page, v);
}

/* The whole path is under provenance. */
static const char *last_part(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash && slash[1] ? slash + 1 : path;
}

static void put_file(ql_page *page, const ql_json *model)
{
    ql_text_put(page->out, "<code>");
    ql_page_cut(page, last_part(ql_json_get_text(model, "file", "")), 44);
    ql_text_put(page->out, "</code>");
}

static void put_size(ql_page *page, const ql_json *model)
{
    char size[QL_FIGURE_SIZE];
    ql_text_put(page->out, ql_bytes_text(size, ql_json_get_number(model, "bytes", (double)NAN)));
}

static void put_operators(ql_page *page, const ql_json *model)
{
    int count = ql_digest_int(model, "operators", -1);
    ql_text_format(page->out, count < 0 ? "\xe2\x80\x93" : "%d", count);
}

static void put_port(ql_page *page, const ql_json *list)
{
    const ql_json *first = ql_json_first(list);
    if (!first) {
        ql_text_put(page->out, "\xe2\x80\x93");
        return;
    }
    ql_page_cut(page, ql_json_get_text(first, "dtype", ""), 12);
    ql_text_put(page->out, " ");
    ql_text_shape(page->out, first, "\xc3\x97");
    if (ql_json_size(list) > 1) {
        ql_text_format(page->out, " and %d more", ql_json_size(list) - 1);
    }
}

static void put_input(ql_page *page, const ql_json *model)
{
    put_port(page, ql_json_get(model, "inputs"));
}

static void put_output(ql_page *page, const ql_json *model)
{
    put_port(page, ql_json_get(model, "outputs"));
}

void ql_page_models(ql_page *page)
{
    static const struct {
        const char *title;
        void (*put)(ql_page *page, const ql_json *model);
    } rows[] = {
        {"file", put_file},   {"size", put_size},     {"operators", put_operators},
        {"input", put_input}, {"output", put_output},
    };
    const ql_json *doc = page->digest->doc, *data = ql_json_get(doc, "data");
    ql_text_put(page->out, "<table class=\"models\"><caption>");
    ql_text_format(page->out, "%.0f samples of <code>", ql_json_get_number(doc, "samples", 0));
    ql_page_cut(page, last_part(ql_json_get_text(data, "file", "")), 60);
    ql_text_put(page->out,
                "</code></caption><thead><tr><th scope=\"col\">model</th><th "
                "scope=\"col\">reference</th><th scope=\"col\">candidate</th></tr></thead><tbody>\n");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        ql_text_format(page->out, "<tr><th scope=\"row\">%s</th><td>", rows[i].title);
        rows[i].put(page, ql_json_get(doc, "reference"));
        ql_text_put(page->out, "</td><td>");
        rows[i].put(page, ql_json_get(doc, "candidate"));
        ql_text_put(page->out, "</td></tr>\n");
    }
    ql_text_put(page->out, "</tbody></table>\n");
}
