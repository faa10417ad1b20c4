/* Inside metrics only: values as the floats that the loops take. */
#ifndef QL_METRICS_BLOCKS_H
#define QL_METRICS_BLOCKS_H

#include "metrics/loops.h"
#include "metrics/raw.h"

/* n values from `start` on: where they are, or in `buffer`. */
const float *ql_raw_block(const ql_raw *values, const ql_loops *loops, size_t start, size_t n, float *buffer);

/* What each level of 8-bit integers stands for, as ql_levels_value. */
void ql_levels_values(const ql_raw *values, const ql_loops *loops, float out[256]);

#endif
