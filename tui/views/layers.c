/* Every paired tensor: where it is, how far it has drifted, and the network's course above. */
#include "tui/views/common.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BAR = 8 };

/* The columns of the table for a width; 0: left out. */
typedef struct {
    int op, shape, name, metrics; /* metrics: how many */
    bool typed;                   /* the shape with its type */
    int metric[QL_COLUMNS];
} layout;

static int count(const ql_session *session)
{
    return session->digest.row_count;
}

static bool order(const ql_session *session, int *rows)
{
    const ql_column *by = &session->sort;
    return by->metric && !ql_digest_order(&session->digest, by->which, by->metric, rows, NULL);
}

static int op(const ql_session *session)
{
    int row = ql_list_row(&session->lists[QL_TUI_layers]);
    return row >= 0 && row < session->digest.row_count ? session->digest.rows[row].op_index : -1;
}

static void text(const ql_session *session, int row, ql_text *out)
{
    const ql_row *r = &session->digest.rows[row];
    ql_text_op(out, r->op, r->op_index);
    ql_text_format(out, " %s ", r->name);
    ql_text_put(out, r->label);
    ql_text_put(out, " ");
    ql_text_tensor(out, r->candidate);
}

static int metric_width(const ql_column *column, bool first)
{
    char title[QL_FIGURE_SIZE];
    bool decibel = !strcmp(column->metric->unit, "dB");
    int width = ql_grid_columns(ql_column_title(column, title));
    width = width < 7 ? 7 : width > 16 ? 16 : width;
    return first && decibel ? BAR + 7 : width;
}

static int widest_op(const ql_session *session, int most)
{
    int widest = 5;
    for (int i = 0; i < session->digest.row_count && widest < most; i++) {
        int width = ql_grid_columns(session->digest.rows[i].op);
        widest = width > widest ? width : widest;
    }
    return widest > most ? most : widest;
}

static int widest_shape(const ql_session *session, int most, bool typed)
{
    int widest = 6;
    for (int i = 0; i < session->digest.row_count && widest < most; i++) {
        ql_text shape = {0};
        ql_text_shape(&shape, session->digest.rows[i].candidate, "x");
        ql_text_format(&shape, typed ? " %s" : "", session->digest.rows[i].dtype);
        int width = ql_grid_columns(ql_text_bytes(&shape));
        widest = width > widest ? width : widest;
        ql_text_free(&shape);
    }
    return widest > most ? most : widest;
}

/* Metrics from the first on as long as the name keeps room. */
static layout lay_out(const ql_session *session, int cols)
{
    layout l = {.op = widest_op(session, cols >= 110 ? 24 : cols >= 90 ? 18 : 13), .typed = cols >= 100};
    l.shape = cols >= 72 ? widest_shape(session, l.typed ? 24 : 12, l.typed) : 0;
    int least = cols >= 120 ? 32 : cols >= 90 ? 24 : 16;
    int left = cols - 8 - l.op - 1 - (l.shape ? l.shape + 1 : 0);
    for (; l.metrics < session->column_count; l.metrics++) {
        int width = metric_width(&session->columns[l.metrics], !l.metrics) + 1;
        if (left - width < least && l.metrics) {
            break;
        }
        l.metric[l.metrics] = width - 1;
        left -= width;
    }
    l.name = left > 0 ? left : 0;
    return l;
}

static bool is_sorted_by(const ql_session *session, const ql_column *column)
{
    return session->sort.metric == column->metric && session->sort.which == column->which;
}

