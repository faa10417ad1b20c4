/* The matching itself: fills `match` of the values of both graphs. */
#ifndef QL_PAIR_MATCH_H
#define QL_PAIR_MATCH_H

#include "analyzer/pair/likeness.h"

/* `m->names` says whether names may be used at all; on return whether they turned out to hold. */
void ql_pair_match(ql_matching *m);

/* The activation of the reference that pairs with activation `c` of the candidate, aliases and values
 * computed twice included; -1 = none. */
int ql_pair_counterpart(const ql_matching *m, int c);

/* How strongly the names speak for the pair, as ql_names_strength; 0 when names are not to be used. */
double ql_pair_names(const ql_matching *m, int candidate, int reference);

/* Is the activation one to be matched: no alias, not computed before? */
bool ql_pair_is_value(const ql_pair_graph *graph, int activation);

/* Pairs the graph inputs only (match.c calls it first); true when names and places named different pairs. */
bool ql_pair_match_inputs(ql_matching *m, bool by_names);

#endif
