/* Plots in cells: blocks of eighths and braille dots, or what ASCII has for them. */
#ifndef QL_GRID_PLOT_H
#define QL_GRID_PLOT_H

#include "tui/grid/grid.h"

/* A bar over `width` columns, `share` of it (0 .. 1, else clamped; NaN: none) filled. */
void ql_plot_bar(ql_grid *grid, int row, int col, int width, double share, ql_role role);

/* "label [||||||      text]" in `width` columns. */
void ql_plot_meter(ql_grid *grid, int row, int col, int width, const char *label, double share,
                   const char *text, ql_role role);

/* One column of a sparkline: how high (0 .. 1; NaN: nothing known) and in which role. */
typedef struct {
    double height;
    ql_role role;
} ql_spark;

/* Sparks beside each other, each one or more columns wide, in the box. Where there are more than columns, a
 * column shows the lowest of its share; `lowest` false: the highest. Returns the columns a spark is wide, 0:
 * several share one. */
int ql_plot_sparks(ql_grid *grid, const ql_box *box, const ql_spark *sparks, int count, bool lowest);

/* The first column of the box that shows spark i, and how many do. */
int ql_plot_spark_column(const ql_box *box, int count, int i, int *columns);

typedef enum { QL_PLOT_UP, QL_PLOT_DOWN } ql_direction;

/* A histogram of `count` bins over the whole box, standing (UP) or hanging (DOWN); heights 0 .. 1. */
void ql_plot_histogram(ql_grid *grid, const ql_box *box, const double *heights, int count,
                       ql_direction direction, ql_role role);

/* Where a value's distribution lies: a line from min to max, a thick one from low to high, a mark at the
 * middle; the box's columns stand for first .. last. Absent (NaN) parts are left out. */
typedef struct {
    double min, low, middle, high, max;
} ql_spread;

void ql_plot_spread(ql_grid *grid, int row, int col, int width, const ql_spread *spread, double first,
                    double last, ql_role role);

#endif
