#include "analyzer/compare/worker.h"

#include "analyzer/compare/measured.h"
#include "analyzer/compare/pace.h"
#include "analyzer/compare/side.h"
#include "analyzer/data/convert.h"

#include <stdlib.h>
#include <string.h>

enum { REFERENCE = QL_REFERENCE_SIDE, CANDIDATE = QL_CANDIDATE_SIDE, SIDES = QL_COMPARED_SIDES };

struct ql_worker {
    const ql_engine_options *options;
    ql_comparison *part;
    ql_exec *exec[SIDES];
    ql_pace pace; /* of the reference */
    /* of the reference: runs single operators on the candidate's inputs; NULL: no local errors */
    ql_exec *twin;
    ql_exec *rounded; /* the same with the candidate's weights; NULL: errors are not split */
    ql_exec *shadow;  /* of the candidate: runs single operators on the reference's inputs; NULL: they ran on
                         the candidate's own */
    ql_worker_room memory;
    ql_team *team; /* NULL: one thread */
    int *first;    /* by candidate tensor: index + 1 of its pair, 0 = none */
    ql_floats_room room[SIDES];
    ql_measured measured; /* the tensor under comparison */
    uint64_t sample;
};

static bool same_quantization(const ql_view *a, const ql_view *b)
{
    bool none = !a->tensor->quant.scale_count && !b->tensor->quant.scale_count;
    return none || (ql_scale(a) == ql_scale(b) && ql_zero(a) == ql_zero(b));
}

/* Hands the candidate's input to the twin operator; false when the two do not correspond. */
static bool hand_over(const ql_view *from, ql_view *to)
{
    if (from->count != to->count || to->tensor->variable || from->tensor->variable) {
        return false;
    }
    if (from->type == to->type && same_quantization(from, to)) {
        memcpy(to->data, from->data, to->bytes);
        return true;
    }
    if (to->type != QL_F32 || !ql_comparable(from->type)) {
        return false;
    }
    if (ql_floats(from, to->data) != to->data) {
        memcpy(to->data, from->data, to->bytes);
    }
    return true;
}

static bool is_among(const int32_t *tensors, int count, int tensor)
{
    int i = 0;
    while (i < count && tensors[i] != tensor) {
        i++;
    }
    return i < count;
}

static bool is_graph_input(const ql_side *side, int tensor)
{
    const ql_subgraph *graph = &side->model->subgraphs[side->subgraph];
    return is_among(graph->inputs, graph->input_count, tensor);
}

static bool is_graph_output(const ql_side *side, int tensor)
{
    const ql_subgraph *graph = &side->model->subgraphs[side->subgraph];
    return is_among(graph->outputs, graph->output_count, tensor);
}

/* A candidate that takes floats quantizes them first. As in QuantizationDebugger, the rounding of the input
 * then counts to the first operator: its twin gets the floats themselves. */
static bool is_raw_input(const ql_worker *w, const ql_view *candidate, const ql_view *twin)
{
    return is_graph_input(&w->options->reference, twin->index) &&
           !is_graph_input(&w->options->candidate, candidate->index);
}

/* Puts the inputs of candidate operator `c` before the twin operator `t`; false when it cannot be its twin.
 */
static bool feed_twin(const ql_worker *w, const ql_call *c, const ql_call *t)
{
    if (c->op->input_count != t->op->input_count || !t->row || c->row != t->row || c->row->impure) {
        return false;
    }
    for (int i = 0; i < t->in_count; i++) {
        if (!t->in[i] || !c->in[i]) {
            if (t->in[i] != c->in[i]) {
                return false;
            }
            continue;
        }
        if (t->in[i]->known != c->in[i]->known || !t->in[i]->shaped || !t->in[i]->data) {
            return false;
        }
        const ql_view *from = c->in[i];
        if (is_raw_input(w, c->in[i], t->in[i])) {
            from = ql_exec_tensor(w->exec[REFERENCE], t->in[i]->index);
        }
        if (!t->in[i]->known && !hand_over(from, t->in[i])) {
            return false;
        }
    }
    return true;
}

/* Runs the pair's operator of the reference, and what fake-quantizes its output where figures are taken after
 * that. */
static ql_code run_pair(ql_exec *exec, const ql_pair *pair, ql_err *err)
{
    ql_code code = ql_exec_run_op(exec, pair->reference_op, err);
    for (int i = 0; i < pair->fake_count && !code; i++) {
        code = ql_exec_run_op(exec, pair->fakes[i], err);
    }
    return code;
}

