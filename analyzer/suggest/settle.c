#include "analyzer/suggest/search.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { FINALISTS = 6 };
static const double GOOD_DB = 20; /* below that outputs are hardly to be recognized */

static double worth(const ql_whatif_figures *figures)
{
    return isnan(figures->sqnr_db) ? -HUGE_VAL : figures->sqnr_db;
}

bool ql_reached(const ql_search *s, const ql_whatif_figures *figures)
{
    const ql_suggest_goal *g = s->goal;
    return (isnan(g->target_sqnr) || figures->sqnr_db >= g->target_sqnr) &&
           (isnan(g->target_agreement) || figures->top1 >= g->target_agreement) &&
           (isnan(g->target_accuracy) || figures->accuracy >= g->target_accuracy);
}

/* How large the model would be, written. */
static ql_code count_bytes(ql_search *s, const ql_layer_mode *modes, size_t *bytes)
{
    const ql_engine_options *o = s->options;
    ql_model *mixed = NULL;
    *bytes = 0;
    for (size_t op = 0; op < s->operators; op++) {
        if (ql_layer_mode_fake(modes[op])) {
            return QL_OK; /* there is no such file */
        }
    }
    ql_code code = ql_rewrite_mixed_only(&mixed, o->reference, o->candidate, o->pairing, modes, NULL, s->err);
    if (code) {
        return code;
    }
    code = ql_model_size(mixed, bytes, s->err);
    ql_model_close(mixed);
    return code;
}

static ql_code plan_of(ql_search *s, const ql_try *one, ql_plan *plan)
{
    *plan = (ql_plan){.modes = ql_take_copy(&s->out->arena, one->modes, s->operators * sizeof *one->modes),
                      .layers = one->layers,
                      .figures = one->result.figures,
                      .cost = one->result.cost};
    return plan->modes ? count_bytes(s, one->modes, &plan->bytes)
                       : ql_fail_memory(s->err, s->operators * sizeof *one->modes);
}

static ql_code judge(ql_search *s, const ql_layer_mode *modes, ql_plan *plan)
{
    ql_code code = ql_tries_measure(&s->tries, &modes, 1, s->all, s->err);
    return code ? code : plan_of(s, ql_tries_find(&s->tries, modes, s->all), plan);
}

static bool fits(const ql_search *s, const ql_plan *plan)
{
    const ql_suggest_goal *g = s->goal;
    double share = plan->cost.macs ? 100 * (double)plan->cost.float_macs / (double)plan->cost.macs : 0;
    return (isnan(g->max_float_macs) || share <= g->max_float_macs) &&
           (!g->max_bytes || plan->bytes <= g->max_bytes);
}

/* Is `a` at least as good in everything? */
static bool beats(const ql_plan *a, const ql_plan *b)
{
    return worth(&a->figures) >= worth(&b->figures) && a->cost.float_macs <= b->cost.float_macs &&
           a->bytes <= b->bytes && a->layers <= b->layers;
}

static ql_code note(ql_search *s, const ql_plan *plan)
{
    ql_suggestion *out = s->out;
    int kept = 0;
    if (worth(&plan->figures) <= worth(&out->base)) {
        return QL_OK;
    }
    for (int i = 0; i < out->pareto_count; i++) {
        if (beats(&out->pareto[i], plan)) {
            return QL_OK;
        }
    }
    for (int i = 0; i < out->pareto_count; i++) {
        if (!beats(plan, &out->pareto[i])) {
            out->pareto[kept++] = out->pareto[i];
        }
    }
    ql_plan *grown = QL_TAKE(&out->arena, (size_t)kept + 1, ql_plan);
    if (!grown) {
        return ql_fail_memory(s->err, (size_t)kept * sizeof *grown);
    }
    int at = 0;
    for (; at < kept && (out->pareto[at].layers < plan->layers); at++) {
        grown[at] = out->pareto[at];
    }
    grown[at] = *plan;
    if (kept > at) {
        memcpy(&grown[at + 1], out->pareto + at, (size_t)(kept - at) * sizeof *grown);
    }
    out->pareto = grown;
    out->pareto_count = kept + 1;
    return QL_OK;
}

/* Of these plans the best `most` on so many samples, best first. */
static ql_code sieve(ql_search *s, const ql_layer_mode **modes, int *count, uint64_t samples, int most)
{
    ql_code code = ql_tries_measure(&s->tries, modes, *count, samples, s->err);
    for (int i = 1; i < *count && !code; i++) {
        const ql_layer_mode *one = modes[i];
        double noise = ql_noise_of(ql_tries_find(&s->tries, one, samples));
        int at = i;
        for (; at > 0 && ql_noise_of(ql_tries_find(&s->tries, modes[at - 1], samples)) > noise; at--) {
            modes[at] = modes[at - 1];
        }
        modes[at] = one;
    }
    *count = *count < most ? *count : most;
    return code;
}

