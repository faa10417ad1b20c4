#include "analyzer/pair/graph.h"
#include "analyzer/pair/names.h"

#include <string.h>

static const char *const hows[] = {
#define QL_PAIR_TEXT(id, text) text,
    QL_PAIR_HOWS(QL_PAIR_TEXT)
#undef QL_PAIR_TEXT
};

const char *ql_pair_how_text(ql_pair_how how)
{
    return hows[how];
}

typedef struct {
    ql_pair_graph ref, cand;
} ql_matching;

static bool same_name(const ql_matching *m, const ql_activation *c, const ql_activation *r)
{
    ql_str a = m->cand.graph->tensors[c->tensor].name, b = m->ref.graph->tensors[r->tensor].name;
    return a.length && a.length == b.length && !memcmp(a.text, b.text, a.length);
}

static bool agreeing_name(const ql_activation *c, const ql_activation *r)
{
    return ql_names_agree(c->name, c->name_length, r->name, r->name_length);
}

/* How strongly names speak for the pair: 0 not at all, else higher is stronger; the kind of evidence in *how.
 */
static double evidence(const ql_matching *m, const ql_activation *c, const ql_activation *r, ql_pair_how *how)
{
    if (same_name(m, c, r)) {
        *how = QL_PAIR_NAME;
        return 3;
    }
    if (agreeing_name(c, r)) {
        *how = QL_PAIR_NORMALIZED;
        return 2;
    }
    double shared = ql_names_shared(c->name, c->name_length, r->name, r->name_length);
    *how = QL_PAIR_FUSED;
    return shared >= 0.5 ? shared : 0;
}

static void match(ql_matching *m, int c, int r, ql_pair_how how)
{
    m->cand.activations[c].match = r;
    m->cand.activations[c].how = how;
    m->ref.activations[r].match = c;
    m->ref.activations[r].how = how;
}

/* The one free counterpart that names of at least `least` speak for most; -1 when there is none or two are
 * alike. */
static int best_by_name(const ql_matching *m, const ql_pair_graph *own, const ql_activation *x,
                        const ql_pair_graph *other, double least, ql_pair_how *how)
{
    int best = -1;
    double most = 0;
    bool tie = false;
    for (int i = 0; i < other->count; i++) {
        const ql_activation *y = &other->activations[i];
        if (y->match >= 0 || y->alias || !ql_pair_compatible(own, x, other, y)) {
            continue;
        }
        ql_pair_how kind;
        double strength = own == &m->cand ? evidence(m, x, y, &kind) : evidence(m, y, x, &kind);
        if (strength >= least && strength > most) {
            best = i;
            most = strength;
            tie = false;
            *how = kind;
        } else if (strength >= least && strength == most) {
            tie = true;
        }
    }
    return tie ? -1 : best;
}

/* Does the pair fit what is already known of its inputs? One input that pairs elsewhere speaks against it. */
static bool inputs_agree(const ql_matching *m, const ql_activation *c, const ql_activation *r, bool all_known)
{
    if (c->op < 0 || r->op < 0) {
        return c->op == r->op && !all_known;
    }
    const ql_operator *a = &m->cand.graph->operators[c->op], *b = &m->ref.graph->operators[r->op];
    int fewest = a->input_count < b->input_count ? a->input_count : b->input_count, seen = 0;
    for (int i = 0; i < fewest; i++) {
        int x = ql_pair_input(&m->cand, c, i), y = ql_pair_input(&m->ref, r, i);
        if ((x < 0) != (y < 0)) {
            return false;
        }
        if (x < 0) {
            continue;
        }
        int known = m->cand.activations[x].match;
        bool agrees = known >= 0 && m->ref.activations[known].origin == y;
        if ((known >= 0 && !agrees) || (known < 0 && all_known)) {
            return false;
        }
        seen++;
    }
    return !all_known || seen > 0;
}

