/* One tensor: what it is, where it comes from and goes to, its plots and its figures. Its rows are the
 * tensors that its operator reads and the ones made from it, to jump to. */
#include "tui/views/tensor.h"
#include "tui/session/links.h"

#include <string.h>

enum { NARROW = 76, LINKS_MOST = 6 };

static const ql_row *current(const ql_session *session)
{
    return session->row < session->digest.row_count ? &session->digest.rows[session->row] : NULL;
}

typedef struct {
    const ql_row *row;
    bool consumer;
} link;

/* The at-th of the producers and consumers; at INT_MAX counts them. */
static int find_link(const ql_session *session, int at, link *found)
{
    const ql_row *self = current(session);
    int count = 0;
    for (int pass = 0; pass < 2 && self; pass++) {
        for (int i = 0; i < session->digest.row_count; i++) {
            const ql_row *row = &session->digest.rows[i];
            bool linked = pass ? ql_row_reads(row, self->tensor)
                               : row->first_of_tensor && ql_row_reads(self, row->tensor);
            if (row == self || !linked) {
                continue;
            }
            if (count++ == at) {
                *found = (link){row, pass};
                return count;
            }
        }
    }
    return count;
}

static int count(const ql_session *session)
{
    return find_link(session, -1, NULL);
}

static void text(const ql_session *session, int row, ql_text *out)
{
    link l = {0};
    find_link(session, row, &l);
    if (l.row) {
        ql_text_op(out, l.row->op, l.row->op_index);
        ql_text_format(out, " %s", l.row->label);
    }
}

static void put_sources(ql_text *text, const ql_row *row)
{
    const ql_json *first = ql_json_first(ql_json_get(row->json, "source"));
    if (first) {
        ql_text_format(text, "%s:%d", ql_json_get_text(first, "file", "?"), ql_digest_int(first, "line", 0));
    }
}

static void draw_head(const ql_session *session, ql_grid *grid, const ql_box *box, const ql_row *r)
{
    ql_text op = {0}, shape = {0}, source = {0};
    ql_text_op(&op, r->op, r->op_index);
    ql_text_tensor(&shape, r->candidate);
    put_sources(&source, r);
    int shape_cols = ql_grid_columns(ql_text_bytes(&shape)), row = box->row;
    int used = 2 + ql_grid_put(grid, row, 1, box->cols - 1, QL_ROLE_ACCENT, ql_text_bytes(&op));
    ql_grid_cut(grid, row, used, box->cols - used - shape_cols - 2, QL_ROLE_STRONG,
                ql_digest_short(&session->digest, r->label));
    ql_grid_right(grid, row, box->cols - shape_cols - 1, shape_cols, QL_ROLE_DIM, ql_text_bytes(&shape));
    used = 1 + ql_draw_fact(grid, row + 1, 1, 40, "pair by", ql_json_get_text(r->json, "how", "?"));
    if (source.length) {
        used += 2 + ql_draw_fact(grid, row + 1, used + 2, box->cols - used - 3, "made at",
                                 ql_text_bytes(&source));
    }
    used += 2;
    if (box->cols - used > 20) {
        ql_grid_cut(grid, row + 1, used, box->cols - used - 1, QL_ROLE_DIM, r->name);
    }
    ql_text_free(&op);
    ql_text_free(&shape);
    ql_text_free(&source);
}

static void draw_link(const ql_session *session, ql_grid *grid, const ql_box *box, int row, int at)
{
    link l = {0};
    ql_text op = {0};
    find_link(session, at, &l);
    if (!l.row) {
        return;
    }
    double sqnr = ql_row_figure(l.row, QL_CUMULATIVE, "sqnr_db");
    char figure[QL_FIGURE_SIZE];
    ql_text_op(&op, l.row->op, l.row->op_index);
    ql_grid_put(grid, row, box->col + 1, 4, QL_ROLE_DIM, l.consumer ? "to" : "from");
    int used =
        6 + ql_grid_cut(grid, row, box->col + 6, box->cols / 2 - 4, QL_ROLE_NORMAL, ql_text_bytes(&op));
    ql_grid_cut(grid, row, box->col + used + 1, box->cols - used - 8, QL_ROLE_STRONG,
                ql_digest_short(&session->digest, l.row->label));
    ql_grid_right(grid, row, box->col + box->cols - 6, 6, ql_figure_role("sqnr_db", sqnr, l.row->exact),
                  ql_figure_text(figure, "sqnr_db", sqnr));
    ql_text_free(&op);
}

