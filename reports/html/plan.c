/* Suggestions: the plan that was attached to the result, the way there, and its proof. */
#include "reports/html/html.h"

#include <math.h>
#include <string.h>

static const char *const figures[] = {"sqnr_db", "agreement", "accuracy"};

/* "23.1", "96.2 %": the figure of one of a plan's tables. */
static const char *plan_figure(char text[QL_FIGURE_SIZE], const ql_json *of, const char *member)
{
    double value = ql_json_get_number(of, member, (double)NAN);
    return strcmp(member, "sqnr_db") ? ql_percent_text(text, value) : ql_figure_text(text, member, value);
}

static void put_figures(ql_page *page, const ql_json *of)
{
    for (size_t i = 0; i < sizeof figures / sizeof *figures; i++) {
        char text[QL_FIGURE_SIZE];
        plan_figure(text, of, figures[i]);
        ql_text_format(page->out, "<td class=\"n\">%s</td>", *text ? text : "\xe2\x80\x93");
    }
}

static void put_costs(ql_page *page, const ql_json *of)
{
    static const char *const shares[] = {"float_macs_pct", "int16x8_macs_pct"};
    char text[QL_FIGURE_SIZE];
    for (size_t i = 0; i < sizeof shares / sizeof *shares; i++) {
        ql_percent_text(text, ql_json_get_number(of, shares[i], (double)NAN) / 100);
        ql_text_format(page->out, "<td class=\"n\">%s</td>", *text ? text : "\xe2\x80\x93");
    }
    ql_bytes_text(text, ql_json_get_number(of, "size_bytes", (double)NAN));
    ql_text_format(page->out, "<td class=\"n\">%s</td>", *text ? text : "\xe2\x80\x93");
    ql_value_text(text, ql_json_get_number(of, "boundaries", (double)NAN));
    ql_text_format(page->out, "<td class=\"n\">%s</td>", *text ? text : "\xe2\x80\x93");
}

static void put_state(ql_page *page, const char *title, const ql_json *of)
{
    if (ql_json_is_object(of)) {
        ql_text_format(page->out, "<tr><th scope=\"row\">%s</th>", title);
        put_figures(page, of);
        put_costs(page, of);
        ql_text_put(page->out, "</tr>\n");
    }
}

static void put_states(ql_page *page, const ql_json *plan)
{
    static const char *const heads[] = {"model",     "#SQNR, dB",   "#top-1 agreement",
                                        "#accuracy", "#float MACs", "#16x8 MACs",
                                        "#size",     "#boundaries", NULL};
    ql_page_open_table(page, "what the plan buys",
                       "What the plan buys, and what it costs: share of multiplications, size, and the "
                       "QUANTIZE and DEQUANTIZE it adds.",
                       heads);
    put_state(page, "as it is", ql_json_get(plan, "base"));
    put_state(page, "with the plan", ql_json_get(plan, "predicted"));
    put_state(page, "proof: the written model, run again", ql_json_get(plan, "proof"));
    ql_page_close_table(page);
}

/* The row of the operator of the reference that a layer names. */
static const ql_row *row_of_layer(const ql_page *page, const ql_json *layer)
{
    int op = ql_digest_int(layer, "op_index", -1);
    for (int i = 0; i < page->digest->row_count && op >= 0; i++) {
        const ql_row *row = &page->digest->rows[i];
        if (ql_digest_int(row->reference, "op_index", -1) == op && row->op_index >= 0) {
            return row;
        }
    }
    return NULL;
}

static void put_layer(ql_page *page, const ql_json *layer)
{
    char gain[QL_FIGURE_SIZE];
    const ql_row *row = row_of_layer(page, layer);
    ql_text_put(page->out, "<tr><td>");
    ql_page_cut(page, ql_json_get_text(layer, "op", ""), 40);
    ql_text_put(page->out, "</td><th scope=\"row\" class=\"name\">");
    if (row) {
        ql_page_link(page, row, row->label, 110);
    } else {
        ql_page_cut(page, ql_json_get_text(layer, "name", ""), 110);
    }
    ql_text_put(page->out, "</th><td><strong>");
    ql_page_cut(page, ql_json_get_text(layer, "mode", ""), 20);
    ql_figure_text(gain, "sqnr_db", ql_json_get_number(layer, "gain_db", (double)NAN));
    ql_text_format(page->out, "</strong></td><td class=\"n\">%s</td><td class=\"name\">",
                   *gain ? gain : "\xe2\x80\x93");
    ql_page_cut(page, ql_json_get_text(layer, "why", ""), 160);
    ql_text_put(page->out, "</td></tr>\n");
}

static void put_layers(ql_page *page, const ql_json *layers)
{
    static const char *const heads[] = {"type", ".layer", "becomes", "#worth, dB", ".why", NULL};
    ql_page_open_table(page, "layers of the plan",
                       "The layers to change. Worth: what the output loses when this one alone is left out.",
                       heads);
    for (const ql_json *layer = ql_json_first(layers); layer; layer = ql_json_next(layer)) {
        put_layer(page, layer);
    }
    ql_page_close_table(page);
}

