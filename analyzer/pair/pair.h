/* Pairing: which tensor of the reference model is the counterpart of which of the candidate.
 *
 * Two tensors pair only when they must hold the same value, quantization apart: the same operator with the
 * same settings and the same weights, on inputs that pair. Names are evidence, never proof: they decide where
 * the graphs leave more than one counterpart or are broken off by an operator that only one of them has, and
 * not even there when shapes, weights or known inputs speak against them, or when names turn out to
 * contradict the graphs. `how` is the strongest that the two names of a pair have in common:
 *
 *   name             the same name
 *   normalized-name  the same after taking off what converters add: _int8, _quantized ..., uniquing digits,
 *                    quant_
 *   fused-part       fused names ("a;b;c") that share at least half of their parts
 *   topology         nothing: operators, connections, shapes and weights made the pair
 *
 * An operator's output pairs with the operator's output. QUANTIZE, DEQUANTIZE, FAKE_QUANT and a CAST between
 * float types are no operators in this but further names (aliases) of what they read: the candidate's pair
 * with the same alias in the reference if that has one (the same name, else the same operator to the same
 * kind of type), else with the value itself. So in a model from quantization-aware training the value before
 * its fake quantization is an operator's own, the value after it an alias; figures are taken after it
 * (`compared`). "CONV_2D, then RELU6" in one model and a CONV_2D with fused RELU6 in the other pair after the
 * RELU6.
 *
 * What finds no counterpart is listed with the reason. docs/pairing.md tells users the same.
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
    bool alias; /* the candidate is its own operator's input, brought to another type or grid */
    ql_pair_how how;
    /* The reference tensor to compare with: `reference`, or what the reference's fake quantization makes of
     * it on the candidate tensor's own grid, with the operators that do, in order (FAKE_QUANT, or QUANTIZE
     * and DEQUANTIZE). In quantization-aware training what that clips was clipped when the weights were
     * learned. */
    int compared, fake_count, fakes[2];
} ql_pair;

typedef struct {
    bool in_candidate; /* else in the reference */
    int tensor, op;
    const char *reason;
} ql_unpaired;

typedef struct {
    int pair_count, unpaired_count;
    int left_out;          /* pairs that `include` and `exclude` took away */
    ql_pair *pairs;        /* in the candidate's execution order, graph inputs first */
    ql_unpaired *unpaired; /* candidate's first, each in execution order */
} ql_pairing;

/* One side of a pairing: a subgraph of a model. */
typedef struct {
    const ql_model *model;
    int subgraph;
} ql_side;

/* How the user helps. */
typedef struct {
    int map_count;
    const char *const *maps; /* "s/A/B/" with flags g and i, applied in turn to the candidate's names first */
    const char *include;     /* regular expression: only pairs one of whose names it matches; NULL = all */
    const char *exclude;     /* none of whose names it matches; NULL = none left out */
    bool ignore_names;       /* pair by graph and weights alone */
} ql_pair_rules;

/* Pairs every activation (a graph input or an operator's output that does not follow from constants alone) of
 * `candidate`. Memory of `arena`. NOMEM is the only failure: models that have nothing in common give no
 * pairs. */
ql_code ql_pair_models(ql_side reference, ql_side candidate, ql_arena *arena, ql_pairing *pairing,
                       ql_err *err);

/* The same by `rules` (NULL: none). USAGE: a rule is malformed; UNSUPPORTED: an expression takes too long. */
ql_code ql_pair_models_by(const ql_pair_rules *rules, ql_side reference, ql_side candidate, ql_arena *arena,
                          ql_pairing *pairing, ql_err *err);

#endif