/* Returns the first row below. */
static int draw_links(ql_session *session, ql_grid *grid, const ql_box *box)
{
    int links = count(session), most = box->rows / 3 < LINKS_MOST ? box->rows / 3 : LINKS_MOST;
    int rows = links < 1 ? 1 : links > most ? most : links;
    ql_draw_section(grid, box->row, box->col, box->cols, "connections");
    ql_list *list = ql_list_on(session, box->row + 1, rows);
    for (int i = 0; i < list->page && list->top + i < list->count; i++) {
        draw_link(session, grid, box, box->row + 1 + i, list->rows[list->top + i]);
    }
    ql_draw_cursor(list, grid, box, box->row + 1, "none that were compared");
    return box->row + 1 + list->page;
}

static void draw(ql_session *session, ql_grid *grid, const ql_box *box)
{
    const ql_row *r = current(session);
    if (!r) {
        ql_grid_put(grid, box->row, 1, box->cols, QL_ROLE_DIM, "No tensors were compared.");
        return;
    }
    bool narrow = box->cols < NARROW;
    int left = narrow ? 0 : (box->cols - 3) / 2;
    draw_head(session, grid, box, r);
    ql_box right = {box->row + 2, box->col + left + (narrow ? 1 : 2), box->rows - 2,
                    box->cols - left - (narrow ? 2 : 3)};
    ql_box plots = {box->row + 2, box->col + 1, box->rows - 2, left};
    if (right.rows < 1) {
        return;
    }
    int below = draw_links(session, grid, &right);
    right.rows -= below - right.row;
    right.row = below;
    if (session->elements) {
        ql_tensor_elements(session, grid, &right, r);
    } else {
        ql_tensor_figures(session, grid, &right, r);
    }
    if (!narrow && plots.rows >= 8) {
        ql_tensor_plots(session, grid, &plots, r);
    }
}

/* The layer before or after in the order of the list. */
static void step(ql_session *session, int by)
{
    ql_list *layers = &session->lists[QL_TUI_layers];
    if (ql_list_seek(layers, session->row)) {
        ql_list_move(layers, by);
    }
    int row = ql_list_row(layers);
    if (row >= 0) {
        session->row = row;
        session->lists[QL_TUI_tensor].cursor = session->lists[QL_TUI_tensor].top = 0;
        ql_session_fill(session, QL_TUI_tensor);
    }
}

static int op(const ql_session *session)
{
    const ql_row *row = current(session);
    return row ? row->op_index : -1;
}

static unsigned handle(ql_session *session, ql_action action)
{
    link l = {0};
    switch ((int)action) {
    case QL_ACTION_PREVIOUS_TENSOR:
        step(session, -1);
        return QL_DO_REDRAW;
    case QL_ACTION_NEXT_TENSOR:
        step(session, 1);
        return QL_DO_REDRAW;
    case QL_ACTION_ELEMENTS:
        session->elements = !session->elements;
        return QL_DO_REDRAW;
    case QL_ACTION_SCALE:
        session->linear = !session->linear;
        return QL_DO_REDRAW;
    case QL_ACTION_OPEN:
        find_link(session, ql_list_row(&session->lists[QL_TUI_tensor]), &l);
        if (l.row) {
            ql_session_go(session, QL_TUI_tensor, l.row->number);
        }
        return QL_DO_REDRAW;
    default:
        return 0;
    }
}

const ql_tui_view ql_tui_view_tensor = {
    .name = "tensor",
    .title = "one tensor: histograms, ranges, channels, figures, neighbours",
    .count = count,
    .op = op,
    .text = text,
    .draw = draw,
    .handle = handle,
};
