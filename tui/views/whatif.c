/* What if: the plan that is edited, beside the other one: what each is worth, what it costs, and its layers.
 */
#include "tui/views/common.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { LABEL = 20 };

/* The at-th operator that either plan changes; -1 past the last. At -1 counts them. */
static int find_op(const ql_session *session, int at, int *count)
{
    const ql_whatif *whatif = &session->whatif;
    *count = 0;
    for (int op = 0; op < whatif->plans[0].ops; op++) {
        bool changed = ql_draft_mode(&whatif->plans[0], op) || ql_draft_mode(&whatif->plans[1], op);
        if (changed && (*count)++ == at) {
            return op;
        }
    }
    return -1;
}

static int count(const ql_session *session)
{
    int n;
    find_op(session, -1, &n);
    return n;
}

static int op_at(const ql_session *session, int row)
{
    int n;
    return row < 0 ? -1 : find_op(session, row, &n);
}

static int op(const ql_session *session)
{
    return op_at(session, ql_list_row(&session->lists[QL_TUI_whatif]));
}

static void text(const ql_session *session, int row, ql_text *out)
{
    int index = op_at(session, row);
    const ql_row *r = ql_digest_row_of_op(&session->digest, index);
    if (r) {
        ql_text_op(out, r->op, index);
        ql_text_format(out, " %s ", r->label);
        for (int i = 0; i < QL_PLANS; i++) {
            ql_text_format(out, " %s", ql_layer_mode_name(ql_draft_mode(&session->whatif.plans[i], index)));
        }
    }
}

/* --- figures --- */

/* A figure of all columns: as given, then each plan. */
typedef struct {
    const char *label;
    ql_unit unit;
    double values[1 + QL_PLANS];
} figure_row;

/* How much better than as given: only of what is the better the higher. */
static void put_gain(ql_text *out, const figure_row *f, double value)
{
    double gain = value - f->values[0];
    if ((f->unit == QL_UNIT_DECIBEL || f->unit == QL_UNIT_SHARE) && isfinite(gain) &&
        (gain > 0 || gain < 0)) {
        ql_text_format(out, "%+.2f", f->unit == QL_UNIT_SHARE ? 100 * gain : gain);
    }
}

/* Is there a plan B to stand beside A? */
static bool has_other(const ql_session *session)
{
    return session->whatif.used[1] || session->whatif.shown;
}

static int columns_of(const ql_session *session, int cols)
{
    int width = (cols - LABEL - 2) / (has_other(session) ? 3 : 2);
    return width > 34 ? 34 : width;
}

static void draw_figure(const ql_session *session, ql_grid *grid, int row, int cols, const figure_row *f)
{
    int width = columns_of(session, cols);
    ql_grid_put(grid, row, 2, LABEL - 2, QL_ROLE_DIM, f->label);
    for (int i = 0; i < (has_other(session) ? 3 : 2); i++) {
        char value[QL_FIGURE_SIZE];
        ql_text gain = {0};
        int col = 1 + LABEL + i * width;
        ql_role role = f->unit == QL_UNIT_DECIBEL
                           ? ql_level_role(ql_level_of(f->values[i], isinf(f->values[i])))
                       : i ? QL_ROLE_STRONG
                           : QL_ROLE_NORMAL;
        ql_unit_text(value, f->unit, f->values[i]);
        ql_grid_right(grid, row, col, 11, role, value);
        if (i) {
            put_gain(&gain, f, f->values[i]);
            bool worse = f->values[i] < f->values[0];
            ql_grid_put(grid, row, col + 13, width - 14, worse ? QL_ROLE_BAD : QL_ROLE_GOOD,
                        ql_text_bytes(&gain));
        }
        ql_text_free(&gain);
    }
}

static double base_of(const ql_session *session, const char *what)
{
    const ql_json *agreement = ql_json_get(session->doc, "agreement");
    double none = (double)NAN;
    return !strcmp(what, "sqnr_db") ? ql_verdict_of(&session->digest).sqnr
           : !strcmp(what, "top1")
               ? ql_json_get_number(agreement, "top1", none)
               : ql_json_get_number(ql_json_get(agreement, "accuracy"), "candidate", none);
}

static double share_of(uint64_t part, uint64_t whole)
{
    return whole ? 100 * (double)part / (double)whole : 0;
}

/* An answer that has the figures of the model as given, NULL: none yet. */
static const ql_worth *any_worth(const ql_session *session)
{
    for (int i = 0; i < QL_PLANS; i++) {
        const ql_answer *answer = ql_whatif_answer(session, i);
        if (answer && !answer->code) {
            return &answer->worth;
        }
    }
    return NULL;
}

