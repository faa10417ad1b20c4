#include "reports/plot/sheet.h"

#include <stdio.h>
#include <stdlib.h>

enum { NETWORK, PARETO, FIRST };

static const struct {
    const char *name;
    bool (*plan)(ql_plot *plot, const ql_row *row);
} kinds[QL_DRAW_KINDS] = {
    [QL_DRAW_VALUES] = {"values", ql_plot_values},
    [QL_DRAW_ERROR] = {"error", ql_plot_error},
    [QL_DRAW_SCATTER] = {"scatter", ql_plot_scatter},
    [QL_DRAW_CHANNELS] = {"channels", ql_plot_channels},
};

static void plan_row(ql_sheet *sheet, const ql_digest *digest, int number)
{
    ql_plot *plots = &sheet->plots[FIRST + sheet->row_count * QL_DRAW_KINDS];
    bool any = false;
    for (int kind = 0; kind < QL_DRAW_KINDS; kind++) {
        any |= kinds[kind].plan(&plots[kind], &digest->rows[number]);
    }
    if (any) {
        sheet->rows[sheet->row_count++] = number;
    }
}

ql_code ql_sheet_plan(ql_sheet *sheet, const ql_digest *digest, ql_err *err)
{
    *sheet = (ql_sheet){0};
    int *order = calloc((size_t)digest->row_count + 1, sizeof *order);
    if (!order) {
        return ql_fail_memory(err, (size_t)digest->row_count * sizeof *order);
    }
    ql_code code = ql_digest_order(digest, QL_CUMULATIVE, ql_metric_find("sqnr_db"), order, err);
    ql_plot_network(&sheet->plots[NETWORK], digest);
    ql_plot_pareto(&sheet->plots[PARETO], ql_json_get(digest->doc, "plan"));
    for (int i = 0; i < digest->culprit_count && !code; i++) {
        plan_row(sheet, digest, digest->culprits[i]);
    }
    for (int i = 0; i < digest->row_count && sheet->row_count < QL_SHEET_ROWS && !code; i++) {
        const ql_row *row = &digest->rows[order[i]];
        if (!row->blamed && !row->integer && !row->exact) {
            plan_row(sheet, digest, order[i]);
        }
    }
    free(order);
    return code;
}

void ql_sheet_free(ql_sheet *sheet)
{
    ql_plot_free(sheet->plots, QL_SHEET_PLOTS);
}

const char *ql_sheet_draw(ql_sheet *sheet, ql_draw_format format, const ql_report_options *options)
{
    if (options->gnuplot && !*options->gnuplot) {
        return "none were asked for";
    }
    int seconds = options->plot_seconds > 0 ? options->plot_seconds : 8;
    return ql_plot_draw(sheet->plots, QL_SHEET_PLOTS, format, options->gnuplot, seconds);
}

static const ql_plot *drawn(const ql_plot *plot)
{
    return plot->body.length ? plot : NULL;
}

const ql_plot *ql_sheet_network(const ql_sheet *sheet)
{
    return drawn(&sheet->plots[NETWORK]);
}

const ql_plot *ql_sheet_pareto(const ql_sheet *sheet)
{
    return drawn(&sheet->plots[PARETO]);
}

static int place_of(const ql_sheet *sheet, const ql_row *row)
{
    for (int i = 0; i < sheet->row_count; i++) {
        if (sheet->rows[i] == row->number) {
            return i;
        }
    }
    return -1;
}

bool ql_sheet_has(const ql_sheet *sheet, const ql_row *row)
{
    return place_of(sheet, row) >= 0;
}

const ql_plot *ql_sheet_of(const ql_sheet *sheet, const ql_row *row, ql_draw_kind kind)
{
    int place = place_of(sheet, row);
    return place < 0 ? NULL : drawn(&sheet->plots[FIRST + place * QL_DRAW_KINDS + (int)kind]);
}

void ql_sheet_name(const ql_sheet *sheet, const ql_digest *digest, int plot, char out[48])
{
    if (plot < FIRST) {
        snprintf(out, 48, "%s", plot == NETWORK ? "network" : "pareto");
        return;
    }
    const ql_row *row = &digest->rows[sheet->rows[(plot - FIRST) / QL_DRAW_KINDS]];
    const char *kind = kinds[(plot - FIRST) % QL_DRAW_KINDS].name;
    if (row->first_of_op) {
        snprintf(out, 48, "op-%d-%s", row->op_index, kind);
    } else {
        snprintf(out, 48, "pair-%d-%s", row->number, kind);
    }
}
