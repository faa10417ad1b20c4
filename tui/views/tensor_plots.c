#include "tui/views/tensor.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BINS_MOST = 256, DECADES = 4 };

/* Heights 0 .. 1 of a list of counts, logarithmic over DECADES below the highest; returns how many. */
static int read_counts(const ql_json *list, bool linear, double heights[BINS_MOST])
{
    int count = 0;
    double highest = 0;
    for (const ql_json *bin = ql_json_first(list); bin && count < BINS_MOST; bin = ql_json_next(bin)) {
        heights[count] = fmax(ql_json_number_or(bin, 0), 0);
        highest = fmax(highest, heights[count++]);
    }
    for (int i = 0; i < count && highest > 0; i++) {
        double share = heights[i] / highest, least = share > 0 ? 1e-9 : 0;
        heights[i] = linear ? share : fmax(1 + log10(fmax(share, 1e-30)) / DECADES, least);
    }
    return ql_json_is_array(list) ? count : 0;
}

static void draw_counts(const ql_session *session, ql_grid *grid, const ql_box *box, const ql_json *list,
                        ql_direction direction, ql_role role)
{
    double heights[BINS_MOST];
    int count = read_counts(list, session->linear, heights);
    ql_plot_histogram(grid, box, heights, count, direction, role);
}

static void draw_axis(ql_grid *grid, int row, int col, int cols, double low, double high)
{
    char left[QL_FIGURE_SIZE], right[QL_FIGURE_SIZE];
    int zero = low < 0 && high > 0 ? (int)lround(-low / (high - low) * (cols - 1)) : -1;
    ql_value_text(left, low);
    ql_value_text(right, high);
    int used = ql_grid_put(grid, row, col, cols, QL_ROLE_DIM, left), taken = ql_grid_columns(right);
    ql_grid_right(grid, row, col, cols, QL_ROLE_DIM, right);
    if (zero > used && zero < cols - taken - 1) {
        ql_grid_put(grid, row, col + zero, 1, QL_ROLE_DIM, "0");
    }
}

static ql_spread read_spread(const ql_json *range)
{
    double none = (double)NAN;
    return (ql_spread){ql_json_get_number(range, "min", none), ql_json_get_number(range, "p0_1", none),
                       ql_json_get_number(range, "p50", none), ql_json_get_number(range, "p99_9", none),
                       ql_json_get_number(range, "max", none)};
}

/* What the candidate's integers can hold. */
static ql_spread holds(const ql_row *row)
{
    static const struct {
        const char *dtype;
        double low, high;
    } types[] = {{"int8", -128, 127}, {"uint8", 0, 255}, {"int16", -32768, 32767}, {"int4", -8, 7}};
    double none = (double)NAN, scale = ql_json_get_number(row->candidate, "scale", none);
    double zero = ql_json_get_number(row->candidate, "zero_point", none);
    ql_spread spread = {none, none, none, none, none};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        if (!strcmp(types[i].dtype, row->dtype)) {
            spread.min = (types[i].low - zero) * scale;
            spread.max = (types[i].high - zero) * scale;
        }
    }
    return spread;
}

/* Ranges and percentiles on the axis of the histogram above, each with its name in front if there is room. */
static int draw_spreads(ql_grid *grid, int row, int last, const ql_box *box, const ql_row *r)
{
    const ql_json *range = ql_json_get(r->json, "range");
    const struct {
        const char *name;
        ql_spread spread;
        ql_role role;
    } lines[] = {{"ref", read_spread(ql_json_get(range, "reference")), QL_ROLE_BAR},
                 {"cand", read_spread(ql_json_get(range, "candidate")), QL_ROLE_ACCENT},
                 {"holds", holds(r), QL_ROLE_DIM}};
    double low = (double)NAN, high = (double)NAN;
    for (int i = 0; i < 3; i++) {
        low = fmin(low, lines[i].spread.min);
        high = fmax(high, lines[i].spread.max);
    }
    for (int i = 0; i < 3 && row < last; i++) {
        char text[2][QL_FIGURE_SIZE];
        int width = box->cols - 23;
        ql_grid_put(grid, row, box->col, 5, QL_ROLE_DIM, lines[i].name);
        ql_grid_right(grid, row, box->col + 5, 8, lines[i].role, ql_value_text(text[0], lines[i].spread.min));
        ql_plot_spread(grid, row, box->col + 14, width, &lines[i].spread, low, high, lines[i].role);
        ql_grid_put(grid, row, box->col + box->cols - 8, 8, lines[i].role,
                    ql_value_text(text[1], lines[i].spread.max));
        row++;
    }
    return row;
}

