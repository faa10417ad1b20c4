/* Plans to choose from: what a search found, or a file holds, from little to much. */
#include "tui/session/plan_file.h"
#include "tui/views/common.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { BAR = 8, DETAILS = 8 };

/* A plan of the document. */
typedef struct {
    const char *name;
    const ql_json *layers, *figures;
} entry;

/* The suggested one, the front, the one beyond the limits, then the model as given. */
static bool find_entry(const ql_session *session, int at, entry *found)
{
    const ql_json *plans = session->plans, *front = ql_json_get(plans, "pareto");
    const ql_json *beyond = ql_json_get(plans, "beyond");
    int size = ql_json_is_array(front) ? ql_json_size(front) : 0, i = at - 1;
    if (!plans || at < 0 || at > size + 1 + (beyond != NULL)) {
        return false;
    }
    *found = (entry){"as given", NULL, ql_json_get(plans, "base")};
    if (!at) {
        *found = (entry){"suggested", ql_json_get(plans, "layers"), ql_json_get(plans, "predicted")};
    } else if (i < size) {
        const ql_json *plan = ql_json_at(front, i);
        *found = (entry){"on the way", ql_json_get(plan, "layers"), plan};
    } else if (i == size && beyond) {
        *found = (entry){"beyond", ql_json_get(beyond, "layers"), beyond};
    }
    return true;
}

static int count(const ql_session *session)
{
    entry e;
    int n = 0;
    while (find_entry(session, n, &e)) {
        n++;
    }
    return n;
}

static void put_layer(ql_text *out, const ql_session *session, const ql_json *layer)
{
    int op = ql_plan_op(session, layer);
    const ql_row *row = ql_digest_row_of_op(&session->digest, op);
    const char *name = row ? row->label : ql_json_get_text(layer, "name", "");
    ql_text_format(out, "#%d %s ", op, ql_json_get_text(layer, "op", "?"));
    ql_text_put(out, ql_digest_short(&session->digest, name));
}

static void text(const ql_session *session, int row, ql_text *out)
{
    entry e;
    if (find_entry(session, row, &e)) {
        ql_text_put(out, e.name);
        for (const ql_json *layer = ql_json_first(e.layers); layer; layer = ql_json_next(layer)) {
            ql_text_put(out, " ");
            put_layer(out, session, layer);
            ql_text_format(out, " %s", ql_json_get_text(layer, "mode", "?"));
        }
    }
}

static const struct {
    const char *member, *head;
    int width;
    ql_unit unit;
} columns[] = {
    {"sqnr_db", "SQNR", BAR + 9, QL_UNIT_DECIBEL},    {"agreement", "top-1", 8, QL_UNIT_SHARE},
    {"accuracy", "accuracy", 8, QL_UNIT_SHARE},       {"float_macs_pct", "float", 8, QL_UNIT_PERCENT},
    {"int16x8_macs_pct", "16x8", 8, QL_UNIT_PERCENT}, {"size_bytes", "size", 9, QL_UNIT_BYTES},
    {"boundaries", "(de)q", 6, QL_UNIT_COUNT},
};
enum { COLUMNS = sizeof columns / sizeof *columns, FIRST = 19 };

static void draw_row(ql_grid *grid, int row, int cols, const entry *e)
{
    int layers = ql_json_is_array(e->layers) ? ql_json_size(e->layers) : 0;
    bool suggested = !strcmp(e->name, "suggested");
    ql_grid_put(grid, row, 1, 10, suggested ? QL_ROLE_GOOD : QL_ROLE_NORMAL, e->name);
    if (e->layers) {
        ql_grid_format(grid, row, 12, 6, QL_ROLE_STRONG, "%6d", layers);
    }
    int col = FIRST;
    for (size_t i = 0; i < COLUMNS && col + columns[i].width < cols; col += columns[i++].width + 1) {
        double value = ql_json_get_number(e->figures, columns[i].member, (double)NAN);
        char figure[QL_FIGURE_SIZE];
        ql_role role = ql_figure_role(columns[i].member, value, false);
        int bar = columns[i].unit == QL_UNIT_DECIBEL ? BAR : 0;
        ql_plot_bar(grid, row, col, bar, ql_sqnr_share(value), role);
        ql_unit_text(figure, columns[i].unit, value);
        ql_grid_right(grid, row, col + bar, columns[i].width - bar, role, figure);
    }
}

static void draw_heads(ql_grid *grid, int row, int cols)
{
    int col = FIRST;
    ql_grid_blank(grid, row, 0, cols, QL_ROLE_HEAD);
    ql_grid_put(grid, row, 1, 10, QL_ROLE_HEAD, "plan");
    ql_grid_right(grid, row, 11, 7, QL_ROLE_HEAD, "layers");
    for (size_t i = 0; i < COLUMNS && col + columns[i].width < cols; col += columns[i++].width + 1) {
        ql_grid_right(grid, row, col, columns[i].width, QL_ROLE_HEAD, columns[i].head);
    }
}

