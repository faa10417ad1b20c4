/* All drawings of one report: of the network, of a plan's way there, and of the tensors that matter most. */
#ifndef QL_PLOT_SHEET_H
#define QL_PLOT_SHEET_H

#include "reports/plot/plots.h"
#include "reports/writer.h"

enum { QL_SHEET_ROWS = 12 }; /* tensors that are drawn: the culprits, then those of the lowest SQNR */

typedef enum { QL_DRAW_VALUES, QL_DRAW_ERROR, QL_DRAW_SCATTER, QL_DRAW_CHANNELS, QL_DRAW_KINDS } ql_draw_kind;

enum { QL_SHEET_PLOTS = 2 + QL_SHEET_ROWS * QL_DRAW_KINDS };

typedef struct {
    ql_plot
        plots[QL_SHEET_PLOTS]; /* network, pareto, then by row and kind; those without a script are none */
    int rows[QL_SHEET_ROWS], row_count;
} ql_sheet;

/* Plans the drawings; nothing is drawn yet. NOMEM. Release with ql_sheet_free. */
ql_code ql_sheet_plan(ql_sheet *sheet, const ql_digest *digest, ql_err *err);
void ql_sheet_free(ql_sheet *sheet);

/* Draws what was planned. Returns NULL when all is drawn, else why some is not. */
const char *ql_sheet_draw(ql_sheet *sheet, ql_draw_format format, const ql_report_options *options);

/* What was drawn; NULL when it was not. */
const ql_plot *ql_sheet_network(const ql_sheet *sheet);
const ql_plot *ql_sheet_pareto(const ql_sheet *sheet);
const ql_plot *ql_sheet_of(const ql_sheet *sheet, const ql_row *row, ql_draw_kind kind);

bool ql_sheet_has(const ql_sheet *sheet, const ql_row *row);

/* "network", "op-12-values", "tensor-3-error": the name of a plot's file, of our own words and numbers. */
void ql_sheet_name(const ql_sheet *sheet, const ql_digest *digest, int plot, char out[48]);

#endif
