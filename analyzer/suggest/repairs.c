#include "analyzer/suggest/repairs.h"

#include "analyzer/calibrate/calibrate.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { METHODS = 3, MOST_KEPT = 16, TOGETHER = 24 };
static const char *const methods[METHODS] = {"minmax", "percentile:99.99", "mse"};
static const double WORTH_IT = 0.5, AS_IT_IS = 0.05; /* dB; share of a range */

typedef struct {
    ql_bench *bench;
    const ql_engine_options *o;
    const ql_subgraph *graph;  /* the candidate's */
    ql_ranges ranges[METHODS]; /* of the reference */
    ql_mendings *out;
    ql_mending *tries; /* everything that is tried */
    int count, capacity;
    uint64_t samples;
    ql_err *err;
} mender;

static double worth(const ql_whatif_figures *figures)
{
    return isnan(figures->sqnr_db) ? -HUGE_VAL : figures->sqnr_db;
}

static ql_code calibrate_by(mender *m, const ql_dataset *calib, int method)
{
    ql_calibrate_options options = {.model = m->o->reference.model,
                                    .subgraph = m->o->reference.subgraph,
                                    .data = calib,
                                    .levels = 256,
                                    .memory = m->o->memory,
                                    .numerics = m->o->reference_numerics};
    ql_code code = ql_calibration_parse(&options.method, methods[method], m->err);
    return code ? code : ql_calibrate(&options, &m->ranges[method], m->err);
}

/* Each rank by some of the methods. */
static ql_code calibrate(mender *m, const ql_dataset *calib)
{
    int tensors = m->o->reference.model->subgraphs[m->o->reference.subgraph].tensor_count;
    size_t bytes = (size_t)tensors * sizeof(ql_tensor_range);
    ql_tensor_range *all = calloc(METHODS * (size_t)tensors + 1, sizeof *all);
    ql_code code = all ? QL_OK : ql_fail_memory(m->err, METHODS * bytes);
    for (int k = 0; k < METHODS && !code; k++) {
        code = ql_ranges_init(&m->ranges[k], tensors, m->err);
        bool own = k % ql_ranks_size(m->o->ranks) == ql_ranks_rank(m->o->ranks);
        code = code || !own ? code : calibrate_by(m, calib, k);
        if (!code && tensors) {
            memcpy(all + k * tensors, m->ranges[k].tensors, bytes);
        }
    }
    code = ql_bench_gather(m->bench, code, all, METHODS, bytes, m->err);
    for (int k = 0; k < METHODS && !code && tensors; k++) {
        memcpy(m->ranges[k].tensors, all + k * tensors, bytes);
    }
    free(all);
    return code;
}

static ql_code add(mender *m, const ql_mending *one)
{
    const ql_engine_options *o = m->o;
    if (ql_repair_refusal(o->reference, o->candidate, o->pairing, &one->repair)) {
        return QL_OK;
    }
    if (m->count == m->capacity) {
        int capacity = m->capacity ? 2 * m->capacity : 64;
        ql_mending *grown = realloc(m->tries, (size_t)capacity * sizeof *grown);
        if (!grown) {
            return ql_fail_memory(m->err, (size_t)capacity * sizeof *grown);
        }
        m->tries = grown;
        m->capacity = capacity;
    }
    m->tries[m->count++] = *one;
    return QL_OK;
}

/* What the values of all tensors of this scale need, by that method. */
static ql_tensor_range needed(const mender *m, const bool *shared, int method)
{
    ql_tensor_range range = {false, 0, 0};
    for (int i = 0; i < m->o->pairing->pair_count; i++) {
        const ql_pair *pair = &m->o->pairing->pairs[i];
        if (shared[pair->candidate]) {
            ql_range_join(&range, m->ranges[method].tensors[pair->compared]);
        }
    }
    range.min = fminf(range.min, 0);
    range.max = fmaxf(range.max, 0);
    return range;
}

static double width(ql_tensor_range range)
{
    return (double)range.max - (double)range.min;
}

static bool alike(ql_tensor_range a, ql_tensor_range b)
{
    double slack = AS_IT_IS * fmin(width(a), width(b));
    return fabs((double)a.min - (double)b.min) <= slack && fabs((double)a.max - (double)b.max) <= slack;
}

