#include "analyzer/suggest/search.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LARGEST = 64 };

/* --- Upwards --- */

static ql_code propose_moves(ql_search *s, const ql_layer_mode *from, int first, int end, int layers)
{
    ql_code code = QL_OK;
    for (int m = first; m < end && !code; m++) {
        code = ql_propose(s, from, &s->moves.list[m], layers);
    }
    return code;
}

/* Singles and groups; what each single layer gives. */
static ql_code measure_moves(ql_search *s)
{
    ql_code code = propose_moves(s, s->nothing, 0, s->moves.count, (int)s->operators);
    code = code ? code : ql_measure_proposed(s);
    for (int m = 0; m < s->moves.singles && !code; m++) {
        const ql_move *move = &s->moves.list[m];
        ql_layer_mode *modes = s->nothing;
        modes[move->op[0]] = move->mode;
        const ql_try *one = ql_measured(s, modes);
        modes[move->op[0]] = QL_LAYER_KEEP;
        if (one && (move->mode == s->main || !s->out->without[move->op[0]].samples)) {
            s->out->without[move->op[0]] = one->result.figures;
        }
        if (one && s->share) {
            double macs = one->result.cost.macs ? (double)one->result.cost.macs : 1;
            s->share[(size_t)move->op[0] * QL_LAYER_MODES + (size_t)move->mode] =
                100 * (double)one->result.cost.float_macs / macs;
        }
    }
    return code;
}

static ql_code with_single(ql_search *s, int a, ql_layer_mode *modes, int first, int end)
{
    const ql_move *move = &s->moves.list[a];
    memcpy(modes, s->nothing, s->operators * sizeof *modes);
    modes[move->op[0]] = move->mode;
    ql_code code = QL_OK;
    for (int b = first; b < end && !code; b++) {
        bool other = s->moves.list[b].op[0] != move->op[0];
        code = other ? ql_propose(s, modes, &s->moves.list[b], 2) : QL_OK;
    }
    return code;
}

static bool all_pairs(const ql_search *s)
{
    double singles = s->moves.singles;
    return s->most >= 2 && ql_affordable(s, singles * (singles - 1) / 2);
}

static ql_code measure_pairs(ql_search *s, ql_layer_mode *modes)
{
    ql_code code = QL_OK;
    for (int a = 1; a < s->moves.singles && !code; a++) {
        code = with_single(s, a, modes, 0, a);
    }
    return code ? code : s->most < 3 ? ql_race_proposed(s) : ql_measure_proposed(s);
}

/* A pair's or a single layer's noise. */
static double noise_with(const ql_search *s, ql_layer_mode *modes, const ql_move *a, const ql_move *b)
{
    memcpy(modes, s->nothing, s->operators * sizeof *modes);
    modes[a->op[0]] = a->mode;
    modes[b->op[0]] = b->mode;
    const ql_try *one = ql_measured(s, modes);
    return one ? ql_noise_of(one) : HUGE_VAL;
}

typedef struct {
    double noise;
    int move[3];
} triple;

static void note_triple(triple *best, int *count, const triple *one)
{
    int at = *count;
    while (at > 0 && best[at - 1].noise > one->noise) {
        at--;
    }
    if (at < QL_TRIPLES) {
        *count += *count < QL_TRIPLES;
        memmove(&best[at + 1], &best[at], (size_t)(*count - 1 - at) * sizeof *best);
        best[at] = *one;
    }
}

/* What three layers leave when they work together no better than the pairs of them: e = sum of pairs - sum of
 * singles + base. */
static void rank_triples(const ql_search *s, const double *pair, triple *best, int *count)
{
    const ql_move *m = s->moves.list;
    int n = s->moves.singles;
    double base = ql_noise_of(ql_measured(s, s->nothing));
    for (int a = 2; a < n; a++) {
        for (int b = 1; b < a; b++) {
            for (int c = 0; c < b && m[a].op[0] != m[b].op[0]; c++) {
                if (m[c].op[0] == m[a].op[0] || m[c].op[0] == m[b].op[0]) {
                    continue;
                }
                double singles = pair[a * n + a] + pair[b * n + b] + pair[c * n + c];
                triple one = {pair[a * n + b] + pair[a * n + c] + pair[b * n + c] - singles + base,
                              {a, b, c}};
                note_triple(best, count, &one);
            }
        }
    }
}

