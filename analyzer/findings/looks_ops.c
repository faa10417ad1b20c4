/* Findings about operators and about the model as a whole. */
#include "analyzer/findings/looks.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

void ql_blame_fact(ql_finding *finding, const ql_facts *facts, int i)
{
    ql_blame_tensor(finding, i);
    if (facts->list[i].op_index >= 0) {
        ql_blame_op(finding, i);
    }
}

bool ql_look_local(const ql_facts *facts, int i, ql_finding *finding)
{
    const ql_fact *fact = &facts->list[i];
    if (!(fact->local_rmse_over_scale > 1) || !(fact->local_sqnr < 30) || ql_fact_is_input(facts, fact)) {
        return false;
    }
    finding->severity = fact->local_rmse_over_scale > 2 ? QL_WARNING : QL_NOTE;
    finding->weight = fact->local_rmse_over_scale;
    ql_blame_fact(finding, facts, i);
    ql_evidence(finding,
                "on its own inputs it is off by %.2f steps of its output scale (rounding alone: 0.29); local "
                "SQNR %.1f dB, cumulative %.1f dB",
                fact->local_rmse_over_scale, fact->local_sqnr, fact->sqnr);
    return true;
}

/* SiLU is x * LOGISTIC(x): a gate by another value is none. */
static bool is_silu(const ql_facts *facts, const ql_fact *fact)
{
    for (int k = 0; k < 2 && fact->input_count == 2 && !strcmp(fact->op, "MUL"); k++) {
        const ql_fact *gate = &facts->list[fact->inputs[k]];
        if (!strcmp(gate->op, "LOGISTIC") && gate->input_count == 1 &&
            gate->inputs[0] == fact->inputs[1 - k]) {
            return true;
        }
    }
    return false;
}

bool ql_look_swish(const ql_facts *facts, int i, ql_finding *finding)
{
    const ql_fact *fact = &facts->list[i];
    if (!fact->quantized || !strcmp(fact->dtype, "int16") || ql_fact_lost(fact) < 3 ||
        (strcmp(fact->op, "HARD_SWISH") != 0 && !is_silu(facts, fact))) {
        return false;
    }
    finding->weight = ql_fact_lost(fact);
    ql_blame_fact(finding, facts, i);
    ql_evidence(finding, "SQNR falls by %.1f dB to %.1f dB across %s", ql_fact_lost(fact), fact->sqnr,
                fact->op);
    return true;
}

/* The operands of the largest and of the smallest span; false where there are no two of them. */
static bool find_ends(const ql_facts *facts, const ql_fact *fact, int *large, int *small)
{
    *large = *small = -1;
    for (int k = 0; k < fact->input_count; k++) {
        const ql_fact *operand = &facts->list[fact->inputs[k]];
        if (!operand->quantized || !(ql_fact_span(operand) > 0)) {
            continue;
        }
        double span = ql_fact_span(operand);
        *large = *large < 0 || span > ql_fact_span(&facts->list[*large]) ? fact->inputs[k] : *large;
        *small = *small < 0 || span < ql_fact_span(&facts->list[*small]) ? fact->inputs[k] : *small;
    }
    return *large >= 0 && *large != *small;
}

bool ql_look_mismatch(const ql_facts *facts, int i, ql_finding *finding)
{
    const ql_fact *fact = &facts->list[i];
    bool sum = !strcmp(fact->op, "ADD") || !strcmp(fact->op, "SUB");
    int large, small;
    if ((!sum && strcmp(fact->op, "CONCATENATION") != 0) || !fact->quantized ||
        !find_ends(facts, fact, &large, &small)) {
        return false;
    }
    const ql_fact *wide = &facts->list[large], *fine = &facts->list[small];
    double step = sum ? fmax(wide->scale, fact->scale) : fact->scale, steps = ql_fact_span(fine) / step;
    if (!(steps < 16)) {
        return false;
    }
    finding->severity = steps < 4 && !sum ? QL_WARNING : QL_NOTE;
    finding->weight = 16 - steps;
    ql_blame_fact(finding, facts, i);
    ql_blame_tensor(finding, small);
    ql_evidence(
        finding,
        "one operand spans %.4g .. %.4g, another %.4g .. %.4g: of the first %.1f steps of the scale %.4g "
        "are left",
        fine->min, fine->max, wide->min, wide->max, steps, step);
    return true;
}

