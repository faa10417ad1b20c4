/* Sample by sample: what both models say, and how far apart. A saved result only names the worst ones. */
#include "tui/views/common.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BAR = 16 };

static bool is_live(const ql_session *session)
{
    return session->samples.count > 0;
}

/* --- of a saved result: the tensors and the samples they are worst in --- */

static double worst_of(const ql_row *row)
{
    return ql_json_get_number(ql_json_get(row->json, "worst"), "sample", -1);
}

static int count(const ql_session *session)
{
    return is_live(session) ? session->samples.count : session->digest.row_count;
}

static bool order(const ql_session *session, int *rows)
{
    if (!is_live(session)) {
        return false;
    }
    ql_samples_order(&session->samples, session->sample_order, rows);
    return true;
}

static void text(const ql_session *session, int row, ql_text *out)
{
    if (!is_live(session)) {
        const ql_row *r = &session->digest.rows[row];
        ql_text_format(out, "sample %.0f %s", worst_of(r), r->label);
        return;
    }
    if (row < session->samples.count) {
        const ql_sample *s = &session->samples.list[row];
        ql_text_format(out, "sample %llu%s", (unsigned long long)s->sample,
                       ql_sample_is_wrong(s) ? " wrong" : "");
        if (s->label >= 0) {
            ql_text_format(out, " label %lld", (long long)s->label);
        }
        ql_text_format(out, " %d %d", s->reference, s->candidate);
    }
}

/* A column is there where any sample has it. */
typedef struct {
    bool labels, classes;
} layout;

static layout lay_out(const ql_samples *samples)
{
    layout l = {false, false};
    for (int i = 0; i < samples->count; i++) {
        l.labels = l.labels || samples->list[i].label >= 0;
        l.classes = l.classes || samples->list[i].candidate >= 0;
    }
    return l;
}

static void put_class(ql_grid *grid, int row, int col, int64_t class_index, ql_role role)
{
    char number[24] = "-";
    if (class_index >= 0) {
        snprintf(number, sizeof number, "%lld", (long long)class_index);
    }
    ql_grid_right(grid, row, col, 10, role, number);
}

static void draw_classes(ql_grid *grid, int row, int col, const ql_sample *s, const layout *l)
{
    if (l->labels) {
        put_class(grid, row, col, s->label, QL_ROLE_NORMAL);
        col += 11;
    }
    bool reference = s->label >= 0 && s->reference != s->label, wrong = ql_sample_is_wrong(s);
    if (l->classes) {
        put_class(grid, row, col, s->reference, reference ? QL_ROLE_BAD : QL_ROLE_NORMAL);
        put_class(grid, row, col + 11, s->candidate, wrong ? QL_ROLE_BAD : QL_ROLE_GOOD);
    } else if (!isnan(s->agreement)) {
        char share[QL_FIGURE_SIZE];
        ql_grid_right(grid, row, col, 21, QL_ROLE_NORMAL, ql_percent_text(share, s->agreement));
    }
}

/* Where the error's columns begin. */
static int errors_at(const layout *l)
{
    return 12 + (l->labels ? 11 : 0) + 22;
}

static void draw_sample(const ql_session *session, ql_grid *grid, int row, int cols, const ql_sample *s,
                        const layout *l)
{
    char figure[QL_FIGURE_SIZE];
    int col = errors_at(l), bar = cols - col - 20 > BAR ? BAR : cols - col - 20;
    ql_role role = ql_figure_role("sqnr_db", s->sqnr, isinf(s->sqnr) && s->sqnr > 0);
    bool chosen = session->sample >= 0 && (uint64_t)session->sample == s->sample;
    ql_grid_put(grid, row, 0, 1, QL_ROLE_ACCENT, chosen ? "\xe2\x96\xb6" : "");
    ql_grid_format(grid, row, 1, 9, QL_ROLE_STRONG, "%9llu", (unsigned long long)s->sample);
    draw_classes(grid, row, 11, s, l);
    ql_plot_bar(grid, row, col, bar, isinf(s->sqnr) ? s->sqnr > 0 : ql_sqnr_share(s->sqnr), role);
    bar = bar > 0 ? bar : 0;
    ql_grid_right(grid, row, col + bar, 9, role,
                  isinf(s->sqnr) ? s->sqnr > 0 ? "exact" : "NaN"
                                 : ql_figure_text(figure, "sqnr_db", s->sqnr));
    ql_grid_right(grid, row, col + bar + 10, 9, QL_ROLE_NORMAL, ql_value_text(figure, s->max_abs));
}

static void draw_heads(const ql_session *session, ql_grid *grid, int row, int cols, const layout *l)
{
    int col = 11, errors = errors_at(l), bar = cols - errors - 20 > BAR ? BAR : cols - errors - 20;
    ql_role by[QL_SAMPLE_ORDERS] = {QL_ROLE_HEAD, QL_ROLE_HEAD, QL_ROLE_HEAD};
    by[session->sample_order] = QL_ROLE_SELECTED;
    ql_grid_blank(grid, row, 0, cols, QL_ROLE_HEAD);
    ql_grid_right(grid, row, 1, 9, by[QL_BY_NUMBER], "sample");
    if (l->labels) {
        ql_grid_right(grid, row, col, 10, QL_ROLE_HEAD, "label");
        col += 11;
    }
    ql_grid_right(grid, row, col, 10, QL_ROLE_HEAD, l->classes ? "reference" : "");
    ql_grid_right(grid, row, col + 11, 10, by[QL_BY_CLASS], l->classes ? "candidate" : "agreement");
    bar = bar > 0 ? bar : 0;
    ql_grid_right(grid, row, errors + bar, 9, by[QL_BY_SQNR], "SQNR");
    ql_grid_right(grid, row, errors + bar + 10, 9, QL_ROLE_HEAD, "max |e|");
}