/* Those that are best on the few samples are judged on more, the best of these on all. */
ql_code ql_settle(ql_search *s, int layers, ql_plan *winner)
{
    const ql_try *best[QL_CONTENDERS];
    const ql_layer_mode *modes[QL_CONTENDERS];
    int count = ql_best_of(s, layers, best, QL_CONTENDERS);
    *winner = (ql_plan){.layers = 0};
    for (int i = 0; i < count; i++) {
        modes[i] = best[i]->modes; /* measuring may move the tries */
    }
    uint64_t more = 4 * s->few < s->all ? 4 * s->few : s->all;
    ql_code code = sieve(s, modes, &count, more, FINALISTS);
    code = code ? code : sieve(s, modes, &count, s->all, FINALISTS);
    for (int i = 0; i < count && !code; i++) {
        ql_plan plan;
        code = judge(s, modes[i], &plan);
        if (!code && fits(s, &plan)) {
            code = note(s, &plan);
            bool first = !winner->layers || worth(&plan.figures) > worth(&winner->figures);
            *winner = first ? plan : *winner;
        }
    }
    return code;
}

ql_code ql_ablate(ql_search *s)
{
    ql_plan *plan = &s->out->best;
    for (int op = 0; op < (int)s->operators; op++) {
        ql_layer_mode mode = plan->modes[op];
        ql_plan without;
        if (mode == QL_LAYER_KEEP || plan->layers < 2) {
            continue;
        }
        plan->modes[op] = QL_LAYER_KEEP;
        ql_code code = judge(s, plan->modes, &without);
        plan->modes[op] = mode;
        if (code) {
            return code;
        }
        if (worth(&without.figures) >= worth(&plan->figures)) {
            *plan = without;
            op = -1; /* what the others are worth has changed */
            continue;
        }
        s->out->gain[op] = worth(&plan->figures) - worth(&without.figures);
    }
    for (int op = 0; op < (int)s->operators; op++) {
        bool kept = plan->modes[op] == QL_LAYER_KEEP;
        double alone = worth(&plan->figures) - worth(&s->out->base);
        s->out->gain[op] = kept ? (double)NAN : plan->layers == 1 ? alone : s->out->gain[op];
    }
    return QL_OK;
}

ql_code ql_look_beyond(ql_search *s)
{
    ql_suggestion *out = s->out;
    const ql_whatif_figures *now = out->best.layers ? &out->best.figures : &out->base;
    if (now->sqnr_db >= GOOD_DB && ql_reached(s, now)) {
        return QL_OK;
    }
    double best = worth(out->best.layers ? &out->best.figures : &out->base);
    const ql_try *found = NULL;
    for (int i = 0; i < s->tries.count; i++) {
        const ql_try *one = &s->tries.list[i];
        double db = worth(&one->result.figures);
        bool better =
            one->layers > s->goal->max_layers && one->samples == s->few && one->asked && db > best + 6;
        if (better && (!found || one->layers < found->layers ||
                       (one->layers == found->layers && db > worth(&found->result.figures)))) {
            found = one;
        }
    }
    ql_code code = found ? judge(s, found->modes, &out->beyond) : QL_OK;
    if (!code && found && worth(&out->beyond.figures) <= best + 6) {
        out->beyond = (ql_plan){.layers = 0};
    }
    return code;
}

ql_code ql_best_so_far(ql_search *s)
{
    ql_suggestion *out = s->out;
    int most = s->goal->max_layers > 0 ? s->goal->max_layers : (int)s->operators;
    const ql_try *found = NULL;
    for (int i = 0; i < s->tries.count; i++) {
        const ql_try *one = &s->tries.list[i];
        bool counts = one->asked && one->layers > 0 && one->layers <= most && ql_within(s, one);
        bool surer = found && one->samples > found->samples,
             as_sure = found && one->samples == found->samples;
        if (counts &&
            (!found || surer || (as_sure && worth(&one->result.figures) > worth(&found->result.figures)))) {
            found = one;
        }
    }
    const ql_try *base = ql_tries_find(&s->tries, s->nothing, s->all);
    base = base ? base : ql_measured(s, s->nothing);
    out->base = base ? base->result.figures : out->base;
    return found ? plan_of(s, found, &out->best) : QL_OK;
}