static const char *reason(ql_tensor_range now, ql_tensor_range all, ql_tensor_range wanted)
{
    bool outliers = width(wanted) < 0.9 * width(all);
    bool narrow = (double)now.min > (double)all.min + AS_IT_IS * width(all) ||
                  (double)now.max < (double)all.max - AS_IT_IS * width(all);
    return narrow     ? "the range is narrower than the values: it clips them"
           : outliers ? "a few outliers stretch the range: without them the steps are finer"
                      : "the range is wider than the values: its steps are coarser than need be";
}

/* The first tensor of a group of one scale stands for it. */
static ql_code propose_range(mender *m, const ql_pair *pair, bool *shared)
{
    const ql_tensor *tensor = &m->graph->tensors[pair->candidate];
    ql_repair repair = {.kind = QL_REPAIR_RANGE, .tensor = pair->candidate, .op = pair->candidate_op};
    if (tensor->quant.scale_count != 1 || pair->compared < 0 ||
        ql_repair_refusal(m->o->reference, m->o->candidate, m->o->pairing, &repair)) {
        return QL_OK;
    }
    ql_repair_shared(m->o->candidate, pair->candidate, shared);
    for (int i = 0; i < m->o->pairing->pair_count && &m->o->pairing->pairs[i] < pair; i++) {
        if (shared[m->o->pairing->pairs[i].candidate]) {
            return QL_OK;
        }
    }
    ql_tensor_range now = ql_repair_range_of(tensor), tried[METHODS], all = needed(m, shared, 0);
    int count = 0;
    ql_code code = QL_OK;
    for (int k = 0; k < METHODS && !code; k++) {
        ql_tensor_range range = needed(m, shared, k);
        bool known = !range.seen || width(range) <= 0 || alike(range, now);
        for (int other = 0; other < count; other++) {
            known = known || alike(range, tried[other]);
        }
        if (!known) {
            tried[count++] = range;
            repair.min = range.min;
            repair.max = range.max;
            code = add(m, &(ql_mending){
                              .repair = repair, .reference = pair->compared, .why = reason(now, all, range)});
        }
    }
    return code;
}

static ql_code propose_channels(mender *m, const ql_pair *pair)
{
    int op = pair->candidate_op;
    if (op < 0 || pair->alias) {
        return QL_OK;
    }
    const ql_operator *use = &m->graph->operators[op];
    const ql_op *row = ql_op_find(m->o->candidate.model, use);
    int weight = row ? row->quant.weight : 0;
    if (weight <= 0 || weight >= use->input_count || use->inputs[weight] < 0) {
        return QL_OK;
    }
    ql_repair repair = {.kind = QL_REPAIR_CHANNELS, .tensor = use->inputs[weight], .op = op};
    int other = m->o->reference.model->subgraphs[m->o->reference.subgraph]
                    .operators[pair->reference_op]
                    .inputs[weight];
    return add(m,
               &(ql_mending){.repair = repair,
                             .reference = other,
                             .why = "one scale serves channels of different size: one a channel is finer"});
}

static ql_code propose(mender *m)
{
    bool *shared = calloc((size_t)m->graph->tensor_count + 1, sizeof *shared);
    ql_code code = shared ? QL_OK : ql_fail_memory(m->err, (size_t)m->graph->tensor_count);
    for (int i = 0; i < m->o->pairing->pair_count && !code; i++) {
        code = propose_range(m, &m->o->pairing->pairs[i], shared);
        code = code ? code : propose_channels(m, &m->o->pairing->pairs[i]);
    }
    free(shared);
    return code;
}

static ql_code measure(mender *m, const ql_repair *repairs, int count, uint64_t samples, bool written,
                       ql_whatif_figures *figures)
{
    const ql_engine_options *o = m->o;
    ql_model *model;
    char *bytes = NULL;
    size_t size = 0;
    ql_code code =
        ql_rewrite_repaired(&model, o->reference, o->candidate, o->pairing, repairs, count, m->err);
    if (code) {
        return code;
    }
    if (written) {
        code = ql_model_write(model, &bytes, &size, m->err);
        code = code ? code : ql_bench_measure_bytes(m->bench, bytes, size, samples, figures, m->err);
    } else {
        code = ql_bench_measure(m->bench, model, samples, figures, m->err);
    }
    free(bytes);
    ql_model_close(model);
    m->out->done++;
    return code;
}

