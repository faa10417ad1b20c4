/* The parts of the tensor view: plots and figures. */
#ifndef QL_VIEWS_TENSOR_H
#define QL_VIEWS_TENSOR_H

#include "tui/views/common.h"

/* Histograms of values and of the error, ranges, channels: as much of it as the box has room for. */
void ql_tensor_plots(const ql_session *session, ql_grid *grid, const ql_box *box, const ql_row *row);

/* Metrics, where the error comes from, quantization, the worst element. */
void ql_tensor_figures(const ql_session *session, ql_grid *grid, const ql_box *box, const ql_row *row);

#endif
