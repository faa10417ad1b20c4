#include "analyzer/pair/choice.h"

#include "analyzer/pair/match.h"

bool ql_pair_is_free(const ql_pair_graph *g, int activation)
{
    const ql_activation *x = &g->activations[activation];
    return x->match < 0 && x->value == activation && x->op >= 0;
}

void ql_pair_set(ql_matching *m, ql_seen c, ql_seen r)
{
    ql_activation *x = &m->graph[QL_CANDIDATE].activations[c.activation];
    ql_activation *y = &m->graph[QL_REFERENCE].activations[r.activation];
    x->match = r.activation;
    y->match = c.activation;
    x->match_face = c.face;
    y->match_face = r.face;
}

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

void ql_choice_consider(ql_choice *best, const ql_choice *choice)
{
    int order = best->other.activation < 0 ? 1 : better(choice, best);
    if (order > 0) {
        *best = *choice;
    } else if (!order && choice->other.activation != best->other.activation) {
        best->tie = true;
    }
}

bool ql_choice_weigh(const ql_matching *m, int side, ql_seen own, ql_seen other, ql_input_verdict least,
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
