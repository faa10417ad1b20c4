/* The tui room: a result shown on a terminal, to move around in. */
#ifndef QL_TUI_H
#define QL_TUI_H

#include "reports/reports.h"

/* What a running comparison tells the screen; every call may come from any thread. */
typedef struct ql_tui_feed ql_tui_feed;

/* A document to show instead of the one before: first the frame, then with ever more samples (taken). */
void ql_tui_show(ql_tui_feed *feed, ql_json *doc);

/* How far it is. False: the reader wants it stopped. For ql_engine_options.progress by way of the caller. */
bool ql_tui_progress(ql_tui_feed *feed, uint64_t done, uint64_t total);

/* A sample that both models have run. For ql_engine_options.sampled by way of the caller. */
void ql_tui_sample(ql_tui_feed *feed, const ql_sample_scores *scores);

typedef struct {
    ql_json *doc;       /* a saved result (taken), or NULL: `run` shows one */
    const char *file;   /* its name, for the command line that `y` shows */
    const char *config; /* the file that keeps the reader's choices, NULL: none */

    /* Compares, in a thread of its own; stops soon after ql_tui_progress was false. What it shows last stays
     * on the screen; its error too. */
    ql_code (*run)(void *user, ql_tui_feed *feed, ql_err *err);
    void *user;

    /* The models, their pairing and the data, to measure plans with; NULL: a saved result. Its `stop`,
     * `progress` and `user` are not used. */
    const ql_engine_options *engine;

    /* The pairs that plans are measured with, where `engine` has only some of them; NULL: the same. */
    const ql_pairing *whole;
} ql_tui_options;

/* Shows it until the reader quits. Standard input and output must be a terminal that can move its cursor:
 * USAGE otherwise. FORMAT: not a comparison. Signals that end the program find the terminal as it was. What
 * is written to standard error meanwhile appears afterwards. */
ql_code ql_tui_run(const ql_tui_options *options, ql_err *err);

/* Is there such a terminal? USAGE with a sentence; to be asked before work is begun. */
ql_code ql_tui_check(ql_err *err);

#endif
