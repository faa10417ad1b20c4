/* The model's outputs: the verdict, each output's figures over samples, gates, and what was compared. */
#include "tui/views/common.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const ql_json *outputs_of(const ql_session *session)
{
    return ql_json_get(session->doc, "outputs");
}

static int count(const ql_session *session)
{
    return ql_json_size(outputs_of(session));
}

static void text(const ql_session *session, int row, ql_text *out)
{
    ql_text_put(out, ql_json_get_text(ql_json_at(outputs_of(session), row), "name", ""));
}

static const char *const metrics[] = {"sqnr_db", "cosine", "max_abs", "mean_error", "rmse"};
enum { METRICS = sizeof metrics / sizeof *metrics, WIDTH = 11 };

static int shown_metrics(int cols)
{
    int shown = (cols - 26) / (WIDTH + 1);
    return shown > METRICS ? METRICS : shown < 0 ? 0 : shown;
}

static void draw_heads(ql_grid *grid, int row, int cols)
{
    int shown = shown_metrics(cols);
    ql_grid_blank(grid, row, 0, cols, QL_ROLE_HEAD);
    ql_grid_put(grid, row, 1, 20, QL_ROLE_HEAD, "output");
    for (int i = 0; i < shown; i++) {
        const ql_metric *metric = ql_metric_find(metrics[i]);
        ql_grid_right(grid, row, cols - 1 - (shown - i) * (WIDTH + 1), WIDTH, QL_ROLE_HEAD, metric->title);
    }
}

static void draw_row(ql_grid *grid, int row, int cols, const ql_json *output)
{
    int shown = shown_metrics(cols);
    ql_grid_cut(grid, row, 1, cols - 3 - shown * (WIDTH + 1), QL_ROLE_STRONG,
                output && !ql_json_is_null(output) ? ql_json_get_text(output, "name", "(unnamed)")
                                                   : "(without a counterpart)");
    for (int i = 0; i < shown; i++) {
        char figure[QL_FIGURE_SIZE];
        double value = ql_json_get_number(ql_json_get(output, "cumulative"), metrics[i], (double)NAN);
        ql_figure_text(figure, metrics[i], value);
        ql_grid_right(grid, row, cols - 1 - (shown - i) * (WIDTH + 1), WIDTH,
                      ql_figure_role(metrics[i], value, false), *figure ? figure : "-");
    }
}

/* Means over samples, each with half a 95 % interval. */
static int draw_samples(ql_grid *grid, int row, int cols, const ql_json *output)
{
    static const char *const over[] = {"sqnr_db", "mse", "cosine", "max_abs"};
    const ql_json *samples = ql_json_get(output, "per_sample");
    ql_draw_section(grid, row++, 1, cols - 2, "over samples: the mean, and half its 95 % interval");
    for (int i = 0; i < 4; i++) {
        const ql_json *one = ql_json_get(samples, over[i]);
        char mean[QL_FIGURE_SIZE], half[QL_FIGURE_SIZE], line[120];
        ql_figure_text(mean, over[i], ql_json_get_number(one, "mean", (double)NAN));
        ql_value_text(half, ql_json_get_number(one, "half_width", (double)NAN));
        snprintf(line, sizeof line, "%-10s %10s \xc2\xb1 %s", ql_metric_find(over[i])->title,
                 *mean ? mean : "-", *half ? half : "-");
        ql_grid_put(grid, row++, 2, cols - 3, QL_ROLE_NORMAL, line);
    }
    const ql_json *worst = ql_json_get(output, "worst");
    ql_grid_format(grid, row++, 2, cols - 3, QL_ROLE_NORMAL, "worst      element %.0f of sample %.0f",
                   ql_json_get_number(worst, "element", (double)NAN),
                   ql_json_get_number(worst, "sample", (double)NAN));
    return row;
}

