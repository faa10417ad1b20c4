#include "analyzer/suggest/suggest.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { BEAM = 5, MOST_PAIRS = 400, MOST_SIZE = 64, MOST_GROUP = 6, FINALISTS = 4 };

typedef struct {
    int op;
    ql_layer_mode mode;
} ql_move;

/* Layers that are changed together. */
typedef struct {
    int count;
    ql_move moves[MOST_GROUP];
} ql_group;

typedef struct {
    ql_layer_mode *modes;
    int layers;
    double sqnr; /* on the search's samples */
} ql_tried;

typedef struct {
    const ql_engine_options *options;
    const ql_suggest_goal *goal;
    ql_suggestion *out;
    const ql_subgraph *graph;
    ql_engine_options quick; /* the same on fewer samples */
    ql_group *groups;        /* single layers first */
    int group_count, single_count;
    ql_tried *seen; /* every set that was tried */
    int seen_count, seen_capacity;
    ql_err *err;
} ql_search;

static size_t mode_bytes(const ql_search *s)
{
    return ((size_t)s->graph->operator_count + 1) * sizeof(ql_layer_mode);
}

static double worth(const ql_whatif_figures *figures)
{
    return isnan(figures->sqnr_db) ? -HUGE_VAL : figures->sqnr_db;
}

static ql_tried *find(const ql_search *s, const ql_layer_mode *modes)
{
    for (int i = 0; i < s->seen_count; i++) {
        if (!memcmp(s->seen[i].modes, modes, mode_bytes(s))) {
            return &s->seen[i];
        }
    }
    return NULL;
}

/* Measures a set once, on the search's samples. */
static ql_code try(ql_search *s, const ql_layer_mode *modes)
{
    if (find(s, modes)) {
        return QL_OK;
    }
    if (s->seen_count == s->seen_capacity) {
        int capacity = s->seen_capacity ? 2 * s->seen_capacity : 256;
        ql_tried *grown = realloc(s->seen, (size_t)capacity * sizeof *grown);
        if (!grown) {
            return ql_fail_memory(s->err, (size_t)capacity * sizeof *grown);
        }
        s->seen = grown;
        s->seen_capacity = capacity;
    }
    ql_tried state = {.modes = ql_take_copy(&s->out->arena, modes, mode_bytes(s))};
    if (!state.modes) {
        return ql_fail_memory(s->err, mode_bytes(s));
    }
    for (int op = 0; op < s->graph->operator_count; op++) {
        state.layers += modes[op] != QL_LAYER_KEEP;
    }
    ql_model *mixed;
    ql_whatif_figures figures = {0};
    ql_code code = ql_rewrite_mixed(&mixed, s->options->reference, s->options->candidate, s->options->pairing,
                                    modes, NULL, s->err);
    code = code ? code : ql_whatif_measure(&s->quick, mixed, &figures, s->err);
    ql_model_close(mixed);
    if (!code) {
        state.sqnr = worth(&figures);
        s->seen[s->seen_count++] = state;
        s->out->tried++;
        if (s->options->progress && !s->options->progress(s->options->user, (uint64_t)s->out->tried, 0)) {
            code = ql_fail(s->err, QL_E_INTERRUPTED, "interrupted");
        }
    }
    return code;
}

static bool apply(const ql_search *s, ql_layer_mode *modes, const ql_group *group, int most)
{
    int layers = 0;
    for (int i = 0; i < group->count; i++) {
        modes[group->moves[i].op] = group->moves[i].mode;
    }
    for (int op = 0; op < s->graph->operator_count; op++) {
        layers += modes[op] != QL_LAYER_KEEP;
    }
    return layers <= most;
}

/* Tries a set with a group added, when that stays within `most` layers. */
static ql_code try_with(ql_search *s, const ql_layer_mode *from, const ql_group *group, int most)
{
    ql_layer_mode *modes = malloc(mode_bytes(s));
    if (!modes) {
        return ql_fail_memory(s->err, mode_bytes(s));
    }
    memcpy(modes, from, mode_bytes(s));
    ql_code code = apply(s, modes, group, most) ? try(s, modes) : QL_OK;
    free(modes);
    return code;
}

