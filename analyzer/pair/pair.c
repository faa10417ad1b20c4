#include "analyzer/pair/pair.h"

#include "analyzer/pair/fake.h"
#include "analyzer/pair/match.h"
#include "analyzer/pair/rules.h"

static const char *const hows[] = {
#define QL_PAIR_TEXT(id, text) text,
    QL_PAIR_HOWS(QL_PAIR_TEXT)
#undef QL_PAIR_TEXT
};

const char *ql_pair_how_text(ql_pair_how how)
{
    return hows[how];
}

static ql_pair_how how_of(const ql_matching *m, int c, int r)
{
    double strength = ql_pair_names(m, c, r);
    return strength >= 3   ? QL_PAIR_NAME
           : strength >= 2 ? QL_PAIR_NORMALIZED
           : strength > 0  ? QL_PAIR_FUSED
                           : QL_PAIR_TOPOLOGY;
}

/* Does the activation function that follows come fused in the other model? */
static bool is_behind_fused(const ql_pair_graph *g, int activation)
{
    for (int i = g->first_reader[activation]; i >= 0; i = g->readers[i].next) {
        const ql_activation *y = &g->activations[g->readers[i].activation];
        if (y->match >= 0 && y->match_face == QL_FUSED_FACE) {
            return true;
        }
    }
    return false;
}

static const char *input_reason(const ql_matching *m, int side)
{
    return m->graph[!side].graph->input_count ? "the other model has no input of this shape left"
                                              : "the other model has no inputs";
}

static const char *reason_of(const ql_matching *m, int side, int activation)
{
    const ql_pair_graph *own = &m->graph[side], *other = &m->graph[!side];
    const ql_activation *x = &own->activations[activation];
    bool op = false, fits = false, left = false;
    if (x->op < 0) {
        return input_reason(m, side);
    }
    if (is_behind_fused(own, activation)) {
        return "the other model has it fused with the activation function that follows";
    }
    for (int i = 0; i < other->count; i++) {
        const ql_activation *y = &other->activations[i];
        ql_seen c = {side == QL_CANDIDATE ? activation : i, 0},
                r = {side == QL_CANDIDATE ? i : activation, 0};
        bool same = y->face[0].code == x->face[0].code && y->value == i;
        op = op || same;
        fits = fits || (same && ql_pair_fits(m, c, r));
        left = left || (same && y->match < 0 && ql_pair_fits(m, c, r));
    }
    return !op     ? "the other model has no such operator"
           : !fits ? "the other model has that operator, but not with this shape and these settings"
           : !left ? "every such operator of the other model has its counterpart"
                   : "names, connections and weights do not single out one counterpart";
}

static void collect_candidate(const ql_matching *m, ql_pairing *p)
{
    const ql_pair_graph *g = &m->graph[QL_CANDIDATE];
    for (int i = 0; i < g->count; i++) {
        const ql_activation *c = &g->activations[i];
        int k = ql_pair_counterpart(m, i);
        if (k < 0) {
            p->unpaired[p->unpaired_count++] =
                (ql_unpaired){true, c->tensor, c->op, reason_of(m, QL_CANDIDATE, c->value)};
            continue;
        }
        const ql_activation *r = &m->graph[QL_REFERENCE].activations[k];
        p->pairs[p->pair_count++] = (ql_pair){.candidate = c->tensor,
                                              .reference = r->tensor,
                                              .candidate_op = c->op,
                                              .reference_op = r->op,
                                              .alias = c->alias,
                                              .how = how_of(m, i, k)};
        ql_pair_find_fake(&m->graph[QL_REFERENCE], &g->graph->tensors[c->tensor],
                          &p->pairs[p->pair_count - 1]);
    }
}

/* Of the reference only values count: its aliases say nothing that they do not. */
static void collect_reference(const ql_matching *m, ql_pairing *p)
{
    const ql_pair_graph *g = &m->graph[QL_REFERENCE];
    for (int i = 0; i < g->count; i++) {
        const ql_activation *r = &g->activations[i];
        if (g->activations[r->value].match < 0) {
            p->unpaired[p->unpaired_count++] =
                (ql_unpaired){false, r->tensor, r->op, reason_of(m, QL_REFERENCE, r->value)};
        }
    }
}

static ql_code collect(const ql_matching *m, ql_arena *arena, ql_pairing *p, ql_err *err)
{
    size_t candidate = (size_t)m->graph[QL_CANDIDATE].count;
    size_t both = candidate + (size_t)m->graph[QL_REFERENCE].count;
    p->pairs = QL_TAKE(arena, candidate, ql_pair);
    p->unpaired = QL_TAKE(arena, both, ql_unpaired);
    if (!p->pairs || !p->unpaired) {
        return ql_fail_memory(err, both * sizeof *p->pairs);
    }
    collect_candidate(m, p);
    collect_reference(m, p);
    return QL_OK;
}

ql_code ql_pair_models_by(const ql_pair_rules *rules, ql_side reference, ql_side candidate, ql_arena *arena,
                          ql_pairing *pairing, ql_err *err)
{
    const ql_str *names;
    ql_matching m = {.names = !rules || !rules->ignore_names};
    *pairing = (ql_pairing){0};
    ql_code code = ql_pair_map_names(rules, candidate, &names, arena, err);
    code = code ? code : ql_pair_graph_make(reference, NULL, arena, &m.graph[QL_REFERENCE], err);
    code = code ? code : ql_pair_graph_make(candidate, names, arena, &m.graph[QL_CANDIDATE], err);
    if (code) {
        return code;
    }
    ql_pair_match(&m);
    code = collect(&m, arena, pairing, err);
    return code ? code : ql_pair_filter(rules, reference, candidate, pairing, err);
}

ql_code ql_pair_models(ql_side reference, ql_side candidate, ql_arena *arena, ql_pairing *pairing,
                       ql_err *err)
{
    return ql_pair_models_by(NULL, reference, candidate, arena, pairing, err);
}
