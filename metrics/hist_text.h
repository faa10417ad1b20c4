/* Inside metrics only: a histogram as a part of a longer text. */
#ifndef QL_METRICS_HIST_TEXT_H
#define QL_METRICS_HIST_TEXT_H

#include "metrics/hist.h"
#include "metrics/text.h"

void ql_hist_put(ql_compact *text, const ql_hist *hist);

/* Lenient about form: the caller compares what it writes back. Fails on contradictions. */
void ql_hist_get(ql_reader *reader, ql_hist *hist);

/* What `grown` must at least be for values of this size. */
int ql_hist_needed(const ql_hist *hist, double max_abs);

/* The index of the bin that holds x, which must fit. */
int ql_hist_index(const ql_hist *hist, double x);

/* The index of a bin once k has grown by `steps`: floor(i / 2^steps). */
int ql_hist_coarser(int i, int steps);

#endif
