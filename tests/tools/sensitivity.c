/* sensitivity FLOAT QUANT DATA SAMPLES ROUNDS: how long the sensitivities of all layers take on a bench,
 * against running both models whole once per layer and sample. Prints seconds of each, round by round (the
 * two measured in turn), the layers, and the median of the ratios. One thread, processor time. */
#include "analyzer/analyzer.h"
#include "analyzer/compare/side.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { MOST_ROUNDS = 99 };

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

typedef struct {
    ql_model *models[2];
    ql_dataset *data;
    ql_arena arena;
    ql_pairing pairing;
    ql_engine_options engine;
} pair;

static ql_code open_pair(pair *p, char **argv, ql_err *err)
{
    static const int subgraphs[2] = {0, 0};
    ql_arena_init(&p->arena, 0);
    ql_code code = ql_model_open(&p->models[0], argv[1], err);
    code = code ? code : ql_model_open(&p->models[1], argv[2], err);
    const ql_model *const models[] = {p->models[0], p->models[1]};
    ql_data_options choice = {.limit = atoi(argv[4])};
    code = code ? code : ql_dataset_open(&p->data, argv[3], models, subgraphs, 2, &choice, err);
    p->engine = (ql_engine_options){.reference = {models[0], 0},
                                    .candidate = {models[1], 0},
                                    .pairing = &p->pairing,
                                    .data = p->data,
                                    .threads = 1};
    return code ? code
                : ql_pair_models(p->engine.reference, p->engine.candidate, &p->arena, &p->pairing, err);
}

/* Seconds of one run of each model, opened before. */
static ql_code time_runs(const pair *p, double *seconds, ql_err *err)
{
    ql_exec *exec[2] = {NULL, NULL};
    ql_code code = ql_side_open(&p->engine, 0, NULL, &exec[0], false, err);
    code = code ? code : ql_side_open(&p->engine, 1, NULL, &exec[1], false, err);
    double begun = now();
    uint64_t samples = ql_dataset_count(p->data);
    for (uint64_t i = 0; i < samples && !code; i++) {
        for (int side = 0; side < 2 && !code; side++) {
            code = ql_side_feed(&p->engine, side, exec[side], i, err);
            code = code ? code : ql_exec_run(exec[side], NULL, NULL, err);
        }
    }
    *seconds = (now() - begun) / (double)samples;
    ql_exec_close(exec[0]);
    ql_exec_close(exec[1]);
    return code;
}

static ql_code time_bench(const pair *p, double *seconds, int *layers, ql_err *err)
{
    ql_bench *bench;
    ql_sensitivities s = {0};
    double begun = now();
    ql_code code = ql_bench_open(&bench, &p->engine, err);
    code = code ? code : ql_bench_sensitivities(bench, 0, &s, err);
    *seconds = now() - begun;
    *layers = s.layers;
    ql_sensitivities_free(&s);
    ql_bench_close(bench);
    return code;
}

static int by_value(const void *a, const void *b)
{
    const double *x = a, *y = b;
    return *x < *y ? -1 : *x > *y;
}

static ql_code measure(const pair *p, int rounds, ql_err *err)
{
    double ratio[MOST_ROUNDS];
    ql_code code = QL_OK;
    for (int r = 0; r < rounds && !code; r++) {
        double before, after, all;
        int layers = 0;
        code = time_runs(p, &before, err);
        code = code ? code : time_bench(p, &all, &layers, err);
        code = code ? code : time_runs(p, &after, err);
        if (!code) {
            double whole = (before + after) / 2 * layers * (double)ql_dataset_count(p->data);
            ratio[r] = all / whole;
            printf("%d layers: sensitivities %.3f s, both models once a layer %.3f s: %.3f\n", layers, all,
                   whole, ratio[r]);
            fflush(stdout);
        }
    }
    if (!code) {
        qsort(ratio, (size_t)rounds, sizeof *ratio, by_value);
        printf("median %.3f, from %.3f to %.3f\n", ratio[rounds / 2], ratio[0], ratio[rounds - 1]);
    }
    return code;
}

int main(int argc, char **argv)
{
    pair p = {.data = NULL};
    ql_err err;
    ql_err_clear(&err);
    int rounds = argc == 6 ? atoi(argv[5]) : 0;
    if (rounds < 1 || rounds > MOST_ROUNDS) {
        fprintf(stderr, "usage: sensitivity FLOAT QUANT DATA SAMPLES ROUNDS\n");
        return 2;
    }
    ql_code code = open_pair(&p, argv, &err);
    code = code ? code : measure(&p, rounds, &err);
    if (code) {
        char text[1024];
        fprintf(stderr, "sensitivity: %s\n", ql_err_text(&err, text, sizeof text));
    }
    ql_dataset_close(p.data);
    ql_model_close(p.models[0]);
    ql_model_close(p.models[1]);
    ql_arena_free(&p.arena);
    return (int)code;
}
