/* The candidate's graph, coloured by error. */
#include "reports/graph/graph.h"
#include "reports/html/html.h"

#include <math.h>
#include <stdlib.h>

enum { COLUMNS = 8, MARGIN = 26, WIDTH = 126, HEIGHT = 36, STEP = 142, LANE = 45, TRACK = 6, FOOT = 16 };

typedef struct {
    ql_page *page;
    const ql_graph *graph;
    int *tops; /* of the bands */
} canvas;

static int left_of(const ql_graph_node *node)
{
    return MARGIN + node->column * STEP;
}

static int middle_of(const canvas *c, const ql_graph_node *node)
{
    return c->tops[node->band] + node->lane * LANE + HEIGHT / 2;
}

/* "#12 →" where a line goes on in another band. */
static void put_beyond(const canvas *c, const ql_graph_line *line, int y)
{
    if (line->track >= 0 && line->other >= 0) {
        bool leaves = line->to < 0;
        ql_text_format(c->page->out, "<text class=\"beyond\" x=\"%d\" y=\"%d\" text-anchor=\"%s\">#%d</text>",
                       leaves ? 2 * MARGIN + COLUMNS * STEP - 22 : 1, y - 2, leaves ? "end" : "start",
                       c->graph->nodes[line->other].op);
    }
}

static void put_line(const canvas *c, const ql_graph_line *line)
{
    const ql_graph_node *nodes = c->graph->nodes;
    const ql_graph_node *from = line->from >= 0 ? &nodes[line->from] : NULL;
    const ql_graph_node *to = line->to >= 0 ? &nodes[line->to] : NULL;
    int x1 = from ? left_of(from) + WIDTH : 0, x2 = to ? left_of(to) : 2 * MARGIN + COLUMNS * STEP - 20;
    int y1 = middle_of(c, from ? from : to), y2 = middle_of(c, to ? to : from);
    ql_text *out = c->page->out;
    if (line->track < 0) {
        ql_text_format(out, "<path d=\"M%d %dC%d %d %d %d %d %d\"/>", x1, y1, (x1 + x2) / 2, y1,
                       (x1 + x2) / 2, y2, x2, y2);
        return;
    }
    int y = c->tops[line->band] + c->graph->bands[line->band].lanes * LANE - 4 + line->track * TRACK;
    if (from) {
        ql_text_format(out, "<path d=\"M%d %dh4q5 0 5 5V%dq0 4 5 4", x1, y1, y - 4);
    } else {
        ql_text_format(out, "<path d=\"M%d %d", x1, y);
    }
    if (to) {
        ql_text_format(out, "H%dq5 0 5 -4V%dq0 -5 5 -5h4\"/>", x2 - 14, y2 + 5);
    } else {
        ql_text_format(out, "H%d\"/>", x2);
    }
    put_beyond(c, line, y);
}

/* Tips and figures, for a pointer and for who cannot see colours. */
static void put_title(ql_page *page, const ql_graph_node *node)
{
    static const char *const titles[] = {", cumulative ", ", local "};
    ql_text_put(page->out, "<title>");
    if (!node->row) {
        ql_page_cut(page, ql_json_get_text(node->unpaired, "name", ""), 120);
        ql_text_put(page->out, ": not paired</title>");
        return;
    }
    ql_page_cut(page, node->row->label, 120);
    for (int which = QL_CUMULATIVE; which <= QL_LOCAL; which++) {
        char text[QL_FIGURE_SIZE];
        ql_figure_text(text, "sqnr_db", ql_row_figure(node->row, (ql_figures)which, "sqnr_db"));
        ql_text_format(page->out, "%s%s%s", *text ? titles[which] : "", text, *text ? " dB" : "");
    }
    ql_text_put(page->out, "</title>");
}

static const char *level_word(const ql_row *row, ql_figures which)
{
    bool exact = row && row->exact && which == QL_CUMULATIVE;
    return ql_level_word(!row || row->integer ? QL_LEVEL_UNKNOWN
                                              : ql_level_of(ql_row_figure(row, which, "sqnr_db"), exact));
}

static void put_texts(ql_page *page, const ql_graph_node *node, int x, int y)
{
    char figures[2][QL_FIGURE_SIZE];
    const ql_row *row = node->row;
    ql_text_format(page->out, "<text x=\"%d\" y=\"%d\">", x + 7, y + 15);
    ql_page_cut(page, row ? row->op : ql_json_get_text(node->unpaired, "op", "?"), 17);
    ql_text_format(page->out, "</text><text class=\"op\" x=\"%d\" y=\"%d\">", x + 7, y + 29);
    if (node->op >= 0) {
        ql_text_format(page->out, "%s#%d", row && row->blamed ? "\xe2\x96\xb6 " : "", node->op);
    }
    for (int which = QL_CUMULATIVE; which <= QL_LOCAL; which++) {
        ql_figure_text(figures[which], "sqnr_db",
                       row && !row->integer ? ql_row_figure(row, (ql_figures)which, "sqnr_db") : (double)NAN);
        bool exact = row && !row->integer && row->exact && which == QL_CUMULATIVE;
        ql_text_format(page->out, "</text><text class=\"%s\" x=\"%d\" y=\"%d\" text-anchor=\"end\">%s%s",
                       which == QL_LOCAL ? "by-l" : "by-c", x + WIDTH - 7, y + 29,
                       exact ? "exact" : figures[which], *figures[which] ? " dB" : "");
    }
    ql_text_put(page->out, "</text>");
}