static void draw_heads(const ql_session *session, ql_grid *grid, const ql_box *box, int row, const layout *l)
{
    ql_grid_blank(grid, row, box->col, box->cols, QL_ROLE_HEAD);
    int col = box->col + 3;
    ql_grid_right(grid, row, col, 4, QL_ROLE_HEAD, session->sort.metric ? "op" : "op\xe2\x96\xb2");
    col += 5;
    ql_grid_put(grid, row, col, l->op, QL_ROLE_HEAD, "type");
    col += l->op + 1;
    ql_grid_put(grid, row, col, l->name, QL_ROLE_HEAD, "node");
    col += l->name;
    if (l->shape) {
        ql_grid_put(grid, row, col + 1, l->shape, QL_ROLE_HEAD, "output");
        col += l->shape + 1;
    }
    for (int i = 0; i < l->metrics; i++) {
        char title[QL_FIGURE_SIZE + 4];
        bool sorted = is_sorted_by(session, &session->columns[i]);
        ql_column_title(&session->columns[i], title);
        int width = l->metric[i];
        if (sorted && ql_grid_columns(title) < width) {
            strcat(title, "\xe2\x96\xbc");
        }
        ql_grid_right(grid, row, col + 1, width, sorted ? QL_ROLE_SELECTED : QL_ROLE_HEAD, title);
        col += width + 1;
    }
}

static void draw_metrics(const ql_session *session, ql_grid *grid, int row, int col, const ql_row *r,
                         const layout *l)
{
    for (int i = 0; i < l->metrics; i++) {
        const ql_column *column = &session->columns[i];
        const char *id = column->metric->id;
        char figure[QL_FIGURE_SIZE];
        double value = r->integer ? (double)NAN : ql_row_figure(r, column->which, id);
        ql_role role = ql_figure_role(id, value, false);
        int width = l->metric[i];
        bool bar = !i && !strcmp(column->metric->unit, "dB");
        ql_figure_text(figure, id, value);
        const char *shown = *figure ? figure : r->exact && !r->integer ? "exact" : "-";
        role = *figure ? role : QL_ROLE_DIM;
        if (bar) {
            ql_plot_bar(grid, row, col + 1, BAR, ql_sqnr_share(value), role);
            ql_grid_right(grid, row, col + 1 + BAR, width - BAR, role, shown);
        } else {
            ql_grid_right(grid, row, col + 1, width, role, shown);
        }
        col += width + 1;
    }
}

/* The gravest mark: of a finding (! * .), or what the reports call worst and to blame. */
static void draw_mark(const ql_session *session, ql_grid *grid, int row, int col, const ql_row *r)
{
    const ql_json *finding = ql_json_first(ql_json_get(r->json, "findings"));
    const char *severity = ql_json_get_text(finding, "severity", "note");
    if (r->blamed) {
        ql_grid_put(grid, row, col, 1, QL_ROLE_BAD, "\xe2\x96\xb6");
    } else if (r->number == session->digest.worst) {
        ql_grid_put(grid, row, col, 1, QL_ROLE_WARN, "\xe2\x96\xbc");
    }
    if (finding) {
        ql_grid_put(grid, row, col + 1, 1, ql_severity_role(severity),
                    !strcmp(severity, "error")     ? "!"
                    : !strcmp(severity, "warning") ? "*"
                                                   : "\xc2\xb7");
    }
}

/* What the plan does with the layer, and whether it is marked. */
static void draw_plan(const ql_session *session, ql_grid *grid, int row, int col, const ql_row *r)
{
    const ql_whatif *whatif = &session->whatif;
    ql_layer_mode mode = ql_draft_mode(&whatif->plans[whatif->shown], r->op_index);
    static const char *const letters[] = {"", "F", "H"};
    ql_grid_put(grid, row, col, 1, mode == QL_LAYER_FLOAT ? QL_ROLE_ACCENT : QL_ROLE_WARN, letters[mode]);
    if (ql_whatif_is_marked(session, r->op_index)) {
        ql_grid_put(grid, row, col + 5, 1, QL_ROLE_WARN, "+");
    }
}

