/* Inside metrics only: counts of a histogram's slots on their way into it, for loops that cannot squeeze.
 * Small counters, four a bin in turns: neighbours often fall into one bin, and one counter would wait for
 * itself. */
#ifndef QL_METRICS_TALLY_H
#define QL_METRICS_TALLY_H

#include "metrics/hist.h"
#include "metrics/loops.h"

#include <string.h>

typedef struct {
    uint16_t count[2 * QL_HIST_SIDE][4];
    size_t held; /* the most that one counter may have come to */
} ql_tally;

/* Counts four slots. Which comes first differs by byte order, which counts the same. */
static inline void ql_count_four(uint64_t *bin, const uint16_t *slot)
{
    enum { SLOT = 2 * QL_HIST_SIDE - 1 };
    uint64_t four;
    memcpy(&four, slot, sizeof four);
    bin[four & SLOT]++;
    bin[four >> 16 & SLOT]++;
    bin[four >> 32 & SLOT]++;
    bin[four >> 48 & SLOT]++;
}

void ql_count_slots(uint64_t *bin, const uint16_t *slot, size_t n);

/* Counts n <= QL_BLOCK slots; each is below 2 * QL_HIST_SIDE. A tally of NULL: right into the bins, which is
 * better for few. */
void ql_tally_add(const ql_loops *loops, ql_tally *tally, ql_hist *hist, const uint16_t *slot, size_t n);

/* Leaves n <= QL_BLOCK slots to be counted, with loops that squeeze; the list must be empty. */
void ql_tally_squeeze(const ql_loops *loops, ql_hist *hist, const uint16_t *slot, size_t n,
                      ql_counting *list);

/* Counts what is left. */
void ql_tally_count(ql_counting *list);

/* Moves what is held to the bins: before these grow, and at the end. */
void ql_tally_flush(ql_tally *tally, ql_hist *hist);

#endif
