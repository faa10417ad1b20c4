#include "analyzer/pair/match.h"

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

static bool is_free(const ql_pair_graph *g, int activation)
{
    const ql_activation *x = &g->activations[activation];
    return x->match < 0 && x->value == activation && x->op >= 0;
}

static void pair(ql_matching *m, ql_seen c, ql_seen r)
{
    ql_activation *x = &m->graph[QL_CANDIDATE].activations[c.activation];
    ql_activation *y = &m->graph[QL_REFERENCE].activations[r.activation];
    x->match = r.activation;
    y->match = c.activation;
    x->match_face = c.face;
    y->match_face = r.face;
}

/* What speaks for one counterpart. */
typedef struct {
    ql_seen own, other;
    ql_weight_verdict weights;
    double distance, name;
    bool tie;
} ql_choice;

/* > 0: a is better, < 0: b is, 0: nothing tells them apart. */
static int better(const ql_choice *a, const ql_choice *b)
{
    if (a->weights != b->weights) {
        return a->weights > b->weights ? 1 : -1;
    }
    if (a->weights >= QL_WEIGHTS_SIMILAR) {
        if (a->distance < 0.25 * b->distance && b->distance > 0.02) {
            return 1;
        }
        if (b->distance < 0.25 * a->distance && a->distance > 0.02) {
            return -1;
        }
    }
    return a->name > b->name ? 1 : a->name < b->name ? -1 : 0;
}

static void consider(ql_choice *best, const ql_choice *choice)
{
    int order = best->other.activation < 0 ? 1 : better(choice, best);
    if (order > 0) {
        *best = *choice;
    } else if (!order && choice->other.activation != best->other.activation) {
        best->tie = true;
    }
}

/* Weighs `own` of `side` against `other`; false when they cannot be counterparts whose inputs are at least
 * `least`. */
static bool weigh(const ql_matching *m, int side, ql_seen own, ql_seen other, ql_input_verdict least,
                  ql_choice *choice)
{
    ql_seen c = side == QL_CANDIDATE ? own : other, r = side == QL_CANDIDATE ? other : own;
    bool swapped;
    double elements;
    if (!ql_pair_fits(m, c, r) || ql_pair_inputs(m, c, r, &swapped) < least) {
        return false;
    }
    *choice = (ql_choice){.own = own, .other = other};
    choice->weights = ql_pair_weights(m, c, r, swapped, &choice->distance, &elements);
    choice->name = ql_pair_names(m, c.activation, r.activation);
    return true;
}

