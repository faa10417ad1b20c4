/* exhaustive FLOAT QUANT DATA SAMPLES K THREADS: what `suggest --max-layers k` is to be measured by, for
 * every k up to K. Measures all sets of at most K layers in float where there are at most 20,000 of them,
 * else of at most 2, and the k layers whose own error is largest (rmse_over_scale). Prints a line each: "best
 * k dB ops...", "rmse k dB ops...", and last "sets N of at most K". */
#include "analyzer/analyzer.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_SETS = 20000, MOST_LAYERS = 512, CHUNK = 960, MOST_K = 3 };

typedef struct {
    ql_model *models[2];
    ql_dataset *data;
    ql_arena arena;
    ql_pairing pairing;
    ql_engine_options engine;
    ql_bench *bench;
    size_t operators;
    int layers[MOST_LAYERS], count;
    double error[MOST_LAYERS]; /* of each layer: rmse_over_scale */
    int sets, waiting;
    int ops[CHUNK][MOST_K], sizes[CHUNK];
    ql_layer_mode *modes[CHUNK];
    double best[MOST_K + 1];
    int best_ops[MOST_K + 1][MOST_K];
} tool;

static ql_code open_pair(tool *t, char **argv, ql_err *err)
{
    static const int subgraphs[2] = {0, 0};
    ql_arena_init(&t->arena, 0);
    ql_code code = ql_model_open(&t->models[0], argv[1], err);
    code = code ? code : ql_model_open(&t->models[1], argv[2], err);
    const ql_model *const models[] = {t->models[0], t->models[1]};
    ql_data_options choice = {.limit = atoi(argv[4])};
    code = code ? code : ql_dataset_open(&t->data, argv[3], models, subgraphs, 2, &choice, err);
    t->engine = (ql_engine_options){.reference = {models[0], 0},
                                    .candidate = {models[1], 0},
                                    .pairing = &t->pairing,
                                    .data = t->data,
                                    .threads = atoi(argv[6]),
                                    .local = true};
    code =
        code ? code : ql_pair_models(t->engine.reference, t->engine.candidate, &t->arena, &t->pairing, err);
    return code ? code : ql_bench_open(&t->bench, &t->engine, err);
}

/* Layers that can be float, and how large their own error is. */
static ql_code list_layers(tool *t, ql_err *err)
{
    ql_comparison comparison;
    const ql_subgraph *graph = &t->models[1]->subgraphs[0];
    t->operators = (size_t)graph->operator_count;
    ql_code code = ql_engine_run(&t->engine, &comparison, err);
    for (int op = 0; op < graph->operator_count && !code && t->count < MOST_LAYERS; op++) {
        if (ql_mixed_refusal(t->engine.reference, t->engine.candidate, &t->pairing, op, QL_LAYER_FLOAT)) {
            continue;
        }
        double error = 0;
        for (int i = 0; i < t->pairing.pair_count; i++) {
            const ql_pair *pair = &t->pairing.pairs[i];
            const ql_stats *stats = &comparison.pairs[i].local;
            double scale = (double)*graph->tensors[graph->operators[op].outputs[0]].quant.scale;
            if (pair->candidate_op == op && !pair->alias && stats->count) {
                error = sqrt(ql_stats_sum(stats, QL_SUM_EE) / (double)stats->count) / scale;
            }
        }
        t->error[t->count] = error;
        t->layers[t->count++] = op;
    }
    if (!code) {
        ql_comparison_free(&comparison);
    }
    return code;
}

static ql_code flush(tool *t, ql_err *err)
{
    static ql_bench_result results[CHUNK];
    ql_code code =
        ql_bench_evaluate_all(t->bench, (const ql_layer_mode *const *)t->modes, t->waiting, 0, results, err);
    for (int i = 0; i < t->waiting && !code; i++) {
        double db = results[i].figures.sqnr_db;
        for (int k = t->sizes[i]; k <= MOST_K; k++) { /* a set of fewer layers is one of at most k */
            if (db > t->best[k]) {
                t->best[k] = db;
                memset(t->best_ops[k], -1, sizeof t->best_ops[k]);
                memcpy(t->best_ops[k], t->ops[i], (size_t)t->sizes[i] * sizeof(int));
            }
        }
    }
    t->waiting = 0;
    return code;
}