bool ql_look_weights(const ql_facts *facts, int i, ql_finding *finding)
{
    double most = 8;
    (void)i;
    const ql_json *worst = NULL;
    for (const ql_json *one = ql_json_first(ql_json_get(facts->result, "weights")); one;
         one = ql_json_next(one)) {
        double spread = ql_json_get_number(one, "channel_spread", 0);
        if (spread > most && ql_json_number_or(ql_json_get(ql_json_get(one, "candidate"), "scale"), 0) > 0) {
            most = spread;
            worst = one;
        }
    }
    if (!worst) {
        return false;
    }
    for (int k = 0; k < facts->count; k++) {
        if (facts->list[k].op_index == (int)ql_json_get_number(worst, "op_index", -2)) {
            ql_blame_op(finding, k);
            ql_blame_tensor(finding, k);
        }
    }
    finding->weight = most;
    ql_evidence(finding, "one scale for all channels, the largest of which is %.3g times the median (%s)",
                most, ql_json_get_text(worst, "name", ""));
    return true;
}

bool ql_look_output(const ql_facts *facts, int i, ql_finding *finding)
{
    double sqnr = ql_facts_whole_sqnr(facts), agreement = ql_facts_top1(facts);
    (void)i;
    if (!(sqnr < 5) && !ql_facts_outputs_differ(facts)) {
        return false;
    }
    finding->severity = sqnr < 5 && ql_facts_outputs_differ(facts) ? QL_ERROR : QL_WARNING;
    finding->weight = -sqnr;
    char share[80] = "";
    if (isfinite(agreement)) {
        snprintf(share, sizeof share, "; the same first class on %.1f %% of rows", 100 * agreement);
    }
    ql_evidence(finding, "output SQNR %.1f dB%s", sqnr, share);
    return true;
}

/* One model under two numerics profiles: whatever differs is the kernels' doing. */
bool ql_look_kernels(const ql_facts *facts, int i, ql_finding *finding)
{
    const ql_fact *fact = &facts->list[i];
    const char *a = ql_json_get_text(ql_json_get(facts->result, "reference"), "sha256", "a");
    const char *b = ql_json_get_text(ql_json_get(facts->result, "candidate"), "sha256", "b");
    const ql_json *local = ql_json_get(fact->pair, "local");
    double rmse = ql_json_get_number(local, "rmse", 0);
    if (strcmp(a, b) != 0 || !(rmse > 0)) {
        return false;
    }
    finding->severity = QL_NOTE;
    finding->weight = fact->local_rmse_over_scale > 0 ? fact->local_rmse_over_scale : rmse;
    ql_blame_fact(finding, facts, i);
    char steps[48] = "";
    double most = ql_json_get_number(local, "max_abs", 0);
    if (fact->quantized) {
        snprintf(steps, sizeof steps, ", %.3g steps", most / fact->scale);
    }
    ql_evidence(finding, "on the same inputs the two kernels differ by at most %.4g%s (rmse %.4g)", most,
                steps, rmse);
    return true;
}

bool ql_look_noise(const ql_facts *facts, int i, ql_finding *finding)
{
    (void)i;
    if (!ql_json_is_true(ql_json_get(ql_json_get(facts->result, "data"), "random"))) {
        return false;
    }
    finding->severity = QL_NOTE;
    ql_evidence(finding, "data: %s", ql_json_get_text(ql_json_get(facts->result, "data"), "file", "random"));
    return true;
}
