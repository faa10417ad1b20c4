#include "analyzer/whatif/base.h"
#include "analyzer/whatif/crew.h"

#include <math.h>
#include <stdlib.h>

/* How much a batch may keep: SHARED what plans have in common, too. */
typedef enum { SHARED, ALL, OUTPUTS, NOTHING } keeping;

/* One plan while it is measured. */
typedef struct {
    ql_part part;
    const ql_model *model; /* instead of a part: to be run as it is */
    ql_score score;
    double *sums; /* of each sample: signal, then noise */
    bool lost;
} plan;

typedef struct {
    ql_bench *bench;
    const ql_layer_mode *const *modes; /* NULL: `models` instead */
    const ql_model *const *models;
    bool cut;           /* of the models too only what is left is run */
    const double *most; /* noise over signal, by plan; NULL: none is given up */
    const double *last; /* the same where only all ranks together can tell, in the end */
    ql_bench_result *results;
    plan *plans;
    int count;
    ql_base base; /* zeroed: none */
    keeping keep;
    uint64_t samples;    /* of each plan */
    uint64_t low, high;  /* those of them that are this rank's */
    uint64_t from, upto; /* samples of this round */
    uint64_t slices;     /* jobs a plan */
} batch;

static ql_code start_score(const batch *b, plan *p, ql_err *err)
{
    p->sums = calloc(2 * (size_t)b->samples + 1, sizeof *p->sums);
    return p->sums ? ql_score_make(&p->score, &b->bench->outputs, &b->bench->options, p->sums,
                                   p->sums + b->samples, err)
                   : ql_fail_memory(err, 2 * (size_t)b->samples * sizeof *p->sums);
}

static ql_code prepare(void *user, int h, uint64_t job, ql_err *err)
{
    const batch *b = user;
    plan *p = &b->plans[job];
    (void)h;
    if (!b->modes) {
        ql_code code =
            b->cut && b->keep <= ALL ? ql_part_copy(&p->part, b->bench, b->models[job], err) : QL_OK;
        p->model = p->part.model && !p->part.whole ? NULL : b->models[job];
        return code ? code : start_score(b, p, err);
    }
    ql_mixed_cost *cost = &b->results[job].cost;
    ql_code code = ql_part_make(&p->part, b->bench, b->modes[job], b->keep > ALL, cost, err);
    if (code) {
        return code;
    }
    p->model = p->part.whole ? p->part.model : NULL;
    ql_mixed_macs(b->bench->kept.plan[QL_CANDIDATE_SIDE], b->modes[job], b->bench->operators, cost);
    return start_score(b, p, err);
}

static ql_code cut_job(void *user, int h, uint64_t job, ql_err *err)
{
    const batch *b = user;
    plan *p = &b->plans[job];
    (void)h;
    return p->model ? QL_OK
                    : ql_part_cut(&p->part, b->bench,
                                  b->base.plan ? &b->base.sources : &b->bench->kept.sources, err);
}

/* The plan that most others share something with is run before them, and what they go on from is kept. */
static ql_code find_base(batch *b, ql_err *err)
{
    int chosen = -1;
    if (b->keep != SHARED || !b->modes || b->count < 2) {
        return QL_OK;
    }
    ql_part **parts = calloc((size_t)b->count, sizeof *parts);
    if (!parts) {
        return ql_fail_memory(err, (size_t)b->count * sizeof *parts);
    }
    for (int i = 0; i < b->count; i++) {
        parts[i] = &b->plans[i].part;
    }
    ql_code code = ql_base_choose(b->bench, parts, b->count, &chosen, err);
    free(parts);
    return code || chosen < 0 ? code : ql_base_open(&b->base, b->bench, b->modes[chosen], b->samples, err);
}

static ql_code prepare_all(batch *b, ql_err *err)
{
    int threads = b->bench->options.threads;
    uint64_t count = (uint64_t)b->count;
    ql_code code = ql_crew_run(threads, count, prepare, b, err);
    code = code ? code : find_base(b, err);
    return code ? code : ql_crew_run(threads, count, cut_job, b, err);
}

static void release(plan *p)
{
    ql_score_free(&p->score);
    ql_part_free(&p->part);
    free(p->sums);
}

/* --- Rounds: as many samples as there is room for --- */

static ql_code capture_job(void *user, int h, uint64_t job, ql_err *err)
{
    batch *b = user;
    ql_kept *kept = &b->bench->kept;
    uint64_t i = b->from + job;
    ql_code code = kept->block[i] ? QL_OK : ql_kept_capture(kept, b->bench->hands[h].exec, i, err);
    return code || !b->base.plan ? code : ql_base_capture(&b->base, b->bench, h, i, err);
}