/* As given: measured with the plans, or as the comparison has it until then. */
static void fill_base(const ql_session *session, figure_row *rows)
{
    const ql_worth *any = any_worth(session);
    const double values[] = {any ? any->base.sqnr_db : base_of(session, "sqnr_db"),
                             any ? any->base.top1 : base_of(session, "top1"),
                             any ? any->base.accuracy : base_of(session, "accuracy"),
                             0,
                             0,
                             ql_json_get_number(ql_json_get(session->doc, "candidate"), "bytes", (double)NAN),
                             0};
    for (int i = 0; i < 7; i++) {
        rows[i].values[0] = values[i];
    }
}

static void fill_plan(const ql_session *session, int which, figure_row *rows)
{
    const ql_answer *answer = ql_whatif_answer(session, which);
    const ql_worth *w = answer && !answer->code ? &answer->worth : NULL;
    if (!w) {
        for (int i = 0; i < 7; i++) {
            rows[i].values[1 + which] = (double)NAN;
        }
        return;
    }
    const double values[] = {w->figures.sqnr_db,
                             w->figures.top1,
                             w->figures.accuracy,
                             share_of(w->cost.float_macs, w->cost.macs),
                             share_of(w->cost.i16_macs, w->cost.macs),
                             (double)w->bytes,
                             w->cost.boundaries};
    for (int i = 0; i < 7; i++) {
        rows[i].values[1 + which] = values[i];
    }
}

static int draw_heads(const ql_session *session, ql_grid *grid, int row, int cols)
{
    const ql_whatif *whatif = &session->whatif;
    int width = columns_of(session, cols);
    ql_grid_blank(grid, row, 0, cols, QL_ROLE_HEAD);
    ql_grid_put(grid, row, 2, LABEL, QL_ROLE_HEAD, "what if");
    ql_grid_right(grid, row, 1 + LABEL, 11, QL_ROLE_HEAD, "as given");
    for (int i = 0; i < QL_PLANS; i++) {
        char title[64];
        int layers = ql_draft_layers(&whatif->plans[i]);
        snprintf(title, sizeof title, " plan %c: %d layer%s ", 'A' + i, layers, layers == 1 ? "" : "s");
        if (!i || has_other(session)) {
            ql_grid_put(grid, row, 1 + LABEL + (i + 1) * width, width - 1,
                        i == whatif->shown ? QL_ROLE_SELECTED : QL_ROLE_HEAD, title);
        }
    }
    return row + 1;
}

static void put_state(const ql_session *session, int which, char out[64])
{
    const ql_answer *answer = ql_whatif_answer(session, which);
    const ql_draft *plan = &session->whatif.plans[which];
    out[0] = 0;
    if (answer && answer->code) {
        snprintf(out, 64, "refused");
    } else if (answer && ql_draft_layers(plan)) {
        snprintf(out, 64, "%9.2f s", answer->worth.seconds);
    } else if (ql_draft_layers(plan) && session->engine) {
        snprintf(out, 64, "measuring %llu/%llu", (unsigned long long)session->plan_done,
                 (unsigned long long)session->plan_total);
    } else if (ql_draft_layers(plan)) {
        snprintf(out, 64, "not measured");
    }
}

static int draw_figures(const ql_session *session, ql_grid *grid, int row, int last, int cols)
{
    figure_row rows[] = {{"output SQNR", QL_UNIT_DECIBEL, {0}},   {"top-1 agreement", QL_UNIT_SHARE, {0}},
                         {"accuracy", QL_UNIT_SHARE, {0}},        {"MACs in float", QL_UNIT_PERCENT, {0}},
                         {"MACs in 16x8", QL_UNIT_PERCENT, {0}},  {"bytes", QL_UNIT_BYTES, {0}},
                         {"(de)quantize ops", QL_UNIT_COUNT, {0}}};
    int width = columns_of(session, cols);
    row = draw_heads(session, grid, row, cols);
    fill_base(session, rows);
    for (int i = 0; i < QL_PLANS; i++) {
        fill_plan(session, i, rows);
    }
    for (size_t i = 0; i < sizeof rows / sizeof *rows && row < last; i++) {
        bool absent = isnan(rows[i].values[0]) && isnan(rows[i].values[1]) && isnan(rows[i].values[2]);
        if (!absent) {
            draw_figure(session, grid, row++, cols, &rows[i]);
        }
    }
    const ql_worth *any = any_worth(session);
    if (any && any->base_seconds > 0 && row < last) {
        ql_grid_format(grid, row, 2, LABEL - 2, QL_ROLE_DIM, "%llu samples in",
                       (unsigned long long)any->base.samples);
        ql_grid_format(grid, row, 1 + LABEL, 11, QL_ROLE_DIM, "%9.2f s", any->base_seconds);
    }
    for (int i = 0; i < QL_PLANS && row < last; i++) {
        char state[64];
        put_state(session, i, state);
        ql_grid_put(grid, row, 1 + LABEL + (i + 1) * width, width - 1, QL_ROLE_DIM, state);
    }
    return row + 1;
}

