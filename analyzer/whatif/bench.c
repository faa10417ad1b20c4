#include "analyzer/whatif/bench.h"

#include "analyzer/whatif/batch.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { BATCH = 160 }; /* plans whose models are in memory at once */

bool ql_bench_stopped(void *user, uint64_t work)
{
    ql_bench *bench = user;
    const ql_engine_options *o = &bench->given;
    return atomic_load_explicit(&bench->canceled, memory_order_relaxed) ||
           (o->stop && o->stop(o->user, work));
}

static const ql_subgraph *graph_of(const ql_bench *bench, int side)
{
    const ql_side *graph = ql_side_of(&bench->given, side);
    return &graph->model->subgraphs[graph->subgraph];
}

/* The candidate's inputs, and the reference's: those that get the same bytes are the same. */
static ql_value_id input_of(const ql_bench *bench, int side, int i)
{
    const ql_subgraph *graph = graph_of(bench, side), *candidate = graph_of(bench, QL_CANDIDATE_SIDE);
    for (int k = 0; side == QL_REFERENCE_SIDE && k < candidate->input_count; k++) {
        if (ql_dataset_same(bench->given.data, side, i, QL_CANDIDATE_SIDE, k)) {
            return bench->inputs[k];
        }
    }
    return ql_value_of_input(&graph->tensors[graph->inputs[i]], side, i);
}

static ql_code number_side(ql_bench *bench, int side, ql_values *values, ql_err *err)
{
    const ql_side *graph = ql_side_of(&bench->given, side);
    int count = graph_of(bench, side)->input_count;
    ql_value_id *inputs = QL_TAKE(&bench->arena, (size_t)count, ql_value_id);
    if (!inputs) {
        return ql_fail_memory(err, (size_t)count * sizeof *inputs);
    }
    for (int i = 0; i < count; i++) {
        inputs[i] = input_of(bench, side, i);
    }
    bench->inputs = side == QL_CANDIDATE_SIDE ? inputs : bench->inputs;
    return ql_values_make(values, graph->model, graph->subgraph, inputs, &bench->constants, &bench->arena,
                          err);
}

/* Other kernels, other bits: then nothing of the reference's run is anything of a plan's. */
static void set_apart(ql_values *values, const ql_subgraph *graph)
{
    for (int t = 0; t < graph->tensor_count && !values->stateful; t++) {
        values->id[t] = (ql_value_id){0};
    }
}

static ql_code number_both(ql_bench *bench, ql_values values[], ql_err *err)
{
    const ql_engine_options *o = &bench->given;
    const ql_model *models[] = {o->reference.model, o->candidate.model};
    const int subgraphs[] = {o->reference.subgraph, o->candidate.subgraph};
    ql_code code =
        ql_value_constants_make(&bench->constants, models, subgraphs, QL_COMPARED_SIDES, &bench->arena, err);
    code = code ? code : number_side(bench, QL_CANDIDATE_SIDE, &values[QL_CANDIDATE_SIDE], err);
    code = code ? code : number_side(bench, QL_REFERENCE_SIDE, &values[QL_REFERENCE_SIDE], err);
    if (!code && o->reference_numerics != o->candidate_numerics) {
        set_apart(&values[QL_REFERENCE_SIDE], graph_of(bench, QL_REFERENCE_SIDE));
    }
    return code;
}

static ql_code find_compared(ql_bench *bench, ql_err *err)
{
    ql_code code = ql_score_outputs_find(&bench->outputs, &bench->given, &bench->arena, err);
    bench->compared = code ? NULL : QL_TAKE(&bench->arena, (size_t)bench->outputs.count + 1, int);
    if (!bench->compared) {
        return code ? code : ql_fail_memory(err, sizeof(int));
    }
    for (int k = 0; k <= bench->outputs.count; k++) {
        int tensor = k < bench->outputs.count ? bench->outputs.compared[k]
                                              : graph_of(bench, QL_REFERENCE_SIDE)->outputs[0];
        bench->compared[k] = bench->kept.at[QL_REFERENCE_SIDE][tensor] - 1;
        bench->loose = bench->loose || bench->compared[k] < 0;
    }
    return QL_OK;
}

static ql_code open_hands(ql_bench *bench, ql_err *err)
{
    int threads = bench->options.threads = bench->budget.threads;
    bench->hands = QL_TAKE(&bench->arena, (size_t)threads, ql_bench_hand);
    for (int h = 0; bench->hands && h < threads; h++) {
        bench->hands[h].reference = QL_TAKE(&bench->arena, (size_t)bench->outputs.count + 1, ql_view);
        if (!bench->hands[h].reference) {
            return ql_fail_memory(err, sizeof(ql_view));
        }
    }
    bench->signal = QL_TAKE(&bench->arena, (size_t)bench->samples, double);
    for (uint64_t i = 0; bench->signal && i < bench->samples; i++) {
        bench->signal[i] = (double)NAN;
    }
    return bench->hands && bench->signal ? QL_OK
                                         : ql_fail_memory(err, (size_t)threads * sizeof(ql_bench_hand));
}