/* Tells the parts of the operator's error apart; w->twin has just run. */
static ql_code add_split(ql_worker *w, const ql_pair *pair, ql_pair_stats *stats, const ql_call *c,
                         const ql_view *out, ql_err *err)
{
    const ql_view *y0 = ql_exec_tensor(w->exec[REFERENCE], pair->compared);
    const ql_view *y1 = ql_exec_tensor(w->twin, pair->compared),
                  *y2 = ql_exec_tensor(w->rounded, pair->compared);
    const float *q = NULL;
    if (!y2->shaped || !feed_twin(w, c, ql_exec_call(w->rounded, pair->reference_op))) {
        return QL_OK;
    }
    ql_code code = run_pair(w->rounded, pair, err);
    code = code ? code : ql_floats_in(&w->room[CANDIDATE], out, &q, err);
    bool floats =
        y0->type == QL_F32 && y0->count == out->count && y1->count == out->count && y2->count == out->count;
    if (!code && floats) {
        ql_split_add(&stats->split, y0->data, y1->data, y2->data, q, out->count, out);
    }
    return code;
}

/* Hands the reference's value to the shadow operator, on the grid of its input; false when the two do not
 * correspond. */
static bool hand_down(ql_worker *w, const ql_view *from, ql_view *to, ql_err *err, ql_code *code)
{
    const float *values = NULL;
    if (!from->shaped || !to->shaped || !from->data || !to->data || from->count != to->count ||
        from->tensor->variable || to->tensor->variable || !ql_comparable(from->type) ||
        !ql_convertible(to->type)) {
        return false;
    }
    if (from->type == to->type && same_quantization(from, to)) {
        memcpy(to->data, from->data, to->bytes);
        return true;
    }
    *code = ql_floats_in(&w->room[REFERENCE], from, &values, err);
    if (!*code) {
        ql_convert(values, QL_F32, 0, to);
    }
    return true;
}

/* Puts the inputs of the reference's operator before the shadow operator `c`. What only brings a value to
 * another type gets the value. */
static bool feed_shadow(ql_worker *w, const ql_pair *pair, const ql_call *c, ql_err *err, ql_code *code)
{
    const ql_call *t = pair->reference_op < 0 ? NULL : ql_exec_call(w->exec[REFERENCE], pair->reference_op);
    if (pair->alias && (!t || c->row != t->row)) {
        return hand_down(w, ql_exec_tensor(w->exec[REFERENCE], pair->reference), c->in[0], err, code);
    }
    if (!t || !t->row || c->row != t->row || c->row->impure || c->in_count != t->in_count) {
        return false;
    }
    for (int i = 0; i < c->in_count && !*code; i++) {
        bool known = c->in[i] && c->in[i]->known;
        if (!t->in[i] != !c->in[i] || (c->in[i] && known != t->in[i]->known)) {
            return false;
        }
        if (c->in[i] && !known && !hand_down(w, t->in[i], c->in[i], err, code)) {
            return false;
        }
    }
    return true;
}

/* The error that the candidate's operator makes of the reference's inputs. */
static ql_code add_shadowed(ql_worker *w, const ql_pair *pair, ql_pair_stats *stats, ql_err *err)
{
    const ql_call *c = ql_exec_call(w->shadow, pair->candidate_op);
    const ql_view *out = ql_exec_tensor(w->shadow, pair->candidate);
    ql_code code = QL_OK;
    if (!out->shaped || !feed_shadow(w, pair, c, err, &code) || code) {
        return code;
    }
    stats->has_local = true;
    code = ql_exec_run_op(w->shadow, pair->candidate_op, err);
    code = code ? code : ql_measured_take(&w->measured, out, err);
    const ql_view *reference = ql_exec_tensor(w->exec[REFERENCE], pair->compared);
    code = code ? code : ql_measured_add_local(&w->measured, stats, w->sample, reference, err);
    bool split = w->rounded && pair->reference_op >= 0 && !code;
    if (!split || !feed_twin(w, c, ql_exec_call(w->twin, pair->reference_op))) {
        return code;
    }
    code = run_pair(w->twin, pair, err);
    return code ? code : add_split(w, pair, stats, c, out, err);
}

/* Lets the float twin of the pair's operator run on the candidate's inputs. *made is NULL where there is
 * none; that of QUANTIZE and DEQUANTIZE changes nothing. */
