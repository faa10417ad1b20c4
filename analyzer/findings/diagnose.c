#include "analyzer/findings/diagnose.h"

#include "analyzer/findings/looks.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const ql_diagnosis ql_diagnoses[] = {
    {"culprit-tensor", "a tensor's coarse scale ruins the operator that reads it",
     "Change the operators on both sides together (float or 16x8): leaving one in int8 keeps the tensor in "
     "int8. Or "
     "equalize the channels of the two layers before converting.",
     ql_look_culprit, false},
    {"saturation", "values are clipped at the type's limits",
     "Calibrate with data that covers the range (min-max instead of a moving average), then convert again.",
     ql_look_saturation, false},
    {"range-too-narrow", "the scale is made for a narrower range than the values have",
     "Calibrate again on this tensor's own minimum and maximum: a moving average of each sample's, or data "
     "that does not represent what comes, gives less.",
     ql_look_narrow, false},
    {"range-too-wide", "the scale is made for a wider range than the values have",
     "Calibrate again on this tensor's own range: the error shrinks in proportion.", ql_look_wide, false},
    {"outliers", "few outliers stretch the range of all values",
     "Clip the range at a high percentile when calibrating, or keep the tensor's two operators in 16x8.",
     ql_look_outliers, false},
    {"few-levels", "few of the type's levels carry values",
     "Calibrate this tensor again, or keep the operators around it in 16x8.", ql_look_levels, false},
    {"channel-outlier", "one channel stretches the range of all",
     "Scale this channel down in the layer's weights and up in the next layer's (cross-layer equalization), "
     "or "
     "keep the operators around the tensor in 16x8.",
     ql_look_channel_outlier, false},
    {"channel-spread", "channels of very different range share one scale",
     "Equalize the channels (cross-layer equalization) or keep the operators around the tensor in 16x8.",
     ql_look_channel_spread, false},
    {"local-error", "an operator adds more error than rounding its output explains",
     "Look at its weights and input ranges; leaving this operator in float removes this share.",
     ql_look_local, false},
    {"swish-pattern", "HARD_SWISH and SiLU lose small negative values in 8 bits",
     "Keep the activation in 16x8 or float, or retrain with RELU6.", ql_look_swish, false},
    {"relu6-pattern", "channels far below 6 share RELU6's range with those that reach it",
     "Equalize the channels with RELU in RELU6's place, or keep the operators around it in 16x8.",
     ql_look_relu6, false},
    {"scale-mismatch", "operands of very different range are joined",
     "Calibrate the finer operand's branch to the coarser one's range, or keep the joining operator and its "
     "branches in 16x8 or float.",
     ql_look_mismatch, false},
    {"dead-channel", "channels that never move", "Prune them: they cost time and memory for nothing.",
     ql_look_dead, false},
    {"data-out-of-range", "the data leave the range the input was calibrated for",
     "Check the preprocessing (mean, scale, 0..1 against -1..1), or calibrate with such data.", ql_look_data,
     false},
    {"weights-spread", "weights of very different size by channel share one scale",
     "Quantize the weights per channel.", ql_look_weights, true},
    {"output-differs", "the models disagree",
     "Begin with the first finding of the highest severity above the output.", ql_look_output, true},
    {"kernel-divergence", "kernels of two runtimes round differently",
     "No fault of the quantization: choose the profile of the runtime you ship with when you compare.",
     ql_look_kernels, false},
    {"noise-input", "the data are random noise",
     "Give real samples: figures on noise say little about the model.", ql_look_noise, true},
};
const int ql_diagnosis_count = sizeof ql_diagnoses / sizeof *ql_diagnoses;

