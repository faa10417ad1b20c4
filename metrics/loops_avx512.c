#include "metrics/loops_rows.h"

#if defined(__x86_64__)
#include "metrics/doubles_avx512.h"

#define SQUEEZE       NULL
#define SQUEEZE_BYTES NULL
#include "metrics/loops_body.h"

const ql_loops ql_loops_avx512 = LOOPS("avx512", has_avx512);
#endif