static void put_front(ql_page *page, const ql_json *front)
{
    static const char *const heads[] = {"#layers",   "#SQNR, dB",   "#top-1 agreement",
                                        "#accuracy", "#float MACs", "#16x8 MACs",
                                        "#size",     "#boundaries", NULL};
    const ql_plot *plot = ql_sheet_pareto(&page->sheet);
    if (ql_json_size(front) <= 0) {
        return;
    }
    ql_text_put(page->out, "<h3 class=\"gap\">The best plans of each size</h3>\n");
    if (plot) {
        ql_text_put(page->out, "<figure><div class=\"network scroll\" tabindex=\"0\" role=\"region\" "
                               "aria-label=\"Plot of the plans\">\n");
        ql_page_plot(page, plot,
                     "Output SQNR of the plans by the share of multiplications they take out of "
                     "int8. The table below has the figures.");
        ql_text_put(page->out,
                    "</div><figcaption>Higher and further left is better; the numbers count layers."
                    "<span class=\"key k4\">as it is</span><span class=\"key k3\">plans</span>"
                    "</figcaption></figure>\n");
    }
    ql_page_open_table(page, "plans", "The Pareto front that the search passed.", heads);
    for (const ql_json *one = ql_json_first(front); one; one = ql_json_next(one)) {
        ql_text_format(page->out, "<tr><td class=\"n\">%d</td>", ql_digest_int(one, "layer_count", 0));
        put_figures(page, one);
        put_costs(page, one);
        ql_text_put(page->out, "</tr>\n");
    }
    ql_page_close_table(page);
}

static void put_repair(ql_page *page, const ql_json *repair)
{
    char before[QL_FIGURE_SIZE], low[QL_FIGURE_SIZE], high[QL_FIGURE_SIZE];
    const ql_json *range = ql_json_first(ql_json_get(repair, "range")), *proof = ql_json_get(repair, "proof");
    const ql_json *best = ql_json_is_object(proof) ? proof : ql_json_get(repair, "predicted");
    ql_text_put(page->out, "<li><strong>");
    ql_page_cut(page, ql_json_get_text(repair, "kind", "repair"), 40);
    ql_text_put(page->out, "</strong> of <code>");
    ql_page_cut(page, ql_json_get_text(repair, "tensor", ""), 110);
    ql_text_put(page->out, "</code>");
    ql_value_text(low, ql_json_number_or(range, (double)NAN));
    ql_value_text(high, ql_json_number_or(ql_json_next(range), (double)NAN));
    if (*low && *high) {
        ql_text_format(page->out, " to %s .. %s", low, high);
    }
    plan_figure(before, best, "sqnr_db");
    if (*before) {
        ql_text_format(page->out,
                       ": output SQNR <strong>%s\xc2\xa0"
                       "dB</strong>%s",
                       before, best == proof ? " (proved)" : "");
    }
    ql_text_put(page->out, "</li>\n");
}

static void put_repairs(ql_page *page, const ql_json *repairs)
{
    if (ql_json_size(repairs) <= 0) {
        return;
    }
    ql_text_put(page->out, "<h3 class=\"gap\">Repairs without another type</h3>\n<ul>\n");
    for (const ql_json *repair = ql_json_first(repairs); repair; repair = ql_json_next(repair)) {
        put_repair(page, repair);
    }
    ql_text_put(page->out, "</ul>\n");
}

void ql_page_plan(ql_page *page)
{
    const ql_json *plan = ql_json_get(page->digest->doc, "plan"), *layers = ql_json_get(plan, "layers");
    if (!ql_json_is_object(plan)) {
        return;
    }
    ql_page_open_part(page, "plan", "What would help");
    put_states(page, plan);
    if (ql_json_size(layers) > 0) {
        put_layers(page, layers);
    } else {
        ql_text_put(page->out, "<p>No set of layers within the limits helps.</p>\n");
    }
    put_repairs(page, ql_json_get(plan, "repairs"));
    put_front(page, ql_json_get(plan, "pareto"));
    ql_page_close_part(page);
}

void ql_page_plan_summary(ql_page *page)
{
    bool proved;
    const ql_json *best = ql_digest_plan_figures(page->digest, &proved);
    int layers = ql_json_size(ql_json_get(ql_json_get(page->digest->doc, "plan"), "layers"));
    char sqnr[QL_FIGURE_SIZE], accuracy[QL_FIGURE_SIZE];
    if (layers <= 0) {
        return;
    }
    plan_figure(sqnr, best, "sqnr_db");
    plan_figure(accuracy, best, "accuracy");
    ql_text_format(page->out,
                   "<p><a href=\"#plan\">A plan of %d %s</a> brings the output to <strong>%s\xc2\xa0"
                   "dB</strong>",
                   layers, layers == 1 ? "layer" : "layers", sqnr);
    ql_text_format(page->out, "%s%s%s (%s).</p>\n", *accuracy ? ", accuracy <strong>" : "", accuracy,
                   *accuracy ? "</strong>" : "", proved ? "proved on the written model" : "measured");
}