/* All of three layers where there are few, else the most promising by what their pairs give. */
static ql_code measure_triples(ql_search *s, ql_layer_mode *modes)
{
    size_t n = (size_t)s->moves.singles;
    double all = (double)n * ((double)n - 1) * ((double)n - 2) / 6;
    bool every = ql_affordable(s, all);
    triple *best = calloc(QL_TRIPLES + 1, sizeof *best);
    double *pair = calloc(n * n + 1, sizeof *pair);
    int count = 0;
    ql_code code = best && pair ? QL_OK : ql_fail_memory(s->err, n * n * sizeof *pair);
    for (size_t i = 0; i < n * n && !code; i++) {
        pair[i] = noise_with(s, modes, &s->moves.list[i / n], &s->moves.list[i % n]);
    }
    if (!code && !every) {
        rank_triples(s, pair, best, &count);
    }
    for (int i = 0; i < count && !code; i++) {
        memcpy(modes, s->nothing, s->operators * sizeof *modes);
        for (int k = 0; k < 2; k++) {
            const ql_move *move = &s->moves.list[best[i].move[k]];
            modes[move->op[0]] = move->mode;
        }
        code = ql_propose(s, modes, &s->moves.list[best[i].move[2]], 3);
    }
    for (size_t i = 0; i < n * n && every && !code; i++) {
        const ql_move *a = &s->moves.list[i / n], *b = &s->moves.list[i % n];
        memcpy(modes, s->nothing, s->operators * sizeof *modes);
        modes[a->op[0]] = a->mode;
        modes[b->op[0]] = b->mode;
        code = i / n > i % n ? propose_moves(s, modes, 0, (int)(i % n), 3) : QL_OK;
    }
    free(best);
    free(pair);
    return code ? code : ql_race_proposed(s);
}

static ql_code propose_picked(ql_search *s, const ql_layer_mode *from)
{
    ql_code code = QL_OK;
    for (int k = 0; k < s->picked_count && !code; k++) {
        code = ql_propose(s, from, &s->moves.list[s->picked[k]], s->most);
    }
    return code;
}

/* From the best sets of this size: every move added, and in the best one every layer exchanged. */
static ql_code grow(ql_search *s, int layers, ql_layer_mode *modes)
{
    const ql_try *best[QL_BEAM];
    double each = s->moves.count, levels = s->most - layers + 1;
    double room = (s->budget - s->tries.asked) / (each * (levels > 4 ? 4 : levels < 1 ? 1 : levels));
    int beam = room < 1 ? 1 : room > QL_BEAM ? QL_BEAM : (int)room;
    int count = ql_may_grow(s) ? ql_best_of(s, layers, best, beam) : 0;
    ql_code code = QL_OK;
    for (int i = 0; i < count && !code; i++) {
        code = s->promising ? propose_picked(s, best[i]->modes)
                            : propose_moves(s, best[i]->modes, 0, s->moves.count, s->most);
    }
    bool exchange = count && layers > 1 && ql_affordable(s, layers * each + s->draft_count);
    for (size_t op = 0; op < s->operators && exchange && !code; op++) {
        if (best[0]->modes[op] != QL_LAYER_KEEP) {
            memcpy(modes, best[0]->modes, s->operators * sizeof *modes);
            modes[op] = QL_LAYER_KEEP;
            code = propose_moves(s, modes, 0, s->moves.singles, layers);
        }
    }
    return code ? code : ql_race_proposed(s);
}

/* --- The whole --- */

static bool has_target(const ql_suggest_goal *g)
{
    return !isnan(g->target_sqnr) || !isnan(g->target_agreement) || !isnan(g->target_accuracy);
}

double ql_best_db(const ql_search *s)
{
    return s->out->best.layers ? s->out->best.figures.sqnr_db : s->out->base.sqnr_db;
}

/* Has some set of more layers been met that is clearly better? */
static bool more_ahead(const ql_search *s, int layers)
{
    double best = ql_best_db(s);
    for (int i = 0; i < s->tries.count; i++) {
        const ql_try *one = &s->tries.list[i];
        bool better = one->layers > layers && one->layers <= s->most && one->samples == s->few &&
                      one->asked && one->result.figures.sqnr_db > best + QL_AHEAD_DB;
        if (better && ql_within(s, one)) {
            return true;
        }
    }
    return false;
}