static int draw_gates(const ql_session *session, ql_grid *grid, int row, int last, int cols)
{
    const ql_json *gates = ql_json_get(session->doc, "gates");
    if (!ql_json_size(gates) || row >= last) {
        return row;
    }
    ql_draw_section(grid, row++, 1, cols - 2, "gates");
    for (const ql_json *gate = ql_json_first(gates); gate && row < last; gate = ql_json_next(gate), row++) {
        bool passed = ql_json_is_true(ql_json_get(gate, "passed"));
        char found[QL_FIGURE_SIZE];
        ql_value_text(found, ql_json_get_number(gate, "found", (double)NAN));
        ql_grid_put(grid, row, 2, 7, passed ? QL_ROLE_GOOD : QL_ROLE_BAD, passed ? "passed" : "failed");
        ql_grid_put(grid, row, 10, 40, QL_ROLE_NORMAL, ql_json_get_text(gate, "expr", "?"));
        ql_grid_format(grid, row, 51, cols - 52, QL_ROLE_DIM, "found %s", found);
    }
    return row;
}

static void draw_compared(const ql_session *session, ql_grid *grid, int row, int last, int cols)
{
    static const char *const sides[] = {"reference", "candidate", "data"};
    if (row + 1 >= last) {
        return;
    }
    ql_draw_section(grid, row++, 1, cols - 2, "compared");
    for (int i = 0; i < 3 && row < last; i++, row++) {
        const ql_json *side = ql_json_get(session->doc, sides[i]);
        char bytes[QL_FIGURE_SIZE];
        ql_bytes_text(bytes, ql_json_get_number(side, "bytes", (double)NAN));
        ql_grid_put(grid, row, 2, 11, QL_ROLE_DIM, sides[i]);
        ql_grid_cut(grid, row, 13, cols - 24, QL_ROLE_NORMAL, ql_json_get_text(side, "file", "?"));
        ql_grid_right(grid, row, cols - 11, 10, QL_ROLE_DIM, bytes);
    }
    ql_text pairing = {0};
    ql_text_pairing(&pairing, &session->digest);
    if (row < last) {
        ql_grid_put(grid, row, 2, cols - 3, QL_ROLE_NORMAL, ql_text_bytes(&pairing));
    }
    ql_text_free(&pairing);
}

static int draw_verdict(const ql_session *session, ql_grid *grid, int row, int cols)
{
    ql_verdict verdict = ql_verdict_of(&session->digest);
    ql_text figures = {0};
    ql_text_verdict_figures(&figures, &verdict);
    ql_grid_format(grid, row++, 1, cols - 2, ql_level_role(verdict.level), "%s.",
                   ql_level_sentence(verdict.level));
    row += ql_grid_wrap(grid, row, 1, 2, cols - 2, QL_ROLE_NORMAL, ql_text_bytes(&figures));
    ql_text_free(&figures);
    return row;
}

static void draw(ql_session *session, ql_grid *grid, const ql_box *box)
{
    int row = session->doc ? draw_verdict(session, grid, box->row, box->cols) : box->row;
    int last = box->row + box->rows, rows = count(session);
    int page = rows < 1 ? 1 : rows > box->rows / 3 ? box->rows / 3 : rows;
    draw_heads(grid, row++, box->cols);
    ql_list *list = ql_list_on(session, row, page);
    for (int i = 0; i < list->page && list->top + i < list->count; i++) {
        draw_row(grid, row + i, box->cols, ql_json_at(outputs_of(session), list->rows[list->top + i]));
    }
    ql_draw_cursor(list, grid, box, row, "No output has a counterpart.");
    row += list->page;
    if (list->count && row + 7 < last) {
        row = draw_samples(grid, row, box->cols, ql_json_at(outputs_of(session), ql_list_row(list)));
    }
    row = draw_gates(session, grid, row, last, box->cols);
    draw_compared(session, grid, row, last, box->cols);
}

static unsigned handle(ql_session *session, ql_action action)
{
    int row = ql_list_row(&session->lists[QL_TUI_outputs]);
    if (action != QL_ACTION_OPEN) {
        return 0;
    }
    double pair = ql_json_number_or(ql_json_at(ql_json_get(session->doc, "output_pairs"), row), -1);
    if (row >= 0 && pair >= 0 && pair < session->digest.row_count) {
        ql_session_go(session, QL_TUI_tensor, (int)pair);
    }
    return QL_DO_REDRAW;
}

const ql_tui_view ql_tui_view_outputs = {
    .name = "outputs",
    .title = "the verdict, outputs over samples, gates, and what was compared",
    .count = count,
    .text = text,
    .draw = draw,
    .handle = handle,
};
