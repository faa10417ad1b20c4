#include "analyzer/compare/engine.h"

#include "analyzer/compare/worker.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

static bool has_channels(const ql_tensor *reference, const ql_tensor *candidate)
{
    int32_t last = reference->rank ? reference->shape[reference->rank - 1] : 0;
    bool plain = candidate->type != QL_F32 && candidate->type != QL_F16 && !candidate->quant.scale_count;
    return reference->rank >= 2 && reference->rank <= 5 && last >= 2 && last <= 4096 && !plain &&
           candidate->rank == reference->rank && candidate->shape[candidate->rank - 1] == last;
}

ql_code ql_engine_channels(const ql_engine_options *o, size_t **channels, ql_err *err)
{
    const ql_tensor *reference = o->reference.model->subgraphs[o->reference.subgraph].tensors;
    const ql_tensor *candidate = o->candidate.model->subgraphs[o->candidate.subgraph].tensors;
    size_t *counts = *channels = calloc((size_t)o->pairing->pair_count + 1, sizeof *counts);
    for (int i = 0; counts && i < o->pairing->pair_count; i++) {
        const ql_pair *pair = &o->pairing->pairs[i];
        const ql_tensor *tensor = &reference[pair->reference];
        counts[i] =
            has_channels(tensor, &candidate[pair->candidate]) ? (size_t)tensor->shape[tensor->rank - 1] : 0;
    }
    return counts ? QL_OK : ql_fail_memory(err, (size_t)o->pairing->pair_count * sizeof *counts);
}

size_t ql_engine_statistics(const ql_engine_options *o, const size_t *channels)
{
    size_t bytes = (size_t)o->pairing->pair_count * sizeof(ql_pair_stats);
    for (int i = 0; i < o->pairing->pair_count; i++) {
        bytes += channels[i] * sizeof(ql_channel);
    }
    return bytes;
}

ql_task_shape ql_engine_task(const ql_engine_options *o)
{
    const ql_subgraph *graph = &o->reference.model->subgraphs[o->reference.subgraph];
    const ql_tensor *output = graph->output_count ? &graph->tensors[graph->outputs[0]] : NULL;
    int32_t classes = output && output->rank ? output->shape[output->rank - 1] : 0;
    bool rows = false;
    for (int i = 0; output && i + 1 < output->rank; i++) {
        bool open = output->signature && output->signature[i] < 0;
        rows = rows || output->shape[i] > 1 || (open && i > 0);
    }
    int64_t label;
    return (ql_task_shape){.classes = classes >= 2 && classes <= QL_MAX_CLASSES ? classes : 0,
                           .labels = ql_dataset_label(o->data, 0, &label),
                           .rows = rows};
}

ql_code ql_comparison_make(ql_comparison *comparison, int pairs, const size_t *channels, ql_task_shape task,
                           ql_err *err)
{
    size_t total = 0;
    for (int i = 0; channels && i < pairs; i++) {
        total += channels[i];
    }
    *comparison = (ql_comparison){.pairs = calloc((size_t)pairs + 1, sizeof *comparison->pairs),
                                  .pair_count = pairs,
                                  .channels = calloc(total + 1, sizeof *comparison->channels)};
    ql_code code = ql_task_make(&comparison->task, task, err);
    if (!comparison->pairs || !comparison->channels) {
        code = ql_fail_memory(err, (size_t)pairs * sizeof *comparison->pairs + total * sizeof(ql_channel));
    }
    if (code) {
        ql_comparison_free(comparison);
        return code;
    }
    ql_channel *next = comparison->channels;
    for (int i = 0; channels && i < pairs; i++) {
        comparison->pairs[i].channels = channels[i] ? next : NULL;
        comparison->pairs[i].channel_count = channels[i];
        next += channels[i];
    }
    return QL_OK;
}

void ql_comparison_free(ql_comparison *comparison)
{
    free(comparison->pairs);
    free(comparison->channels);
    ql_task_free(&comparison->task);
    *comparison = (ql_comparison){0};
}

