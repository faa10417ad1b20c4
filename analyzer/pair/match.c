#include "analyzer/pair/match.h"

#include "analyzer/pair/upstream.h"

bool ql_pair_is_value(const ql_pair_graph *g, int activation)
{
    return g->activations[activation].value == activation;
}

double ql_pair_names(const ql_matching *m, int c, int r)
{
    return m->names ? ql_names_strength(&m->graph[QL_CANDIDATE].activations[c].key,
                                        &m->graph[QL_REFERENCE].activations[r].key)
                    : 0;
}

/* The counterparts of `own` among those that read `value` of the other side. */
static void consider_readers(const ql_matching *m, int side, ql_seen own, int value, ql_choice *best)
{
    const ql_pair_graph *g = &m->graph[!side];
    for (int i = g->first_reader[value]; i >= 0; i = g->readers[i].next) {
        ql_seen other = {g->readers[i].activation, g->readers[i].face};
        ql_choice choice;
        if (ql_pair_is_free(g, other.activation) &&
            ql_choice_weigh(m, side, own, other, QL_INPUTS_AGREE, &choice)) {
            ql_choice_consider(best, &choice);
        }
    }
}

static ql_choice best_by_inputs(const ql_matching *m, int side, int activation)
{
    const ql_pair_graph *g = &m->graph[side];
    const ql_activation *x = &g->activations[activation];
    ql_choice best = {.other = {-1, 0}};
    for (int f = 0; f < x->face_count; f++) {
        const ql_operator *use = &g->graph->operators[x->face[f].op];
        int found = -1;
        for (int i = 0; i < use->input_count && found < 0; i++) {
            int value = ql_pair_input(g, x->face[f].op, i);
            found = value < 0                          ? -1
                    : g->activations[value].match >= 0 ? g->activations[value].match
                                                       : g->activations[g->activations[value].flat].match;
        }
        if (found < 0) {
            continue;
        }
        ql_seen own = {activation, f};
        int flat = m->graph[!side].activations[found].flat;
        consider_readers(m, side, own, found, &best);
        if (flat != found) {
            consider_readers(m, side, own, flat, &best);
        }
    }
    return best;
}

/* Do as many operators of the same kinds read the two values? */
static bool same_readers(const ql_matching *m, int c, int r)
{
    const ql_pair_graph *a = &m->graph[QL_CANDIDATE], *b = &m->graph[QL_REFERENCE];
    long codes = 0, count = 0;
    for (int i = a->first_reader[c]; i >= 0; i = a->readers[i].next) {
        codes += a->activations[a->readers[i].activation].face[a->readers[i].face].code + 1;
        count++;
    }
    for (int i = b->first_reader[r]; i >= 0; i = b->readers[i].next) {
        codes -= b->activations[b->readers[i].activation].face[b->readers[i].face].code + 1;
        count--;
    }
    return !codes && !count;
}

static bool acceptable(const ql_matching *m, int c, const ql_choice *choice, bool lenient)
{
    if (choice->other.activation < 0 || choice->tie) {
        return false;
    }
    return choice->weights != QL_WEIGHTS_DIFFER || choice->name > 0 ||
           (lenient && same_readers(m, c, choice->other.activation));
}

/* What reads paired values and computes the same with the same constants holds the same value. */
static bool match_downstream(ql_matching *m, bool lenient)
{
    bool any = false;
    for (int i = 0; i < m->graph[QL_CANDIDATE].count; i++) {
        if (!ql_pair_is_free(&m->graph[QL_CANDIDATE], i)) {
            continue;
        }
        ql_choice choice = best_by_inputs(m, QL_CANDIDATE, i);
        if (!acceptable(m, i, &choice, lenient)) {
            continue;
        }
        ql_choice back = best_by_inputs(m, QL_REFERENCE, choice.other.activation);
        if (!back.tie && back.other.activation == i) {
            ql_pair_set(m, choice.own, choice.other);
            any = true;
        }
    }
    return any;
}

static void spread(ql_matching *m)
{
    while (match_downstream(m, false) || ql_pair_match_upstream(m)) {
    }
}

static ql_str output_name(const ql_pair_graph *g, int tensor)
{
    for (int i = 0; g->signature && i < g->signature->output_count; i++) {
        if (g->signature->outputs[i].tensor == tensor) {
            return g->signature->outputs[i].name;
        }
    }
    return (ql_str){"", 0};
}

static int output_value(const ql_pair_graph *g, int o)
{
    int activation = g->of_tensor[g->graph->outputs[o]];
    return activation < 0 ? -1 : g->activations[activation].value;
}