static int by_worth(const void *a, const void *b)
{
    const ql_tried *x = a, *y = b;
    if (x->sqnr != y->sqnr) {
        return x->sqnr < y->sqnr ? 1 : -1;
    }
    return x->layers - y->layers;
}

/* The best sets of exactly `layers` layers, best first; returns how many (at most BEAM). */
static int best_of(ql_search *s, int layers, const ql_layer_mode *best[BEAM])
{
    int count = 0;
    qsort(s->seen, (size_t)s->seen_count, sizeof *s->seen, by_worth);
    for (int i = 0; i < s->seen_count && count < BEAM; i++) {
        if (s->seen[i].layers == layers) {
            best[count++] = s->seen[i].modes;
        }
    }
    return count;
}

static ql_code add_group(ql_search *s, const ql_group *group)
{
    ql_group *grown = realloc(s->groups, ((size_t)s->group_count + 1) * sizeof *grown);
    if (!grown) {
        return ql_fail_memory(s->err, sizeof *grown);
    }
    s->groups = grown;
    s->groups[s->group_count++] = *group;
    return QL_OK;
}

static bool may(const ql_search *s, int op, ql_layer_mode mode)
{
    const ql_engine_options *o = s->options;
    return s->goal->allowed[mode] && !ql_mixed_refusal(o->reference, o->candidate, o->pairing, op, mode);
}

static bool reads(const ql_operator *op, int tensor)
{
    for (int i = 0; i < op->input_count; i++) {
        if (op->inputs[i] == tensor) {
            return true;
        }
    }
    return false;
}

/* A tensor's producer and readers: the tensor leaves the coarse format only when all of them do. */
static ql_code add_tensor_group(ql_search *s, int producer, int tensor, ql_layer_mode mode)
{
    ql_group group = {.count = 1, .moves = {{producer, mode}}};
    for (int op = 0; op < s->graph->operator_count && group.count < MOST_GROUP; op++) {
        if (reads(&s->graph->operators[op], tensor) && may(s, op, mode)) {
            group.moves[group.count++] = (ql_move){op, mode};
        }
    }
    return group.count > 1 ? add_group(s, &group) : QL_OK;
}

/* An operator with what makes its inputs: a residual join. */
static ql_code add_join_group(ql_search *s, int op, ql_layer_mode mode)
{
    ql_group group = {.count = 1, .moves = {{op, mode}}};
    for (int other = 0; other < op && group.count < MOST_GROUP; other++) {
        const ql_operator *maker = &s->graph->operators[other];
        bool makes = maker->output_count && reads(&s->graph->operators[op], maker->outputs[0]);
        if (makes && may(s, other, mode)) {
            group.moves[group.count++] = (ql_move){other, mode};
        }
    }
    return group.count > 2 ? add_group(s, &group) : QL_OK;
}

static ql_code make_groups(ql_search *s)
{
    ql_code code = QL_OK;
    for (int mode = QL_LAYER_FLOAT; mode <= QL_LAYER_INT16X8; mode++) {
        for (int op = 0; op < s->graph->operator_count && !code; op++) {
            ql_group single = {.count = 1, .moves = {{op, (ql_layer_mode)mode}}};
            code = may(s, op, (ql_layer_mode)mode) ? add_group(s, &single) : QL_OK;
        }
    }
    s->single_count = s->group_count;
    for (int i = 0; i < s->single_count && !code; i++) {
        ql_move move = s->groups[i].moves[0];
        const ql_operator *op = &s->graph->operators[move.op];
        code = add_join_group(s, move.op, move.mode);
        for (int o = 0; o < op->output_count && !code; o++) {
            code = add_tensor_group(s, move.op, op->outputs[o], move.mode);
        }
    }
    return code;
}

static ql_code try_pairs(ql_search *s, const ql_layer_mode *none)
{
    ql_code code = QL_OK;
    for (int a = 0; a < s->single_count && !code; a++) {
        ql_layer_mode *modes = malloc(mode_bytes(s));
        if (!modes) {
            return ql_fail_memory(s->err, mode_bytes(s));
        }
        memcpy(modes, none, mode_bytes(s));
        apply(s, modes, &s->groups[a], MOST_SIZE);
        for (int b = 0; b < a && !code; b++) {
            code = s->groups[a].moves[0].op == s->groups[b].moves[0].op
                       ? QL_OK
                       : try_with(s, modes, &s->groups[b], MOST_SIZE);
        }
        free(modes);
    }
    return code;
}

