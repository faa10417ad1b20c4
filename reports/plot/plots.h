/* The drawings of a report, as scripts for gnuplot. Colours: 1 ink, 2 grid, 3 reference, 4 candidate, 5
 * blame, 6 weights, 7 limits, 8 blame behind lines; 9 to d: SQNR from 30 dB, from 20, from 10, below, none.
 */
#ifndef QL_PLOT_PLOTS_H
#define QL_PLOT_PLOTS_H

#include "reports/digest/digest.h"
#include "reports/plot/gnuplot.h"

/* SQNR along the network: cumulative, local, weights by operator; those to blame are marked. */
void ql_plot_network(ql_plot *plot, const ql_digest *digest);

/* How often values occur in the reference and the candidate, with the range that the candidate can hold.
 * False when the row has no histogram. */
bool ql_plot_values(ql_plot *plot, const ql_row *row);

/* How often errors occur, with half a step to either side. */
bool ql_plot_error(ql_plot *plot, const ql_row *row);

/* A few elements of all samples: the reference's value across, the candidate's up, with the line where both
 * are equal and the range that the candidate can hold. */
bool ql_plot_scatter(ql_plot *plot, const ql_row *row);

/* By channel the range of the reference's values, coloured by the SQNR there. */
bool ql_plot_channels(ql_plot *plot, const ql_row *row);

/* The plans that a search passed: SQNR by the share of multiplications in float, with the number of layers.
 * False when there is no plan, or only one. */
bool ql_plot_pareto(ql_plot *plot, const ql_json *plan);

/* The lowest and highest value that the candidate's integers stand for; false when it has no single scale. */
bool ql_row_limits(const ql_row *row, double *low, double *high);

#endif
