/* Inside metrics only: counts of a histogram's slots on their way into it. Small counters, four a bin in
 * turns: neighbours often fall into one bin, and one counter would wait for itself. */
#ifndef QL_METRICS_TALLY_H
#define QL_METRICS_TALLY_H

#include "metrics/hist.h"

typedef struct {
    uint16_t count[2 * QL_HIST_SIDE][4];
    size_t held; /* the most that one counter may have come to */
} ql_tally;

/* Counts n slots of one histogram, or of two at once; each is below 2 * QL_HIST_SIDE. A tally of NULL: right
 * into the bins, which is better for few. */
void ql_tally_add(ql_tally *tally, ql_hist *hist, const uint16_t *slot, size_t n);
void ql_tally_add_both(ql_tally *a, ql_hist *of_a, const uint16_t *slot_a, ql_tally *b, ql_hist *of_b,
                       const uint16_t *slot_b, size_t n);

/* Moves what is held to the bins: before these grow, and at the end. */
void ql_tally_flush(ql_tally *tally, ql_hist *hist);

#endif
