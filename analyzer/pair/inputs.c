#include "analyzer/pair/match.h"

#include <string.h>

/* How pairing begins: which graph input is which. */

static ql_str argument_name(const ql_pair_graph *g, int input)
{
    for (int i = 0; g->signature && i < g->signature->input_count; i++) {
        if (g->signature->inputs[i].tensor == g->activations[input].tensor) {
            return g->signature->inputs[i].name;
        }
    }
    return (ql_str){"", 0};
}

static double strength(const ql_matching *m, int c, int r)
{
    if (!m->names) {
        return 0;
    }
    ql_str a = argument_name(&m->graph[QL_CANDIDATE], c), b = argument_name(&m->graph[QL_REFERENCE], r);
    bool same = a.length && a.length == b.length && !memcmp(a.text, b.text, a.length);
    return same ? 4 : ql_pair_names(m, c, r);
}

static int count_of(const ql_pair_graph *g)
{
    int count = 0;
    while (count < g->count && g->activations[count].op < 0) {
        count++;
    }
    return count;
}

/* Shapes alike, the first dimension apart: that is the batch. */
static bool may_pair(const ql_matching *m, int c, int r)
{
    const ql_activation *x = &m->graph[QL_CANDIDATE].activations[c];
    const ql_activation *y = &m->graph[QL_REFERENCE].activations[r];
    const ql_tensor *a = &m->graph[QL_CANDIDATE].graph->tensors[x->tensor];
    const ql_tensor *b = &m->graph[QL_REFERENCE].graph->tensors[y->tensor];
    return x->match < 0 && y->match < 0 &&
           (ql_pair_same_shape(m, a, b) ||
            (a->rank == b->rank && a->rank > 0 &&
             !memcmp(a->shape + 1, b->shape + 1, (size_t)(a->rank - 1) * sizeof *a->shape)));
}

static void pair(ql_matching *m, int c, int r)
{
    ql_activation *x = &m->graph[QL_CANDIDATE].activations[c], *y = &m->graph[QL_REFERENCE].activations[r];
    const ql_tensor *a = &m->graph[QL_CANDIDATE].graph->tensors[x->tensor];
    const ql_tensor *b = &m->graph[QL_REFERENCE].graph->tensors[y->tensor];
    x->match = r;
    y->match = c;
    if (a->rank && b->rank && m->batch[QL_CANDIDATE] == m->batch[QL_REFERENCE] && a->shape[0] &&
        b->shape[0]) {
        m->batch[QL_CANDIDATE] = a->shape[0];
        m->batch[QL_REFERENCE] = b->shape[0];
    }
}

/* The only free input of the reference that `c` may pair with on evidence of at least `least`; -1 = none, or
 * several as good. */
static int only(const ql_matching *m, int c, int count, double least)
{
    int found = -1;
    double most = 0;
    for (int r = 0; r < count; r++) {
        double s = may_pair(m, c, r) ? strength(m, c, r) : -1;
        if (s < least || (found >= 0 && s < most)) {
            continue;
        }
        found = found >= 0 && !(s > most) ? -2 : r;
        most = s;
    }
    return found;
}

static bool by_evidence(ql_matching *m, int a, int b, double least)
{
    bool elsewhere = false;
    for (int c = 0; c < a; c++) {
        int r = m->graph[QL_CANDIDATE].activations[c].match < 0 ? only(m, c, b, least) : -1;
        if (r >= 0) {
            pair(m, c, r);
            elsewhere = elsewhere || r != c;
        }
    }
    return elsewhere;
}

bool ql_pair_match_inputs(ql_matching *m, bool by_names)
{
    int a = count_of(&m->graph[QL_CANDIDATE]), b = count_of(&m->graph[QL_REFERENCE]);
    bool elsewhere = false;
    m->batch[QL_CANDIDATE] = m->batch[QL_REFERENCE] = 1;
    elsewhere = by_evidence(m, a, b, 4); /* argument names of the signature */
    if (elsewhere) {
        by_names = true; /* those hold whatever tensors are called */
    }
    for (double least = 3; by_names && least >= 0.5; least = least > 1 ? least - 1 : least - 0.5) {
        elsewhere = by_evidence(m, a, b, least) || elsewhere;
    }
    for (int c = 0; c < a && a == b; c++) {
        if (may_pair(m, c, c)) {
            pair(m, c, c);
        }
    }
    by_evidence(m, a, b, 0);
    return elsewhere;
}
