/* What names a run, for the member "run" of a JSON document. */
#ifndef QL_CLI_FACTS_H
#define QL_CLI_FACTS_H

#include "analyzer/analyzer.h"
#include "cli/command.h"

#include <time.h>

typedef struct {
    struct timespec begun;
    char started[32]; /* ISO 8601, UTC */
} ql_clock;

void ql_clock_start(ql_clock *clock);

/* Puts "run" into the document: the line, when it started, how long it took, and threads and shards of
 * `facts` (NULL: one of each). */
ql_code ql_clock_sign(const ql_clock *clock, const ql_line *line, const ql_run_facts *facts,
                      ql_json *document, ql_err *err);

#endif