/* The layers of the plan under the cursor. */
static void draw_layers(const ql_session *session, ql_grid *grid, const ql_box *box, const entry *e)
{
    int row = box->row, last = box->row + box->rows;
    ql_draw_section(grid, row++, box->col, box->cols, "its layers");
    for (const ql_json *layer = ql_json_first(e->layers); layer && row < last; layer = ql_json_next(layer)) {
        ql_text line = {0};
        double gain = ql_json_get_number(layer, "gain_db", (double)NAN);
        int mode = box->col + box->cols - 18;
        put_layer(&line, session, layer);
        ql_grid_cut(grid, row, box->col + 1, mode - box->col - 2, QL_ROLE_NORMAL, ql_text_bytes(&line));
        ql_grid_put(grid, row, mode, 8, QL_ROLE_ACCENT, ql_json_get_text(layer, "mode", "?"));
        if (!isnan(gain)) {
            ql_grid_format(grid, row, mode + 8, 10, QL_ROLE_GOOD, "%+7.2f dB", gain);
        }
        ql_text_free(&line);
        row++;
    }
    if (!ql_json_first(e->layers) && row < last) {
        ql_grid_put(grid, row, box->col + 1, box->cols - 1, QL_ROLE_DIM, "none: the model as it is");
    }
}

/* Every plan a dot: to the right more float, upwards more SQNR. */
static void draw_front(const ql_session *session, ql_grid *grid, const ql_box *box, int chosen)
{
    double low = (double)NAN, high = (double)NAN, most = (double)NAN;
    entry e;
    for (int i = 0; find_entry(session, i, &e); i++) {
        double sqnr = ql_json_get_number(e.figures, "sqnr_db", (double)NAN);
        low = fmin(low, sqnr);
        high = fmax(high, sqnr);
        most = fmax(most, ql_json_get_number(e.figures, "float_macs_pct", (double)NAN));
    }
    char title[60];
    snprintf(title, sizeof title, "%.1f..%.1f dB, float 0..%.1f %%", low, high, most);
    ql_draw_section(grid, box->row, box->col, box->cols, title);
    int rows = box->rows - 1, n = count(session);
    for (int k = 0; k <= n && high > low && rows > 0; k++) {
        int i = k < n ? k : chosen; /* the chosen one last, on top of others */
        if (!find_entry(session, i, &e)) {
            continue;
        }
        double sqnr = ql_json_get_number(e.figures, "sqnr_db", (double)NAN);
        double macs = ql_json_get_number(e.figures, "float_macs_pct", 0);
        if (!isnan(sqnr)) {
            int row = (int)lround((high - sqnr) / (high - low) * (rows - 1));
            int col = most > 0 ? (int)lround(fmin(fmax(macs, 0), most) / most * (box->cols - 1)) : 0;
            ql_grid_put(grid, box->row + 1 + row, box->col + col, 1,
                        i == chosen ? QL_ROLE_SELECTED : QL_ROLE_BAR, "\xe2\x97\x8f");
        }
    }
}

static const char *hint(const ql_session *session, char out[120])
{
    snprintf(out, 120, "%s",
             session->engine ? "No plans yet: r searches in the background, :plan FILE takes those of a file."
                             : "No plans yet: :plan FILE takes those that qloupe suggest -o wrote.");
    if (session->suggesting) {
        snprintf(out, 120, "Searching: %llu plans tried. They appear at the end, or when X stops it.",
                 (unsigned long long)session->suggest_done);
    }
    return out;
}

static void draw(ql_session *session, ql_grid *grid, const ql_box *box)
{
    int n = count(session), details = box->rows >= 14 ? box->rows / 2 : 0;
    details = details > 2 * DETAILS ? 2 * DETAILS : details;
    draw_heads(grid, box->row, box->cols);
    ql_list *list = ql_list_on(session, box->row + 1, box->rows - 1 - details);
    for (int i = 0; i < list->page && list->top + i < list->count; i++) {
        entry e;
        if (find_entry(session, list->rows[list->top + i], &e)) {
            draw_row(grid, box->row + 1 + i, box->cols, &e);
        }
    }
    char said[120];
    ql_draw_cursor(list, grid, box, box->row + 1, hint(session, said));
    entry e;
    if (details && n && find_entry(session, ql_list_row(list), &e)) {
        int left = (box->cols - 3) * 3 / 5;
        ql_box layers = {box->row + box->rows - details, 1, details, left};
        ql_box front = {layers.row, left + 2, details, box->cols - left - 3};
        draw_layers(session, grid, &layers, &e);
        draw_front(session, grid, &front, ql_list_row(list));
    }
}

static unsigned handle(ql_session *session, ql_action action)
{
    ql_err err = {0};
    entry e;
    if (action != QL_ACTION_OPEN) {
        return 0;
    }
    if (find_entry(session, ql_list_row(&session->lists[QL_TUI_suggestions]), &e)) {
        if (ql_plan_use(session, e.layers, &err)) {
            ql_session_error(session, &err);
            return QL_DO_REDRAW;
        }
        ql_session_go(session, QL_TUI_whatif, session->row);
        ql_session_say(session, QL_ROLE_GOOD, "plan %c is what was chosen; u takes that back",
                       'A' + session->whatif.shown);
    }
    return QL_DO_REDRAW;
}

const ql_tui_view ql_tui_view_suggestions = {
    .name = "suggestions",
    .title = "plans to choose from: Enter makes one the plan that is edited",
    .count = count,
    .text = text,
    .draw = draw,
    .handle = handle,
};
