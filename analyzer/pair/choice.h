/* Which of several possible counterparts is the one. */
#ifndef QL_PAIR_CHOICE_H
#define QL_PAIR_CHOICE_H

#include "analyzer/pair/likeness.h"

/* What speaks for one counterpart. */
typedef struct {
    ql_seen own, other;
    ql_weight_verdict weights;
    double distance, name;
    bool tie;
} ql_choice;

/* Weighs `own` of `side` against `other`; false when they cannot be counterparts whose inputs are at least
 * `least`. */
bool ql_choice_weigh(const ql_matching *m, int side, ql_seen own, ql_seen other, ql_input_verdict least,
                     ql_choice *choice);

/* Keeps the better of the two in `best` (other.activation -1: none yet), and marks ties. */
void ql_choice_consider(ql_choice *best, const ql_choice *choice);

/* Is the activation a value to be matched that has no counterpart yet? */
bool ql_pair_is_free(const ql_pair_graph *graph, int activation);

/* Makes the two counterparts. */
void ql_pair_set(ql_matching *m, ql_seen candidate, ql_seen reference);

#endif
