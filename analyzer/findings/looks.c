#include "analyzer/findings/looks.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* The operator that makes tensor `i` and the tensor itself are to blame. */
static void blame(ql_finding *finding, const ql_facts *facts, int i)
{
    ql_blame_tensor(finding, i);
    if (facts->list[i].op_index >= 0) {
        ql_blame_op(finding, i);
    }
}

/* What SQNR the operator loses against its worst input; 0 where that is not known. */
static double lost(const ql_fact *fact)
{
    double loss = fact->inherited - fact->sqnr;
    return isfinite(loss) && loss > 0 ? loss : 0;
}

static double whole_sqnr(const ql_facts *facts)
{
    return ql_json_get_number(ql_json_get(facts->result, "whole"), "sqnr_db", (double)NAN);
}

static double top1(const ql_facts *facts)
{
    return ql_json_get_number(ql_json_get(facts->result, "agreement"), "top1", (double)NAN);
}

/* By what matters to a user: classes where there are classes, else the signal. */
static bool outputs_differ(const ql_facts *facts)
{
    return top1(facts) < 0.8 || (whole_sqnr(facts) < 5 && !(top1(facts) >= 0.8));
}

bool ql_look_culprit(const ql_facts *facts, int i, ql_finding *finding)
{
    const ql_fact *fact = &facts->list[i];
    if (!fact->quantized || !fact->channels || fact->reader < 0 || fact->op_index < 0) {
        return false;
    }
    const ql_fact *reader = &facts->list[fact->reader];
    int poor = ql_fact_poor_channels(fact, 8);
    /* the reader does its own work well, yet what comes out is far worse than what went in */
    bool inherits = !isfinite(reader->local_sqnr) || reader->local_sqnr > reader->sqnr + 6;
    if (poor * 4 < fact->channels || !inherits || !(fact->sqnr - reader->sqnr > 6) || !(reader->sqnr < 20)) {
        return false;
    }
    finding->severity = reader->sqnr < 15 ? QL_ERROR : QL_WARNING;
    finding->weight = fact->sqnr - reader->sqnr;
    blame(finding, facts, i);
    blame(finding, facts, fact->reader);
    finding->tensor_count = 1; /* the tensor between the two */
    ql_evidence(finding,
                "%d of %d channels span fewer than 8 of 256 levels (the widest channel is %.3g times the "
                "median); SQNR "
                "falls from %.1f dB here to %.1f dB after %s, which alone would keep %.1f dB",
                poor, fact->channels, ql_fact_channel_spread(fact), fact->sqnr, reader->sqnr, reader->op,
                reader->local_sqnr);
    return true;
}

/* The graph's input, or the QUANTIZE behind it: what the data themselves were calibrated for. */
static bool is_input(const ql_facts *facts, const ql_fact *fact)
{
    bool first = fact->op_index < 0;
    for (int k = 0; k < fact->input_count && !strcmp(fact->op, "QUANTIZE"); k++) {
        first = first || facts->list[fact->inputs[k]].op_index < 0;
    }
    return first;
}

bool ql_look_saturation(const ql_facts *facts, int i, ql_finding *finding)
{
    const ql_fact *fact = &facts->list[i];
    if (!fact->quantized || is_input(facts, fact)) {
        return false;
    }
    double width = fact->highest - fact->lowest;
    double over = fmax(fact->max - fact->highest, fact->lowest - fact->min);
    if (!(over > 0.05 * width) || !(fact->saturated > 1e-4)) {
        return false;
    }
    finding->severity = over > width && fact->sqnr < 10 && outputs_differ(facts) ? QL_ERROR : QL_WARNING;
    finding->weight = over / width;
    blame(finding, facts, i);
    /* where 0 is a limit (after RELU), sitting there is no clipping */
    char share[64] = "";
    if (fact->lowest < 0 && fact->highest > 0) {
        snprintf(share, sizeof share, "; %.2f %% of values sit at the limits", 100 * fact->saturated);
    }
    ql_evidence(finding, "the reference spans %.4g .. %.4g, %s holds %.4g .. %.4g%s", fact->min, fact->max,
                fact->dtype, fact->lowest, fact->highest, share);
    return true;
}

static bool fixed_output(const ql_fact *fact)
{
    static const char *const names[] = {"SOFTMAX", "LOGISTIC", "TANH", "L2_NORMALIZATION", "LOG_SOFTMAX"};
    for (size_t k = 0; k < sizeof names / sizeof *names; k++) {
        if (!strcmp(fact->op, names[k])) {
            return true;
        }
    }
    return false;
}

bool ql_look_wide(const ql_facts *facts, int i, ql_finding *finding)
{
    const ql_fact *fact = &facts->list[i];
    if (!fact->quantized || fact->op_index < 0 || fixed_output(fact)) {
        return false;
    }
    /* a range always holds 0 */
    double used = fmax(fact->max, 0) - fmin(fact->min, 0), width = fact->highest - fact->lowest;
    if (!(used > 0) || !(width > 3 * used)) {
        return false;
    }
    finding->severity = width > 8 * used ? QL_WARNING : QL_NOTE;
    finding->weight = width / used;
    blame(finding, facts, i);
    ql_evidence(finding,
                "the values span %.4g .. %.4g, the scale %.4g is made for %.4g .. %.4g: %.1f times as wide; "
                "the true range would give scale %.4g, %.1f dB better",
                fact->min, fact->max, fact->scale, fact->lowest, fact->highest, width / used,
                fact->scale * used / width, 20 * log10(width / used));
    return true;
}