static void merge_pair(ql_pair_stats *into, const ql_pair_stats *from)
{
    ql_stats_merge(&into->cumulative, &from->cumulative);
    ql_hist_merge(&into->errors, &from->errors);
    ql_stats_merge(&into->local, &from->local);
    into->has_local |= from->has_local;
    ql_split_merge(&into->split, &from->split);
    ql_scatter_merge(&into->scatter, &from->scatter);
    ql_channels_merge(into->channels, from->channels, into->channel_count);
    for (int i = 0; i < 4; i++) {
        into->levels[i] |= from->levels[i];
    }
}

void ql_comparison_merge(ql_comparison *into, const ql_comparison *from)
{
    for (int i = 0; i < into->pair_count; i++) {
        merge_pair(&into->pairs[i], &from->pairs[i]);
    }
    ql_task_merge(&into->task, &from->task);
    into->samples += from->samples;
    into->threads = from->threads > into->threads ? from->threads : into->threads;
}

void ql_comparison_take(ql_comparison *into, ql_comparison *from)
{
    if (into->samples) {
        ql_comparison_merge(into, from);
    } else {
        ql_comparison emptied = *into;
        int threads = into->threads > from->threads ? into->threads : from->threads;
        *into = *from;
        into->threads = threads;
        *from = emptied;
    }
    ql_comparison_free(from);
}

typedef struct {
    const ql_engine_options *options;
    ql_model *split;      /* the reference with the candidate's weights; NULL: not asked for */
    ql_worker_room room;  /* of the first worker; the others take over what it prepared */
    pthread_mutex_t lock; /* of the rest */
    uint64_t next, done, total;
    bool stop;
    ql_code code;
    ql_err err;
} ql_job;

typedef struct {
    ql_job *job;
    ql_comparison part;
    ql_worker *worker;
    pthread_t thread;
} ql_hand;

/* The next sample's index, or false when there is none or the run was stopped. */
static bool take(ql_job *job, uint64_t *i)
{
    pthread_mutex_lock(&job->lock);
    const ql_engine_options *o = job->options;
    job->stop = job->stop || (job->next < job->total && o->enough && o->enough(o->user));
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
    ql_code code = QL_OK;
    ql_err err;
    ql_err_clear(&err);
    for (uint64_t i; !code && take(hand->job, &i);) {
        const ql_engine_options *o = hand->job->options;
        code = ql_worker_sample(hand->worker, ql_dataset_sample(o->data, o->from + i), &err);
        report(hand->job, code, &err);
    }
    return NULL;
}

/* Before any of them runs: what the first has prepared is read while it is still. */
static ql_code open_workers(ql_hand *hands, int count, ql_err *err)
{
    ql_code code = QL_OK;
    for (int i = 0; i < count && !code; i++) {
        const ql_job *job = hands[i].job;
        ql_worker_room room = job->room;
        room.pack_bytes = i ? 0 : room.pack_bytes;
        room.threads = job->options->threads / count; /* more than workers: they help within operators */
        code = ql_worker_open(&hands[i].worker, job->options, job->split, i ? hands[0].worker : NULL, room,
                              &hands[i].part, err);
    }
    return code;
}

