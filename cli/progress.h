/* Progress on standard error: on a terminal once something takes more than a second, elsewhere a line every
 * half minute; and what commands that make results share: the output options and Ctrl-C. */
#ifndef QL_CLI_PROGRESS_H
#define QL_CLI_PROGRESS_H

#include "analyzer/analyzer.h"
#include "cli/command.h"

#include <time.h>

typedef struct {
    const char *what;
    const char *unit; /* of what is counted; NULL: samples */
    struct timespec begun, shown;
    bool terminal, any;
    bool silent; /* another rank tells */
    bool shared; /* with other ranks: signals are caught for the whole command */
} ql_progress;

/* From here on Ctrl-C (or SIGTERM, as batch systems send it) makes ql_progress_step and ql_progress_stop tell
 * so; a second one ends the program, unless `all` are caught. */
void ql_catch_signals(bool all);

void ql_progress_start(ql_progress *progress, const char *what);

/* The same where other ranks may take part: only the first one shows anything. */
void ql_progress_start_shared(ql_progress *progress, const ql_ranks *ranks, const char *what);

/* For ql_engine_options.progress: `user` is a ql_progress. False after Ctrl-C. */
bool ql_progress_step(void *user, uint64_t done, uint64_t total);

/* For ql_exec_options.stop and ql_engine_options.stop: true after Ctrl-C. A second Ctrl-C ends the program.
 */
bool ql_progress_stop(void *user, uint64_t work);
void ql_progress_end(ql_progress *progress);

#endif