static bool reached(const ql_search *s, const ql_whatif_figures *figures)
{
    const ql_suggest_goal *g = s->goal;
    return (isnan(g->target_sqnr) || figures->sqnr_db >= g->target_sqnr) &&
           (isnan(g->target_agreement) || figures->top1 >= g->target_agreement) &&
           (isnan(g->target_accuracy) || figures->accuracy >= g->target_accuracy);
}

static bool has_target(const ql_suggest_goal *g)
{
    return !isnan(g->target_sqnr) || !isnan(g->target_agreement) || !isnan(g->target_accuracy);
}

/* Everything on all samples: figures, cost, bytes. */
static ql_code judge(ql_search *s, const ql_layer_mode *modes, ql_plan *plan)
{
    const ql_engine_options *o = s->options;
    ql_engine_options quiet = *o;
    quiet.progress = NULL;
    ql_model *mixed;
    char *bytes = NULL;
    *plan = (ql_plan){.modes = ql_take_copy(&s->out->arena, modes, mode_bytes(s))};
    if (!plan->modes) {
        return ql_fail_memory(s->err, mode_bytes(s));
    }
    for (int op = 0; op < s->graph->operator_count; op++) {
        plan->layers += modes[op] != QL_LAYER_KEEP;
    }
    ql_code code =
        ql_rewrite_mixed(&mixed, o->reference, o->candidate, o->pairing, modes, &plan->cost, s->err);
    code = code ? code : ql_whatif_measure(&quiet, mixed, &plan->figures, s->err);
    code = code ? code : ql_model_write(mixed, &bytes, &plan->bytes, s->err);
    free(bytes);
    ql_model_close(mixed);
    return code;
}

static bool within(const ql_search *s, const ql_plan *plan)
{
    const ql_suggest_goal *g = s->goal;
    double share = plan->cost.macs ? 100 * (double)plan->cost.float_macs / (double)plan->cost.macs : 0;
    return (isnan(g->max_float_macs) || share <= g->max_float_macs) &&
           (!g->max_bytes || plan->bytes <= g->max_bytes);
}

/* Judges the best sets of this size on all samples and keeps the best that is within the limits. */
static ql_code settle(ql_search *s, int layers, ql_plan *winner)
{
    const ql_layer_mode *best[BEAM];
    int count = best_of(s, layers, best);
    winner->layers = 0;
    for (int i = 0; i < count && i < FINALISTS; i++) {
        ql_plan plan;
        ql_code code = judge(s, best[i], &plan);
        if (code) {
            return code;
        }
        if (within(s, &plan) && (!winner->layers || worth(&plan.figures) > worth(&winner->figures))) {
            *winner = plan;
        }
    }
    return QL_OK;
}

static ql_code grow(ql_search *s, int from, int most)
{
    const ql_layer_mode *best[BEAM];
    int count = best_of(s, from, best);
    ql_code code = QL_OK;
    for (int i = 0; i < count && !code; i++) {
        for (int g = 0; g < s->group_count && !code; g++) {
            code = try_with(s, best[i], &s->groups[g], most);
        }
    }
    return code;
}

/* Layers that turn out not to be needed are taken out again. */
static ql_code ablate(ql_search *s, ql_plan *plan)
{
    for (int op = 0; op < s->graph->operator_count; op++) {
        if (plan->modes[op] == QL_LAYER_KEEP) {
            continue;
        }
        ql_layer_mode mode = plan->modes[op];
        ql_plan without;
        plan->modes[op] = QL_LAYER_KEEP;
        ql_code code = judge(s, plan->modes, &without);
        plan->modes[op] = mode;
        if (code) {
            return code;
        }
        if (worth(&without.figures) >= worth(&plan->figures)) {
            *plan = without;
        } else {
            s->out->gain[op] = worth(&plan->figures) - worth(&without.figures);
        }
    }
    for (int op = 0; op < s->graph->operator_count; op++) {
        s->out->gain[op] = plan->modes[op] == QL_LAYER_KEEP ? (double)NAN : s->out->gain[op];
    }
    return QL_OK;
}

