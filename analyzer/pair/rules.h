/* The user's rules at work. */
#ifndef QL_PAIR_RULES_H
#define QL_PAIR_RULES_H

#include "analyzer/pair/pair.h"

/* The names of the candidate's tensors after the rules' maps; *names stays NULL when there are none. */
ql_code ql_pair_map_names(const ql_pair_rules *rules, ql_side candidate, const ql_str **names,
                          ql_arena *arena, ql_err *err);

/* Takes the pairs away that `include` and `exclude` do not let through. */
ql_code ql_pair_filter(const ql_pair_rules *rules, ql_side reference, ql_side candidate, ql_pairing *pairing,
                       ql_err *err);

#endif
