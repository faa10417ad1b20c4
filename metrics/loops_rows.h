/* Inside metrics only: the compiled loops besides the portable ones. */
#ifndef QL_METRICS_LOOPS_ROWS_H
#define QL_METRICS_LOOPS_ROWS_H

#include "metrics/loops.h"

#if defined(__x86_64__)
extern const ql_loops ql_loops_avx2, ql_loops_avx512, ql_loops_vbmi2;
#endif

#endif