/* How many are wrong, and whose fault that is. */
static void draw_summary(const ql_session *session, ql_grid *grid, int row, int cols, const layout *l)
{
    int wrong = 0, alone = 0;
    const ql_samples *samples = &session->samples;
    for (int i = 0; i < samples->count; i++) {
        const ql_sample *s = &samples->list[i];
        bool is_wrong = ql_sample_is_wrong(s);
        wrong += is_wrong;
        alone += is_wrong && (s->label < 0 || s->reference == s->label);
    }
    if (l->labels) {
        ql_grid_format(grid, row, 1, cols - 2, alone ? QL_ROLE_BAD : QL_ROLE_GOOD,
                       "wrong in the candidate alone: %d of %d samples; in both: %d", alone, samples->count,
                       wrong - alone);
    } else if (l->classes) {
        ql_grid_format(grid, row, 1, cols - 2, wrong ? QL_ROLE_BAD : QL_ROLE_GOOD,
                       "%d of %d samples change their class", wrong, samples->count);
    } else {
        ql_grid_format(grid, row, 1, cols - 2, QL_ROLE_DIM, "%d samples of the first output", samples->count);
    }
}

static void draw_saved(const ql_session *session, ql_grid *grid, int row, int cols, int index)
{
    const ql_row *r = &session->digest.rows[index];
    char figure[QL_FIGURE_SIZE];
    if (worst_of(r) >= 0) {
        ql_grid_format(grid, row, 1, 9, QL_ROLE_STRONG, "%9.0f", worst_of(r));
    }
    ql_grid_right(
        grid, row, 11, 10, QL_ROLE_NORMAL,
        ql_value_text(figure, ql_json_get_number(ql_json_get(r->json, "worst"), "error", (double)NAN)));
    ql_text op = {0};
    ql_text_op(&op, r->op, r->op_index);
    ql_grid_cut(grid, row, 23, 22, QL_ROLE_NORMAL, ql_text_bytes(&op));
    ql_grid_cut(grid, row, 46, cols - 47, QL_ROLE_STRONG, ql_digest_short(&session->digest, r->label));
    ql_text_free(&op);
}

static void draw_saved_heads(ql_grid *grid, int row, int cols)
{
    ql_grid_blank(grid, row, 0, cols, QL_ROLE_HEAD);
    ql_grid_right(grid, row, 1, 9, QL_ROLE_HEAD, "sample");
    ql_grid_right(grid, row, 11, 10, QL_ROLE_HEAD, "max |e|");
    ql_grid_put(grid, row, 23, cols - 24, QL_ROLE_HEAD, "is the worst sample of the tensor");
}

static void draw(ql_session *session, ql_grid *grid, const ql_box *box)
{
    layout l = lay_out(&session->samples);
    bool live = is_live(session);
    int row = box->row;
    if (live) {
        draw_summary(session, grid, row++, box->cols, &l);
        draw_heads(session, grid, row++, box->cols, &l);
    } else {
        draw_saved_heads(grid, row++, box->cols);
    }
    ql_list *list = ql_list_on(session, row, box->row + box->rows - row);
    for (int i = 0; i < list->page && list->top + i < list->count; i++) {
        int index = list->rows[list->top + i];
        if (live && index < session->samples.count) {
            draw_sample(session, grid, row + i, box->cols, &session->samples.list[index], &l);
        } else if (!live && index < session->digest.row_count) {
            draw_saved(session, grid, row + i, box->cols, index);
        }
    }
    ql_draw_cursor(list, grid, box, row, "No samples have been run.");
}

/* The sample's elements in the tensor view: of the tensor last looked at, at first of the output. The chosen
 * one again: every tensor shows its own worst sample. */
static void open(ql_session *session, int index)
{
    if (!is_live(session)) {
        ql_session_go(session, QL_TUI_tensor, index);
        return;
    }
    int64_t sample = (int64_t)session->samples.list[index].sample;
    if (session->sample == sample) {
        session->sample = -1;
        ql_session_say(session, QL_ROLE_NORMAL, "tensors show the elements of their own worst sample");
        return;
    }
    double output = ql_json_number_or(ql_json_first(ql_json_get(session->doc, "output_pairs")), -1);
    bool known = output >= 0 && output < session->digest.row_count;
    session->sample = sample;
    session->elements = true;
    ql_session_go(session, QL_TUI_tensor, session->row || !known ? session->row : (int)output);
}

static unsigned handle(ql_session *session, ql_action action)
{
    ql_list *list = &session->lists[QL_TUI_samples];
    switch ((int)action) {
    case QL_ACTION_OPEN:
        if (ql_list_row(list) >= 0) {
            open(session, ql_list_row(list));
        }
        return QL_DO_REDRAW;
    case QL_ACTION_SAMPLE_ORDER:
        session->sample_order = (ql_sample_order)((session->sample_order + 1) % QL_SAMPLE_ORDERS);
        ql_session_fill(session, QL_TUI_samples);
        list->cursor = list->top = 0;
        return QL_DO_REDRAW;
    default:
        return 0;
    }
}

const ql_tui_view ql_tui_view_samples = {
    .name = "samples",
    .title = "sample by sample: labels, what both models say, and the error",
    .count = count,
    .order = order,
    .text = text,
    .draw = draw,
    .handle = handle,
};
