#include "analyzer/whatif/whatif.h"

#include <math.h>
#include <stdlib.h>

/* A pairing of the outputs alone: nothing else is measured. A mixed model's outputs are the candidate's
 * tensors. */
static ql_code pair_outputs(const ql_engine_options *o, ql_pairing *outputs, ql_err *err)
{
    const ql_subgraph *graph = &o->candidate.model->subgraphs[o->candidate.subgraph];
    *outputs = (ql_pairing){.pairs = calloc((size_t)graph->output_count + 1, sizeof *outputs->pairs)};
    if (!outputs->pairs) {
        return ql_fail_memory(err, (size_t)graph->output_count * sizeof *outputs->pairs);
    }
    for (int k = 0; k < graph->output_count; k++) {
        for (int i = 0; i < o->pairing->pair_count; i++) {
            if (o->pairing->pairs[i].candidate == graph->outputs[k]) {
                outputs->pairs[outputs->pair_count++] = o->pairing->pairs[i];
                break;
            }
        }
    }
    return outputs->pair_count
               ? QL_OK
               : ql_fail(err, QL_E_FIT, "no output of the candidate pairs with the reference's");
}

static double share(uint64_t part, uint64_t whole)
{
    return whole ? (double)part / (double)whole : (double)NAN;
}

ql_code ql_whatif_measure(const ql_engine_options *options, const ql_model *mixed, ql_whatif_figures *figures,
                          ql_err *err)
{
    ql_engine_options o = *options;
    ql_pairing outputs;
    ql_comparison comparison = {0};
    ql_code code = pair_outputs(options, &outputs, err);
    o.pairing = &outputs;
    o.candidate.model = mixed ? mixed : options->candidate.model;
    o.local = o.split = false;
    code = code ? code : ql_engine_run(&o, &comparison, err);
    if (!code) {
        double signal = 0, noise = 0;
        for (int i = 0; i < comparison.pair_count; i++) {
            signal += ql_stats_sum(&comparison.pairs[i].cumulative, QL_SUM_FF);
            noise += ql_stats_sum(&comparison.pairs[i].cumulative, QL_SUM_EE);
        }
        *figures = (ql_whatif_figures){
            .sqnr_db = noise > 0 ? 10 * log10(signal / noise) : HUGE_VAL,
            .top1 = ql_agreement_top1(&comparison.task.agreement),
            .accuracy = share(comparison.task.candidate_right, comparison.task.labelled),
            .samples = comparison.samples,
        };
    }
    ql_comparison_free(&comparison);
    free(outputs.pairs);
    return code;
}
