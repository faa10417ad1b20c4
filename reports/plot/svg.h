/* Inside reports/plot only: what is taken of what gnuplot draws. */
#ifndef QL_PLOT_SVG_H
#define QL_PLOT_SVG_H

#include "reports/text/text.h"

/* Appends the drawing of the one SVG document in bytes[0..count) to `body`, without its head, definitions and
 * ids, its colours replaced. Nothing when it is not what gnuplot writes. */
void ql_plot_take_svg(ql_text *body, const char *bytes, size_t count);

/* Appends the PNG file that bytes[0..count) begin with, after a line's end: its signature and chunks. */
void ql_plot_take_png(ql_text *body, const char *bytes, size_t count);

/* Where `what` begins in bytes[0..count); NULL when it is not there. */
const char *ql_plot_find(const char *bytes, size_t count, const char *what);

#endif