/* --- layers --- */

static ql_role mode_role(ql_layer_mode mode)
{
    return mode == QL_LAYER_FLOAT ? QL_ROLE_ACCENT : mode == QL_LAYER_INT16X8 ? QL_ROLE_WARN : QL_ROLE_DIM;
}

/* Columns of the layers' table: the type's width, the name's, and where figures and modes begin. */
typedef struct {
    int type, name, figure, mode, modes;
} layout;

static layout lay_out(const ql_session *session, int cols)
{
    layout l = {.type = cols >= 100 ? 20 : 16, .modes = has_other(session) ? 2 : 1};
    l.mode = cols - 10 * l.modes;
    l.figure = l.mode - 10;
    l.name = l.figure - 10 - l.type;
    return l;
}

static void draw_layer(const ql_session *session, ql_grid *grid, int row, int index, const layout *l)
{
    const ql_row *r = ql_digest_row_of_op(&session->digest, index);
    char number[16], figure[QL_FIGURE_SIZE];
    if (!r) {
        return;
    }
    double sqnr = ql_row_figure(r, QL_CUMULATIVE, "sqnr_db");
    snprintf(number, sizeof number, "#%d", index);
    ql_grid_put(grid, row, 0, 1, QL_ROLE_WARN, ql_whatif_is_marked(session, index) ? "+" : "");
    ql_grid_right(grid, row, 1, 6, QL_ROLE_DIM, number);
    ql_grid_cut(grid, row, 8, l->type, QL_ROLE_NORMAL, r->op);
    ql_grid_cut(grid, row, 9 + l->type, l->name, QL_ROLE_STRONG, ql_digest_short(&session->digest, r->label));
    ql_grid_right(grid, row, l->figure, 8, ql_figure_role("sqnr_db", sqnr, r->exact),
                  ql_figure_text(figure, "sqnr_db", sqnr));
    for (int i = 0; i < l->modes; i++) {
        ql_layer_mode mode = ql_draft_mode(&session->whatif.plans[i], index);
        ql_grid_put(grid, row, l->mode + 10 * i, 9, mode_role(mode), ql_layer_mode_name(mode));
    }
}

static void draw_layer_heads(ql_grid *grid, int row, int cols, const layout *l)
{
    ql_grid_blank(grid, row, 0, cols, QL_ROLE_HEAD);
    ql_grid_right(grid, row, 1, 6, QL_ROLE_HEAD, "op");
    ql_grid_put(grid, row, 8, l->type, QL_ROLE_HEAD, "type");
    ql_grid_put(grid, row, 9 + l->type, l->name, QL_ROLE_HEAD, "layers that change");
    ql_grid_right(grid, row, l->figure, 8, QL_ROLE_HEAD, "SQNR now");
    for (int i = 0; i < l->modes; i++) {
        ql_grid_put(grid, row, l->mode + 10 * i, 9, QL_ROLE_HEAD, i ? "plan B" : "plan A");
    }
}

static const char *hint(const ql_session *session)
{
    return session->engine
               ? "No layer changes yet: in any view t takes the layer to float, then to 16x8, and back."
               : "No layer changes yet: t takes a layer to float; a saved result cannot be measured.";
}

static void draw(ql_session *session, ql_grid *grid, const ql_box *box)
{
    int last = box->row + box->rows, row = draw_figures(session, grid, box->row, last, box->cols);
    if (row + 2 > last) {
        ql_list_on(session, last, 1);
        return;
    }
    layout l = lay_out(session, box->cols);
    draw_layer_heads(grid, row++, box->cols, &l);
    ql_list *list = ql_list_on(session, row, last - row);
    for (int i = 0; i < list->page && list->top + i < list->count; i++) {
        draw_layer(session, grid, row + i, op_at(session, list->rows[list->top + i]), &l);
    }
    ql_draw_cursor(list, grid, box, row, hint(session));
}

static unsigned handle(ql_session *session, ql_action action)
{
    int index = op(session);
    if (action != QL_ACTION_OPEN) {
        return 0;
    }
    if (index >= 0) {
        ql_session_go_op(session, index);
    }
    return QL_DO_REDRAW;
}

const ql_tui_view ql_tui_view_whatif = {
    .name = "what-if",
    .title = "the plan that is edited: its figures, its cost, its layers, beside another plan",
    .count = count,
    .op = op,
    .text = text,
    .draw = draw,
    .handle = handle,
};
