#include "tui/views/common.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

ql_role ql_level_role(ql_level level)
{
    static const ql_role roles[] = {
        [QL_LEVEL_EQUAL] = QL_ROLE_GOOD, [QL_LEVEL_CLOSE] = QL_ROLE_GOOD, [QL_LEVEL_DRIFTS] = QL_ROLE_WARN,
        [QL_LEVEL_FAR] = QL_ROLE_BAD,    [QL_LEVEL_BROKEN] = QL_ROLE_BAD, [QL_LEVEL_UNKNOWN] = QL_ROLE_DIM};
    return roles[level];
}

ql_role ql_severity_role(const char *severity)
{
    return !strcmp(severity, "error")     ? QL_ROLE_BAD
           : !strcmp(severity, "warning") ? QL_ROLE_WARN
                                          : QL_ROLE_DIM;
}

ql_role ql_figure_role(const char *metric, double figure, bool exact)
{
    return strcmp(metric, "sqnr_db") != 0 ? QL_ROLE_NORMAL : ql_level_role(ql_level_of(figure, exact));
}

double ql_sqnr_share(double sqnr)
{
    return isnan(sqnr) ? sqnr : sqnr / 60;
}

const char *ql_unit_text(char out[QL_FIGURE_SIZE], ql_unit unit, double value)
{
    static const struct {
        const char *shape;
        double times;
    } units[] = {[QL_UNIT_DECIBEL] = {"%.2f dB", 1},
                 [QL_UNIT_SHARE] = {"%.2f %%", 100},
                 [QL_UNIT_PERCENT] = {"%.1f %%", 1},
                 [QL_UNIT_COUNT] = {"%+.0f", 1}};
    if (isnan(value) || (isinf(value) && unit == QL_UNIT_DECIBEL)) {
        snprintf(out, QL_FIGURE_SIZE, "%s", isnan(value) ? "-" : "exact");
    } else if (unit == QL_UNIT_BYTES) {
        ql_bytes_text(out, value);
    } else {
        snprintf(out, QL_FIGURE_SIZE, units[unit].shape, units[unit].times * value);
    }
    return out;
}

void ql_text_op(ql_text *text, const char *op, int op_index)
{
    if (op_index >= 0) {
        ql_text_format(text, "#%d ", op_index);
    }
    ql_text_put(text, op);
}

void ql_text_tensor(ql_text *text, const ql_json *tensor)
{
    ql_text_shape(text, tensor, "x");
    ql_text_format(text, " %s", ql_json_get_text(tensor, "dtype", ""));
}

int ql_draw_fact(ql_grid *grid, int row, int col, int width, const char *label, const char *text)
{
    int used = ql_grid_put(grid, row, col, width, QL_ROLE_DIM, label);
    used += used ? 1 : 0;
    return used + ql_grid_put(grid, row, col + used, width - used, QL_ROLE_NORMAL, text);
}

void ql_draw_section(ql_grid *grid, int row, int col, int width, const char *name)
{
    int used = ql_grid_put(grid, row, col, width, QL_ROLE_ACCENT, name) + 1;
    for (int i = used; i < width; i++) {
        ql_grid_put(grid, row, col + i, 1, QL_ROLE_DIM, grid->ascii ? "-" : "\xe2\x94\x80");
    }
}

ql_list *ql_list_on(ql_session *session, int first, int rows)
{
    ql_list *list = ql_session_list(session);
    ql_list_show(list, rows);
    session->list_row = first;
    return list;
}

void ql_draw_cursor(const ql_list *list, ql_grid *grid, const ql_box *box, int first, const char *empty)
{
    if (list->count) {
        ql_grid_paint(grid, first + list->cursor - list->top, box->col, box->cols, QL_ROLE_SELECTED);
    } else {
        ql_grid_put(grid, first, box->col + 1, box->cols - 1, QL_ROLE_DIM,
                    list->regex ? "The filter hides all rows: & and Enter show them." : empty);
    }
}