/* Outputs are counterparts by their place, unless the signatures name them otherwise. */
static void match_outputs(ql_matching *m)
{
    const ql_pair_graph *c = &m->graph[QL_CANDIDATE], *r = &m->graph[QL_REFERENCE];
    for (int o = 0; o < c->graph->output_count && c->graph->output_count == r->graph->output_count; o++) {
        ql_str a = output_name(c, c->graph->outputs[o]), b = output_name(r, r->graph->outputs[o]);
        bool clash = a.length && b.length && !(a.length == b.length && ql_str_is(a, b.text));
        if (!clash) {
            ql_pair_match_implied(m, output_value(c, o), output_value(r, o));
        }
    }
}

/* The layer with the very same weights, when only one has them. */
static ql_choice best_by_weights(const ql_matching *m, int side, int activation)
{
    const ql_pair_graph *g = &m->graph[!side];
    ql_choice best = {.other = {-1, 0}}, choice;
    double second = 2;
    for (int i = 0; i < g->count; i++) {
        if (!ql_pair_is_free(g, i) ||
            !ql_choice_weigh(m, side, (ql_seen){activation, 0}, (ql_seen){i, 0}, QL_INPUTS_APART, &choice) ||
            choice.weights < QL_WEIGHTS_SIMILAR) {
            continue;
        }
        if (best.other.activation < 0 || choice.distance < best.distance) {
            second = best.other.activation < 0 ? second : best.distance;
            best = choice;
        } else if (choice.distance < second) {
            second = choice.distance;
        }
    }
    best.tie = best.distance > 0.05 || second < 0.2;
    return best;
}

static bool has_weights(const ql_pair_graph *g, int activation)
{
    enum { LEAST = 16 };
    const ql_operator *use = &g->graph->operators[g->activations[activation].op];
    for (int i = 0; i < use->input_count; i++) {
        const ql_sample *s = use->inputs[i] < 0 ? NULL : g->sample[use->inputs[i]];
        if (s && !s->exact && s->count >= LEAST) {
            return true;
        }
    }
    return false;
}

static void match_weights(ql_matching *m)
{
    for (int i = 0; i < m->graph[QL_CANDIDATE].count; i++) {
        if (!ql_pair_is_free(&m->graph[QL_CANDIDATE], i) || !has_weights(&m->graph[QL_CANDIDATE], i)) {
            continue;
        }
        ql_choice choice = best_by_weights(m, QL_CANDIDATE, i);
        if (choice.other.activation < 0 || choice.tie) {
            continue;
        }
        ql_choice back = best_by_weights(m, QL_REFERENCE, choice.other.activation);
        if (!back.tie && back.other.activation == i) {
            ql_pair_set(m, choice.own, choice.other);
        }
    }
}

static ql_choice best_by_name(const ql_matching *m, int side, int activation, double least)
{
    const ql_pair_graph *g = &m->graph[!side];
    ql_choice best = {.other = {-1, 0}}, choice;
    for (int i = 0; i < g->count; i++) {
        int c = side == QL_CANDIDATE ? activation : i, r = side == QL_CANDIDATE ? i : activation;
        if (ql_pair_is_free(g, i) && ql_pair_names(m, c, r) >= least &&
            ql_choice_weigh(m, side, (ql_seen){activation, 0}, (ql_seen){i, 0},
                            least >= 2 ? QL_INPUTS_APART : QL_INPUTS_OPEN, &choice) &&
            (choice.weights != QL_WEIGHTS_DIFFER || choice.name >= 2)) {
            choice.weights = QL_WEIGHTS_UNKNOWN; /* here names come first */
            ql_choice_consider(&best, &choice);
        }
    }
    return best;
}

static void match_names(ql_matching *m, double least)
{
    for (int i = 0; i < m->graph[QL_CANDIDATE].count && m->names; i++) {
        if (!ql_pair_is_free(&m->graph[QL_CANDIDATE], i)) {
            continue;
        }
        ql_choice choice = best_by_name(m, QL_CANDIDATE, i, least);
        if (choice.other.activation < 0 || choice.tie) {
            continue;
        }
        ql_choice back = best_by_name(m, QL_REFERENCE, choice.other.activation, least);
        if (!back.tie && back.other.activation == i) {
            ql_pair_set(m, choice.own, choice.other);
            spread(m);
        }
    }
}

static int exact_name_in(const ql_pair_graph *g, uint64_t exact, int besides)
{
    for (int i = 0; i < g->count; i++) {
        if (i != besides && g->activations[i].key.exact == exact) {
            return i;
        }
    }
    return -1;
}

