/* One batch of plans on a bench. Kept inside analyzer/whatif. */
#ifndef QL_WHATIF_BATCH_H
#define QL_WHATIF_BATCH_H

#include "analyzer/whatif/bench.h"
#include "analyzer/whatif/kept.h"
#include "analyzer/whatif/score.h"

#include <pthread.h>
#include <stdatomic.h>

/* A thread's own. */
typedef struct {
    ql_exec *exec[QL_COMPARED_SIDES]; /* of the models as they are */
    ql_view *reference;               /* one a compared output, and the first output */
} ql_bench_hand;

struct ql_bench {
    ql_engine_options given;   /* the caller's */
    ql_engine_options options; /* the same with our stop and progress */
    int operators;             /* of the candidate */
    uint64_t samples;
    ql_arena arena;
    ql_value_constants constants;
    ql_value_id *inputs; /* of the candidate's graph inputs */
    ql_kept kept;
    ql_bench_budget budget;
    ql_score_outputs outputs;
    int *compared; /* source of each output's counterpart, then of the reference's first output; -1: none */
    bool loose;    /* the reference's outputs have shapes that are not known before the run */
    ql_bench_hand *hands;
    pthread_mutex_t lock; /* of what follows */
    bool locked;          /* the lock was made */
    uint64_t done, total; /* samples of the plans under way */
    double *signal;       /* by sample: sum of squares of the reference's outputs; NaN: not measured yet */
    atomic_bool canceled;
    bool apart; /* plans are not measured together with other ranks for now */
};

/* The ranks that share this bench's work; NULL: none do. */
ql_ranks *ql_bench_ranks(const ql_bench *bench);

/* For ql_engine_options.stop: `user` is the bench. */
bool ql_bench_stopped(void *user, uint64_t work);

/* One more sample is done: tells progress. INTERRUPTED when it is to end. */
ql_code ql_bench_advance(ql_bench *bench, ql_err *err);

/* Measures `count` plans on the first `samples` samples; `models` are models to be measured as they are in
 * place of plans (then `plans` is NULL), and run whole unless they are to be `cut`. results[i].cost is filled
 * in for plans only. `most`: as for ql_bench_evaluate_until; NULL: every plan is measured to the end. With
 * other ranks each runs its share of the samples. */
ql_code ql_bench_batch(ql_bench *bench, const ql_layer_mode *const *plans, const ql_model *const *models,
                       bool cut, const double *most, int count, uint64_t samples, ql_bench_result *results,
                       ql_err *err);

#endif
