/* Error statistics over two arrays of numbers: exact mergeable sums, histograms, the table of metrics, ranks.
 * Knows arrays, not models; allocates nothing; every state depends only on what was added, not on the order.
 */
#ifndef QL_METRICS_H
#define QL_METRICS_H

#include "metrics/channels.h"
#include "metrics/exact.h"
#include "metrics/hist.h"
#include "metrics/moments.h"
#include "metrics/noise.h"
#include "metrics/rank.h"
#include "metrics/raw.h"
#include "metrics/scatter.h"
#include "metrics/share.h"
#include "metrics/stats.h"
#include "metrics/table.h"

#endif