static void close_workers(ql_hand *hands, int count)
{
    for (int i = count - 1; i >= 0; i--) { /* the first lends to the others */
        ql_worker_close(hands[i].worker);
        hands[i].worker = NULL;
    }
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

static ql_code make_split_model(const ql_engine_options *o, ql_model **model, ql_err *err)
{
    *model = NULL;
    return o->local && o->split ? ql_split_model_make(model, o->reference, o->candidate, o->pairing, err)
                                : QL_OK;
}

static ql_code run_job(ql_job *job, ql_hand *hands, int count, const size_t *channels,
                       ql_comparison *comparison, ql_err *err)
{
    int pairs = job->options->pairing->pair_count;
    ql_task_shape task = ql_engine_task(job->options);
    ql_code code = QL_OK;
    for (int i = 0; i < count && !code; i++) {
        hands[i].job = job;
        code = ql_comparison_make(&hands[i].part, pairs, channels, task, err);
    }
    code = code ? code : open_workers(hands, count, err);
    code = code ? code : run_hands(hands, count, err);
    close_workers(hands, count);
    if (!code && job->code) {
        *err = job->err;
        code = job->code;
    }
    for (int i = 0; i < count; i++) {
        if (!code) {
            ql_comparison_take(comparison, &hands[i].part);
        } else {
            ql_comparison_free(&hands[i].part);
        }
    }
    return code;
}

static size_t split_bytes(const ql_model *split)
{
    return split ? split->arena.taken : 0;
}

/* As many workers as memory allows; what they leave of it is for packed weights. */
static ql_code choose_workers(ql_job *job, const size_t *channels, int *count, ql_err *err)
{
    const ql_engine_options *o = job->options;
    ql_worker *bare = NULL, *next = NULL;
    if (!o->memory) {
        return QL_OK;
    }
    ql_engine_options free_of = *o;
    free_of.memory = NULL;
    ql_worker_room room = {.plan_only = true, .pack_bound = true, .threads = o->threads};
    ql_code code = ql_worker_open(&bare, &free_of, job->split, NULL, room, NULL, err);
    code = code ? code : ql_worker_open(&next, &free_of, job->split, bare, room, NULL, err);
    size_t first = code ? 0 : ql_worker_need(bare), stats = ql_engine_statistics(o, channels);
    size_t each = stats + (code ? 0 : ql_worker_need(next));
    ql_worker_close(next);
    ql_worker_close(bare);
    size_t limit = o->memory->limit;
    size_t least = ql_memory_used(o->memory) + 2 * stats + split_bytes(job->split) + first;
    if (!code && least > limit) {
        code = ql_fail(err, QL_E_NOMEM, "at least %zu bytes of memory are needed: at most %zu are allowed",
                       least, limit);
    }
    if (code) {
        return code;
    }
    size_t more = (limit - least) / (each ? each : 1);
    *count = more < (size_t)*count ? (int)more + 1 : *count;
    size_t left = limit - least - (size_t)(*count - 1) * each;
    job->room = (ql_worker_room){.pack_bound = true, .pack_bytes = left};
    return QL_OK;
}

ql_code ql_engine_run(const ql_engine_options *options, ql_comparison *comparison, ql_err *err)
{
    ql_model *split;
    uint64_t all = ql_dataset_count(options->data);
    ql_job job = {.options = options, .total = all > options->from ? all - options->from : 0};
    job.total = options->limit && options->limit < job.total ? options->limit : job.total;
    int count = options->threads < 1 ? 1 : options->threads;
    count = (uint64_t)count > job.total ? (int)(job.total ? job.total : 1) : count;
    *comparison = (ql_comparison){0};
    size_t *channels;
    ql_code code = ql_engine_channels(options, &channels, err);
    code = code ? code : make_split_model(options, &split, err);
    job.split = code ? NULL : split;
    code = code ? code : choose_workers(&job, channels, &count, err);
    ql_hand *hands = code ? NULL : calloc((size_t)count, sizeof *hands);
    if (!code && (!hands || pthread_mutex_init(&job.lock, NULL))) {
        code = ql_fail_memory(err, (size_t)count * sizeof *hands);
    } else if (!code) {
        size_t counted = options->memory ? ql_engine_statistics(options, channels) * (size_t)(count + 1) : 0;
        ql_memory_add(options->memory, counted + split_bytes(job.split));
        code = run_job(&job, hands, count, channels, comparison, err);
        ql_memory_give(options->memory, counted + split_bytes(job.split));
        comparison->threads = count;
        pthread_mutex_destroy(&job.lock);
    }
    ql_split_model_free(job.split);
    free(hands);
    free(channels);
    if (code) {
        ql_comparison_free(comparison);
    }
    return code;
}
