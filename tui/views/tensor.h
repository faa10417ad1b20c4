/* The parts of the tensor view: plots and figures. */
#ifndef QL_VIEWS_TENSOR_H
#define QL_VIEWS_TENSOR_H

#include "tui/views/common.h"

/* Histograms of values and of the error, ranges, channels: as much of it as the box has room for. */
void ql_tensor_plots(const ql_session *session, ql_grid *grid, const ql_box *box, const ql_row *row);

/* The elements that differ most, with their values, from the box's first row on. */
void ql_tensor_elements(const ql_session *session, ql_grid *grid, const ql_box *box, const ql_row *row);

/* The question about elements that the view waits for; false: none. */
bool ql_tensor_question(const ql_session *session, ql_question *question);

/* A flat index as coordinates of a shape: " [0,3,4,1]". Appends; nothing where the shape does not say. */
void ql_text_place(ql_text *text, const ql_json *shape, double element);

/* Metrics, where the error comes from, quantization, the worst element. */
void ql_tensor_figures(const ql_session *session, ql_grid *grid, const ql_box *box, const ql_row *row);

#endif
