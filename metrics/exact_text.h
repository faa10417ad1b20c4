/* Inside metrics only: a sum as a part of a longer text. */
#ifndef QL_METRICS_EXACT_TEXT_H
#define QL_METRICS_EXACT_TEXT_H

#include "metrics/exact.h"
#include "metrics/text.h"

void ql_exact_put(ql_compact *text, const ql_exact *sum);

/* Lenient about form (leading zeros and the like): the caller compares what it writes back. */
void ql_exact_get(ql_reader *reader, ql_exact *sum);

/* Replaces the digits by those of |sum|, each in 0..2^32-1; true when the sum is negative. */
bool ql_exact_magnitude(ql_exact *sum);

#endif
