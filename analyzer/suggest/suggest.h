/* Suggesting: which layers of a quantized model to leave in float or 16x8. A search over plans; what each is
 * worth is measured by running it (analyzer/whatif), never estimated.
 *
 * Sets that work only together are found by climbing from tensors: an operator changes nothing while the
 * tensor it writes stays coarse, so besides single layers the search moves by groups, a tensor's producer
 * with all its readers. */
#ifndef QL_SUGGEST_SUGGEST_H
#define QL_SUGGEST_SUGGEST_H

#include "analyzer/whatif/whatif.h"

typedef struct {
    bool allowed[3];         /* by ql_layer_mode: what layers may become */
    int max_layers;          /* 0: as many as it takes */
    double target_sqnr;      /* dB; NaN here and below: no such goal */
    double target_agreement; /* 0 .. 1 */
    double target_accuracy;  /* 0 .. 1 */
    double max_float_macs;   /* percent of all */
    size_t max_bytes;        /* of the written model; 0: no bound */
    uint64_t search_samples; /* how many samples judge a plan while searching; 0: 64. All judge those that are
                                kept */
} ql_suggest_goal;

/* One set of layers and what it is worth on all samples. */
typedef struct {
    ql_layer_mode *modes; /* by candidate operator */
    int layers;
    ql_whatif_figures figures;
    ql_mixed_cost cost;
    size_t bytes;
} ql_plan;

typedef struct {
    ql_whatif_figures base;
    size_t base_bytes;
    ql_plan best;    /* no layers: nothing helps, or nothing fits the limits */
    double *gain;    /* by candidate operator: dB lost when it alone is taken out of `best`; NaN: not in it */
    ql_plan *pareto; /* the best of each number of layers that was reached, in that order */
    int pareto_count;
    ql_plan beyond; /* a larger set that works where those within max_layers do not; no layers: none */
    bool met;       /* the goals hold for `best` */
    int tried;
    ql_arena arena; /* memory of the above */
} ql_suggestion;

/* Searches. `options` as for ql_engine_run, over the given models. Progress counts plans tried. INTERRUPTED:
 * what was found so far is there all the same. Release with ql_suggestion_free. */
ql_code ql_suggest(const ql_engine_options *options, const ql_suggest_goal *goal, ql_suggestion *suggestion,
                   ql_err *err);
void ql_suggestion_free(ql_suggestion *suggestion);

/* The plan as a document (schema qloupe.plan/1, docs/json.md). `proof`: figures measured on the written
 * model, NULL: none. Yours. */
ql_code ql_suggestion_document(const ql_suggestion *suggestion, const ql_engine_options *options,
                               const ql_whatif_figures *proof, ql_json **document, ql_err *err);

/* Writes the plan's model to bytes, reads it back and measures that. */
ql_code ql_suggestion_prove(const ql_suggestion *suggestion, const ql_engine_options *options,
                            ql_whatif_figures *proof, ql_err *err);

#endif
