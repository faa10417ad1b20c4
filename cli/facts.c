#include "cli/facts.h"

void ql_clock_start(ql_clock *clock)
{
    time_t now = time(NULL);
    struct tm utc;
    clock_gettime(CLOCK_MONOTONIC, &clock->begun);
    strftime(clock->started, sizeof clock->started, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &utc));
}

ql_code ql_clock_sign(const ql_clock *clock, const ql_line *line, ql_json *document, ql_err *err)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    ql_run_facts facts = {
        .argc = line->argc,
        .argv = line->argv,
        .threads = 1,
        .shards = 1,
        .seconds =
            (double)(now.tv_sec - clock->begun.tv_sec) + (double)(now.tv_nsec - clock->begun.tv_nsec) * 1e-9,
        .started = clock->started,
    };
    return ql_result_sign(document, &facts, err);
}