/* Sizes one after the other, until the goal holds, the limit is reached or nothing is gained any more. */
static ql_code climb(ql_search *s, ql_layer_mode *modes)
{
    ql_suggestion *out = s->out;
    ql_code code = QL_OK;
    s->limited = true;
    for (int layers = 1; layers <= s->most && !code; layers++) {
        ql_plan winner;
        ql_foretell(s, QL_PART_CLIMB, 1 - fmin(1, (layers - 1) / fmin(s->most, QL_LEVELS)));
        code = layers > 1 ? grow(s, layers - 1, modes) : QL_OK;
        code = code || layers < 2 ? code : grow(s, layers, modes);
        code = code ? code : ql_settle(s, layers, &winner);
        if (code) {
            break;
        }
        double best = ql_best_db(s);
        if (winner.layers && winner.figures.sqnr_db > best) {
            out->best = winner;
        }
        bool done = out->best.layers && has_target(s->goal) && ql_reached(s, &out->best.figures);
        if (done || (layers >= QL_AHEAD && !more_ahead(s, layers))) {
            break;
        }
    }
    s->limited = false;
    return code;
}

static ql_code measure_base(ql_search *s)
{
    const ql_layer_mode *nothing = s->nothing;
    ql_code code = ql_tries_measure(&s->tries, &nothing, 1, s->few, s->err);
    code = code ? code : ql_tries_measure(&s->tries, &nothing, 1, s->all, s->err);
    if (!code) {
        const ql_try *one = ql_tries_find(&s->tries, nothing, s->all);
        s->out->base = one->result.figures;
        s->out->best.cost = one->result.cost;
        ql_choose_budget(s, one->result.cost.macs);
    }
    return code;
}

/* What a layer in each mode adds to the file. */
static ql_code measure_sizes(ql_search *s)
{
    const ql_engine_options *o = s->options;
    ql_code code = QL_OK;
    for (int i = 0; i < s->moves.singles && s->bytes && !code; i++) {
        const ql_move *move = &s->moves.list[i];
        ql_model *mixed = NULL;
        size_t bytes = 0;
        s->nothing[move->op[0]] = move->mode;
        code =
            ql_rewrite_mixed_only(&mixed, o->reference, o->candidate, o->pairing, s->nothing, NULL, s->err);
        s->nothing[move->op[0]] = QL_LAYER_KEEP;
        code = code ? code : ql_model_size(mixed, &bytes, s->err);
        s->bytes[(size_t)move->op[0] * QL_LAYER_MODES + (size_t)move->mode] =
            (double)bytes - (double)s->out->base_bytes;
        ql_model_close(mixed);
    }
    return code;
}

static ql_code run(ql_search *s)
{
    ql_layer_mode *modes = QL_TAKE(&s->out->arena, s->operators, ql_layer_mode);
    ql_code code = modes ? measure_base(s) : ql_fail_memory(s->err, s->operators * sizeof *modes);
    if (code) {
        return code;
    }
    s->pairs = all_pairs(s);
    ql_foretell(s, QL_PART_MOVES, 1);
    code = measure_sizes(s);
    code = code ? code : measure_moves(s);
    ql_foretell(s, QL_PART_DOWN, 1);
    code = code ? code : ql_search_down(s);
    if (!code && s->promising) {
        ql_pick_promising(s);
    }
    ql_foretell(s, QL_PART_PAIRS, 1);
    if (!code && all_pairs(s)) {
        code = measure_pairs(s, modes);
        code = code || s->most < 3 ? code : measure_triples(s, modes);
    }
    s->out->there = has_target(s->goal) && ql_reached(s, &s->out->base);
    code = code || s->out->there ? code : climb(s, modes);
    ql_foretell(s, QL_PART_END, 1);
    code = code || !s->out->best.layers ? code : ql_ablate(s);
    code = code || s->goal->max_layers <= 0 ? code : ql_look_beyond(s);
    s->out->met = !code && ql_reached(s, s->out->best.layers ? &s->out->best.figures : &s->out->base);
    return code;
}