bool ql_look_outliers(const ql_facts *facts, int i, ql_finding *finding)
{
    const ql_fact *fact = &facts->list[i];
    double bulk = fact->p_high - fact->p_low, all = fact->max - fact->min;
    if (!fact->quantized || !strcmp(fact->dtype, "int16") || !(bulk > 0) || !(all > 5 * bulk) ||
        fixed_output(fact) || lost(fact) < 3) {
        return false;
    }
    finding->weight = all / bulk;
    blame(finding, facts, i);
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
        fixed_output(fact) || !(fact->sqnr < 25)) {
        return false;
    }
    finding->severity = fact->levels < 8 ? QL_WARNING : QL_NOTE;
    finding->weight = 24 - fact->levels;
    blame(finding, facts, i);
    ql_evidence(finding, "%d of 256 levels occur; SQNR %.1f dB", fact->levels, fact->sqnr);
    return true;
}

bool ql_look_channel_spread(const ql_facts *facts, int i, ql_finding *finding)
{
    const ql_fact *fact = &facts->list[i];
    if (!fact->quantized || fact->channels < 4 || !strcmp(fact->dtype, "int16") || fact->op_index < 0) {
        return false;
    }
    int poor = ql_fact_poor_channels(fact, 16);
    double spread = ql_fact_channel_spread(fact);
    if (poor * 4 < fact->channels || !(spread > 8)) {
        return false;
    }
    finding->severity = QL_NOTE;
    finding->weight = spread;
    blame(finding, facts, i);
    ql_evidence(
        finding,
        "the widest of %d channels is %.3g times the median; %d channels span fewer than 16 of 256 levels",
        fact->channels, spread, poor);
    return true;
}

bool ql_look_local(const ql_facts *facts, int i, ql_finding *finding)
{
    const ql_fact *fact = &facts->list[i];
    if (!(fact->local_rmse_over_scale > 1) || !(fact->local_sqnr < 30) || is_input(facts, fact)) {
        return false;
    }
    finding->severity = fact->local_rmse_over_scale > 2 ? QL_WARNING : QL_NOTE;
    finding->weight = fact->local_rmse_over_scale;
    blame(finding, facts, i);
    ql_evidence(finding,
                "on its own inputs it is off by %.2f steps of its output scale (rounding alone: 0.29); local "
                "SQNR %.1f dB, cumulative %.1f dB",
                fact->local_rmse_over_scale, fact->local_sqnr, fact->sqnr);
    return true;
}

/* SiLU is x * LOGISTIC(x). */
static bool is_silu(const ql_facts *facts, const ql_fact *fact)
{
    for (int k = 0; k < fact->input_count && !strcmp(fact->op, "MUL"); k++) {
        if (!strcmp(facts->list[fact->inputs[k]].op, "LOGISTIC")) {
            return true;
        }
    }
    return false;
}

bool ql_look_swish(const ql_facts *facts, int i, ql_finding *finding)
{
    const ql_fact *fact = &facts->list[i];
    if (!fact->quantized || !strcmp(fact->dtype, "int16") || lost(fact) < 3 ||
        (strcmp(fact->op, "HARD_SWISH") != 0 && !is_silu(facts, fact))) {
        return false;
    }
    finding->weight = lost(fact);
    blame(finding, facts, i);
    ql_evidence(finding, "SQNR falls by %.1f dB to %.1f dB across %s", lost(fact), fact->sqnr, fact->op);
    return true;
}

bool ql_look_dead(const ql_facts *facts, int i, ql_finding *finding)
{
    const ql_fact *fact = &facts->list[i];
    int dead = fact->channels > 3 && fact->op_index >= 0 ? ql_fact_dead_channels(fact) : 0;
    bool makes_channels = !strcmp(fact->op, "CONV_2D") || !strcmp(fact->op, "DEPTHWISE_CONV_2D");
    if (!dead || !makes_channels) {
        return false;
    }
    finding->severity = QL_NOTE;
    finding->weight = (double)dead / fact->channels;
    blame(finding, facts, i);
    ql_evidence(finding, "%d of %d channels have one value on all samples", dead, fact->channels);
    return true;
}

bool ql_look_data(const ql_facts *facts, int i, ql_finding *finding)
{
    const ql_fact *fact = &facts->list[i];
    double width = fact->highest - fact->lowest;
    double over = fmax(fact->max - fact->highest, fact->lowest - fact->min);
    if (!is_input(facts, fact) || !fact->quantized || !(over > 0.02 * width)) {
        return false;
    }
    finding->weight = 1e6; /* before all others of its severity: what follows is measured on such data */
    blame(finding, facts, i);
    ql_evidence(finding, "the data span %.4g .. %.4g, the input holds %.4g .. %.4g", fact->min, fact->max,
                fact->lowest, fact->highest);
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
    double sqnr = whole_sqnr(facts), agreement = top1(facts);
    (void)i;
    if (!(sqnr < 5) && !outputs_differ(facts)) {
        return false;
    }
    finding->severity = sqnr < 5 && outputs_differ(facts) ? QL_ERROR : QL_WARNING;
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
    blame(finding, facts, i);
    ql_evidence(finding, "on the same inputs the two kernels differ by at most %.4g (rmse %.4g%s)",
                ql_json_get_number(local, "max_abs", 0), rmse,
                fact->quantized ? ", in units of the tensor" : "");
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
