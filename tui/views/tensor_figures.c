#include "tui/views/tensor.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { WIDTH = 11 };

static int draw_metrics(ql_grid *grid, int row, int last, const ql_box *box, const ql_row *r)
{
    int name = box->cols - 2 * WIDTH - 2;
    ql_draw_section(grid, row, box->col, box->cols, "figures");
    ql_grid_right(grid, row, box->col + name, WIDTH + 1, QL_ROLE_ACCENT, " cumulative");
    ql_grid_right(grid, row++, box->col + name + WIDTH + 1, WIDTH + 1, QL_ROLE_ACCENT, " local");
    for (size_t i = 0; i < ql_metric_count && row < last; i++, row++) {
        const ql_metric *metric = &ql_metrics[i];
        bool unit = name > 20 && strcmp(metric->unit, "1") != 0 && strncmp(metric->unit, "value", 5) != 0;
        ql_grid_format(grid, row, box->col + 1, name - 1, QL_ROLE_DIM, "%s%s%s", metric->title,
                       unit ? ", " : "", unit ? metric->unit : "");
        for (int which = QL_CUMULATIVE; which <= QL_LOCAL; which++) {
            char figure[QL_FIGURE_SIZE];
            double value = ql_row_figure(r, (ql_figures)which, metric->id);
            ql_figure_text(figure, metric->id, value);
            ql_grid_right(grid, row, box->col + name + which * (WIDTH + 1), WIDTH + 1,
                          ql_figure_role(metric->id, value, false), *figure ? figure : "-");
        }
    }
    return row;
}

/* Where the operator's own error comes from: the root mean square of each part. */
static int draw_split(ql_grid *grid, int row, int last, const ql_box *box, const ql_json *split)
{
    double most = 0;
    if (!ql_json_size(split) || row + 1 >= last) {
        return row;
    }
    ql_draw_section(grid, row++, box->col, box->cols, "the operator's own error, apart");
    for (const ql_json *part = ql_json_first(split); part; part = ql_json_next(part)) {
        most = fmax(most, ql_json_number_or(part, 0));
    }
    for (const ql_json *part = ql_json_first(split); part && row < last; part = ql_json_next(part), row++) {
        char figure[QL_FIGURE_SIZE];
        double value = ql_json_number_or(part, (double)NAN);
        ql_grid_put(grid, row, box->col + 1, 10, QL_ROLE_DIM, ql_json_key(part));
        ql_plot_bar(grid, row, box->col + 12, box->cols - 12 - WIDTH, most > 0 ? value / most : 0,
                    QL_ROLE_WARN);
        ql_grid_right(grid, row, box->col + box->cols - WIDTH, WIDTH, QL_ROLE_NORMAL,
                      ql_value_text(figure, value));
    }
    return row;
}

void ql_text_place(ql_text *text, const ql_json *shape, double element)
{
    double sizes[8];
    int rank = ql_json_size(shape);
    if (rank < 1 || rank > 8 || !(element >= 0 && element < 1e15)) {
        return;
    }
    for (int i = 0; i < rank; i++) {
        sizes[i] = ql_json_number_or(ql_json_at(shape, i), 0);
        if (!(sizes[i] >= 1)) {
            return;
        }
    }
    double at[8], rest = element;
    for (int i = rank; i-- > 0; rest = floor(rest / sizes[i])) {
        at[i] = fmod(rest, sizes[i]);
    }
    for (int i = 0; i < rank && !(rest > 0); i++) {
        ql_text_format(text, "%s%.0f", i ? "," : " [", at[i]);
    }
    ql_text_put(text, rest > 0 ? "" : "]");
}

static int draw_worst(ql_grid *grid, int row, const ql_box *box, const ql_row *r)
{
    const ql_json *worst = ql_json_get(r->json, "worst");
    double element = ql_json_get_number(worst, "element", (double)NAN);
    char error[QL_FIGURE_SIZE];
    ql_text text = {0};
    ql_value_text(error, ql_json_get_number(worst, "error", (double)NAN));
    ql_text_format(&text, "%s, sample %.0f", *error ? error : "-",
                   ql_json_get_number(worst, "sample", (double)NAN));
    ql_text_place(&text, ql_json_get(r->candidate, "shape"), element);
    ql_draw_fact(grid, row, box->col + 1, box->cols - 1, "worst", ql_text_bytes(&text));
    ql_text_free(&text);
    return row + 1;
}

static int draw_quantization(ql_grid *grid, int row, const ql_box *box, const ql_row *r)
{
    double none = (double)NAN, scale = ql_json_get_number(r->candidate, "scale", none);
    double levels = ql_json_get_number(r->json, "levels_used", none);
    char figure[QL_FIGURE_SIZE], text[120] = "none";
    if (!isnan(scale)) {
        int used = snprintf(text, sizeof text, "%s, zero point %.0f", ql_exact_text(figure, scale),
                            ql_json_get_number(r->candidate, "zero_point", none));
        if (!isnan(levels)) {
            snprintf(text + used, sizeof text - (size_t)used, ", %.0f levels", levels);
        }
    }
    ql_draw_fact(grid, row, box->col + 1, box->cols - 1, "scale", text);
    return row + 1;
}

static int draw_not_finite(ql_grid *grid, int row, const ql_box *box, const ql_row *r)
{
    const ql_json *counts = ql_json_get(r->json, "not_finite");
    double all = 0;
    for (const ql_json *one = ql_json_first(counts); one; one = ql_json_next(one)) {
        all += ql_json_number_or(one, 0);
    }
    if (all > 0) {
        ql_grid_format(grid, row++, box->col + 1, box->cols - 1, QL_ROLE_BAD,
                       "%.0f elements are NaN or infinite", all);
    }
    return row;
}

void ql_tensor_figures(const ql_session *session, ql_grid *grid, const ql_box *box, const ql_row *r)
{
    int last = box->row + box->rows, row = box->row;
    (void)session;
    row = row + 1 < last ? draw_quantization(grid, row, box, r) : row;
    row = row + 1 < last ? draw_worst(grid, row, box, r) : row;
    row = row + 1 < last ? draw_not_finite(grid, row, box, r) : row;
    row = row + 1 < last ? draw_metrics(grid, row, last, box, r) : row;
    const ql_json *finding = ql_json_get(r->json, "findings");
    row = draw_split(grid, row, last, box, ql_json_get(r->json, "split"));
    for (finding = ql_json_first(finding); finding && row + 1 < last; finding = ql_json_next(finding)) {
        const char *severity = ql_json_get_text(finding, "severity", "");
        ql_text text = {0};
        ql_draw_section(grid, row++, box->col, box->cols, ql_json_get_text(finding, "code", "?"));
        ql_text_format(&text, "%s. %s", ql_json_get_text(finding, "evidence", ""),
                       ql_json_get_text(finding, "remedy", ""));
        row += ql_grid_wrap(grid, row, box->col + 1, last - row, box->cols - 1, ql_severity_role(severity),
                            ql_text_bytes(&text));
        ql_text_free(&text);
    }
}
