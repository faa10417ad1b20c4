/* What if: which layers are to change, and what a changed model is worth. */
#ifndef QL_WHATIF_WHATIF_H
#define QL_WHATIF_WHATIF_H

#include "analyzer/compare/engine.h"
#include "analyzer/json/json.h"
#include "analyzer/rewrite/mixed.h"

/* Figures of a whole model; NaN where there is none. */
typedef struct {
    double sqnr_db; /* 10 log10(sum f^2 / sum (f-q)^2) over all samples and outputs; +HUGE_VAL where they are
                       equal */
    double sqnr_half; /* half a 95 % interval of it over samples; NaN where there is none */
    double top1;      /* share of rows with the reference's first class */
    double accuracy;  /* share of labelled samples that are right */
    uint64_t samples;
} ql_whatif_figures;

/* Runs the reference and `mixed` (made by ql_rewrite_mixed; NULL: the candidate itself) over the data and
 * compares their outputs. */
ql_code ql_whatif_measure(const ql_engine_options *options, const ql_model *mixed, ql_whatif_figures *figures,
                          ql_err *err);

/* Sets modes[op] for every layer of the candidate one of whose names (its own output's, its counterpart's)
 * the regular expression matches; *changed counts them. USAGE: the expression is malformed. */
ql_code ql_layers_set(const ql_pairing *pairing, ql_side reference, ql_side candidate, const char *regex,
                      ql_layer_mode mode, ql_layer_mode *modes, int *changed, ql_err *err);

/* Sets modes by a plan document (schema qloupe.plan/1): "layers" with "op_index" in the float model and
 * "mode". */
ql_code ql_layers_plan(const ql_json *plan, const ql_pairing *pairing, ql_layer_mode *modes, ql_err *err);

/* The layers that are not kept, as a plan lists them. */
void ql_put_layers(ql_doc *d, ql_json *to, const char *key, const ql_pairing *pairing, ql_side reference,
                   const ql_layer_mode *modes);

#endif
