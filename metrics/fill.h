/* Inside metrics only: histograms filled block by block, and statistics on the loops of one
 * instruction set. */
#ifndef QL_METRICS_FILL_H
#define QL_METRICS_FILL_H

#include "metrics/channels.h"
#include "metrics/hist.h"
#include "metrics/loops.h"
#include "metrics/stats.h"

/* Makes room for `count` values within `range`, and counts them as seen: their slots remain to be counted. */
void ql_hist_widen(ql_hist *hist, ql_range range, uint64_t count);

/* Would that not make its bins grow? */
bool ql_hist_holds(const ql_hist *hist, ql_range range);

/* ql_stats_add_values and ql_channels_add_values with the loops given. */
void ql_stats_add_with(const ql_loops *loops, ql_stats *stats, uint64_t sample, const float *f,
                       const ql_raw *q, size_t n, const ql_levels *levels, ql_hist *errors);
void ql_channels_add_with(const ql_loops *loops, ql_channel *channels, size_t count, const float *f,
                          const ql_raw *q, size_t rows);

#endif
