/* Runs a reference and a candidate model side by side and gathers the error of every pair of tensors.
 *
 *   cumulative  the tensor in the candidate's run against its counterpart in the reference's: what a user
 * sees local       the operator's counterpart in the reference, fed the very inputs that the candidate's
 * operator had, against the candidate's output: what this operator is guilty of
 *
 * The samples may be split over threads and shards in any way: statistics merge to the same bits.
 */
#ifndef QL_COMPARE_ENGINE_H
#define QL_COMPARE_ENGINE_H

#include "analyzer/compare/split.h"
#include "analyzer/compare/task.h"
#include "analyzer/data/dataset.h"
#include "analyzer/pair/pair.h"
#include "analyzer/ranks/ranks.h"
#include "metrics/metrics.h"
#include "runtime/runtime.h"

typedef struct {
    ql_stats cumulative;
    ql_hist errors; /* of the cumulative figures */
    ql_stats local;
    bool has_local;       /* some sample had a local figure */
    ql_channel *channels; /* cumulative error by channel (last axis); NULL: not a tensor with channels */
    size_t channel_count;
    ql_split split;     /* empty unless asked for */
    ql_scatter scatter; /* cumulative: a few elements of all */
    uint64_t levels[4]; /* bit set of the 8-bit values seen, from the type's lowest on */
} ql_pair_stats;

typedef struct {
    ql_pair_stats *pairs; /* one a pair of the pairing */
    int pair_count;
    ql_channel *channels; /* memory of the pairs' channels */
    ql_task_stats task;
    uint64_t samples;
    int threads; /* that it took, at most; 0: it was not run here */
} ql_comparison;

/* What both models say of a sample: their first outputs as real values, rows of `row` scores. */
typedef struct {
    uint64_t sample;
    const float *reference, *candidate;
    size_t count, row;
    const int64_t *label; /* NULL: none */
} ql_sample_scores;

typedef struct {
    ql_side reference, candidate;
    const ql_pairing *pairing;
    const ql_dataset *data;
    const ql_numerics *reference_numerics, *candidate_numerics; /* NULL: the default */
    int threads;                                                /* at least 1 */
    bool local;                                                 /* gather local errors too */
    bool split;                                                 /* and where they come from (with `local`) */
    /* Local errors on the reference run's inputs instead: the candidate's operator gets them on its inputs'
     * grid, and its output is compared with the reference run's. */
    bool local_from_reference;
    /* Counts what is taken, and bounds it: as many threads work and as many weights are packed as it allows.
     * NULL: no bound. */
    ql_memory *memory;
    uint64_t limit; /* at most so many of the data's samples; 0: all */
    /* ql_engine_run only: passes over so many of them; and asked before each sample: true takes no more, and
     * what was run are the next ql_comparison.samples ones. NULL allowed. */
    uint64_t from;
    bool (*enough)(void *user);
    /* Called now and then from worker threads, one at a time: false stops the run (QL_E_INTERRUPTED). NULL
     * allowed. */
    bool (*progress)(void *user, uint64_t done, uint64_t total);
    /* As ql_exec_options.stop, from several threads at once: true ends a sample under way. NULL allowed. */
    bool (*stop)(void *user, uint64_t work);
    /* Shown every sample that has been run, from several threads at once. NULL allowed. */
    void (*sampled)(void *user, const ql_sample_scores *scores);
    void *user;
    ql_ranks *ranks; /* that plans are measured with together (ql_bench_open); NULL: alone */
} ql_engine_options;

/* Fills `comparison`, whose memory is released by ql_comparison_free. */
ql_code ql_engine_run(const ql_engine_options *options, ql_comparison *comparison, ql_err *err);

/* A comparison of `pairs` pairs with nothing in it; `channels` (may be NULL: none) says how many each has. */
ql_code ql_comparison_make(ql_comparison *comparison, int pairs, const size_t *channels, ql_task_shape task,
                           ql_err *err);
void ql_comparison_free(ql_comparison *comparison);
void ql_comparison_merge(ql_comparison *into, const ql_comparison *from);

/* The same, and releases `from`. */
void ql_comparison_take(ql_comparison *into, ql_comparison *from);

/* How many channels each pair of the pairing has, the rule for which have any: rank 2 to 5, last dimension 2
 * to 4096, float or quantized. The list is released with free. */
ql_code ql_engine_channels(const ql_engine_options *options, size_t **channels, ql_err *err);

/* Bytes of one thread's statistics. */
size_t ql_engine_statistics(const ql_engine_options *options, const size_t *channels);

/* What figures of the task the models and data have. */
ql_task_shape ql_engine_task(const ql_engine_options *options);

#endif
