/* Findings about channels that share one scale. */
#include "analyzer/findings/looks.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* The operator that reads the tensor's values, past what brings them to another type; -1 = none. */
static int reader_of(const ql_facts *facts, int i)
{
    static const char *const aside[] = {"QUANTIZE", "DEQUANTIZE", "RESHAPE"};
    int reader = facts->list[i].reader;
    for (int hops = 0; hops < 4 && reader >= 0; hops++) {
        size_t k = 0;
        while (k < sizeof aside / sizeof *aside && strcmp(facts->list[reader].op, aside[k]) != 0) {
            k++;
        }
        if (k == sizeof aside / sizeof *aside) {
            break;
        }
        reader = facts->list[reader].reader;
    }
    return reader;
}

/* The SQNR that an operator's output has for its inputs' sake: without the error that it adds itself. */
static double inherited_sqnr(const ql_fact *fact)
{
    double all = pow(10, -fact->sqnr / 10);
    double own = isfinite(fact->local_sqnr) ? pow(10, -fact->local_sqnr / 10) : 0;
    return own < 0.75 * all ? -10 * log10(all - own) : HUGE_VAL;
}

bool ql_look_culprit(const ql_facts *facts, int i, ql_finding *finding)
{
    const ql_fact *fact = &facts->list[i];
    int reading = reader_of(facts, i);
    if (!fact->quantized || !fact->channels || reading < 0 || fact->op_index < 0) {
        return false;
    }
    const ql_fact *reader = &facts->list[reading];
    int poor = ql_fact_poor_channels(fact, 8);
    /* nor may another operand of the reader be as bad as what comes out */
    double inherited = inherited_sqnr(reader), worst = fmin(fact->sqnr, reader->inherited);
    if (poor * 4 < fact->channels || !(worst - inherited > 6) || !(inherited < 20)) {
        return false;
    }
    finding->severity = inherited < 15 && !(ql_facts_whole_sqnr(facts) > 20) ? QL_ERROR : QL_WARNING;
    finding->weight = fact->sqnr - inherited;
    ql_blame_fact(finding, facts, i);
    ql_blame_fact(finding, facts, reading);
    finding->tensor_count = 1; /* the tensor between the two */
    char own[64] = "";
    if (isfinite(reader->local_sqnr)) {
        snprintf(own, sizeof own, ", which alone would keep %.1f dB", reader->local_sqnr);
    }
    ql_evidence(finding,
                "%d of %d channels span fewer than 8 of 256 levels (the widest channel is %.3g times the "
                "median); SQNR falls from %.1f dB here to %.1f dB after %s%s",
                poor, fact->channels, ql_fact_channel_spread(fact), fact->sqnr, reader->sqnr, reader->op,
                own);
    return true;
}

static bool has_eight_bits(const ql_fact *fact)
{
    return fact->quantized && strcmp(fact->dtype, "int16") != 0;
}

/* One or few channels, an eighth at most, set the range of all. */
static bool few_are_wide(const ql_fact *fact)
{
    ql_wide_channels wide = ql_fact_wide_channels(fact, 8);
    return wide.count > 0 && wide.count * 8 <= fact->channels;
}

bool ql_look_channel_outlier(const ql_facts *facts, int i, ql_finding *finding)
{
    const ql_fact *fact = &facts->list[i];
    if (!has_eight_bits(fact) || fact->op_index < 0 || ql_fact_hands_on(facts, fact) || !few_are_wide(fact)) {
        return false;
    }
    ql_wide_channels wide = ql_fact_wide_channels(fact, 8);
    double rest = wide.rest_high - wide.rest_low, width = ql_fact_width(fact);
    if (!(rest > 0) || !(width > 2 * rest)) {
        return false;
    }
    finding->severity = wide.median < 16 * fact->scale ? QL_WARNING : QL_NOTE;
    finding->weight = width / rest;
    ql_blame_fact(finding, facts, i);
    ql_evidence(finding,
                "channel %d spans %.4g .. %.4g, the median channel %.4g: %.1f steps of the scale; %d of %d "
                "channels are that wide, without them the scale would be %.4g instead of %.4g",
                wide.widest, wide.low, wide.high, wide.median, wide.median / fact->scale, wide.count,
                fact->channels, fact->scale * rest / width, fact->scale);
    return true;
}

bool ql_look_channel_spread(const ql_facts *facts, int i, ql_finding *finding)
{
    const ql_fact *fact = &facts->list[i];
    if (!has_eight_bits(fact) || fact->channels < 4 || fact->op_index < 0 || ql_fact_hands_on(facts, fact) ||
        few_are_wide(fact)) {
        return false;
    }
    int poor = ql_fact_poor_channels(fact, 16);
    double spread = ql_fact_channel_spread(fact);
    if (poor * 4 < fact->channels || !(spread > 8)) {
        return false;
    }
    finding->severity = QL_NOTE;
    finding->weight = spread;
    ql_blame_fact(finding, facts, i);
    ql_evidence(
        finding,
        "the widest of %d channels is %.3g times the median; %d channels span fewer than 16 of 256 levels",
        fact->channels, spread, poor);
    return true;
}

static bool ends_in_relu6(const ql_fact *fact)
{
    return !strcmp(fact->op, "RELU6") || !strcmp(fact->activation, "RELU6");
}

bool ql_look_relu6(const ql_facts *facts, int i, ql_finding *finding)
{
    const ql_fact *fact = &facts->list[i];
    if (!has_eight_bits(fact) || fact->channels < 4 || !ends_in_relu6(fact) || !(fact->max > 5.9)) {
        return false;
    }
    int poor = ql_fact_poor_channels(fact, 16);
    if (poor * 4 < fact->channels) {
        return false;
    }
    finding->severity = ql_fact_lost(fact) >= 3 ? QL_WARNING : QL_NOTE;
    finding->weight = (double)poor / fact->channels;
    ql_blame_fact(finding, facts, i);
    ql_evidence(finding,
                "some channels reach the 6 at which RELU6 cuts, so all share the range 0 .. 6: %d of %d span "
                "fewer than 16 of 256 levels; SQNR %.1f dB",
                poor, fact->channels, fact->sqnr);
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
    ql_blame_fact(finding, facts, i);
    ql_evidence(finding, "%d of %d channels have one value on all samples", dead, fact->channels);
    return true;
}