/* The counterparts of `own` among those that read `value` of the other side. */
static void consider_readers(const ql_matching *m, int side, ql_seen own, int value, ql_choice *best)
{
    const ql_pair_graph *g = &m->graph[!side];
    for (int i = g->first_reader[value]; i >= 0; i = g->readers[i].next) {
        ql_seen other = {g->readers[i].activation, g->readers[i].face};
        ql_choice choice;
        if (is_free(g, other.activation) && weigh(m, side, own, other, QL_INPUTS_AGREE, &choice)) {
            consider(best, &choice);
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
        if (!is_free(&m->graph[QL_CANDIDATE], i)) {
            continue;
        }
        ql_choice choice = best_by_inputs(m, QL_CANDIDATE, i);
        if (!acceptable(m, i, &choice, lenient)) {
            continue;
        }
        ql_choice back = best_by_inputs(m, QL_REFERENCE, choice.other.activation);
        if (!back.tie && back.other.activation == i) {
            pair(m, choice.own, choice.other);
            any = true;
        }
    }
    return any;
}

/* What would pair two values that are free on both sides; `other.activation` -1 when nothing allows it. */
static ql_choice best_of_two(const ql_matching *m, int x, int y)
{
    const ql_pair_graph *c = &m->graph[QL_CANDIDATE], *r = &m->graph[QL_REFERENCE];
    ql_choice best = {.other = {-1, 0}}, choice;
    for (int f = 0; f < c->activations[x].face_count && is_free(c, x) && is_free(r, y); f++) {
        for (int k = 0; k < r->activations[y].face_count; k++) {
            if (weigh(m, QL_CANDIDATE, (ql_seen){x, f}, (ql_seen){y, k}, QL_INPUTS_OPEN, &choice)) {
                consider(&best, &choice);
            }
        }
    }
    if (best.weights == QL_WEIGHTS_DIFFER) {
        best.other.activation = -1;
    }
    return best;
}

/* The two values, or what they are mere reshapes of. */
static ql_choice best_of_implied(const ql_matching *m, int x, int y)
{
    ql_choice best = best_of_two(m, x, y);
    return best.other.activation >= 0 ? best
                                      : best_of_two(m, m->graph[QL_CANDIDATE].activations[x].flat,
                                                    m->graph[QL_REFERENCE].activations[y].flat);
}

/* The two values, free on both sides, where one side's must be the other's. */
static bool match_implied(ql_matching *m, int x, int y)
{
    ql_choice best = {.other = {-1, 0}};
    if (x >= 0 && y >= 0) {
        best = best_of_implied(m, x, y);
    }
    if (best.other.activation >= 0) {
        pair(m, best.own, best.other);
    }
    return best.other.activation >= 0;
}

/* Which input of two operators stands for which; commutative ones may have them crossed. */
typedef struct {
    bool straight, crossed;
} ql_orders;

static ql_orders orders_of(const ql_matching *m, int c_op, int r_op, int depth);

/* Looking past an operator with many inputs would take long. */
static bool is_wide(const ql_pair_graph *g, ql_seen seen)
{
    enum { MOST = 8 };
    return g->graph->operators[g->activations[seen.activation].face[seen.face].op].input_count > MOST;
}

/* Could the two be the same value, as far as `depth` operators further up show? */
static bool could_be(const ql_matching *m, int x, int y, int depth)
{
    const ql_activation *a = m->graph[QL_CANDIDATE].activations, *b = m->graph[QL_REFERENCE].activations;
    if (x < 0 || y < 0) {
        return x == y;
    }
    if (a[x].match == y || a[a[x].flat].match == b[y].flat) {
        return true;
    }
    ql_choice best = best_of_implied(m, x, y);
    if (best.other.activation < 0 || !depth || is_wide(&m->graph[QL_CANDIDATE], best.own)) {
        return best.other.activation >= 0;
    }
    ql_orders orders = orders_of(m, a[best.own.activation].face[best.own.face].op,
                                 b[best.other.activation].face[best.other.face].op, depth - 1);
    return orders.straight || orders.crossed;
}

static ql_orders orders_of(const ql_matching *m, int c_op, int r_op, int depth)
{
    const ql_pair_graph *c = &m->graph[QL_CANDIDATE], *r = &m->graph[QL_REFERENCE];
    int count = c->graph->operators[c_op].input_count, others = r->graph->operators[r_op].input_count;
    ql_orders orders = {count == others, false};
    if (ql_pair_operator_is_commutative(c, c_op) && count == 2 && others == 2) {
        orders.crossed = could_be(m, ql_pair_input(c, c_op, 0), ql_pair_input(r, r_op, 1), depth) &&
                         could_be(m, ql_pair_input(c, c_op, 1), ql_pair_input(r, r_op, 0), depth);
    }
    for (int i = 0; i < count && orders.straight; i++) {
        orders.straight = could_be(m, ql_pair_input(c, c_op, i), ql_pair_input(r, r_op, i), depth);
    }
    return orders;
}

static bool is_open(const ql_pair_graph *g, int value)
{
    return value >= 0 && is_free(g, g->activations[value].flat);
}

/* Which input is which is known where only one order can be. */
static bool match_operands(ql_matching *m, int c_op, int r_op)
{
    enum { DEEPEST = 3 };
    const ql_pair_graph *c = &m->graph[QL_CANDIDATE], *r = &m->graph[QL_REFERENCE];
    ql_orders orders = {true, true};
    if (!is_open(c, ql_pair_input(c, c_op, 0)) && !is_open(c, ql_pair_input(c, c_op, 1))) {
        return false;
    }
    for (int depth = 0; depth <= DEEPEST && orders.straight && orders.crossed; depth++) {
        orders = orders_of(m, c_op, r_op, depth);
    }
    if (orders.straight == orders.crossed) {
        return false;
    }
    bool any = false;
    for (int i = 0; i < 2; i++) {
        int x = ql_pair_input(c, c_op, i), y = ql_pair_input(r, r_op, orders.crossed ? 1 - i : i);
        any = match_implied(m, x, y) || any;
    }
    return any;
}

/* What feeds two paired operators pairs too. */
static bool match_upstream(ql_matching *m)
{
    const ql_pair_graph *c = &m->graph[QL_CANDIDATE], *r = &m->graph[QL_REFERENCE];
    bool any = false;
    for (int i = c->count - 1; i >= 0; i--) {
        const ql_activation *x = &c->activations[i];
        if (x->match < 0 || x->op < 0 || x->value != i) {
            continue;
        }
        const ql_activation *y = &r->activations[x->match];
        const ql_face *a = &x->face[x->match_face], *b = &y->face[y->match_face];
        if (a->code != b->code) {
            continue;
        }
        if (ql_pair_is_commutative(a->code)) {
            any = match_operands(m, a->op, b->op) || any;
            continue;
        }
        for (int k = 0; k < c->graph->operators[a->op].input_count; k++) {
            any = match_implied(m, ql_pair_input(c, a->op, k), ql_pair_input(r, b->op, k)) || any;
        }
    }
    return any;
}

static void spread(ql_matching *m)
{
    while (match_downstream(m, false) || match_upstream(m)) {
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
            match_implied(m, output_value(c, o), output_value(r, o));
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
        if (!is_free(g, i) ||
            !weigh(m, side, (ql_seen){activation, 0}, (ql_seen){i, 0}, QL_INPUTS_APART, &choice) ||
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
        if (!is_free(&m->graph[QL_CANDIDATE], i) || !has_weights(&m->graph[QL_CANDIDATE], i)) {
            continue;
        }
        ql_choice choice = best_by_weights(m, QL_CANDIDATE, i);
        if (choice.other.activation < 0 || choice.tie) {
            continue;
        }
        ql_choice back = best_by_weights(m, QL_REFERENCE, choice.other.activation);
        if (!back.tie && back.other.activation == i) {
            pair(m, choice.own, choice.other);
        }
    }
}

static ql_choice best_by_name(const ql_matching *m, int side, int activation, double least)
{
    const ql_pair_graph *g = &m->graph[!side];
    ql_choice best = {.other = {-1, 0}}, choice;
    for (int i = 0; i < g->count; i++) {
        int c = side == QL_CANDIDATE ? activation : i, r = side == QL_CANDIDATE ? i : activation;
        if (is_free(g, i) && ql_pair_names(m, c, r) >= least &&
            weigh(m, side, (ql_seen){activation, 0}, (ql_seen){i, 0},
                  least >= 2 ? QL_INPUTS_APART : QL_INPUTS_OPEN, &choice) &&
            (choice.weights != QL_WEIGHTS_DIFFER || choice.name >= 2)) {
            choice.weights = QL_WEIGHTS_UNKNOWN; /* here names come first */
            consider(&best, &choice);
        }
    }
    return best;
}

static void match_names(ql_matching *m, double least)
{
    for (int i = 0; i < m->graph[QL_CANDIDATE].count && m->names; i++) {
        if (!is_free(&m->graph[QL_CANDIDATE], i)) {
            continue;
        }
        ql_choice choice = best_by_name(m, QL_CANDIDATE, i, least);
        if (choice.other.activation < 0 || choice.tie) {
            continue;
        }
        ql_choice back = best_by_name(m, QL_REFERENCE, choice.other.activation, least);
        if (!back.tie && back.other.activation == i) {
            pair(m, choice.own, choice.other);
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
    while (match_downstream(m, true) || match_upstream(m)) {
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
