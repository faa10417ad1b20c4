/* A bench of plans: a reference, a candidate and data, on which one plan after another is measured.
 *
 *     ql_bench *bench;
 *     ql_bench_open(&bench, &options, err);
 *     ql_bench_evaluate(bench, modes, 0, &result, err);
 *     ...
 *     ql_bench_close(bench);
 *
 * What a plan gives is what running the reference and the rewritten model (ql_rewrite_mixed) over the data
 * gives, to the last bit; only less is computed for it: the reference's outputs are kept, and so are, as far
 * as memory allows, the tensors from which an operator goes on that a plan changes.
 *
 * One thread at a time uses a bench (it need not be the one that opened it), except for ql_bench_cancel. It
 * starts `threads` threads of its own while it evaluates and none between. */
#ifndef QL_WHATIF_BENCH_H
#define QL_WHATIF_BENCH_H

#include "analyzer/whatif/whatif.h"

typedef struct ql_bench ql_bench;

typedef struct {
    ql_whatif_figures figures;
    ql_mixed_cost cost;
    bool lost; /* given up: no figures */
} ql_bench_result;

/* Opens a bench over what `options` names; the models, the pairing and the data must outlive it. Nothing is
 * run yet. Of the options: `threads`; `memory` bounds tensors and what is kept (NULL: what is kept stays
 * below 512 MB); `limit` bounds the samples that "all" means; `stop` is asked before every operator, from
 * several threads, and ends what is under way; `progress` counts samples run of the plans under way, one call
 * at a time. FIT: the models have no output in common. */
ql_code ql_bench_open(ql_bench **bench, const ql_engine_options *options, ql_err *err);
void ql_bench_close(ql_bench *bench); /* NULL is allowed */

/* How many samples there are; what it was opened with. */
uint64_t ql_bench_samples(const ql_bench *bench);
const ql_engine_options *ql_bench_options(const ql_bench *bench);

/* Bounds what is kept from now on to `bytes`. Figures do not depend on it. */
void ql_bench_keep(ql_bench *bench, size_t bytes);

/* What the candidate with operator i in modes[i] is worth, on the first `samples` samples (0: all). Modes of
 * all QL_LAYER_KEEP: the candidate as it is. UNSUPPORTED: a layer that cannot have its mode (the message
 * names it); INTERRUPTED: stopped or canceled; the bench can be used on after any error. */
ql_code ql_bench_evaluate(ql_bench *bench, const ql_layer_mode *modes, uint64_t samples,
                          ql_bench_result *result, ql_err *err);

/* The same for `count` plans: results[i] is plans[i]'s. Cheaper than one after the other, where memory does
 * not hold all that is to be kept. */
ql_code ql_bench_evaluate_all(ql_bench *bench, const ql_layer_mode *const *plans, int count, uint64_t samples,
                              ql_bench_result *results, ql_err *err);

/* The same for plans whose figures are of no interest where the noise over the signal is above most[i]
 * (HUGE_VAL: they always are): such a plan is given up as soon as what was measured makes that certain.
 * Which are lost depends neither on threads nor on what is kept. */
ql_code ql_bench_evaluate_until(ql_bench *bench, const ql_layer_mode *const *plans, const double *most,
                                int count, uint64_t samples, ql_bench_result *results, ql_err *err);

/* The figures of a model in the candidate's place, with the candidate's inputs and outputs: run whole. */
ql_code ql_bench_measure(ql_bench *bench, const ql_model *model, uint64_t samples, ql_whatif_figures *figures,
                         ql_err *err);

/* The same of `count` models that have most in common with the candidate: only what comes after a difference
 * is run. */
ql_code ql_bench_measure_all(ql_bench *bench, const ql_model *const *models, int count, uint64_t samples,
                             ql_whatif_figures *figures, ql_err *err);

/* Runs both models once and keeps what plans that change one layer begin with, those of the last layers
 * first, as far as there is room for all samples: their evaluation then runs nothing but what comes after. */
ql_code ql_bench_warm(ql_bench *bench, ql_err *err);

/* The same of a model's file in memory (as ql_model_write makes it), read back from there. */
ql_code ql_bench_measure_bytes(ql_bench *bench, const void *bytes, size_t count, uint64_t samples,
                               ql_whatif_figures *figures, ql_err *err);

/* With other ranks (`ranks` of the options) plans are measured together, and all ranks must ask for the same
 * in the same order; each gets all results. While a bench is apart its rank measures alone. Then a list is
 * shared by hand: rank r does entries r, r + size, ..., and ql_bench_gather lets all have all of them;
 * `code` is how doing them ended. */
void ql_bench_apart(ql_bench *bench, bool apart);
ql_code ql_bench_gather(ql_bench *bench, ql_code code, void *list, size_t count, size_t size, ql_err *err);

/* Lets the evaluation under way end with INTERRUPTED. From any thread; one that starts later is not
 * concerned. */
void ql_bench_cancel(ql_bench *bench);

/* Every layer by itself. Sensitivities are of layers that can be float: others keep their format. */
typedef struct {
    bool *layer;           /* by candidate operator: can it be float? only then the next two say something */
    ql_bench_result *only; /* this one quantized, every other layer float */
    ql_bench_result *without; /* this one float, every other as it is */
    int count;                /* of operators */
    int layers;               /* of those, that can be float */
    ql_bench_result none;     /* every layer float */
    ql_bench_result all;      /* the candidate as it is */
} ql_sensitivities;

/* On the first `samples` samples (0: all). Release with ql_sensitivities_free, also after an error. */
ql_code ql_bench_sensitivities(ql_bench *bench, uint64_t samples, ql_sensitivities *sensitivities,
                               ql_err *err);
void ql_sensitivities_free(ql_sensitivities *sensitivities);

#endif