static ql_code add(tool *t, const int *chosen, int size, ql_err *err)
{
    ql_layer_mode *modes = t->modes[t->waiting];
    memset(modes, 0, t->operators * sizeof *modes);
    for (int i = 0; i < size; i++) {
        modes[t->layers[chosen[i]]] = QL_LAYER_FLOAT;
        t->ops[t->waiting][i] = t->layers[chosen[i]];
    }
    t->sizes[t->waiting++] = size;
    t->sets++;
    return t->waiting == CHUNK ? flush(t, err) : QL_OK;
}

static ql_code enumerate(tool *t, int *chosen, int size, int first, int most, ql_err *err)
{
    ql_code code = QL_OK;
    for (int i = first; i < t->count && size < most && !code; i++) {
        chosen[size] = i;
        code = add(t, chosen, size + 1, err);
        code = code ? code : enumerate(t, chosen, size + 1, i + 1, most, err);
    }
    return code;
}

static ql_code measure_all(tool *t, int most, ql_err *err)
{
    int chosen[MOST_K];
    for (int i = 0; i < CHUNK; i++) {
        t->modes[i] = calloc(t->operators + 1, sizeof(ql_layer_mode));
        if (!t->modes[i]) {
            return ql_fail_memory(err, t->operators);
        }
    }
    for (int k = 0; k <= MOST_K; k++) {
        t->best[k] = -HUGE_VAL;
    }
    ql_code code = enumerate(t, chosen, 0, 0, most, err);
    code = code ? code : flush(t, err);
    for (int k = 1; k <= most && !code; k++) {
        printf("best %d %.6f", k, t->best[k]);
        for (int i = 0; i < k && t->best_ops[k][i] >= 0; i++) {
            printf(" %d", t->best_ops[k][i]);
        }
        puts("");
    }
    return code;
}

static ql_code measure_rmse(tool *t, int most, ql_err *err)
{
    ql_layer_mode *modes = t->modes[0];
    ql_code code = QL_OK;
    memset(modes, 0, t->operators * sizeof *modes);
    for (int k = 1; k <= most && k <= t->count && !code; k++) {
        int worst = -1;
        ql_bench_result result;
        for (int i = 0; i < t->count; i++) {
            bool free = modes[t->layers[i]] == QL_LAYER_KEEP;
            worst = free && (worst < 0 || t->error[i] > t->error[worst]) ? i : worst;
        }
        modes[t->layers[worst]] = QL_LAYER_FLOAT;
        code = ql_bench_evaluate(t->bench, modes, 0, &result, err);
        printf("rmse %d %.6f\n", k, result.figures.sqnr_db);
    }
    return code;
}

int main(int argc, char **argv)
{
    static tool t;
    ql_err err;
    char text[1024];
    ql_err_clear(&err);
    int most = argc == 7 ? atoi(argv[5]) : 0;
    if (most < 1 || most > MOST_K) {
        fprintf(stderr, "usage: exhaustive FLOAT QUANT DATA SAMPLES K THREADS (K at most %d)\n", MOST_K);
        return 2;
    }
    ql_code code = open_pair(&t, argv, &err);
    code = code ? code : list_layers(&t, &err);
    double n = t.count, sets = n + n * (n - 1) / 2 + n * (n - 1) * (n - 2) / 6;
    int size = most > 2 && sets > MOST_SETS ? 2 : most;
    code = code ? code : measure_all(&t, size, &err);
    code = code ? code : measure_rmse(&t, most, &err);
    if (code) {
        fprintf(stderr, "exhaustive: %s\n", ql_err_text(&err, text, sizeof text));
    } else {
        printf("sets %d of at most %d\n", t.sets, size);
    }
    for (int i = 0; i < CHUNK; i++) {
        free(t.modes[i]);
    }
    ql_bench_close(t.bench);
    ql_dataset_close(t.data);
    ql_model_close(t.models[0]);
    ql_model_close(t.models[1]);
    ql_arena_free(&t.arena);
    return (int)code;
}
