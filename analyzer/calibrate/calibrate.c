#include "analyzer/calibrate/calibrate.h"

#include <math.h>
#include <stdlib.h>

typedef struct {
    const ql_calibrate_options *o;
    const ql_subgraph *graph;
    ql_exec *exec;
    ql_ranges *ranges;
    ql_tensor_range *now; /* this sample's */
    ql_hist **hists;      /* where the method asks for them */
} calibration;

static bool wanted(const ql_view *view)
{
    return view->type == QL_F32 && !view->tensor->data && view->shaped && view->data;
}

static ql_code add_to_histogram(ql_hist **hist, const float *values, size_t count, ql_err *err)
{
    enum { PIECE = 256 };
    double piece[PIECE];
    *hist = *hist ? *hist : calloc(1, sizeof **hist);
    if (!*hist) {
        return ql_fail_memory(err, sizeof **hist);
    }
    for (size_t i = 0, filled = 0; i < count; i++) {
        if (isfinite(values[i])) {
            piece[filled++] = (double)values[i];
        }
        if (filled == PIECE || i + 1 == count) {
            ql_hist_add(*hist, piece, filled);
            filled = 0;
        }
    }
    return QL_OK;
}

static ql_code see(void *user, int op, const ql_view *view, ql_err *err)
{
    calibration *c = user;
    (void)op;
    if (!wanted(view)) {
        return QL_OK;
    }
    ql_range_join(&c->now[view->index], ql_range_of(view->data, view->count));
    return c->o->method.row->choose ? add_to_histogram(&c->hists[view->index], view->data, view->count, err)
                                    : QL_OK;
}

static ql_code feed(calibration *c, uint64_t sample, ql_err *err)
{
    ql_code code = QL_OK;
    for (int i = 0; i < c->graph->input_count && !code; i++) {
        ql_view *view = ql_exec_input(c->exec, i);
        code = ql_dataset_feed(c->o->data, sample, 0, i, view, err);
        code = code ? code : see(c, -1, view, err);
    }
    return code;
}

/* What follows from constants alone is computed before the runs, and no tap sees it. */
static ql_code see_folded(calibration *c, ql_err *err)
{
    ql_code code = QL_OK;
    for (int t = 0; t < c->graph->tensor_count && !code; t++) {
        const ql_view *view = ql_exec_tensor(c->exec, t);
        code = view->known ? see(c, -1, view, err) : QL_OK;
    }
    return code;
}

/* States that outlive a run are no operator's output. */
static ql_code see_states(calibration *c, ql_err *err)
{
    ql_code code = QL_OK;
    for (int t = 0; t < c->graph->tensor_count && !code; t++) {
        code = c->graph->tensors[t].variable ? see(c, -1, ql_exec_tensor(c->exec, t), err) : QL_OK;
    }
    return code;
}

static void settle_sample(calibration *c)
{
    double keep = c->o->method.number;
    for (int t = 0; t < c->ranges->count; t++) {
        ql_tensor_range *range = &c->ranges->tensors[t], *now = &c->now[t];
        if (range->seen && now->seen && c->o->method.row->average) {
            range->min = (float)(keep * (double)range->min + (1 - keep) * (double)now->min);
            range->max = (float)(keep * (double)range->max + (1 - keep) * (double)now->max);
        } else {
            ql_range_join(range, *now);
        }
        *now = (ql_tensor_range){0};
    }
    c->ranges->samples++;
}

static ql_code run_sample(calibration *c, uint64_t sample, ql_err *err)
{
    ql_exec_reset(c->exec);
    ql_code code = feed(c, sample, err);
    code = code ? code : ql_exec_run(c->exec, see, c, err);
    code = code ? code : see_folded(c, err);
    code = code ? code : see_states(c, err);
    if (!code) {
        settle_sample(c);
    }
    return code;
}

static ql_code run_samples(calibration *c, ql_err *err)
{
    uint64_t count = ql_dataset_count(c->o->data);
    ql_code code = QL_OK;
    for (uint64_t i = 0; i < count && !code; i++) {
        code = run_sample(c, ql_dataset_sample(c->o->data, i), err);
        if (!code && c->o->progress && !c->o->progress(c->o->user, i + 1, count)) {
            code = ql_fail(err, QL_E_INTERRUPTED, "interrupted");
        }
    }
    return code;
}

static void choose_ranges(calibration *c)
{
    const ql_calibration *method = &c->o->method;
    for (int t = 0; t < c->ranges->count && method->row->choose; t++) {
        if (c->ranges->tensors[t].seen && c->hists[t] && c->hists[t]->count) {
            c->ranges->tensors[t] =
                method->row->choose(c->hists[t], c->ranges->tensors[t], method->number, c->o->levels);
        }
    }
}

static ql_code open_exec(calibration *c, ql_err *err)
{
    ql_exec_options options = {
        .subgraph = c->o->subgraph, .memory = c->o->memory, .numerics = c->o->numerics};
    if (!options.numerics) {
        options.numerics = ql_numerics_named("litert-opt-mt");
    }
    ql_code code = ql_exec_open(&c->exec, c->o->model, &options, err);
    for (int i = 0; i < c->graph->input_count && !code; i++) {
        int rank;
        int32_t dims[QL_MAX_RANK];
        if (ql_dataset_shape(c->o->data, 0, i, &rank, dims)) {
            code = ql_exec_resize(c->exec, i, rank, dims, err);
        }
    }
    return code;
}

ql_code ql_calibrate(const ql_calibrate_options *options, ql_ranges *ranges, ql_err *err)
{
    calibration c = {.o = options, .graph = &options->model->subgraphs[options->subgraph], .ranges = ranges};
    size_t count = (size_t)ranges->count;
    c.now = calloc(count + 1, sizeof *c.now);
    c.hists = calloc(count + 1, sizeof *c.hists);
    ql_code code = c.now && c.hists ? QL_OK : ql_fail_memory(err, count * sizeof *c.now);
    code = code ? code : open_exec(&c, err);
    code = code ? code : run_samples(&c, err);
    if (!code) {
        choose_ranges(&c);
        code = options->compat ? ql_ranges_widen(ranges, options->model, options->subgraph, err) : QL_OK;
    }
    ql_exec_close(c.exec);
    for (size_t t = 0; c.hists && t < count; t++) {
        free(c.hists[t]);
    }
    free(c.hists);
    free(c.now);
    return code ? (ql_at_file(err, options->model->path), code) : QL_OK;
}
