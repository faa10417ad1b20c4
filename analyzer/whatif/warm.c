/* What a bench can keep before it is asked anything. */
#include "analyzer/whatif/batch.h"
#include "analyzer/whatif/crew.h"

#include <stdlib.h>

enum { GRAIN = 64 }; /* what a kept tensor may take more than its bytes */

/* The tensors that a plan with one changed layer begins with, from the model's end on, as far as there is
 * room for every sample; the compared outputs before all. */
typedef struct {
    const ql_bench *bench;
    bool *wanted;
    size_t room; /* bytes a sample that are left */
} choice;

static bool choose(choice *c, int source)
{
    const ql_kept *kept = &c->bench->kept;
    if (source < 0 || c->wanted[source]) {
        return true;
    }
    size_t bytes = kept->sources.list[source].view->bytes + GRAIN;
    bool fits = bytes <= c->room;
    c->wanted[source] = fits;
    c->room -= fits ? bytes : 0;
    return fits;
}

static void choose_all(choice *c)
{
    const ql_bench *bench = c->bench;
    const ql_side *side = &bench->given.candidate;
    const ql_subgraph *graph = &side->model->subgraphs[side->subgraph];
    const int *at = bench->kept.at[QL_CANDIDATE_SIDE];
    bool fits = true;
    for (int k = 0; k <= bench->outputs.count && fits; k++) {
        fits = choose(c, bench->compared[k]);
    }
    for (int k = 0; k < graph->output_count && fits; k++) {
        fits = choose(c, at[graph->outputs[k]] - 1);
    }
    for (int op = graph->operator_count; op-- > 0 && fits;) {
        const ql_operator *own = &graph->operators[op];
        for (int i = 0; i < own->input_count && fits; i++) {
            fits = own->inputs[i] < 0 || choose(c, at[own->inputs[i]] - 1);
        }
    }
}

static ql_code capture(void *user, int h, uint64_t job, ql_err *err)
{
    ql_bench *bench = user;
    ql_code code =
        bench->kept.block[job] ? QL_OK : ql_kept_capture(&bench->kept, bench->hands[h].exec, job, err);
    return code ? code : ql_bench_advance(bench, err);
}

ql_code ql_bench_warm(ql_bench *bench, ql_err *err)
{
    ql_kept *kept = &bench->kept;
    choice c = {.bench = bench,
                .wanted = calloc((size_t)kept->sources.count + 1, sizeof *c.wanted),
                .room = kept->capacity / (bench->samples ? (size_t)bench->samples : 1)};
    if (!c.wanted) {
        return ql_fail_memory(err, (size_t)kept->sources.count);
    }
    atomic_store(&bench->canceled, false);
    bench->done = 0;
    bench->total = bench->samples;
    if (!bench->loose) {
        choose_all(&c);
    }
    bool any = ql_kept_want(kept, c.wanted, bench->samples) >= bench->samples && kept->stride;
    free(c.wanted);
    return any ? ql_crew_run(bench->options.threads, bench->samples, capture, bench, err) : QL_OK;
}