static ql_code run_twin(ql_worker *w, const ql_pair *pair, const ql_view **made, bool *ran, ql_err *err)
{
    *made = NULL;
    *ran = false;
    if (!w->twin || w->shadow || pair->candidate_op < 0) {
        return QL_OK;
    }
    const ql_call *c = ql_exec_call(w->exec[CANDIDATE], pair->candidate_op);
    const ql_view *out = ql_exec_tensor(w->twin, pair->compared);
    *ran =
        pair->reference_op >= 0 && out->shaped && feed_twin(w, c, ql_exec_call(w->twin, pair->reference_op));
    *made = *ran ? out : pair->alias ? c->in[0] : NULL;
    return *ran ? run_pair(w->twin, pair, err) : QL_OK;
}

/* Says whose error it is, which ends the candidate's run. */
static ql_code of_reference(const ql_worker *w, ql_code code, ql_err *err)
{
    if (code) {
        ql_at_file(err, w->options->reference.model->path);
    }
    return code;
}

/* A tap on the candidate: the tensor is there, and so are the inputs of its operator. */
static ql_code compare_tensor(void *user, int op, const ql_view *view, ql_err *err)
{
    ql_worker *w = user;
    int index = w->first[view->index] - 1;
    (void)op;
    if (index < 0 || !ql_comparable(view->type)) {
        return QL_OK;
    }
    const ql_pair *pair = &w->options->pairing->pairs[index];
    ql_pair_stats *stats = &w->part->pairs[index];
    const ql_view *reference = ql_exec_tensor(w->exec[REFERENCE], pair->compared);
    ql_code code = of_reference(w, ql_pace_reach(&w->pace, pair->compared, err), err);
    code = code ? code : ql_measured_take(&w->measured, view, err);
    ql_measured_with with = {.reference = reference,
                             .is_output = is_graph_output(&w->options->candidate, view->index)};
    bool ran = false;
    code = code ? code : run_twin(w, pair, &with.made, &ran, err);
    code = code ? code : ql_measured_add_pair(&w->measured, stats, w->sample, &with, err);
    if (w->shadow && pair->candidate_op >= 0) {
        return code ? code : add_shadowed(w, pair, stats, err);
    }
    bool split = !code && ran && w->rounded;
    return split ? add_split(w, pair, stats, ql_exec_call(w->exec[CANDIDATE], pair->candidate_op), view, err)
                 : code;
}

/* What is packed here leaves less for the next. */
static ql_code open_exec(ql_worker *w, int side, ql_side_use use, ql_exec **exec, ql_err *err)
{
    use.plan_only = w->memory.plan_only;
    use.pack_bound = w->memory.pack_bound;
    use.pack_bytes = w->memory.pack_bytes;
    use.threads = w->memory.threads;
    use.team = w->team;
    ql_code code = ql_side_open_as(w->options, side, &use, exec, err);
    if (!code && w->memory.pack_bound) {
        w->memory.pack_bytes -= ql_exec_packed(*exec);
    }
    return code;
}

static ql_code open_run(ql_worker *w, int side, const ql_worker *like, bool keep_all, ql_err *err)
{
    ql_side_use use = {.like = like ? like->exec[side] : NULL, .keep_all = keep_all};
    return open_exec(w, side, use, &w->exec[side], err);
}

/* What runs single operators keeps no other values than theirs: its memory stays small, and in the caches. */
static ql_code open_single(ql_worker *w, int side, ql_exec **exec, ql_err *err)
{
    return open_exec(w, side, (ql_side_use){.like = w->exec[side]}, exec, err);
}

ql_code ql_worker_open(ql_worker **out, const ql_engine_options *options, const ql_model *split,
                       const ql_worker *like, ql_worker_room room, ql_comparison *part, ql_err *err)
{
    ql_worker *w = *out = calloc(1, sizeof *w);
    if (!w) {
        return ql_fail_memory(err, sizeof *w);
    }
    w->options = options;
    w->memory = room;
    w->team = room.plan_only ? NULL : ql_team_open(room.threads); /* without it the work is done here */
    w->part = part;
    const ql_subgraph *graph = &options->candidate.model->subgraphs[options->candidate.subgraph];
    w->first = calloc((size_t)graph->tensor_count + 1, sizeof *w->first);
    if (!w->first) {
        return ql_fail_memory(err, (size_t)graph->tensor_count * sizeof *w->first);
    }
    for (int i = 0; i < options->pairing->pair_count; i++) {
        w->first[options->pairing->pairs[i].candidate] = i + 1;
    }
    ql_code code = open_run(w, REFERENCE, like, true, err);
    const ql_side *reference = &options->reference;
    code = code ? code
                : ql_pace_make(&w->pace, w->exec[REFERENCE],
                               &reference->model->subgraphs[reference->subgraph], err);
    code = code ? code : open_run(w, CANDIDATE, like, false, err);
    code = code || !options->local ? code : open_single(w, REFERENCE, &w->twin, err);
    bool shadow = options->local && options->local_from_reference;
    code = code || !shadow ? code : open_single(w, CANDIDATE, &w->shadow, err);
    ql_side_use rounded = {.model = split, .like = like ? like->rounded : NULL};
    return code || !split ? code : open_exec(w, REFERENCE, rounded, &w->rounded, err);
}

