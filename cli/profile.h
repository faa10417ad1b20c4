/* qloupe run --profile: how long each operator takes, and how near that is to what the machine can do. */
#ifndef QL_CLI_PROFILE_H
#define QL_CLI_PROFILE_H

#include "runtime/runtime.h"

typedef struct {
    size_t runs;
    double best, sum; /* ms */
} ql_op_time;

typedef struct {
    const ql_exec *exec;
    const ql_model *model;
    int subgraph;
    const ql_isa *isa;
    double started, last; /* ms: of processor time; on a monotonic clock */
    ql_op_time *ops;
    double *runs; /* ms of processor time, of every run */
    size_t count, capacity;
} ql_profile;

/* `runs` runs at most will be measured; release with ql_profile_free, also after a failure. */
ql_code ql_profile_start(ql_profile *profile, const ql_exec *exec, const ql_model *model, int subgraph,
                         size_t runs, ql_err *err);
void ql_profile_free(ql_profile *profile);

/* Before a run; a tap that counts each operator's time (user: the profile), which a caller's own tap may call
 * first; after the run. */
void ql_profile_begin(ql_profile *profile);
ql_code ql_profile_tap(void *profile, int op, const ql_view *view, ql_err *err);
void ql_profile_end(ql_profile *profile);

/* Time spent since the last operator ended is nobody's: for taps that do work of their own. */
void ql_profile_skip(ql_profile *profile);

/* The table on standard output. Measures the machine's peaks first (some milliseconds). */
void ql_profile_print(const ql_profile *profile);

#endif