static void match_inputs(ql_matching *m)
{
    for (int i = 0; i < m->cand.count && m->cand.activations[i].op < 0; i++) {
        ql_pair_how how = QL_PAIR_TOPOLOGY;
        ql_activation *c = &m->cand.activations[i];
        for (int k = 0; k < m->ref.count && c->match < 0; k++) {
            ql_activation *r = &m->ref.activations[k];
            bool shapes =
                ql_pair_same_shape(&m->cand.graph->tensors[c->tensor], &m->ref.graph->tensors[r->tensor]);
            if (r->op >= 0 || r->match >= 0 || !shapes) {
                continue;
            }
            bool named = evidence(m, c, r, &how) > 0;
            if (named ||
                (r->output == c->output && m->cand.graph->input_count == m->ref.graph->input_count)) {
                match(m, i, k, named ? how : QL_PAIR_TOPOLOGY);
            }
        }
    }
}

/* Outputs are counterparts by their place, where what made them could be. */
static void match_outputs(ql_matching *m)
{
    const ql_subgraph *a = m->cand.graph, *b = m->ref.graph;
    for (int o = 0; o < a->output_count && a->output_count == b->output_count; o++) {
        int c = m->cand.of_tensor[a->outputs[o]], r = m->ref.of_tensor[b->outputs[o]];
        if (c < 0 || r < 0) {
            continue;
        }
        c = m->cand.activations[c].origin;
        r = m->ref.activations[r].origin;
        const ql_activation *x = &m->cand.activations[c], *y = &m->ref.activations[r];
        if (x->match < 0 && y->match < 0 && ql_pair_compatible(&m->cand, x, &m->ref, y) &&
            inputs_agree(m, x, y, false)) {
            match(m, c, r, QL_PAIR_TOPOLOGY);
        }
    }
}

static void match_names(ql_matching *m, double least)
{
    for (int i = 0; i < m->cand.count; i++) {
        ql_activation *c = &m->cand.activations[i];
        if (c->match >= 0 || c->alias || c->op < 0) {
            continue;
        }
        ql_pair_how how, back;
        int r = best_by_name(m, &m->cand, c, &m->ref, least, &how);
        if (r >= 0 && best_by_name(m, &m->ref, &m->ref.activations[r], &m->cand, least, &back) == i &&
            inputs_agree(m, c, &m->ref.activations[r], false)) {
            match(m, i, r, how);
        }
    }
}

/* The one free counterpart whose inputs all pair with this one's; -1 when there is none or more than one. */
static int only_by_inputs(const ql_matching *m, const ql_activation *c)
{
    int found = -1;
    for (int k = 0; k < m->ref.count; k++) {
        const ql_activation *r = &m->ref.activations[k];
        if (r->match < 0 && !r->alias && ql_pair_compatible(&m->cand, c, &m->ref, r) &&
            inputs_agree(m, c, r, true)) {
            if (found >= 0) {
                return -1;
            }
            found = k;
        }
    }
    return found;
}

static bool match_downstream(ql_matching *m)
{
    bool any = false;
    for (int i = 0; i < m->cand.count; i++) {
        ql_activation *c = &m->cand.activations[i];
        if (c->match >= 0 || c->alias || c->op < 0) {
            continue;
        }
        int r = only_by_inputs(m, c);
        if (r >= 0) {
            match(m, i, r, QL_PAIR_TOPOLOGY);
            any = true;
        }
    }
    return any;
}

/* What feeds two paired operators pairs too. */
static bool match_upstream(ql_matching *m)
{
    bool any = false;
    for (int i = m->cand.count - 1; i >= 0; i--) {
        const ql_activation *c = &m->cand.activations[i];
        if (c->match < 0 || c->op < 0 || c->alias) {
            continue;
        }
        const ql_activation *r = &m->ref.activations[c->match];
        int inputs = m->cand.graph->operators[c->op].input_count;
        for (int k = 0; k < inputs && k < m->ref.graph->operators[r->op].input_count; k++) {
            int x = ql_pair_input(&m->cand, c, k), y = ql_pair_input(&m->ref, r, k);
            if (x >= 0 && y >= 0 && m->cand.activations[x].match < 0 && m->ref.activations[y].match < 0 &&
                ql_pair_compatible(&m->cand, &m->cand.activations[x], &m->ref, &m->ref.activations[y])) {
                match(m, x, y, QL_PAIR_TOPOLOGY);
                any = true;
            }
        }
    }
    return any;
}

