/* What a search changes at a time: one layer, or layers that only help together. Kept inside
 * analyzer/suggest. */
#ifndef QL_SUGGEST_MOVES_H
#define QL_SUGGEST_MOVES_H

#include "analyzer/suggest/suggest.h"

enum { QL_MOST_GROUP = 10 };

typedef struct {
    int count;
    int op[QL_MOST_GROUP];
    ql_layer_mode mode; /* of all of them */
} ql_move;

/* The single layers come first. Then, of each tensor that layers join, its producer with all its readers, by
 * way of what hands its scale on (PAD, MAX_POOL_2D, RESHAPE ...): it stays coarse until all of them change.
 * Then of each operator with several inputs, it with what makes them, and with its readers too: a residual
 * join. */
typedef struct {
    ql_move *list;
    int count, singles;
} ql_moves;

/* Memory of `arena`. */
ql_code ql_moves_make(ql_moves *moves, const ql_engine_options *options, const bool *allowed, ql_arena *arena,
                      ql_err *err);

#endif