static void put_finding(ql_doc *d, ql_json *list, const ql_facts *facts, const ql_finding *finding)
{
    ql_json *entry = ql_put_object(d, list, NULL);
    ql_put_text(d, entry, "code", finding->code);
    ql_put_text(d, entry, "severity", ql_severity_text(finding->severity));
    ql_put_text(d, entry, "evidence", finding->evidence);
    ql_put_text(d, entry, "remedy", finding->remedy);
    ql_json *ops = ql_put_array(d, entry, "ops"), *tensors = ql_put_array(d, entry, "tensors");
    for (int k = 0; k < finding->op_count; k++) { /* here ops and tensors are indices of facts */
        const ql_fact *fact = &facts->list[finding->ops[k]];
        ql_json *op = ql_put_object(d, ops, NULL);
        ql_put_int(d, op, "op_index", fact->op_index);
        ql_put_text(d, op, "name", fact->name);
    }
    for (int k = 0; k < finding->tensor_count; k++) {
        ql_put_text(d, tensors, NULL, facts->list[finding->tensors[k]].name);
    }
}

/* What each kind goes by has a unit of its own. Between kinds and tensors the harm done counts: the
 * operator's own error, where it is known. */
static double rank_of(const ql_facts *facts, int i, double weight)
{
    enum { FIRST = 1000000, UNKNOWN = -1000 };
    double own = i >= 0 ? facts->list[i].local_sqnr : (double)NAN;
    return weight >= FIRST ? weight : isfinite(own) ? -own : UNKNOWN + fmin(weight, 500);
}

static void look_all(const ql_facts *facts, ql_findings *findings)
{
    for (int r = 0; r < ql_diagnosis_count; r++) {
        const ql_diagnosis *row = &ql_diagnoses[r];
        for (int i = row->whole ? -1 : 0; i < (row->whole ? 0 : facts->count); i++) {
            ql_finding seen = {.code = row->code, .severity = QL_WARNING, .remedy = row->remedy};
            if (row->look(facts, i, &seen)) {
                seen.weight = rank_of(facts, i, seen.weight);
                ql_finding *kept = ql_find(findings, row->code, seen.severity, row->remedy);
                if (kept) {
                    *kept = seen;
                }
            }
        }
    }
    ql_findings_rank(findings);
}

/* Each pair lists what blames its tensor or its operator. */
static void put_by_pair(ql_doc *d, const ql_facts *facts, const ql_findings *findings)
{
    for (int i = 0; i < facts->count; i++) {
        ql_json *list = ql_put_array(d, facts->list[i].pair, "findings");
        for (int k = 0; k < findings->count; k++) {
            const ql_finding *finding = &findings->list[k];
            bool blamed = false;
            for (int t = 0; t < finding->tensor_count; t++) {
                blamed = blamed || finding->tensors[t] == i;
            }
            if (blamed) {
                put_finding(d, list, facts, finding);
            }
        }
    }
}

static ql_severity severity_of(const ql_json *finding)
{
    const char *text = ql_json_get_text(finding, "severity", "note");
    return !strcmp(text, "error") ? QL_ERROR : !strcmp(text, "warning") ? QL_WARNING : QL_NOTE;
}

/* Most severe first; what the figures show before what the file alone shows. */
static void put_union(ql_doc *d, ql_json *result, const ql_facts *facts, const ql_findings *findings)
{
    ql_json *list = ql_put_array(d, result, "findings");
    const ql_json *of_file = ql_json_get(result, "static_findings");
    for (int severity = QL_ERROR; severity >= QL_NOTE; severity--) {
        for (int i = 0; i < findings->count; i++) {
            if ((int)findings->list[i].severity == severity) {
                put_finding(d, list, facts, &findings->list[i]);
            }
        }
        for (const ql_json *one = ql_json_first(of_file); one; one = ql_json_next(one)) {
            if ((int)severity_of(one) == severity) {
                ql_put(d, list, NULL, ql_json_copy(d, one));
            }
        }
    }
}

ql_code ql_diagnose(ql_doc *d, ql_json *result, ql_err *err)
{
    ql_facts facts;
    ql_findings findings = {0};
    ql_code code = ql_facts_read(&facts, result, err);
    if (!code) {
        look_all(&facts, &findings);
        put_by_pair(d, &facts, &findings);
        put_union(d, result, &facts, &findings);
        d->failed |= findings.refused;
    }
    ql_findings_free(&findings);
    ql_facts_free(&facts);
    return code;
}
