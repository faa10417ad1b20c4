/* Pairing: which tensor of the reference model is the counterpart of which of the candidate.
 *
 * Names are evidence, never proof: two tensors pair only when their shapes agree and their operators do (or
 * when one is the other's value brought to another type by QUANTIZE or DEQUANTIZE). Evidence is taken
 * strongest first:
 *
 *   name             the same name
 *   normalized-name  the same after taking off what converters add: _int8, _quantized ..., uniquing digits,
 * quant_ fused-part       fused names ("a;b;c") that share most of their parts topology         the same
 * operator on inputs that pair, or feeding outputs that do
 *
 * and a pair stands only when nothing as strong points elsewhere. What finds no counterpart is listed with
 * the reason.
 */
#ifndef QL_PAIR_PAIR_H
#define QL_PAIR_PAIR_H

#include "runtime/runtime.h"

/* X(id, text in results) */
#define QL_PAIR_HOWS(X)                                                                                      \
    X(NAME, "name")                                                                                          \
    X(NORMALIZED, "normalized-name")                                                                         \
    X(FUSED, "fused-part")                                                                                   \
    X(TOPOLOGY, "topology")

typedef enum {
#define QL_PAIR_ENUM(id, text) QL_PAIR_##id,
    QL_PAIR_HOWS(QL_PAIR_ENUM)
#undef QL_PAIR_ENUM
} ql_pair_how;

const char *ql_pair_how_text(ql_pair_how how);

typedef struct {
    int candidate, reference;       /* tensors */
    int candidate_op, reference_op; /* that made them; -1 = graph input */
    bool alias; /* the candidate is a QUANTIZE or DEQUANTIZE of a tensor that pairs with `reference` */
    ql_pair_how how;
} ql_pair;

typedef struct {
    bool in_candidate; /* else in the reference */
    int tensor, op;
    const char *reason;
} ql_unpaired;

typedef struct {
    int pair_count, unpaired_count;
    ql_pair *pairs;        /* in the candidate's execution order, graph inputs first */
    ql_unpaired *unpaired; /* candidate's first, each in execution order */
} ql_pairing;

/* One side of a pairing: a subgraph of a model. */
typedef struct {
    const ql_model *model;
    int subgraph;
} ql_side;

/* Pairs every activation (a graph input or an operator's output that does not follow from constants alone) of
 * `candidate`. Memory of `arena`. NOMEM is the only failure: models that have nothing in common give no
 * pairs. */
ql_code ql_pair_models(ql_side reference, ql_side candidate, ql_arena *arena, ql_pairing *pairing,
                       ql_err *err);

#endif
