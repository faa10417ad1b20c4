/* The door to gnuplot: scripts in, SVG out, in a few processes at once.
 *
 * A script is made of the program's own words and of numbers, never of a name. It leaves the terminal to the
 * door and takes its colours from the page: a colour '#0k0k0k' (k from 1 to f) comes out as var(--plot-k).
 * Marks that need definitions (points) are not available; lines, steps, fills, circles and labels are.
 */
#ifndef QL_PLOT_GNUPLOT_H
#define QL_PLOT_GNUPLOT_H

#include "reports/text/text.h"

typedef struct {
    ql_text script;    /* in: gnuplot commands */
    int width, height; /* in: user units of the drawing */
    ql_text body; /* out: what goes between <svg viewBox="0 0 width height"> and </svg>, or the bytes of a PNG
                   * file; empty: not drawn */
} ql_plot;

typedef enum { QL_DRAW_SVG, QL_DRAW_PNG } ql_draw_format;

/* Draws as many as it can within `seconds`, whatever gnuplot does. `program` NULL: "gnuplot". A plot
 * without a script is none, and is not missed. Returns NULL when all are drawn, else why some are not. */
const char *ql_plot_draw(ql_plot *plots, int count, ql_draw_format format, const char *program, int seconds);

void ql_plot_free(ql_plot *plots, int count);

#endif
