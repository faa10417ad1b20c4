/* What feeds two operators that are counterparts. */
#ifndef QL_PAIR_UPSTREAM_H
#define QL_PAIR_UPSTREAM_H

#include "analyzer/pair/choice.h"

/* Pairs value x of the candidate with value y of the reference, or what they are mere reshapes of, where one
 * must be the other's counterpart and nothing speaks against it. True when it did. */
bool ql_pair_match_implied(ql_matching *m, int x, int y);

/* Pairs what feeds paired operators; of commutative ones where only one order of the operands can be. True
 * when anything was paired. */
bool ql_pair_match_upstream(ql_matching *m);

#endif
