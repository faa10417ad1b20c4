#include "analyzer/compare/engine.h"

#include "analyzer/compare/worker.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

ql_code ql_comparison_make(ql_comparison *comparison, int pairs, ql_err *err)
{
    *comparison = (ql_comparison){.pairs = calloc((size_t)pairs + 1, sizeof *comparison->pairs)};
    return comparison->pairs ? QL_OK : ql_fail_memory(err, (size_t)pairs * sizeof *comparison->pairs);
}

void ql_comparison_free(ql_comparison *comparison)
{
    free(comparison->pairs);
    *comparison = (ql_comparison){0};
}

void ql_comparison_merge(ql_comparison *into, const ql_comparison *from, int pairs)
{
    for (int i = 0; i < pairs; i++) {
        ql_stats_merge(&into->pairs[i].cumulative, &from->pairs[i].cumulative);
        ql_stats_merge(&into->pairs[i].local, &from->pairs[i].local);
        into->pairs[i].has_local |= from->pairs[i].has_local;
    }
    ql_agreement_merge(&into->task.agreement, &from->task.agreement);
    into->task.labelled += from->task.labelled;
    into->task.reference_right += from->task.reference_right;
    into->task.candidate_right += from->task.candidate_right;
    into->samples += from->samples;
}

typedef struct {
    const ql_engine_options *options;
    pthread_mutex_t lock; /* of the rest */
    uint64_t next, done, total;
    bool stop;
    ql_code code;
    ql_err err;
} ql_job;

typedef struct {
    ql_job *job;
    ql_comparison part;
    pthread_t thread;
} ql_hand;

/* The next sample's index, or false when there is none or the run was stopped. */
static bool take(ql_job *job, uint64_t *i)
{
    pthread_mutex_lock(&job->lock);
    bool any = !job->stop && job->next < job->total;
    *i = job->next;
    job->next += any;
    pthread_mutex_unlock(&job->lock);
    return any;
}

static void report(ql_job *job, ql_code code, const ql_err *err)
{
    const ql_engine_options *o = job->options;
    pthread_mutex_lock(&job->lock);
    job->done++;
    if (code && !job->code) {
        job->code = code;
        job->err = *err;
    }
    if (!code && o->progress && !job->stop && !o->progress(o->user, job->done, job->total)) {
        job->code = job->code ? job->code : ql_fail(&job->err, QL_E_INTERRUPTED, "interrupted");
    }
    job->stop = job->stop || job->code;
    pthread_mutex_unlock(&job->lock);
}

static void *work(void *argument)
{
    ql_hand *hand = argument;
    ql_err err;
    ql_err_clear(&err);
    ql_worker *worker = NULL;
    ql_code code = ql_worker_open(&worker, hand->job->options, &hand->part, &err);
    if (code) {
        report(hand->job, code, &err);
    }
    for (uint64_t i; !code && take(hand->job, &i);) {
        code = ql_worker_sample(worker, ql_dataset_sample(hand->job->options->data, i), &err);
        report(hand->job, code, &err);
    }
    ql_worker_close(worker);
    return NULL;
}

static ql_code run_hands(ql_hand *hands, int count, ql_err *err)
{
    ql_code code = QL_OK;
    int started = 0;
    for (; started < count && !code; started++) {
        if (pthread_create(&hands[started].thread, NULL, work, &hands[started])) {
            code = ql_fail(err, QL_E_NOMEM, "a thread was refused by the system");
            break;
        }
    }
    for (int i = 0; i < started; i++) {
        pthread_join(hands[i].thread, NULL);
    }
    return code;
}

static ql_code run_job(ql_job *job, ql_hand *hands, int count, ql_comparison *comparison, ql_err *err)
{
    int pairs = job->options->pairing->pair_count;
    ql_code code = QL_OK;
    for (int i = 0; i < count && !code; i++) {
        hands[i].job = job;
        code = ql_comparison_make(&hands[i].part, pairs, err);
    }
    code = code ? code : run_hands(hands, count, err);
    if (!code && job->code) {
        *err = job->err;
        code = job->code;
    }
    for (int i = 0; i < count; i++) {
        if (!code) {
            ql_comparison_merge(comparison, &hands[i].part, pairs);
        }
        ql_comparison_free(&hands[i].part);
    }
    return code;
}

ql_code ql_engine_run(const ql_engine_options *options, ql_comparison *comparison, ql_err *err)
{
    ql_code code = ql_comparison_make(comparison, options->pairing->pair_count, err);
    if (code) {
        return code;
    }
    ql_job job = {.options = options, .total = ql_dataset_count(options->data)};
    int count = options->threads < 1 ? 1 : options->threads;
    count = (uint64_t)count > job.total ? (int)(job.total ? job.total : 1) : count;
    ql_hand *hands = calloc((size_t)count, sizeof *hands);
    if (!hands || pthread_mutex_init(&job.lock, NULL)) {
        free(hands);
        ql_comparison_free(comparison);
        return ql_fail_memory(err, (size_t)count * sizeof *hands);
    }
    code = run_job(&job, hands, count, comparison, err);
    pthread_mutex_destroy(&job.lock);
    free(hands);
    if (code) {
        ql_comparison_free(comparison);
    }
    return code;
}