static ql_code open_plan(const ql_bench *bench, const plan *p, ql_exec **exec, ql_err *err)
{
    ql_side_use use = {
        .model = p->model, .pack_bound = bench->budget.bound, .pack_bytes = bench->budget.plan_packed};
    return p->model ? ql_side_open_as(&bench->options, QL_CANDIDATE_SIDE, &use, exec, err)
                    : ql_part_open(&p->part, bench, exec, err);
}

static ql_code feed_plan(const batch *b, const plan *p, ql_exec *exec, uint64_t i, ql_err *err)
{
    const ql_bench *bench = b->bench;
    if (p->model) {
        return ql_side_feed(&bench->options, QL_CANDIDATE_SIDE, exec, ql_dataset_sample(bench->given.data, i),
                            err);
    }
    for (int c = 0; c < p->part.cut_count; c++) { /* kernels never write to their inputs */
        int source = p->part.cuts[c].source;
        ql_exec_input(exec, c)->data =
            b->base.plan ? ql_base_value(&b->base, bench, source, i) : ql_kept_value(&bench->kept, source, i);
    }
    return QL_OK;
}

/* The reference's outputs for sample i: kept, or from a run of it. */
static ql_code reference_outputs(const batch *b, ql_bench_hand *own, uint64_t i, ql_err *err)
{
    const ql_bench *bench = b->bench;
    bool again = b->keep == NOTHING;
    ql_exec **exec = &own->exec[QL_REFERENCE_SIDE];
    const ql_engine_options *o = &bench->options;
    int count = bench->outputs.count;
    int first = o->reference.model->subgraphs[o->reference.subgraph].outputs[0];
    ql_code code = QL_OK;
    if (again) {
        ql_side_use use = {.like = bench->kept.plan[QL_REFERENCE_SIDE], .pack_bound = bench->budget.bound};
        code = *exec ? QL_OK : ql_side_open_as(o, QL_REFERENCE_SIDE, &use, exec, err);
        code = code ? code : ql_side_feed(o, QL_REFERENCE_SIDE, *exec, ql_dataset_sample(o->data, i), err);
        code = code ? code : ql_exec_run(*exec, NULL, NULL, err);
    }
    for (int k = 0; k <= count && !code; k++) {
        int tensor = k < count ? bench->outputs.compared[k] : first;
        own->reference[k] = *ql_exec_tensor(again ? *exec : bench->kept.plan[QL_REFERENCE_SIDE], tensor);
        if (!again) {
            own->reference[k].data = ql_kept_value(&bench->kept, bench->compared[k], i);
        }
    }
    return code;
}

ql_code ql_bench_advance(ql_bench *bench, ql_err *err)
{
    const ql_engine_options *o = &bench->given;
    pthread_mutex_lock(&bench->lock);
    bench->done++;
    bool on =
        (!o->progress || o->progress(o->user, bench->done, bench->total)) && !ql_ranks_stopped(o->ranks);
    pthread_mutex_unlock(&bench->lock);
    return on && !ql_bench_stopped(bench, 1) ? QL_OK : ql_fail(err, QL_E_INTERRUPTED, "interrupted");
}

static ql_code run_slice(const batch *b, ql_bench_hand *own, const plan *p, ql_score *score, uint64_t from,
                         uint64_t upto, ql_err *err)
{
    ql_bench *bench = b->bench;
    ql_exec *exec = NULL;
    ql_code code = open_plan(bench, p, &exec, err);
    for (uint64_t i = from; i < upto && !code; i++) {
        code = feed_plan(b, p, exec, i, err);
        code = code ? code : ql_exec_run(exec, NULL, NULL, err);
        code = code ? code : reference_outputs(b, own, i, err);
        int last = bench->outputs.count;
        code = code ? code : ql_score_add(score, i, own->reference, &own->reference[last], exec, err);
        code = code ? code : ql_bench_advance(bench, err);
    }
    ql_exec_close(exec);
    return code;
}

static ql_code slice_job(void *user, int h, uint64_t job, ql_err *err)
{
    const batch *b = user;
    ql_bench *bench = b->bench;
    plan *p = &b->plans[job / b->slices];
    uint64_t slice = job % b->slices, length = b->upto - b->from;
    uint64_t from = b->from + slice * length / b->slices, upto = b->from + (slice + 1) * length / b->slices;
    ql_score part;
    if (p->lost) {
        return QL_OK;
    }
    ql_code code =
        ql_score_make(&part, &bench->outputs, &bench->options, p->score.signal_of, p->score.noise_of, err);
    code = code ? code : run_slice(b, &bench->hands[h], p, &part, from, upto, err);
    pthread_mutex_lock(&bench->lock);
    if (!code) {
        ql_score_merge(&p->score, &part);
    }
    pthread_mutex_unlock(&bench->lock);
    ql_score_free(&part);
    return code;
}