static ql_code start(ql_bench *bench, ql_err *err)
{
    ql_values values[QL_COMPARED_SIDES] = {{0}};
    ql_code code = ql_bench_budget_make(&bench->budget, &bench->given, err);
    if (!code && bench->budget.bound) {
        ql_memory_add(bench->given.memory, bench->budget.kept);
    }
    code = code ? code : number_both(bench, values, err);
    code = code ? code
                : ql_kept_open(&bench->kept, &bench->options, values, &bench->constants, bench->samples,
                               &bench->budget, err);
    code = code ? code : find_compared(bench, err);
    return code ? code : open_hands(bench, err);
}

ql_code ql_bench_open(ql_bench **out, const ql_engine_options *options, ql_err *err)
{
    ql_bench *bench = *out = calloc(1, sizeof *bench);
    if (!bench) {
        return ql_fail_memory(err, sizeof *bench);
    }
    ql_arena_init(&bench->arena, 0);
    atomic_init(&bench->canceled, false);
    bench->given = bench->options = *options;
    bench->options.stop = ql_bench_stopped;
    bench->options.progress = NULL;
    bench->options.user = bench;
    bench->operators = graph_of(bench, QL_CANDIDATE_SIDE)->operator_count;
    uint64_t count = ql_dataset_count(options->data);
    bench->samples = options->limit && options->limit < count ? options->limit : count;
    bench->locked = !pthread_mutex_init(&bench->lock, NULL);
    ql_code code = bench->locked ? start(bench, err) : ql_fail_memory(err, sizeof bench->lock);
    if (code) {
        ql_bench_close(bench);
        *out = NULL;
    }
    return code;
}

void ql_bench_close(ql_bench *bench)
{
    if (!bench) {
        return;
    }
    for (int h = 0; bench->hands && h < bench->options.threads; h++) {
        for (int side = 0; side < QL_COMPARED_SIDES; side++) {
            ql_exec_close(bench->hands[h].exec[side]);
        }
    }
    ql_kept_close(&bench->kept);
    if (bench->budget.bound) {
        ql_memory_give(bench->given.memory, bench->budget.kept);
    }
    if (bench->locked) {
        pthread_mutex_destroy(&bench->lock);
    }
    ql_arena_free(&bench->arena);
    free(bench);
}

uint64_t ql_bench_samples(const ql_bench *bench)
{
    return bench->samples;
}

const ql_engine_options *ql_bench_options(const ql_bench *bench)
{
    return &bench->given;
}

void ql_bench_keep(ql_bench *bench, size_t bytes)
{
    bench->kept.capacity = bytes;
}

void ql_bench_apart(ql_bench *bench, bool apart)
{
    bench->apart = apart;
}

ql_code ql_bench_gather(ql_bench *bench, ql_code code, void *list, size_t count, size_t size, ql_err *err)
{
    ql_ranks *ranks = ql_bench_ranks(bench);
    size_t many = (size_t)ql_ranks_size(ranks), rank = (size_t)ql_ranks_rank(ranks), used = 0, bytes;
    char *entries = list, *own = ranks ? malloc(count * size + 1) : NULL;
    ql_gathered all;
    if (!ranks) {
        return code;
    }
    code = code || own ? code : ql_fail_memory(err, count * size);
    for (size_t i = rank; i < count && !code; i += many, used += size) {
        memcpy(own + used, entries + i * size, size);
    }
    if (code) {
        ql_ranks_stop(ranks);
    }
    code = ql_ranks_share(ranks, code, own, used, &all, err);
    for (size_t i = 0; i < count && !code; i++) {
        const char *from = ql_gathered_of(&all, (int)(i % many), &bytes);
        memcpy(entries + i * size, from + i / many * size, size);
    }
    ql_gathered_free(&all);
    free(own);
    return code;
}

void ql_bench_cancel(ql_bench *bench)
{
    atomic_store(&bench->canceled, true);
}

ql_ranks *ql_bench_ranks(const ql_bench *bench)
{
    return bench->apart || !ql_ranks_many(bench->given.ranks) ? NULL : bench->given.ranks;
}

static uint64_t start_run(ql_bench *bench, uint64_t samples, int plans)
{
    uint64_t each = samples && samples < bench->samples ? samples : bench->samples;
    atomic_store(&bench->canceled, false);
    bench->done = 0;
    bench->total = each * (uint64_t)plans;
    return each;
}