static void draw_row(const ql_session *session, ql_grid *grid, const ql_box *box, int row, const ql_row *r,
                     const layout *l)
{
    int col = box->col + 3;
    draw_mark(session, grid, row, box->col, r);
    draw_plan(session, grid, row, box->col + 2, r);
    if (r->op_index >= 0) {
        char index[16];
        snprintf(index, sizeof index, "%d", r->op_index);
        ql_grid_right(grid, row, col, 4, QL_ROLE_DIM, index);
    }
    col += 5;
    ql_grid_cut(grid, row, col, l->op, QL_ROLE_NORMAL, r->op);
    col += l->op + 1;
    ql_grid_cut(grid, row, col, l->name, QL_ROLE_STRONG, ql_digest_short(&session->digest, r->label));
    col += l->name;
    if (l->shape) {
        ql_text shape = {0};
        if (l->typed) {
            ql_text_tensor(&shape, r->candidate);
        } else {
            ql_text_shape(&shape, r->candidate, "x");
        }
        ql_grid_cut(grid, row, col + 1, l->shape, QL_ROLE_DIM, ql_text_bytes(&shape));
        ql_text_free(&shape);
        col += l->shape + 1;
    }
    draw_metrics(session, grid, row, col, r, l);
}

/* What the whole model comes to, in one line; NaN where it is not known. */
typedef struct {
    const char *label;
    double sqnr, top1, before, after; /* accuracies */
    ql_level level;
} summary;

static void draw_meters(ql_grid *grid, int row, int cols, const summary *s)
{
    char a[QL_FIGURE_SIZE], b[QL_FIGURE_SIZE], shown[100], label[24];
    int width = cols / 3 - 1;
    snprintf(shown, sizeof shown, "%s dB",
             isnan(s->sqnr)   ? "-"
             : isinf(s->sqnr) ? "exact"
                              : ql_figure_text(a, "sqnr_db", s->sqnr));
    snprintf(label, sizeof label, "%s ", s->label);
    ql_plot_meter(grid, row, 1, width, label, ql_sqnr_share(s->sqnr), shown, ql_level_role(s->level));
    ql_role role = s->top1 >= 0.99 ? QL_ROLE_GOOD : s->top1 >= 0.95 ? QL_ROLE_WARN : QL_ROLE_BAD;
    ql_plot_meter(grid, row, 2 + width, width, "top-1 ", s->top1,
                  isnan(s->top1) ? "-" : ql_percent_text(a, s->top1), role);
    if (!isnan(s->before) && !isnan(s->after)) {
        snprintf(shown, sizeof shown, "%s \xe2\x86\x92 %s", ql_percent_text(a, s->before),
                 ql_percent_text(b, s->after));
        int used = ql_grid_put(grid, row, 3 + 2 * width, width, QL_ROLE_ACCENT, "accuracy ");
        ql_grid_put(grid, row, 3 + 2 * width + used, cols - 3 - 2 * width - used, QL_ROLE_STRONG, shown);
    }
}

/* The candidate as it is, and below it what the plan would make of it. Returns the rows used. */
static int draw_summaries(const ql_session *session, ql_grid *grid, int row, int cols)
{
    const ql_whatif *whatif = &session->whatif;
    ql_verdict v = ql_verdict_of(&session->digest);
    const ql_answer *answer = ql_whatif_answer(session, whatif->shown);
    summary given = {"SQNR", v.sqnr, v.top1, v.reference, v.candidate, v.level};
    draw_meters(grid, row, cols, &given);
    if (!ql_draft_layers(&whatif->plans[whatif->shown])) {
        return 1;
    }
    if (answer && !answer->code) {
        const ql_whatif_figures *f = &answer->worth.figures;
        summary planned = {
            whatif->shown ? "if B" : "if A",           f->sqnr_db, f->top1, v.candidate, f->accuracy,
            ql_level_of(f->sqnr_db, isinf(f->sqnr_db))};
        draw_meters(grid, row + 1, cols, &planned);
        return 2;
    }
    ql_grid_format(grid, row + 1, 1, cols - 2, QL_ROLE_DIM, "if %c  %s", 'A' + whatif->shown,
                   answer            ? "this plan is refused: see the log"
                   : session->engine ? "measuring ..."
                                     : "a saved result cannot be measured; p writes the plan");
    return 2;
}

/* SQNR along the network in execution order, whatever the order of the list; the cursor's place stands out.
 */
