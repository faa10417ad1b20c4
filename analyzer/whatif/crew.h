/* Threads for a list of jobs. Kept inside analyzer/whatif. */
#ifndef QL_WHATIF_CREW_H
#define QL_WHATIF_CREW_H

#include "runtime/runtime.h"

/* Does job number `job`; `hand` is which thread does it, from 0. */
typedef ql_code (*ql_crew_work)(void *user, int hand, uint64_t job, ql_err *err);

/* Does jobs 0 .. jobs-1, in that order but on up to `hands` threads at once; returns when none is under way.
 * After an error no job is begun any more; the first error is the result. */
ql_code ql_crew_run(int hands, uint64_t jobs, ql_crew_work work, void *user, ql_err *err);

#endif
