/* Inside reports/plot only: pieces of scripts that several drawings are made of. */
#ifndef QL_PLOT_POINTS_H
#define QL_PLOT_POINTS_H

#include "reports/plot/plots.h"

/* Opens the data block $name; it holds one point far outside the axes, for a block without points would stop
 * gnuplot. Close it with ql_plot_close_block. */
void ql_plot_open_block(ql_text *script, const char *name);
void ql_plot_close_block(ql_text *script);

/* A line of the block; nothing when it is not finite. */
void ql_plot_put_point(ql_text *script, double x, double y);

/* A dot of the block: a stroke too short to be seen as one, which takes far less of a page than a circle.
 * Draw the block "with lines"; the line's width is the dot's. `reach` is the length of the axis across. */
void ql_plot_put_dot(ql_text *script, double x, double y, double reach);

/* Can an axis go from low to high? */
bool ql_plot_is_range(double low, double high);

#endif
