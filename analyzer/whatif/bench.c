#include "analyzer/whatif/bench.h"

#include <stdatomic.h>
#include <stdlib.h>

struct ql_bench {
    ql_engine_options options; /* the caller's */
    int operators;             /* of the candidate */
    uint64_t done, total;      /* samples of the plans under way */
    uint64_t before;           /* of the plans that are done */
    atomic_bool canceled;
};

static bool stopped(void *user, uint64_t work)
{
    ql_bench *bench = user;
    const ql_engine_options *o = &bench->options;
    return atomic_load_explicit(&bench->canceled, memory_order_relaxed) ||
           (o->stop && o->stop(o->user, work));
}

static bool advanced(void *user, uint64_t done, uint64_t total)
{
    ql_bench *bench = user;
    const ql_engine_options *o = &bench->options;
    (void)total;
    return !atomic_load(&bench->canceled) &&
           (!o->progress || o->progress(o->user, bench->before + done, bench->total));
}

ql_code ql_bench_open(ql_bench **out, const ql_engine_options *options, ql_err *err)
{
    ql_bench *bench = *out = calloc(1, sizeof *bench);
    if (!bench) {
        return ql_fail_memory(err, sizeof *bench);
    }
    bench->options = *options;
    bench->operators = options->candidate.model->subgraphs[options->candidate.subgraph].operator_count;
    atomic_init(&bench->canceled, false);
    return QL_OK;
}

void ql_bench_close(ql_bench *bench)
{
    free(bench);
}

uint64_t ql_bench_samples(const ql_bench *bench)
{
    uint64_t count = ql_dataset_count(bench->options.data), limit = bench->options.limit;
    return limit && limit < count ? limit : count;
}

const ql_engine_options *ql_bench_options(const ql_bench *bench)
{
    return &bench->options;
}

void ql_bench_cancel(ql_bench *bench)
{
    atomic_store(&bench->canceled, true);
}

static ql_code evaluate(ql_bench *bench, const ql_layer_mode *modes, uint64_t samples,
                        ql_bench_result *result, ql_err *err)
{
    ql_engine_options o = bench->options;
    ql_model *mixed = NULL;
    o.limit = samples;
    o.progress = advanced;
    o.stop = stopped;
    o.user = bench;
    ql_code code = ql_rewrite_mixed(&mixed, o.reference, o.candidate, o.pairing, modes, &result->cost, err);
    code = code ? code : ql_whatif_measure(&o, mixed, &result->figures, err);
    ql_model_close(mixed);
    return code;
}

ql_code ql_bench_evaluate_all(ql_bench *bench, const ql_layer_mode *const *plans, int count, uint64_t samples,
                              ql_bench_result *results, ql_err *err)
{
    uint64_t all = ql_bench_samples(bench);
    uint64_t each = samples && samples < all ? samples : all;
    ql_code code = QL_OK;
    atomic_store(&bench->canceled, false);
    bench->total = each * (uint64_t)count;
    for (int i = 0; i < count && !code; i++) {
        bench->before = each * (uint64_t)i;
        code = evaluate(bench, plans[i], each, &results[i], err);
    }
    return code;
}

ql_code ql_bench_evaluate(ql_bench *bench, const ql_layer_mode *modes, uint64_t samples,
                          ql_bench_result *result, ql_err *err)
{
    return ql_bench_evaluate_all(bench, &modes, 1, samples, result, err);
}