static int draw_values(const ql_session *session, ql_grid *grid, int row, int last, const ql_box *box,
                       int half, const ql_row *r)
{
    const ql_json *values = ql_json_get(ql_json_get(r->json, "histograms"), "values");
    ql_draw_section(grid, row, box->col, box->cols, session->linear ? "values" : "values (log)");
    ql_grid_put(grid, row, box->col + box->cols - 26, 13, QL_ROLE_BAR, " reference \xe2\x96\xb2 ");
    ql_grid_put(grid, row++, box->col + box->cols - 13, 13, QL_ROLE_ACCENT, " candidate \xe2\x96\xbc");
    ql_box up = {row, box->col, half, box->cols}, down = {row + half, box->col, half, box->cols};
    draw_counts(session, grid, &up, ql_json_get(values, "reference"), QL_PLOT_UP, QL_ROLE_BAR);
    draw_counts(session, grid, &down, ql_json_get(values, "candidate"), QL_PLOT_DOWN, QL_ROLE_ACCENT);
    row += 2 * half;
    draw_axis(grid, row++, box->col, box->cols, ql_json_get_number(values, "low", (double)NAN),
              ql_json_get_number(values, "high", (double)NAN));
    return draw_spreads(grid, row, last, box, r);
}

static int draw_errors(const ql_session *session, ql_grid *grid, int row, const ql_box *box, int rows,
                       const ql_row *r)
{
    const ql_json *error = ql_json_get(ql_json_get(r->json, "histograms"), "error");
    ql_draw_section(grid, row++, box->col, box->cols, "error: candidate minus reference");
    ql_box part = {row, box->col, rows, box->cols};
    draw_counts(session, grid, &part, ql_json_get(error, "counts"), QL_PLOT_UP, QL_ROLE_WARN);
    draw_axis(grid, row + rows, box->col, box->cols, ql_json_get_number(error, "low", (double)NAN),
              ql_json_get_number(error, "high", (double)NAN));
    return row + rows + 1;
}

static void draw_channels(ql_grid *grid, int row, const ql_box *box, int rows, const ql_row *r)
{
    const ql_json *list = ql_json_get(ql_json_get(r->json, "by_channel"), "sqnr_db");
    int count = ql_json_is_array(list) ? ql_json_size(list) : 0, worst = -1, i = 0;
    ql_spark *sparks = count && rows > 0 ? calloc((size_t)count, sizeof *sparks) : NULL;
    if (!sparks) {
        return;
    }
    double lowest = (double)INFINITY;
    for (const ql_json *one = ql_json_first(list); one && i < count; one = ql_json_next(one), i++) {
        double sqnr = ql_json_number_or(one, (double)NAN);
        sparks[i] = (ql_spark){ql_sqnr_share(sqnr), ql_figure_role("sqnr_db", sqnr, false)};
        worst = sqnr < lowest ? i : worst;
        lowest = sqnr < lowest ? sqnr : lowest;
    }
    char name[100];
    snprintf(name, sizeof name, worst < 0 ? "%d channels" : "SQNR of %d channels, lowest #%d: %.1f dB", count,
             worst, lowest);
    ql_draw_section(grid, row, box->col, box->cols, name);
    ql_box strip = {row + 1, box->col, rows, box->cols};
    ql_plot_sparks(grid, &strip, sparks, count, true);
    free(sparks);
}

void ql_tensor_plots(const ql_session *session, ql_grid *grid, const ql_box *box, const ql_row *r)
{
    int last = box->row + box->rows, spare = box->rows - 17, row = box->row;
    int half = 3 + (spare > 0 ? spare / 4 : spare / 2), rows = 2 + (spare > 0 ? spare / 5 : 0);
    half = half < 1 ? 1 : half > 8 ? 8 : half;
    rows = rows > 6 ? 6 : rows;
    row = draw_values(session, grid, row, last, box, half, r);
    if (row + rows + 2 <= last) {
        row = draw_errors(session, grid, row, box, rows, r);
    }
    int left = last - row - 1;
    draw_channels(grid, row, box, left > 4 ? 4 : left, r);
}