static ql_code run_round(batch *b, ql_err *err)
{
    ql_bench *bench = b->bench;
    int threads = bench->options.threads;
    uint64_t length = b->upto - b->from, hands = (uint64_t)threads, plans = (uint64_t)b->count;
    ql_code code = b->keep == NOTHING ? QL_OK : ql_crew_run(threads, length, capture_job, b, err);
    b->slices = plans >= 2 * hands ? 1 : hands;
    b->slices = b->slices < length ? b->slices : length;
    code = code ? code : ql_crew_run(threads, plans * b->slices, slice_job, b, err);
    for (uint64_t i = b->from; i < b->upto && b->base.plan; i++) {
        ql_base_drop(&b->base, i);
    }
    return code;
}

/* A source of the bench, or of the base: the bench's are then numbered otherwise. */
static void want(batch *b, bool *wanted, int source)
{
    const ql_kept *kept = &b->bench->kept;
    const ql_source *of = b->base.plan ? &b->base.sources.list[source] : &kept->sources.list[source];
    if (of->side == QL_COMPARED_SIDES) {
        ql_base_want(&b->base, source);
    } else {
        wanted[kept->at[of->side][of->tensor] - 1] = true;
    }
}

/* Makes room for the sources that the plans begin with: how many samples at a time. */
static ql_code make_room(batch *b, uint64_t *room, ql_err *err)
{
    ql_kept *kept = &b->bench->kept;
    bool *wanted = calloc((size_t)kept->sources.count + 1, sizeof *wanted);
    if (!wanted) {
        return ql_fail_memory(err, (size_t)kept->sources.count);
    }
    for (int k = 0; k <= b->bench->outputs.count; k++) {
        wanted[b->bench->compared[k]] = true;
    }
    for (int c = 0; c < b->base.part.cut_count; c++) {
        wanted[b->base.part.cuts[c].source] = true;
    }
    for (int p = 0; p < b->count; p++) {
        for (int c = 0; c < b->plans[p].part.cut_count; c++) {
            want(b, wanted, b->plans[p].part.cuts[c].source);
        }
    }
    kept->beside = b->base.stride;
    *room = ql_kept_want(kept, wanted, b->high - b->low);
    kept->beside = 0;
    free(wanted);
    for (uint64_t i = 0; *room < kept->samples && i < kept->samples; i++) {
        if (i < b->low || i >= b->high) {
            ql_kept_drop(kept, i); /* of another share: their room is needed */
        }
    }
    return QL_OK;
}

/* --- Giving up --- */

/* The signal of all samples is known from the first plan that was measured on them. */
static double whole_signal(const batch *b)
{
    double signal = 0;
    for (uint64_t i = 0; i < b->samples; i++) {
        signal += b->bench->signal[i];
    }
    return signal;
}

/* Noise only grows: a plan that has too much of it already will have so in the end. Returns how many go on.
 */
static int give_up(const batch *b)
{
    static const double ROUNDING = 1 + 1e-9;
    double signal = whole_signal(b);
    int left = 0;
    for (int i = 0; i < b->count; i++) {
        plan *p = &b->plans[i];
        double noise = 0;
        for (uint64_t s = 0; s < b->upto; s++) {
            noise += p->score.noise_of[s];
        }
        if (!p->lost && b->most && noise > b->most[i] * signal * ROUNDING) {
            p->lost = true;
            b->bench->done += b->samples - b->upto;
        }
        left += !p->lost;
    }
    return left;
}

/* When it is looked whether plans are lost: after half of what is left, until that is an eighth of all. Most
 * that are lost are not worse by far, and each time plans are opened anew. */
static uint64_t next_look(const batch *b)
{
    uint64_t left = b->samples - b->from;
    return b->most && left >= 2 && left > b->samples / 8 ? b->from + left / 2 : b->samples;
}

/* What the plans' outputs were compared with is the same for all of them. */
static void note_signal(const batch *b)
{
    for (uint64_t i = b->from; i < b->upto; i++) {
        for (int p = 0; p < b->count; p++) {
            if (!b->plans[p].lost) {
                b->bench->signal[i] = b->plans[p].score.signal_of[i];
                break;
            }
        }
    }
}

