/* Suggesting: which layers of a quantized model to leave in float or 16x8. A search over plans; what each is
 * worth is measured by running it (analyzer/whatif), never estimated.
 *
 * Upwards: single layers, then groups that only help together (a tensor's producer with all its readers, a
 * residual join with what it joins), all pairs where there are few, and from the best sets of each size to
 * the next. Downwards: from everything changed, where each layer shows what it does by itself, to what is
 * needed. All sets that are met on either way compete. docs/commands/suggest.md tells users the same. */
#ifndef QL_SUGGEST_SUGGEST_H
#define QL_SUGGEST_SUGGEST_H

#include "analyzer/suggest/repairs.h"
#include "analyzer/whatif/whatif.h"

typedef struct {
    bool allowed[QL_LAYER_MODES]; /* what layers may become */
    int max_layers;               /* 0: as many as it takes */
    double target_sqnr;           /* dB; NaN here and below: no such goal */
    double target_agreement;      /* 0 .. 1 */
    double target_accuracy;       /* 0 .. 1 */
    double max_float_macs;        /* percent of all */
    size_t max_bytes;             /* of the written model; 0: no bound */
    uint64_t search_samples; /* how many samples judge a plan while searching; 0: 2 to 512, by the size of the
                                model. All judge those that are kept */
    bool exhaust; /* measure every plan to the end, also where it cannot be among the best any more; the
                     result is the same */
    const char *checkpoint; /* file that what was measured is written to and read from; NULL: none */
} ql_suggest_goal;

/* One set of layers and what it is worth; on all samples, unless the search was interrupted. */
typedef struct {
    ql_layer_mode *modes; /* by candidate operator */
    int layers;
    ql_whatif_figures figures;
    ql_mixed_cost cost;
    size_t bytes; /* of the written model; 0: it cannot be written */
} ql_plan;

typedef struct {
    ql_whatif_figures base; /* of the candidate as it is; no samples: not measured */
    size_t base_bytes;
    int operators;              /* of the candidate; the lists below have as many entries */
    ql_whatif_figures *only;    /* when this layer alone is as it is and all others are changed */
    ql_whatif_figures *without; /* when this layer alone is changed; no samples in either: it cannot be */
    ql_plan best;               /* no layers: nothing helps, or nothing fits the limits */
    double *gain;    /* dB lost when it alone is taken out of `best`; NaN: not in it, or not measured */
    ql_plan *pareto; /* judged plans that no other one beats in SQNR, float multiply-accumulates, bytes and
                        layers at once; by layers */
    int pareto_count;
    ql_plan beyond; /* a larger set that works where those within max_layers do not; no layers: none */
    bool met;       /* the goals hold for `best` */
    bool there;     /* a target is given and holds of the candidate as it is: `best` has no layers */
    bool interrupted;
    int tried, resumed;          /* plans measured, and those of them that the checkpoint had */
    uint64_t search_samples;     /* that judged plans while searching */
    ql_arena arena;              /* memory of the above */
    const ql_mendings *mendings; /* for the document, the caller's; NULL: none were looked for */
} ql_suggestion;

/* Searches. `options` as for ql_bench_open. Progress counts plans, against about how many there will be.
 * INTERRUPTED: what was found so far is there all the same, judged on the samples it was measured with. FIT:
 * the checkpoint is of something else. Release with ql_suggestion_free. */
ql_code ql_suggest(const ql_engine_options *options, const ql_suggest_goal *goal, ql_suggestion *suggestion,
                   ql_err *err);
void ql_suggestion_free(ql_suggestion *suggestion);

/* The plan as a document (schema qloupe.plan/1, docs/commands/suggest.md). `proof`: figures measured on the
 * written model, NULL: none. Yours. */
ql_code ql_suggestion_document(const ql_suggestion *suggestion, const ql_engine_options *options,
                               const ql_whatif_figures *proof, ql_json **document, ql_err *err);

/* Writes the plan's model to bytes, reads it back and measures that. */
ql_code ql_suggestion_prove(const ql_suggestion *suggestion, const ql_engine_options *options,
                            ql_whatif_figures *proof, ql_err *err);

#endif