/* An alias stands for the tensor it was made from; its own name may say so too. */
static void match_aliases(ql_matching *m)
{
    for (int i = 0; i < m->cand.count; i++) {
        ql_activation *c = &m->cand.activations[i];
        int r = c->alias ? m->cand.activations[c->origin].match : -1;
        if (r < 0) {
            continue;
        }
        ql_pair_how how;
        c->match = r;
        c->how = evidence(m, c, &m->ref.activations[r], &how) > 0 ? how : QL_PAIR_TOPOLOGY;
    }
}

static void match_all(ql_matching *m)
{
    match_inputs(m);
    match_names(m, 3);
    match_names(m, 2);
    match_outputs(m);
    while (match_downstream(m) || match_upstream(m)) {
    }
    match_names(m, 0.5);
    while (match_downstream(m) || match_upstream(m)) {
    }
    match_aliases(m);
}

static const char *reason_of(const ql_pair_graph *own, const ql_activation *x, const ql_pair_graph *other)
{
    bool op = false, shape = false;
    for (int i = 0; i < other->count; i++) {
        const ql_activation *y = &other->activations[i];
        op = op || y->code == x->code;
        shape = shape || ql_pair_compatible(own, x, other, y);
    }
    return !op      ? "the other model has no such operator"
           : !shape ? "the other model has that operator, but with no output of this shape"
                    : "names and connections do not single out one counterpart";
}

static ql_code collect(const ql_matching *m, ql_arena *arena, ql_pairing *p, ql_err *err)
{
    p->pairs = QL_TAKE(arena, (size_t)m->cand.count, ql_pair);
    p->unpaired = QL_TAKE(arena, (size_t)(m->cand.count + m->ref.count), ql_unpaired);
    if (!p->pairs || !p->unpaired) {
        return ql_fail_memory(err, (size_t)m->cand.count * sizeof *p->pairs);
    }
    for (int i = 0; i < m->cand.count; i++) {
        const ql_activation *c = &m->cand.activations[i];
        if (c->match < 0) {
            p->unpaired[p->unpaired_count++] =
                (ql_unpaired){true, c->tensor, c->op, reason_of(&m->cand, c, &m->ref)};
            continue;
        }
        const ql_activation *r = &m->ref.activations[c->match];
        p->pairs[p->pair_count++] = (ql_pair){.candidate = c->tensor,
                                              .reference = r->tensor,
                                              .candidate_op = c->op,
                                              .reference_op = r->op,
                                              .alias = c->alias,
                                              .how = c->how};
    }
    for (int i = 0; i < m->ref.count; i++) {
        const ql_activation *r = &m->ref.activations[i];
        if (r->match < 0 && !(r->alias && m->ref.activations[r->origin].match >= 0)) {
            p->unpaired[p->unpaired_count++] =
                (ql_unpaired){false, r->tensor, r->op, reason_of(&m->ref, r, &m->cand)};
        }
    }
    return QL_OK;
}

ql_code ql_pair_models(ql_side reference, ql_side candidate, ql_arena *arena, ql_pairing *pairing,
                       ql_err *err)
{
    ql_matching m;
    *pairing = (ql_pairing){0};
    ql_code code = ql_pair_graph_make(reference, arena, &m.ref, err);
    code = code ? code : ql_pair_graph_make(candidate, arena, &m.cand, err);
    if (code) {
        return code;
    }
    match_all(&m);
    return collect(&m, arena, pairing, err);
}
