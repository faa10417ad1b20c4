/* Inside metrics only: histograms filled block by block, and statistics on the loops of one
 * instruction set. */
#ifndef QL_METRICS_FILL_H
#define QL_METRICS_FILL_H

#include "metrics/channels.h"
#include "metrics/hist.h"
#include "metrics/loops.h"
#include "metrics/stats.h"

typedef struct {
    uint16_t f[QL_BLOCK], q[QL_BLOCK], e[QL_BLOCK];
} ql_slots;

/* Makes room for `count` values within `range`, and counts them as seen; ql_hist_count then adds their slots.
 */
void ql_hist_widen(ql_hist *hist, ql_range range, uint64_t count);

/* All three at once: a bin that many values fall into, as 0 after a ReLU, is then waited for only once. */
void ql_hist_count(ql_hist *f, ql_hist *q, ql_hist *e, const ql_slots *slots, size_t n);

/* ql_stats_add and ql_channels_add with the loops given. */
void ql_stats_add_with(const ql_loops *loops, ql_stats *stats, uint64_t sample, const float *f,
                       const float *q, size_t n);
void ql_channels_add_with(const ql_loops *loops, ql_channel *channels, size_t count, const float *f,
                          const float *q, size_t rows);

#endif
