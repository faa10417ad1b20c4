/* What several views draw alike. */
#ifndef QL_VIEWS_COMMON_H
#define QL_VIEWS_COMMON_H

#include "tui/views/view.h"

ql_role ql_level_role(ql_level level);
ql_role ql_severity_role(const char *severity);

/* The role of a tensor's figure: by its level where it is an SQNR, else NORMAL. */
ql_role ql_figure_role(const char *metric, double figure, bool exact);

/* A full bar is 60 dB. */
double ql_sqnr_share(double sqnr);

/* How figures of a whole plan are said: "31.98 dB" (or "exact"), "97.00 %" of 0.97, "17.0 %" of 17, "54.3
 * kB",
 * "+2"; "-" when absent. */
typedef enum { QL_UNIT_DECIBEL, QL_UNIT_SHARE, QL_UNIT_PERCENT, QL_UNIT_BYTES, QL_UNIT_COUNT } ql_unit;
const char *ql_unit_text(char out[QL_FIGURE_SIZE], ql_unit unit, double value);

/* "#6 CONV_2D", "INPUT" */
void ql_text_op(ql_text *text, const char *op, int op_index);

/* "1x28x28x1 int8" */
void ql_text_tensor(ql_text *text, const ql_json *tensor);

/* "name [column's head]" in a line of heads; label and text in a line of facts. Both return the columns used.
 */
int ql_draw_fact(ql_grid *grid, int row, int col, int width, const char *label, const char *text);

/* A section's name, and a line to the end of the width. */
void ql_draw_section(ql_grid *grid, int row, int col, int width, const char *name);

/* Prepares the list of the session's view for `rows` lines from the grid's row `first` on. Returns the list.
 */
ql_list *ql_list_on(ql_session *session, int first, int rows);

/* Marks the cursor's line; says what an empty list means. */
void ql_draw_cursor(const ql_list *list, ql_grid *grid, const ql_box *box, int first, const char *empty);

#endif
