/* Figures as a reader sees them, in every format alike. */
#ifndef QL_DIGEST_FIGURE_H
#define QL_DIGEST_FIGURE_H

#include "reports/digest/digest.h"
#include "reports/text/text.h"

enum { QL_FIGURE_SIZE = 40 };

/* The figure of a metric without its unit, "" when it is absent (NaN). Returns `out`. */
const char *ql_figure_text(char out[QL_FIGURE_SIZE], const char *metric, double figure);

/* Three significant digits: a value of a tensor, in its own unit. */
const char *ql_value_text(char out[QL_FIGURE_SIZE], double value);

/* All digits that tell a double from its neighbours (and no more): what programs read. "" when absent. */
const char *ql_exact_text(char out[QL_FIGURE_SIZE], double value);

/* "93.1 %" of 0.931. */
const char *ql_percent_text(char out[QL_FIGURE_SIZE], double share);

/* "5.1 MB" of a number of bytes. */
const char *ql_bytes_text(char out[QL_FIGURE_SIZE], double bytes);

/* "1x32x32x8"; "scalar" without dimensions. */
void ql_text_shape(ql_text *text, const ql_json *tensor, const char *times);

#endif
