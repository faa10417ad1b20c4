/* Every layer by itself: plans that differ from all float, or from nothing changed, in one layer. */
#include "analyzer/whatif/bench.h"

#include <stdlib.h>
#include <string.h>

typedef struct {
    ql_layer_mode *modes; /* of all plans, one after the other */
    const ql_layer_mode **plans;
    ql_bench_result *results;
    size_t operators;
    int count;
} batch;

static ql_layer_mode *add_plan(batch *b)
{
    ql_layer_mode *modes = b->modes + (size_t)b->count * b->operators;
    b->plans[b->count++] = modes;
    return modes;
}

/* none, all, then of each layer only and without. */
static void fill(batch *b, const ql_sensitivities *s)
{
    ql_layer_mode *none = add_plan(b);
    for (int op = 0; op < s->count; op++) {
        none[op] = s->layer[op] ? QL_LAYER_FLOAT : QL_LAYER_KEEP;
    }
    add_plan(b);
    for (int op = 0; op < s->count; op++) {
        if (s->layer[op]) {
            ql_layer_mode *only = add_plan(b), *without = add_plan(b);
            memcpy(only, none, b->operators * sizeof *none);
            only[op] = QL_LAYER_KEEP;
            without[op] = QL_LAYER_FLOAT;
        }
    }
}

static void sort_out(const batch *b, ql_sensitivities *s)
{
    const ql_bench_result *next = b->results;
    s->none = *next++;
    s->all = *next++;
    for (int op = 0; op < s->count; op++) {
        if (s->layer[op]) {
            s->only[op] = *next++;
            s->without[op] = *next++;
        }
    }
}

static ql_code start(const ql_engine_options *o, ql_sensitivities *s, ql_err *err)
{
    int ops = o->candidate.model->subgraphs[o->candidate.subgraph].operator_count;
    size_t room = (size_t)ops + 1;
    *s = (ql_sensitivities){.layer = calloc(room, sizeof *s->layer),
                            .only = calloc(room, sizeof *s->only),
                            .without = calloc(room, sizeof *s->without),
                            .count = ops};
    if (!s->layer || !s->only || !s->without) {
        return ql_fail_memory(err, room * sizeof *s->only);
    }
    for (int op = 0; op < ops; op++) {
        s->layer[op] = !ql_mixed_refusal(o->reference, o->candidate, o->pairing, op, QL_LAYER_FLOAT);
        s->layers += s->layer[op];
    }
    return QL_OK;
}

ql_code ql_bench_sensitivities(ql_bench *bench, uint64_t samples, ql_sensitivities *s, ql_err *err)
{
    ql_code code = start(ql_bench_options(bench), s, err);
    if (code) {
        return code;
    }
    size_t plans = 2 * (size_t)s->layers + 2;
    batch b = {.modes = calloc(plans * ((size_t)s->count + 1), sizeof *b.modes),
               .plans = calloc(plans, sizeof *b.plans),
               .results = calloc(plans, sizeof *b.results),
               .operators = (size_t)s->count + 1};
    if (b.modes && b.plans && b.results) {
        fill(&b, s);
        code = ql_bench_evaluate_all(bench, b.plans, b.count, samples, b.results, err);
        sort_out(&b, s);
    } else {
        code = ql_fail_memory(err, plans * ((size_t)s->count + 1) * sizeof *b.modes);
    }
    free(b.modes);
    free(b.plans);
    free(b.results);
    return code;
}

void ql_sensitivities_free(ql_sensitivities *s)
{
    free(s->layer);
    free(s->only);
    free(s->without);
    *s = (ql_sensitivities){0};
}