/* Names hold when more of the pairs made without them bear them out than are contradicted by them. */
static bool names_hold(const ql_matching *m)
{
    const ql_pair_graph *c = &m->graph[QL_CANDIDATE], *r = &m->graph[QL_REFERENCE];
    int agree = 0, contradict = 0;
    for (int i = 0; i < c->count; i++) {
        const ql_activation *x = &c->activations[i];
        if (x->match < 0 || x->op < 0 || !x->key.exact) {
            continue;
        }
        if (ql_names_strength(&x->key, &r->activations[x->match].key) > 0) {
            agree++;
        } else if (exact_name_in(r, x->key.exact, x->match) >= 0) {
            contradict++;
        }
    }
    return agree >= contradict;
}

static int matches(const ql_pair_graph *g)
{
    int count = 0;
    for (int i = 0; i < g->count; i++) {
        count += g->activations[i].match >= 0;
    }
    return count;
}

static void forget(ql_matching *m)
{
    for (int side = 0; side < QL_PAIR_SIDES; side++) {
        for (int i = 0; i < m->graph[side].count; i++) {
            m->graph[side].activations[i].match = -1;
        }
    }
}

static void by_graph(ql_matching *m, bool names)
{
    m->names = false;
    spread(m);
    match_outputs(m);
    spread(m);
    m->names = names;
}

/* Which input is which may be said by names or by place; right is what lets more follow. */
static void begin(ql_matching *m)
{
    bool names = m->names, differ = ql_pair_match_inputs(m, true);
    by_graph(m, names);
    if (!differ) {
        return;
    }
    int by_name = matches(&m->graph[QL_CANDIDATE]);
    forget(m);
    ql_pair_match_inputs(m, false);
    by_graph(m, names);
    if (matches(&m->graph[QL_CANDIDATE]) <= by_name) {
        forget(m);
        ql_pair_match_inputs(m, true);
        by_graph(m, names);
    }
}

void ql_pair_match(ql_matching *m)
{
    static const double levels[] = {3, 2, 0.5};
    begin(m);
    if (m->names && !names_hold(m)) {
        forget(m);
        ql_pair_match_inputs(m, false);
        by_graph(m, false);
    }
    spread(m);
    match_weights(m);
    spread(m);
    for (size_t i = 0; i < sizeof levels / sizeof *levels; i++) {
        match_names(m, levels[i]);
    }
    while (match_downstream(m, true) || ql_pair_match_upstream(m)) {
    }
    match_outputs(m);
    spread(m);
}

/* How well activation k of the reference, which holds the value paired with c's, stands for c itself. */
static double standing(const ql_matching *m, int c, int k, int rank, int other_rank)
{
    const ql_pair_graph *a = &m->graph[QL_CANDIDATE], *b = &m->graph[QL_REFERENCE];
    const ql_activation *x = &a->activations[c], *y = &b->activations[k];
    bool same_kind = x->alias == y->alias && x->face[0].code == y->face[0].code;
    if (!same_kind) {
        return ql_pair_is_value(b, k) ? 1 : 0;
    }
    const ql_tensor *t = &a->graph->tensors[x->tensor], *u = &b->graph->tensors[y->tensor];
    bool real = t->quant.scale_count > 0, other_real = u->quant.scale_count > 0;
    double base = real == other_real ? 4 : x->alias ? 0 : 2;
    return base > 0 ? base + 2 * ql_pair_names(m, c, k) + (rank == other_rank) + (t->type == u->type) * 0.5
                    : ql_pair_is_value(b, k);
}

/* The counterpart of an activation that is not the first of its value. */
static int member(const ql_matching *m, int c, int value)
{
    const ql_pair_graph *a = &m->graph[QL_CANDIDATE], *b = &m->graph[QL_REFERENCE];
    int found = value, rank = 0, other_rank = 0;
    double most = 0;
    for (int i = 0; i < c; i++) {
        rank += a->activations[i].value == a->activations[c].value &&
                a->activations[i].face[0].code == a->activations[c].face[0].code;
    }
    for (int k = value; k < b->count; k++) {
        if (b->activations[k].value != value) {
            continue;
        }
        double s = standing(m, c, k, rank, other_rank);
        other_rank += b->activations[k].face[0].code == a->activations[c].face[0].code;
        if (s > most) {
            most = s;
            found = k;
        }
    }
    return found;
}

int ql_pair_counterpart(const ql_matching *m, int c)
{
    const ql_activation *x = &m->graph[QL_CANDIDATE].activations[c];
    int value = m->graph[QL_CANDIDATE].activations[x->value].match;
    return value < 0 || x->value == c ? value : member(m, c, value);
}
