#include "analyzer/pair/upstream.h"

/* What would pair two values that are free on both sides; `other.activation` -1 when nothing allows it. */
static ql_choice best_of_two(const ql_matching *m, int x, int y)
{
    const ql_pair_graph *c = &m->graph[QL_CANDIDATE], *r = &m->graph[QL_REFERENCE];
    ql_choice best = {.other = {-1, 0}}, choice;
    for (int f = 0; f < c->activations[x].face_count && ql_pair_is_free(c, x) && ql_pair_is_free(r, y); f++) {
        for (int k = 0; k < r->activations[y].face_count; k++) {
            if (ql_choice_weigh(m, QL_CANDIDATE, (ql_seen){x, f}, (ql_seen){y, k}, QL_INPUTS_OPEN, &choice)) {
                ql_choice_consider(&best, &choice);
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

bool ql_pair_match_implied(ql_matching *m, int x, int y)
{
    ql_choice best = {.other = {-1, 0}};
    if (x >= 0 && y >= 0) {
        best = best_of_implied(m, x, y);
    }
    if (best.other.activation >= 0) {
        ql_pair_set(m, best.own, best.other);
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
    return value >= 0 && ql_pair_is_free(g, g->activations[value].flat);
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
        any = ql_pair_match_implied(m, x, y) || any;
    }
    return any;
}

bool ql_pair_match_upstream(ql_matching *m)
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
            any = ql_pair_match_implied(m, ql_pair_input(c, a->op, k), ql_pair_input(r, b->op, k)) || any;
        }
    }
    return any;
}