static void put_node(const canvas *c, const ql_graph_node *node)
{
    ql_page *page = c->page;
    const ql_row *row = node->row;
    int x = left_of(node), y = middle_of(c, node) - HEIGHT / 2;
    if (row && !row->integer) {
        ql_text_format(page->out, "<a href=\"#row-%d\"", row->number);
    } else if (row && row->first_of_op) {
        ql_text_format(page->out, "<a href=\"#op-%d\"", row->op_index);
    } else {
        ql_text_put(page->out, "<g");
    }
    ql_text_format(page->out, " class=\"c-%s l-%s%s\">", level_word(row, QL_CUMULATIVE),
                   level_word(row, QL_LOCAL), row && row->blamed ? " blamed" : "");
    put_title(page, node);
    ql_text_format(page->out, "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"5\"/>", x, y, WIDTH,
                   HEIGHT);
    put_texts(page, node, x, y);
    ql_text_put(page->out, row && (!row->integer || row->first_of_op) ? "</a>\n" : "</g>\n");
}

static void put_key(ql_page *page)
{
    static const struct {
        ql_level level;
        const char *text;
    } keys[] = {{QL_LEVEL_EQUAL, "no error"},     {QL_LEVEL_CLOSE, "from 30 dB"},
                {QL_LEVEL_DRIFTS, "20 to 30 dB"}, {QL_LEVEL_FAR, "10 to 20 dB"},
                {QL_LEVEL_BROKEN, "below 10 dB"}, {QL_LEVEL_UNKNOWN, "no figure"}};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        ql_text_format(page->out, "<span class=\"swatch s-%s\">%s</span> ", ql_level_word(keys[i].level),
                       keys[i].text);
    }
}

static void put_drawing(const canvas *c, int height)
{
    ql_page *page = c->page;
    int width = 2 * MARGIN + COLUMNS * STEP - 20;
    ql_text_format(page->out,
                   "<div class=\"scroll graph\" tabindex=\"0\" role=\"region\" aria-label=\"Graph of the "
                   "candidate\"><svg viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\" role=\"group\" "
                   "aria-label=\"Operators from left to right, line by line\">\n<g class=\"lines\">",
                   width, height, width, height);
    for (int i = 0; i < c->graph->line_count; i++) {
        put_line(c, &c->graph->lines[i]);
    }
    ql_text_put(page->out, "</g>\n");
    for (int i = 0; i < c->graph->node_count; i++) {
        put_node(c, &c->graph->nodes[i]);
    }
    ql_text_put(page->out, "</svg></div>\n");
}

static void put_graph(ql_page *page, const ql_graph *graph, int *tops)
{
    const canvas c = {page, graph, tops};
    int height = 4;
    for (int i = 0; i < graph->band_count; i++) {
        tops[i] = height;
        height += graph->bands[i].lanes * LANE + graph->bands[i].tracks * TRACK + FOOT;
    }
    ql_page_open_part(page, "graph", "The graph, coloured by error");
    ql_text_put(page->out,
                "<input type=\"radio\" name=\"graph-by\" id=\"graph-c\" checked><label for=\"graph-c\">"
                "cumulative SQNR: what has gathered up to here</label>\n<input type=\"radio\" "
                "name=\"graph-by\" id=\"graph-l\"><label for=\"graph-l\">local SQNR: the operator's own "
                "error</label>\n");
    put_drawing(&c, height);
    ql_text_put(page->out, "<p class=\"keys\">");
    put_key(page);
    ql_text_put(page->out, "An operator leads to its row in the table, and that to its tensor.</p>\n");
    ql_page_close_part(page);
}

ql_code ql_page_graph(ql_page *page, ql_err *err)
{
    ql_graph graph;
    ql_code code = ql_graph_make(&graph, page->digest, COLUMNS, err);
    int *tops = code ? NULL : calloc((size_t)graph.band_count + 1, sizeof *tops);
    if (!code && !tops) {
        code = ql_fail_memory(err, (size_t)graph.band_count * sizeof *tops);
    }
    if (!code && graph.node_count) {
        put_graph(page, &graph, tops);
    }
    free(tops);
    if (!code) {
        ql_graph_free(&graph);
    }
    return code;
}