/* Values that are converted: of the largest tensor, on either side. */
static size_t rooms_of(const ql_worker *w)
{
    size_t largest = 0;
    const ql_subgraph *graph = &w->options->candidate.model->subgraphs[w->options->candidate.subgraph];
    for (int t = 0; t < graph->tensor_count; t++) {
        const ql_view *view = ql_exec_tensor(w->exec[CANDIDATE], t);
        largest = view->shaped && !view->known && view->count > largest ? view->count : largest;
    }
    return 4 * largest * sizeof(float);
}

size_t ql_worker_need(const ql_worker *w)
{
    const ql_exec *const execs[] = {w->exec[REFERENCE], w->exec[CANDIDATE], w->twin, w->rounded, w->shadow};
    size_t bytes = rooms_of(w);
    for (size_t i = 0; i < sizeof execs / sizeof *execs; i++) {
        bytes += execs[i] ? ql_exec_need(execs[i]) : 0;
    }
    return bytes;
}

void ql_worker_close(ql_worker *w)
{
    if (!w) {
        return;
    }
    ql_exec_close(w->twin);
    ql_exec_close(w->rounded);
    ql_exec_close(w->shadow);
    for (int side = 0; side < SIDES; side++) {
        ql_exec_close(w->exec[side]);
        free(w->room[side].values);
    }
    ql_team_close(w->team);
    ql_measured_free(&w->measured);
    free(w->first);
    ql_pace_free(&w->pace);
    free(w);
}

/* The scores of the first output, row by row. */
static ql_code add_task(ql_worker *w, ql_err *err)
{
    const ql_view *reference = ql_exec_output(w->exec[REFERENCE], 0),
                  *candidate = ql_exec_output(w->exec[CANDIDATE], 0);
    const float *f = NULL, *q = NULL;
    if (!candidate->rank || !ql_comparable(candidate->type) || !ql_comparable(reference->type)) {
        return QL_OK;
    }
    ql_code code = ql_measured_fit(reference, candidate, err);
    code = code ? code : ql_floats_in(&w->room[REFERENCE], reference, &f, err);
    code = code ? code : ql_floats_in(&w->room[CANDIDATE], candidate, &q, err);
    int64_t label;
    bool known = ql_dataset_label(w->options->data, w->sample, &label);
    if (!code && candidate->count) {
        ql_sample_scores scores = {.sample = w->sample,
                                   .reference = f,
                                   .candidate = q,
                                   .count = candidate->count,
                                   .row = (size_t)ql_dim(candidate, -1),
                                   .label = known ? &label : NULL};
        ql_task_add(&w->part->task, f, q, scores.count, scores.row, scores.label);
        if (w->options->sampled) {
            w->options->sampled(w->options->user, &scores);
        }
    }
    return code;
}

static ql_code run_candidate(ql_worker *w, ql_err *err)
{
    const ql_side *graph = &w->options->candidate;
    const ql_subgraph *subgraph = &graph->model->subgraphs[graph->subgraph];
    ql_code code = QL_OK;
    for (int i = 0; i < subgraph->input_count && !code; i++) {
        code = compare_tensor(w, -1, ql_exec_input(w->exec[CANDIDATE], i), err);
    }
    return code ? code : ql_exec_run(w->exec[CANDIDATE], compare_tensor, w, err);
}

ql_code ql_worker_sample(ql_worker *w, uint64_t sample, ql_err *err)
{
    const ql_engine_options *o = w->options;
    w->sample = sample;
    ql_code code = ql_side_feed(o, REFERENCE, w->exec[REFERENCE], sample, err);
    code = of_reference(w, code ? code : ql_pace_start(&w->pace, err), err);
    if (code) {
        return code;
    }
    code = ql_side_feed(o, CANDIDATE, w->exec[CANDIDATE], sample, err);
    code = code ? code : run_candidate(w, err);
    code = code ? code : of_reference(w, ql_pace_finish(&w->pace, err), err);
    code = code ? code : add_task(w, err);
    if (code) {
        ql_at_file(err, o->candidate.model->path);
        return code;
    }
    w->part->samples++;
    return QL_OK;
}