/* The samples that stay kept, then the others a few at a time. */
static ql_code run_rounds(batch *b, uint64_t room, ql_err *err)
{
    uint64_t hands = (uint64_t)b->bench->options.threads, few = room / 4 > hands ? room / 4 : hands;
    few = few < room ? few : room;
    uint64_t own = b->high - b->low, stay = b->low + (room >= own ? own : room - few);
    ql_code code = QL_OK;
    int left = b->count;
    for (b->from = b->low; b->from < b->high && left && !code; b->from = b->upto) {
        uint64_t look = next_look(b);
        b->upto = b->from < stay ? stay : b->from + few;
        b->upto = b->upto < look ? b->upto : look;
        b->upto = b->upto < b->high ? b->upto : b->high;
        code = run_round(b, err);
        if (!code) {
            note_signal(b);
            left = give_up(b);
        }
        for (uint64_t i = b->from; i < b->upto && b->from >= stay; i++) {
            ql_kept_drop(&b->bench->kept, i);
        }
    }
    return code;
}

static void release_all(batch *b)
{
    ql_base_close(&b->base);
    for (int i = 0; i < b->count; i++) {
        release(&b->plans[i]);
        b->plans[i] = (plan){0};
    }
}

static uint64_t share_start(const batch *b, int rank)
{
    uint64_t ranks = (uint64_t)ql_ranks_size(ql_bench_ranks(b->bench));
    return b->samples / ranks * (uint64_t)rank + b->samples % ranks * (uint64_t)rank / ranks;
}

static void add_scores(const batch *b, int rank, const char *bytes, size_t count)
{
    uint64_t from = share_start(b, rank), upto = share_start(b, rank + 1);
    for (int i = 0; i < b->count; i++) {
        size_t size = ql_score_bytes(&b->plans[i].score, from, upto);
        if (size <= count) {
            ql_score_unpack(&b->plans[i].score, from, upto, bytes);
            bytes += size;
            count -= size;
        }
    }
}

/* What the other ranks found on their samples. */
static ql_code share_scores(batch *b, ql_code code, ql_err *err)
{
    ql_ranks *ranks = ql_bench_ranks(b->bench);
    size_t size = 0, used = 0;
    for (int i = 0; i < b->count && !code; i++) {
        size += ql_score_bytes(&b->plans[i].score, b->low, b->high);
    }
    char *own = malloc(size + 1);
    code = code || own ? code : ql_fail_memory(err, size);
    for (int i = 0; i < b->count && !code; i++) {
        ql_score_pack(&b->plans[i].score, b->low, b->high, own + used);
        used += ql_score_bytes(&b->plans[i].score, b->low, b->high);
    }
    if (code) {
        ql_ranks_stop(ranks);
    }
    ql_gathered all;
    code = ql_ranks_share(ranks, code, own, used, &all, err);
    for (int r = 0; r < ql_ranks_size(ranks) && !code; r++) {
        size_t bytes;
        const char *from = ql_gathered_of(&all, r, &bytes);
        if (r != ql_ranks_rank(ranks)) {
            add_scores(b, r, from, bytes);
        }
    }
    if (!code) {
        b->from = 0;
        b->upto = b->samples;
        b->most = b->last;
        note_signal(b);
        give_up(b);
    }
    ql_gathered_free(&all);
    free(own);
    return code;
}

/* Measures the batch, unless there is not even room for one sample: then *room is 0. */
static ql_code try_batch(batch *b, uint64_t *room, ql_err *err)
{
    *room = b->samples;
    ql_code code = prepare_all(b, err);
    code = code || b->keep == NOTHING ? code : make_room(b, room, err);
    code = code || !*room ? code : run_rounds(b, *room, err);
    if (ql_bench_ranks(b->bench) && (code || *room)) {
        code = share_scores(b, code, err);
    }
    for (int i = 0; i < b->count && !code && *room; i++) {
        static const ql_whatif_figures none = {NAN, NAN, NAN, NAN, 0};
        b->results[i].lost = b->plans[i].lost;
        b->results[i].figures = b->plans[i].lost ? none : ql_score_figures(&b->plans[i].score);
    }
    release_all(b);
    return code;
}

ql_code ql_bench_batch(ql_bench *bench, const ql_layer_mode *const *plans, const ql_model *const *models,
                       bool cut, const double *most, int count, uint64_t samples, ql_bench_result *results,
                       ql_err *err)
{
    plan *space = calloc((size_t)count + 1, sizeof *space);
    batch b = {.bench = bench,
               .modes = plans,
               .models = models,
               .cut = cut,
               .most = ql_bench_ranks(bench) ? NULL : most,
               .last = most,
               .results = results,
               .plans = space,
               .count = count,
               .samples = samples};
    uint64_t room = 0;
    ql_code code = space ? QL_OK : ql_fail_memory(err, (size_t)count * sizeof *space);
    int rank = ql_ranks_rank(ql_bench_ranks(bench));
    b.low = share_start(&b, rank);
    b.high = share_start(&b, rank + 1);
    for (b.keep = bench->loose ? NOTHING : SHARED; !code && !room; b.keep++) {
        code = try_batch(&b, &room, err);
    }
    free(space);
    return code;
}