static ql_code evaluate(ql_bench *bench, const ql_layer_mode *const *plans, const double *most, int count,
                        uint64_t samples, ql_bench_result *results, ql_err *err)
{
    uint64_t each = start_run(bench, samples, count);
    ql_code code = QL_OK;
    for (int i = 0; i < count && !code; i += BATCH) {
        int part = count - i < BATCH ? count - i : BATCH;
        code = ql_bench_batch(bench, plans + i, NULL, true, most ? most + i : NULL, part, each, results + i,
                              err);
    }
    return code;
}

/* Plans i, i + ranks, ... of a list, and what came of them. */
typedef struct {
    const ql_layer_mode **plans;
    double *most;
    ql_bench_result *results;
} own_plans;

static ql_code evaluate_own(ql_bench *bench, own_plans *own, const ql_layer_mode *const *plans,
                            const double *most, int count, uint64_t samples, ql_bench_result *results,
                            ql_err *err)
{
    int ranks = ql_ranks_size(bench->given.ranks), rank = ql_ranks_rank(bench->given.ranks), done = 0;
    for (int i = rank; i < count; i += ranks, done++) {
        own->plans[done] = plans[i];
        own->most[done] = most ? most[i] : HUGE_VAL;
    }
    ql_bench_apart(bench, true);
    ql_code code = evaluate(bench, own->plans, most ? own->most : NULL, done, samples, own->results, err);
    ql_bench_apart(bench, false);
    for (int i = 0; i < done && !code; i++) {
        results[rank + i * ranks] = own->results[i];
    }
    return code;
}

/* Whole plans are the better share, as nothing is done twice then; unless some ranks would be idle. */
ql_code ql_bench_evaluate_until(ql_bench *bench, const ql_layer_mode *const *plans, const double *most,
                                int count, uint64_t samples, ql_bench_result *results, ql_err *err)
{
    int ranks = ql_ranks_size(ql_bench_ranks(bench));
    if (ranks < 2 || (count % ranks && count < 4 * ranks)) {
        return evaluate(bench, plans, most, count, samples, results, err);
    }
    size_t room = (size_t)(count / ranks) + 1;
    own_plans own = {calloc(room, sizeof *own.plans), calloc(room, sizeof *own.most),
                     calloc(room, sizeof *own.results)};
    ql_code code = own.plans && own.most && own.results
                       ? evaluate_own(bench, &own, plans, most, count, samples, results, err)
                       : ql_fail_memory(err, room * sizeof *own.results);
    free(own.plans);
    free(own.most);
    free(own.results);
    return ql_bench_gather(bench, code, results, (size_t)count, sizeof *results, err);
}

ql_code ql_bench_evaluate_all(ql_bench *bench, const ql_layer_mode *const *plans, int count, uint64_t samples,
                              ql_bench_result *results, ql_err *err)
{
    return ql_bench_evaluate_until(bench, plans, NULL, count, samples, results, err);
}

ql_code ql_bench_evaluate(ql_bench *bench, const ql_layer_mode *modes, uint64_t samples,
                          ql_bench_result *result, ql_err *err)
{
    return ql_bench_evaluate_all(bench, &modes, 1, samples, result, err);
}

ql_code ql_bench_measure(ql_bench *bench, const ql_model *model, uint64_t samples, ql_whatif_figures *figures,
                         ql_err *err)
{
    uint64_t each = start_run(bench, samples, 1);
    ql_bench_result result;
    ql_code code = ql_bench_batch(bench, NULL, &model, false, NULL, 1, each, &result, err);
    if (!code) {
        *figures = result.figures;
    }
    return code;
}

ql_code ql_bench_measure_all(ql_bench *bench, const ql_model *const *models, int count, uint64_t samples,
                             ql_whatif_figures *figures, ql_err *err)
{
    uint64_t each = start_run(bench, samples, count);
    ql_bench_result *results = calloc((size_t)count + 1, sizeof *results);
    ql_code code = results ? ql_bench_batch(bench, NULL, models, true, NULL, count, each, results, err)
                           : ql_fail_memory(err, (size_t)count * sizeof *results);
    for (int i = 0; i < count && !code; i++) {
        figures[i] = results[i].figures;
    }
    free(results);
    return code;
}

ql_code ql_bench_measure_bytes(ql_bench *bench, const void *bytes, size_t count, uint64_t samples,
                               ql_whatif_figures *figures, ql_err *err)
{
    ql_model *model = NULL;
    ql_code code = ql_model_read(&model, bytes, count, err);
    code = code ? code : ql_bench_measure(bench, model, samples, figures, err);
    ql_model_close(model);
    return code;
}
