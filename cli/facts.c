#include "cli/facts.h"

void ql_clock_start(ql_clock *clock)
{
    time_t now = time(NULL);
    struct tm utc;
    clock_gettime(CLOCK_MONOTONIC, &clock->begun);
    strftime(clock->started, sizeof clock->started, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &utc));
}

ql_code ql_clock_sign(const ql_clock *clock, const ql_line *line, const ql_run_facts *facts,
                      ql_json *document, ql_err *err)
{
    struct timespec now;
    ql_run_facts all = facts ? *facts : (ql_run_facts){.threads = 1, .shards = 1};
    clock_gettime(CLOCK_MONOTONIC, &now);
    all.argc = line->argc;
    all.argv = line->argv;
    all.started = clock->started;
    all.seconds =
        (double)(now.tv_sec - clock->begun.tv_sec) + (double)(now.tv_nsec - clock->begun.tv_nsec) * 1e-9;
    return ql_result_sign(document, &all, err);
}