static void foretell(mender *m, bool prove)
{
    int few = m->count < MOST_KEPT ? m->count : MOST_KEPT;
    m->out->total = m->count / ql_ranks_size(m->o->ranks) + few * (prove ? 3 : 2) + 4;
}

static int by_worth(const void *a, const void *b)
{
    const ql_mending *x = a, *y = b;
    double p = worth(&x->figures), q = worth(&y->figures);
    return p > q ? -1 : p < q ? 1 : x->repair.tensor - y->repair.tensor;
}

static bool taken(const ql_repair *list, int count, const ql_repair *one)
{
    for (int i = 0; i < count; i++) {
        if (list[i].kind == one->kind && list[i].tensor == one->tensor) {
            return true;
        }
    }
    return false;
}

/* Best first; each is kept if the model is better with it than without. */
static ql_code combine(mender *m, double base)
{
    ql_repair list[MOST_KEPT];
    ql_code code = QL_OK;
    double best = base;
    m->out->list = QL_TAKE(&m->out->arena, MOST_KEPT, ql_mending);
    if (!m->out->list) {
        return ql_fail_memory(m->err, MOST_KEPT * sizeof(ql_mending));
    }
    for (int i = 0; i < m->count && m->out->count < MOST_KEPT && !code; i++) {
        const ql_mending *one = &m->tries[i];
        ql_whatif_figures figures;
        int count = m->out->count;
        if (worth(&one->figures) < base + WORTH_IT) {
            break;
        }
        if (taken(list, count, &one->repair)) {
            continue;
        }
        list[count] = one->repair;
        code = measure(m, list, count + 1, m->samples, false, &figures);
        if (!code && (worth(&figures) >= best + WORTH_IT / 5 || !count)) {
            m->out->list[m->out->count++] = *one;
            best = worth(&figures);
        }
    }
    return code;
}

/* On all samples, what was chosen on a few. */
static ql_code settle(mender *m, bool prove)
{
    ql_repair list[MOST_KEPT];
    ql_mendings *out = m->out;
    ql_code code = QL_OK;
    for (int i = 0; i < out->count && !code; i++) {
        list[i] = out->list[i].repair;
        code = measure(m, &list[i], 1, 0, false, &out->list[i].figures);
        code = code || !prove ? code : measure(m, &list[i], 1, 0, true, &out->list[i].proof);
    }
    code = code || !out->count ? code : measure(m, list, out->count, 0, false, &out->figures);
    return code || !out->count || !prove ? code : measure(m, list, out->count, 0, true, &out->proof);
}

/* Every `step`th from `first` on, at most TOGETHER of them, each by itself. */
static ql_code measure_some(mender *m, int first, int step, ql_whatif_figures *found)
{
    const ql_engine_options *o = m->o;
    ql_model *models[TOGETHER];
    const ql_model *list[TOGETHER];
    ql_whatif_figures figures[TOGETHER];
    int count = 0;
    ql_code code = QL_OK;
    for (int i = first; i < m->count && count < TOGETHER && !code; i += step) {
        code = ql_rewrite_repaired(&models[count], o->reference, o->candidate, o->pairing,
                                   &m->tries[i].repair, 1, m->err);
        list[count] = models[count];
        count += !code;
    }
    code = code ? code : ql_bench_measure_all(m->bench, list, count, m->samples, figures, m->err);
    for (int i = 0; i < count; i++) {
        found[first + i * step] = code ? found[first + i * step] : figures[i];
        ql_model_close(models[i]);
    }
    m->out->done += count;
    return code;
}

/* Each by itself; each rank does some of them. */
static ql_code measure_tries(mender *m)
{
    int ranks = ql_ranks_size(m->o->ranks), rank = ql_ranks_rank(m->o->ranks);
    ql_whatif_figures *found = calloc((size_t)m->count + 1, sizeof *found);
    ql_code code = found ? QL_OK : ql_fail_memory(m->err, (size_t)m->count * sizeof *found);
    ql_bench_apart(m->bench, true);
    for (int i = rank; i < m->count && !code; i += TOGETHER * ranks) {
        code = measure_some(m, i, ranks, found);
    }
    ql_bench_apart(m->bench, false);
    code = ql_bench_gather(m->bench, code, found, (size_t)m->count, sizeof *found, m->err);
    for (int i = 0; i < m->count && !code; i++) {
        m->tries[i].figures = found[i];
    }
    free(found);
    return code;
}

