/* Findings about the range that a tensor's scale is made for. */
#include "analyzer/findings/looks.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

bool ql_look_saturation(const ql_facts *facts, int i, ql_finding *finding)
{
    const ql_fact *fact = &facts->list[i];
    if (!fact->quantized || ql_fact_is_input(facts, fact) || ql_fact_hands_on(facts, fact)) {
        return false;
    }
    double width = fact->highest - fact->lowest;
    double over = fmax(fact->max - fact->highest, fact->lowest - fact->min);
    if (!(over > 0.05 * width) || !(fact->saturated > 1e-4)) {
        return false;
    }
    finding->severity =
        over > width && fact->sqnr < 10 && ql_facts_outputs_differ(facts) ? QL_ERROR : QL_WARNING;
    finding->weight = over / width;
    ql_blame_fact(finding, facts, i);
    /* where 0 is a limit (after RELU), sitting there is no clipping */
    char share[64] = "";
    if (fact->lowest < 0 && fact->highest > 0) {
        snprintf(share, sizeof share, "; %.2f %% of values sit at the limits", 100 * fact->saturated);
    }
    ql_evidence(finding, "the reference spans %.4g .. %.4g, %s holds %.4g .. %.4g%s", fact->min, fact->max,
                fact->dtype, fact->lowest, fact->highest, share);
    return true;
}

/* What would be left of the signal at scale `scale`, with rounding alone; NaN where that is not known. */
static double rounding_db(const ql_fact *fact, double scale)
{
    double signal = fact->rmse * pow(10, fact->sqnr / 20);
    return 20 * log10(signal / (scale / sqrt(12)));
}

bool ql_look_narrow(const ql_facts *facts, int i, ql_finding *finding)
{
    const ql_fact *fact = &facts->list[i];
    double span = ql_fact_span(fact), width = ql_fact_width(fact);
    if (!fact->quantized || ql_fact_is_input(facts, fact) || ql_fact_has_fixed_output(fact) ||
        ql_fact_hands_on(facts, fact) || !(span > 1.1 * width)) {
        return false;
    }
    finding->severity = span > 1.5 * width ? QL_WARNING : QL_NOTE;
    finding->weight = span / width;
    ql_blame_fact(finding, facts, i);
    double scale = fact->scale * span / width;
    ql_evidence(
        finding,
        "calibrated for %.4g .. %.4g, %.2f times what the values span: %.4g .. %.4g; the true range would "
        "give scale %.4g instead of %.4g and, with rounding alone, SQNR %.1f dB instead of %.1f dB",
        fact->lowest, fact->highest, width / span, fact->min, fact->max, scale, fact->scale,
        rounding_db(fact, scale), fact->sqnr);
    return true;
}

/* The TensorFlow converter gives an operand of ADD, SUB, MUL or DIV the range of the result as well. */
static const char *merged_with_result(const ql_facts *facts, const ql_fact *fact)
{
    static const char *const merging[] = {"ADD", "SUB", "MUL", "DIV"};
    const ql_fact *reader = fact->reader >= 0 ? &facts->list[fact->reader] : NULL;
    for (size_t k = 0; reader && fact->readers == 1 && k < sizeof merging / sizeof *merging; k++) {
        bool as_wide = fabs(reader->lowest - fact->lowest) < 0.1 * ql_fact_width(fact) &&
                       fabs(reader->highest - fact->highest) < 0.1 * ql_fact_width(fact);
        if (!strcmp(reader->op, merging[k]) && reader->quantized && as_wide) {
            return merging[k];
        }
    }
    return NULL;
}

bool ql_look_wide(const ql_facts *facts, int i, ql_finding *finding)
{
    const ql_fact *fact = &facts->list[i];
    if (!fact->quantized || fact->op_index < 0 || ql_fact_has_fixed_output(fact) ||
        ql_fact_hands_on(facts, fact)) {
        return false;
    }
    double used = ql_fact_span(fact), width = ql_fact_width(fact);
    if (!(used > 0) || !(width > 3 * used)) {
        return false;
    }
    finding->severity = width > 8 * used ? QL_WARNING : QL_NOTE;
    finding->weight = width / used;
    ql_blame_fact(finding, facts, i);
    const char *merged = merged_with_result(facts, fact);
    ql_evidence(finding,
                "the values span %.4g .. %.4g, the scale %.4g is made for %.4g .. %.4g: %.1f times as wide; "
                "the true range would give scale %.4g, %.1f dB better%s%s",
                fact->min, fact->max, fact->scale, fact->lowest, fact->highest, width / used,
                fact->scale * used / width, 20 * log10(width / used),
                merged ? "; it is the range of the result of the operator that reads it, as TensorFlow's "
                         "calibrator records for operands of "
                       : "",
                merged ? merged : "");
    return true;
}

bool ql_look_outliers(const ql_facts *facts, int i, ql_finding *finding)
{
    const ql_fact *fact = &facts->list[i];
    double bulk = fact->p_high - fact->p_low, all = fact->max - fact->min;
    if (!fact->quantized || !strcmp(fact->dtype, "int16") || !(bulk > 0) || !(all > 5 * bulk) ||
        ql_fact_has_fixed_output(fact) || ql_fact_lost(fact) < 3) {
        return false;
    }
    finding->weight = all / bulk;
    ql_blame_fact(finding, facts, i);
    ql_evidence(
        finding,
        "99.8 %% of values lie in %.4g .. %.4g, the rest stretch the range to %.4g .. %.4g; SQNR %.1f dB",
        fact->p_low, fact->p_high, fact->min, fact->max, fact->sqnr);
    return true;
}

bool ql_look_levels(const ql_facts *facts, int i, ql_finding *finding)
{
    const ql_fact *fact = &facts->list[i];
    if (!fact->quantized || fact->levels < 0 || fact->levels > 24 || fact->op_index < 0 ||
        ql_fact_has_fixed_output(fact) || ql_fact_hands_on(facts, fact) || !(fact->sqnr < 25)) {
        return false;
    }
    finding->severity = fact->levels < 8 ? QL_WARNING : QL_NOTE;
    finding->weight = 24 - fact->levels;
    ql_blame_fact(finding, facts, i);
    ql_evidence(finding, "%d of 256 levels occur; SQNR %.1f dB", fact->levels, fact->sqnr);
    return true;
}

bool ql_look_data(const ql_facts *facts, int i, ql_finding *finding)
{
    const ql_fact *fact = &facts->list[i];
    double width = fact->highest - fact->lowest;
    double over = fmax(fact->max - fact->highest, fact->lowest - fact->min);
    if (!ql_fact_is_input(facts, fact) || !fact->quantized || !(over > 0.02 * width)) {
        return false;
    }
    finding->weight = 1e6; /* before all others of its severity: what follows is measured on such data */
    ql_blame_fact(finding, facts, i);
    ql_evidence(finding, "the data span %.4g .. %.4g, the input holds %.4g .. %.4g", fact->min, fact->max,
                fact->lowest, fact->highest);
    return true;
}