static ql_code start(ql_search *s)
{
    const ql_suggest_goal *g = s->goal;
    ql_suggestion *out = s->out;
    size_t room = s->operators * QL_LAYER_MODES;
    s->nothing = QL_TAKE(&out->arena, s->operators, ql_layer_mode);
    s->bytes = g->max_bytes ? QL_TAKE(&out->arena, room, double) : NULL;
    s->share = isnan(g->max_float_macs) ? NULL : QL_TAKE(&out->arena, room, double);
    out->gain = QL_TAKE(&out->arena, s->operators, double);
    out->only = QL_TAKE(&out->arena, s->operators, ql_whatif_figures);
    out->without = QL_TAKE(&out->arena, s->operators, ql_whatif_figures);
    if (!s->nothing || (g->max_bytes && !s->bytes) || (!isnan(g->max_float_macs) && !s->share) ||
        !out->gain || !out->only || !out->without) {
        return ql_fail_memory(s->err, room * sizeof(double));
    }
    for (size_t op = 0; op < s->operators; op++) {
        out->gain[op] = (double)NAN;
    }
    while (s->main < QL_LAYER_MODES - 1 && !g->allowed[s->main]) {
        s->main++;
    }
    return QL_OK;
}

static bool advance(void *user, uint64_t done, uint64_t total)
{
    const ql_search *s = user;
    const ql_engine_options *o = s->options;
    uint64_t tried, expected;
    ql_told(s, done, total, &tried, &expected);
    return !o->progress || o->progress(o->user, tried, expected);
}

static bool stopped(void *user, uint64_t work)
{
    const ql_search *s = user;
    return s->options->stop && s->options->stop(s->options->user, work);
}

/* Data that differ under the same name, or other seeds of noise, show in the very first sample. */
static ql_code compare_known(ql_search *s, const ql_bench_result *now)
{
    const ql_layer_mode *nothing = s->nothing;
    const ql_try *then = ql_tries_find(&s->tries, nothing, 1);
    if (then && memcmp(&then->result.figures.sqnr_db, &now->figures.sqnr_db, sizeof(double)) != 0) {
        ql_fail(s->err, QL_E_FIT, "this checkpoint is of other data: remove it first");
        return ql_at_file(s->err, s->goal->checkpoint);
    }
    return ql_tries_measure(&s->tries, &nothing, 1, 1, s->err);
}

static ql_code open_and_run(ql_search *s)
{
    ql_engine_options inner = *s->options;
    ql_bench_result base;
    inner.progress = advance;
    inner.stop = stopped;
    inner.user = s;
    ql_code code = start(s);
    code = code ? code : ql_bench_open(&s->bench, &inner, s->err);
    if (code) {
        return code;
    }
    s->all = ql_bench_samples(s->bench);
    code = ql_tries_open(&s->tries, s->bench, s->goal->checkpoint, s->err);
    s->out->resumed = s->tries.count;
    code = code ? code : ql_bench_evaluate(s->bench, s->nothing, 1, &base, s->err);
    code = code ? code : compare_known(s, &base);
    code = code ? code : ql_moves_make(&s->moves, s->options, s->goal->allowed, &s->out->arena, s->err);
    s->few = ql_choose_few(s, code ? 0 : base.cost.macs);
    s->out->search_samples = s->few;
    code = code ? code : run(s);
    if (code == QL_E_INTERRUPTED) {
        ql_code rest = ql_best_so_far(s);
        s->out->interrupted = true;
        code = rest ? rest : code;
    } else if (!code) {
        code = ql_tries_save(&s->tries, s->err);
    }
    s->out->tried = s->tries.asked;
    return code;
}

ql_code ql_suggest(const ql_engine_options *options, const ql_suggest_goal *goal, ql_suggestion *suggestion,
                   ql_err *err)
{
    const ql_subgraph *graph = &options->candidate.model->subgraphs[options->candidate.subgraph];
    *suggestion = (ql_suggestion){.base_bytes = options->candidate.model->byte_count,
                                  .operators = graph->operator_count};
    ql_arena_init(&suggestion->arena, 0);
    ql_search s = {.options = options,
                   .goal = goal,
                   .out = suggestion,
                   .graph = graph,
                   .operators = (size_t)graph->operator_count,
                   .main = QL_LAYER_FLOAT,
                   .most = goal->max_layers > 0 ? goal->max_layers : LARGEST,
                   .err = err};
    ql_arena_init(&s.scratch, 0);
    ql_code code = open_and_run(&s);
    ql_tries_close(&s.tries);
    ql_bench_close(s.bench);
    ql_arena_free(&s.scratch);
    free(s.drafts);
    return code;
}

void ql_suggestion_free(ql_suggestion *suggestion)
{
    ql_arena_free(&suggestion->arena);
    *suggestion = (ql_suggestion){0};
}
