#include "cli/progress.h"

#include <signal.h>
#include <stdio.h>
#include <unistd.h>

/* Set by the signal handler: the one thing a program has that is its process's alone. */
static volatile sig_atomic_t interrupted;
static const int signals[] = {SIGINT, SIGTERM};
enum { SIGNALS = sizeof signals / sizeof *signals };

static void interrupt(int number)
{
    (void)number;
    interrupted = 1;
}

void ql_catch_signals(bool all)
{
    struct sigaction action = {.sa_handler = interrupt, .sa_flags = all ? 0 : (int)SA_RESETHAND};
    for (int i = 0; i < SIGNALS; i++) {
        sigaction(signals[i], &action, NULL);
    }
}

static double since(const struct timespec *then)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)(now.tv_sec - then->tv_sec) + (double)(now.tv_nsec - then->tv_nsec) * 1e-9;
}

void ql_progress_start(ql_progress *progress, const char *what)
{
    *progress = (ql_progress){.what = what, .terminal = isatty(STDERR_FILENO)};
    clock_gettime(CLOCK_MONOTONIC, &progress->begun);
    progress->shown = progress->begun;
    ql_catch_signals(false);
}

void ql_progress_start_shared(ql_progress *progress, const ql_ranks *ranks, const char *what)
{
    ql_progress_start(progress, what);
    if (ql_ranks_many(ranks)) {
        progress->shared = true;
        progress->silent = !ql_ranks_first(ranks);
        ql_catch_signals(true);
    }
}

static const double FIRST = 1, AGAIN = 0.2, IN_LOGS = 30; /* seconds */

/* `total` 0: how many there will be is not known. */
static void show(const ql_progress *progress, double spent, uint64_t done, uint64_t total)
{
    const char *before = progress->terminal ? "\r\033[K" : "qloupe: ",
               *after = progress->terminal ? "" : "\n";
    if (total) {
        double left = spent / (double)done * (double)(total - done);
        fprintf(stderr, "%s%s %llu of %llu %s, %.0f s left%s", before, progress->what,
                (unsigned long long)done, (unsigned long long)total,
                progress->unit ? progress->unit : "samples", left, after);
    } else {
        fprintf(stderr, "%s%s, %llu plans tried%s", before, progress->what, (unsigned long long)done, after);
    }
}

bool ql_progress_step(void *user, uint64_t done, uint64_t total)
{
    ql_progress *progress = user;
    double spent = since(&progress->begun);
    double first = progress->terminal ? FIRST : IN_LOGS, again = progress->terminal ? AGAIN : IN_LOGS;
    if (!progress->silent && done && spent > first && since(&progress->shown) > again) {
        show(progress, spent, done, total);
        clock_gettime(CLOCK_MONOTONIC, &progress->shown);
        progress->any = progress->terminal;
    }
    return !interrupted;
}

bool ql_progress_stop(void *user, uint64_t work)
{
    (void)user;
    (void)work;
    return interrupted;
}

void ql_progress_end(ql_progress *progress)
{
    if (progress->any) {
        fprintf(stderr, "\r\033[K");
    }
    for (int i = 0; i < SIGNALS && !progress->shared; i++) {
        signal(signals[i], SIG_DFL);
    }
}