/* Sizes one after the other, until the goal holds, the limit is reached or nothing is gained any more. */
static ql_code climb(ql_search *s, const ql_layer_mode *none)
{
    ql_suggestion *out = s->out;
    int most = s->goal->max_layers > 0 ? s->goal->max_layers : MOST_SIZE, idle = 0;
    ql_code code = QL_OK;
    for (int g = 0; g < s->group_count && !code; g++) {
        code = try_with(s, none, &s->groups[g], MOST_SIZE);
    }
    bool all_pairs = s->single_count * (s->single_count - 1) / 2 <= MOST_PAIRS;
    code = code || !all_pairs || most < 2 ? code : try_pairs(s, none);
    out->pareto = QL_TAKE(&out->arena, (size_t)most + 1, ql_plan);
    if (!out->pareto) {
        return ql_fail_memory(s->err, (size_t)most * sizeof *out->pareto);
    }
    for (int layers = 1; layers <= most && !code && idle < 3; layers++) {
        ql_plan winner;
        code = layers > 1 ? grow(s, layers - 1, most) : QL_OK;
        code = code ? code : settle(s, layers, &winner);
        if (code || !winner.layers) {
            idle++;
            continue;
        }
        bool better = !out->best.layers || worth(&winner.figures) > worth(&out->best.figures) + 0.1;
        out->pareto[out->pareto_count++] = winner;
        idle = better ? 0 : idle + 1;
        if (!out->best.layers || worth(&winner.figures) > worth(&out->best.figures)) {
            out->best = winner;
        }
        if (has_target(s->goal) && reached(s, &out->best.figures)) {
            break;
        }
    }
    return code;
}

/* Where few layers do not do, the smallest set seen that does far better. */
static ql_code look_beyond(ql_search *s)
{
    ql_suggestion *out = s->out;
    double best = worth(out->best.layers ? &out->best.figures : &out->base);
    qsort(s->seen, (size_t)s->seen_count, sizeof *s->seen, by_worth);
    const ql_tried *found = NULL;
    for (int i = 0; i < s->seen_count; i++) {
        bool larger = s->seen[i].layers > s->goal->max_layers && s->seen[i].sqnr > best + 6;
        if (larger && (!found || s->seen[i].layers < found->layers)) {
            found = &s->seen[i];
        }
    }
    return found ? judge(s, found->modes, &out->beyond) : QL_OK;
}

static ql_code measure_base(ql_search *s)
{
    ql_engine_options quiet = *s->options;
    quiet.progress = NULL;
    s->out->base_bytes = s->options->candidate.model->byte_count;
    return ql_whatif_measure(&quiet, NULL, &s->out->base, s->err);
}

static ql_code search(ql_search *s)
{
    ql_suggestion *out = s->out;
    size_t ops = (size_t)s->graph->operator_count + 1;
    ql_layer_mode *none = QL_TAKE(&out->arena, ops, ql_layer_mode);
    out->gain = QL_TAKE(&out->arena, ops, double);
    if (!none || !out->gain) {
        return ql_fail_memory(s->err, ops * sizeof *out->gain);
    }
    ql_code code = measure_base(s);
    code = code ? code : make_groups(s);
    code = code ? code : climb(s, none);
    if (code == QL_E_INTERRUPTED) {
        return code;
    }
    code = code || !out->best.layers ? code : ablate(s, &out->best);
    code = code || s->goal->max_layers <= 0 ? code : look_beyond(s);
    out->met = reached(s, out->best.layers ? &out->best.figures : &out->base);
    return code;
}

ql_code ql_suggest(const ql_engine_options *options, const ql_suggest_goal *goal, ql_suggestion *suggestion,
                   ql_err *err)
{
    *suggestion = (ql_suggestion){0};
    ql_arena_init(&suggestion->arena, 0);
    ql_search s = {.options = options,
                   .goal = goal,
                   .out = suggestion,
                   .quick = *options,
                   .err = err,
                   .graph = &options->candidate.model->subgraphs[options->candidate.subgraph]};
    s.quick.progress = NULL;
    s.quick.limit = goal->search_samples ? goal->search_samples : 64;
    ql_code code = search(&s);
    free(s.groups);
    free(s.seen);
    return code;
}

void ql_suggestion_free(ql_suggestion *suggestion)
{
    ql_arena_free(&suggestion->arena);
    *suggestion = (ql_suggestion){0};
}