static ql_code mend(mender *m, const ql_dataset *calib, bool prove)
{
    ql_whatif_figures base = {0};
    ql_code code = calibrate(m, calib);
    code = code ? code : propose(m);
    if (code || !m->count) {
        return code;
    }
    foretell(m, prove);
    code = measure(m, NULL, 0, m->samples, false, &base);
    code = code ? code : measure(m, NULL, 0, 0, false, &m->out->base);
    code = code ? code : measure_tries(m);
    if (!code) {
        qsort(m->tries, (size_t)m->count, sizeof *m->tries, by_worth);
        code = combine(m, worth(&base));
    }
    return code ? code : settle(m, prove);
}

ql_code ql_mend(ql_bench *bench, const ql_dataset *calib, uint64_t samples, bool prove, ql_mendings *mendings,
                ql_err *err)
{
    const ql_engine_options *o = ql_bench_options(bench);
    mender m = {.bench = bench,
                .o = o,
                .graph = &o->candidate.model->subgraphs[o->candidate.subgraph],
                .out = mendings,
                .samples = samples,
                .err = err};
    *mendings = (ql_mendings){.count = 0};
    ql_arena_init(&mendings->arena, 0);
    ql_code code = mend(&m, calib, prove);
    for (int k = 0; k < METHODS; k++) {
        ql_ranges_free(&m.ranges[k]);
    }
    free(m.tries);
    mendings->count = code ? 0 : mendings->count;
    return code;
}

void ql_mendings_free(ql_mendings *mendings)
{
    ql_arena_free(&mendings->arena);
    *mendings = (ql_mendings){0};
}

/* --- The document --- */

static void put_figures(ql_doc *d, ql_json *to, const char *key, const ql_whatif_figures *figures)
{
    if (!figures->samples) {
        ql_put_null(d, to, key);
        return;
    }
    ql_json *entry = ql_put_object(d, to, key);
    ql_put_number(d, entry, "sqnr_db", figures->sqnr_db);
    ql_put_number(d, entry, "agreement", figures->top1);
    ql_put_number(d, entry, "accuracy", figures->accuracy);
}

static void put_range(ql_doc *d, ql_json *to, const char *key, ql_tensor_range range)
{
    ql_json *list = ql_put_array(d, to, key);
    ql_put_float(d, list, NULL, range.min);
    ql_put_float(d, list, NULL, range.max);
}

void ql_put_mendings(ql_doc *d, ql_json *to, const ql_mendings *mendings, const ql_engine_options *o)
{
    ql_json *list = ql_put_array(d, to, "repairs");
    for (int i = 0; mendings && i < mendings->count; i++) {
        const ql_mending *one = &mendings->list[i];
        const ql_tensor *own =
            &o->candidate.model->subgraphs[o->candidate.subgraph].tensors[one->repair.tensor];
        ql_json *entry = ql_put_object(d, list, NULL);
        ql_put_text(d, entry, "kind", ql_repair_kind_name(one->repair.kind));
        ql_put_str(d, entry, "tensor",
                   o->reference.model->subgraphs[o->reference.subgraph].tensors[one->reference].name);
        ql_put_str(d, entry, "candidate_tensor", own->name);
        if (one->repair.kind == QL_REPAIR_RANGE) {
            put_range(d, entry, "range", (ql_tensor_range){true, one->repair.min, one->repair.max});
            put_range(d, entry, "was", ql_repair_range_of(own));
        }
        ql_put_text(d, entry, "why", one->why);
        put_figures(d, entry, "predicted", &one->figures);
        put_figures(d, entry, "proof", &one->proof);
    }
    if (mendings && mendings->count) {
        ql_json *all = ql_put_object(d, to, "repaired");
        put_figures(d, all, "predicted", &mendings->figures);
        put_figures(d, all, "proof", &mendings->proof);
    }
}
