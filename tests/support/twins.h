/* A float model, its quantized twin and data, paired and ready to be run: for tests of what runs plans. */
#ifndef TWINS_H
#define TWINS_H

#include "analyzer/analyzer.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

typedef struct {
    ql_model *models[2];
    ql_dataset *data;
    ql_arena arena;
    ql_pairing pairing;
    ql_engine_options engine;
    int operators; /* of the candidate */
} twins;

/* False where a file is not there. */
static bool twins_open(twins *t, const char *reference, const char *candidate, const char *data, int samples,
                       const char *labels)
{
    static const int subgraphs[2] = {0, 0};
    const char *const paths[] = {reference, candidate};
    ql_err err;
    *t = (twins){.operators = 0};
    ql_arena_init(&t->arena, 0);
    for (int side = 0; side < 2; side++) {
        if (access(paths[side], R_OK)) {
            return false;
        }
        ck_assert_int_eq(ql_model_open(&t->models[side], paths[side], &err), QL_OK);
    }
    const ql_model *const models[] = {t->models[0], t->models[1]};
    ql_data_options choice = {.limit = samples, .labels = labels};
    ck_assert_int_eq(ql_dataset_open(&t->data, data, models, subgraphs, 2, &choice, &err), QL_OK);
    t->engine = (ql_engine_options){.reference = {t->models[0], 0},
                                    .candidate = {t->models[1], 0},
                                    .pairing = &t->pairing,
                                    .data = t->data,
                                    .threads = 1};
    ck_assert_int_eq(ql_pair_models(t->engine.reference, t->engine.candidate, &t->arena, &t->pairing, &err),
                     QL_OK);
    t->operators = t->models[1]->subgraphs[0].operator_count;
    return true;
}

static void twins_close(twins *t)
{
    ql_dataset_close(t->data);
    ql_model_close(t->models[0]);
    ql_model_close(t->models[1]);
    ql_arena_free(&t->arena);
}

/* The figures of the rewritten model by a comparison of everything, which a bench must equal. */
static inline void twins_measure(const twins *t, const ql_layer_mode *modes, uint64_t samples,
                                 ql_bench_result *result)
{
    ql_engine_options o = t->engine;
    ql_model *mixed;
    ql_comparison comparison;
    ql_err err;
    double signal = 0, noise = 0;
    ck_assert_int_eq(
        ql_rewrite_mixed(&mixed, o.reference, o.candidate, &t->pairing, modes, &result->cost, &err), QL_OK);
    ql_pairing outputs = {.pairs = calloc((size_t)t->pairing.pair_count + 1, sizeof *outputs.pairs)};
    const ql_subgraph *graph = &t->models[1]->subgraphs[0];
    for (int k = 0; k < graph->output_count; k++) {
        for (int i = 0; i < t->pairing.pair_count; i++) {
            if (t->pairing.pairs[i].candidate == graph->outputs[k]) {
                outputs.pairs[outputs.pair_count++] = t->pairing.pairs[i];
                break;
            }
        }
    }
    o.pairing = &outputs;
    o.candidate.model = mixed;
    o.limit = samples;
    o.local = o.split = false;
    ck_assert_int_eq(ql_engine_run(&o, &comparison, &err), QL_OK);
    for (int i = 0; i < comparison.pair_count; i++) {
        signal += ql_stats_sum(&comparison.pairs[i].cumulative, QL_SUM_FF);
        noise += ql_stats_sum(&comparison.pairs[i].cumulative, QL_SUM_EE);
    }
    const ql_task_stats *task = &comparison.task;
    result->figures = (ql_whatif_figures){
        .sqnr_db = noise > 0 ? 10 * log10(signal / noise) : HUGE_VAL,
        .top1 = ql_agreement_top1(&task->agreement),
        .accuracy = task->labelled ? (double)task->candidate_right / (double)task->labelled : (double)NAN,
        .samples = comparison.samples,
    };
    ql_comparison_free(&comparison);
    ql_model_close(mixed);
    free(outputs.pairs);
}

/* A linear congruence: the same plans on every machine. */
static inline uint32_t twins_draw(uint64_t *seed)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(*seed >> 33);
}

/* One layer in `rare` gets another mode it can have. */
static inline void twins_plan(const twins *t, ql_layer_mode *modes, uint32_t rare, uint64_t *seed)
{
    static const ql_layer_mode choice[] = {QL_LAYER_FLOAT,   QL_LAYER_INT16X8, QL_LAYER_FLOAT,
                                           QL_LAYER_INT16X8, QL_LAYER_INT4,    QL_LAYER_BITS + 10};
    for (int op = 0; op < t->operators; op++) {
        ql_layer_mode mode = choice[twins_draw(seed) % 6];
        bool change = twins_draw(seed) % rare == 0;
        modes[op] =
            change && !ql_mixed_refusal(t->engine.reference, t->engine.candidate, &t->pairing, op, mode)
                ? mode
                : QL_LAYER_KEEP;
    }
}

#endif