static void draw_course(const ql_session *session, ql_grid *grid, const ql_box *box)
{
    int rows = session->digest.row_count, columns;
    ql_spark *sparks = calloc((size_t)rows + 1, sizeof *sparks);
    for (int i = 0; sparks && i < rows; i++) {
        const ql_row *r = &session->digest.rows[i];
        double sqnr = r->integer ? (double)NAN : ql_row_figure(r, QL_CUMULATIVE, "sqnr_db");
        sparks[i] = (ql_spark){ql_sqnr_share(sqnr), ql_figure_role("sqnr_db", sqnr, r->exact)};
    }
    if (sparks && rows) {
        ql_plot_sparks(grid, box, sparks, rows, true);
        int row = ql_list_row(&session->lists[QL_TUI_layers]);
        int col = ql_plot_spark_column(box, rows, row < 0 ? 0 : row, &columns);
        for (int i = 0; i < box->rows && row >= 0; i++) {
            ql_grid_paint(grid, box->row + i, col, columns, QL_ROLE_SELECTED);
        }
    }
    free(sparks);
}

static void draw(ql_session *session, ql_grid *grid, const ql_box *box)
{
    bool figures = session->doc && ql_json_get(session->doc, "whole");
    int row = box->row;
    if (box->rows >= 12 && figures) {
        row += draw_summaries(session, grid, row, box->cols);
        ql_box course = {row, box->col + 1, box->rows >= 30 ? 3 : 2, box->cols - 2};
        draw_course(session, grid, &course);
        row = course.row + course.rows;
    }
    layout l = lay_out(session, box->cols);
    draw_heads(session, grid, box, row++, &l);
    ql_list *list = ql_list_on(session, row, box->row + box->rows - row);
    for (int i = 0; i < list->page && list->top + i < list->count; i++) {
        draw_row(session, grid, box, row + i, &session->digest.rows[list->rows[list->top + i]], &l);
    }
    ql_draw_cursor(list, grid, box, row,
                   session->run == QL_RUN_GOING ? "Reading models and data ..."
                                                : "No tensors were compared.");
}

/* Execution order, then each column in turn. */
static void next_sort(ql_session *session)
{
    int next = 0;
    for (int i = 0; i < session->column_count; i++) {
        next = is_sorted_by(session, &session->columns[i]) ? i + 1 : next;
    }
    ql_session_sort(session, next < session->column_count ? session->columns[next] : (ql_column){0});
}

static void next_column(ql_session *session)
{
    ql_column *last = &session->columns[session->column_count - 1];
    char title[QL_FIGURE_SIZE];
    size_t next = (size_t)(last->metric - ql_metrics) + 1;
    if (next == ql_metric_count) {
        last->which = last->which == QL_LOCAL ? QL_CUMULATIVE : QL_LOCAL;
    }
    last->metric = &ql_metrics[next % ql_metric_count];
    session->config_changed = true;
    ql_session_say(session, QL_ROLE_NORMAL, "last column: %s: %s", ql_column_title(last, title),
                   last->metric->meaning);
}

static unsigned handle(ql_session *session, ql_action action)
{
    switch ((int)action) {
    case QL_ACTION_OPEN:
        if (session->lists[QL_TUI_layers].count) {
            ql_session_go(session, QL_TUI_tensor, ql_list_row(&session->lists[QL_TUI_layers]));
        }
        return QL_DO_REDRAW;
    case QL_ACTION_SORT:
        next_sort(session);
        return QL_DO_REDRAW;
    case QL_ACTION_EXECUTION_ORDER:
        ql_session_sort(session, (ql_column){0});
        return QL_DO_REDRAW;
    case QL_ACTION_NEXT_COLUMN:
        next_column(session);
        return QL_DO_REDRAW;
    default:
        return 0;
    }
}

const ql_tui_view ql_tui_view_layers = {
    .name = "layers",
    .title = "every paired tensor and its error",
    .count = count,
    .order = order,
    .op = op,
    .text = text,
    .draw = draw,
    .handle = handle,
};
