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

/* One sample's tensor as `rows` rows of `count` channels. */
typedef struct {
    const float *f;
    const ql_raw *q;
    size_t rows, count;
} ql_rows;

enum { QL_GROUP = 512 };

/* Neighbouring channels gathered at once. */
typedef struct {
    size_t first, width; /* lanes: width <= QL_GROUP */
    size_t times;        /* rows side by side in them, so that they fill registers */
    ql_channel_lanes lanes[QL_GROUP / QL_LANES];
} ql_group;

/* Sums of f^2 and e^2. */
typedef struct {
    double ff, ee;
} ql_power;

/* How many rows of `count` channels side by side are a multiple of QL_LANES; 0: more than a group holds. */
size_t ql_group_times(size_t count);

/* Makes the lanes ready for those from `first` on of `count` channels, `times` of them side by side. */
void ql_group_start(ql_group *group, size_t first, size_t count, size_t times);

/* Adds the rows from `row` on one by one: the last, fewer than go side by side. */
void ql_group_rest(ql_group *group, const ql_rows *of, size_t row);

/* Adds what all rows of the tensor have left in the lanes to the channels; the sum of what was added. */
ql_power ql_group_end(const ql_group *group, const ql_rows *of, ql_channel *channels);

/* Sums of one sample's tensor. */
typedef struct {
    double sum[QL_SUM_COUNT];
    double worst;             /* the largest |e|, meaningful when count > 0, */
    size_t worst_at, worst_n; /* and the elements it is among */
    uint64_t count;
} ql_partial;

/* Adds them, of at least one element, with the place of the largest |e|. */
void ql_stats_add_partial(ql_stats *stats, const ql_partial *part, ql_place worst);

/* ql_stats_add_values and ql_channels_add with the loops given. */
void ql_stats_add_with(const ql_loops *loops, ql_stats *stats, uint64_t sample, const float *f,
                       const ql_raw *q, size_t n, const ql_stats_also *also);
void ql_channels_add_with(const ql_loops *loops, ql_channel *channels, const ql_rows *of);

#endif
