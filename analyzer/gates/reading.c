/* Readings of the whole document; those of tensors are in tensors.c. */
#include "analyzer/gates/reading.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static ql_reading reading_of(double value)
{
    return (ql_reading){.value = value, .interval = ql_no_interval, .op = -1};
}

static ql_reading missing(const char *why)
{
    ql_reading reading = reading_of((double)NAN);
    snprintf(reading.missing, sizeof reading.missing, "%s", why);
    return reading;
}

static ql_interval in_percent(ql_interval interval)
{
    return (ql_interval){100 * interval.low, 100 * interval.high};
}

/* Dividing whole counts keeps 57 of 100 at 57, which 100 * 0.57 is not. */
static double percent(double share, double count, double each)
{
    double part = round(share * count * each);
    bool whole = count > 0 && fabs(part - share * count * each) < 1e-6 * fmax(1, part);
    return whole ? 100 * part / (count * each) : 100 * share;
}

/* Is every output compared with a counterpart? */
static bool has_outputs(const ql_json *doc)
{
    const ql_json *outputs = ql_json_get(doc, "outputs"), *output = ql_json_first(outputs);
    while (output && ql_json_is_object(output)) {
        output = ql_json_next(output);
    }
    return ql_json_size(outputs) > 0 && !output;
}

/* Of several outputs none stands for all: the widest interval does. */
static ql_interval interval_of_whole(const ql_json *doc, double value)
{
    ql_interval widest = ql_no_interval;
    const ql_json *output = ql_json_first(ql_json_get(doc, "outputs"));
    for (; output; output = ql_json_next(output)) {
        ql_interval one = ql_interval_of_metric(output, "sqnr_db", value);
        if (!(ql_interval_half(one) <= ql_interval_half(widest))) {
            widest = isnan(one.low) ? widest : one;
        }
    }
    return widest;
}

ql_reading ql_reading_of_whole(const ql_json *doc)
{
    const ql_json *whole = ql_json_get(doc, "whole");
    ql_reading reading = reading_of(ql_json_get_number(whole, "sqnr_db", (double)NAN));
    if (!has_outputs(doc)) {
        return missing("an output of the candidate has no counterpart");
    }
    if (!isnan(reading.value)) {
        reading.interval = interval_of_whole(doc, reading.value);
        return reading;
    }
    return ql_json_is_true(ql_json_get(whole, "exact"))
               ? reading_of((double)INFINITY)
               : missing("the reference's outputs are 0 everywhere, or not finite");
}

ql_reading ql_reading_of_agreement(const ql_json *doc, const char *item)
{
    const ql_json *agreement = ql_json_get(doc, "agreement");
    double share = ql_json_get_number(agreement, item, (double)NAN);
    double rows = ql_json_get_number(agreement, "rows", 0);
    if (isnan(share)) {
        return missing("the first output has no rows of several elements to rank");
    }
    ql_reading reading = reading_of(percent(share, rows, strcmp(item, "top5") ? 1 : 5));
    reading.interval = in_percent(ql_interval_of_share(share, rows));
    return reading;
}

/* Both models saw the same samples: where the document has McNemar's counts they tell more. */
static ql_interval interval_of_drop(const ql_json *accuracy, double reference, double candidate, double count)
{
    const ql_json *difference = ql_json_get(accuracy, "difference");
    ql_interval paired =
        ql_interval_of_paired(ql_json_get_number(difference, "only_reference_right", (double)NAN),
                              ql_json_get_number(difference, "only_candidate_right", (double)NAN), count);
    return isnan(paired.low) ? ql_interval_of_difference(reference, candidate, count) : paired;
}

ql_reading ql_reading_of_accuracy(const ql_json *doc, const char *item)
{
    const ql_json *accuracy = ql_json_get(ql_json_get(doc, "agreement"), "accuracy");
    double reference = ql_json_get_number(accuracy, "reference", (double)NAN);
    double candidate = ql_json_get_number(accuracy, "candidate", (double)NAN);
    double count = ql_json_get_number(accuracy, "labelled", 0);
    bool drop = !strcmp(item, "drop");
    if (isnan(reference) || isnan(candidate)) {
        return missing("there is no accuracy without labels (--labels NAME)");
    }
    double share = drop ? reference - candidate : !strcmp(item, "reference") ? reference : candidate;
    ql_reading reading = reading_of(percent(share, count, 1));
    reading.interval = in_percent(drop ? interval_of_drop(accuracy, reference, candidate, count)
                                       : ql_interval_of_share(share, count));
    return reading;
}

ql_reading ql_reading_of_size(const ql_json *doc, const char *item)
{
    double bytes = ql_json_get_number(ql_json_get(doc, item), "bytes", (double)NAN);
    return isnan(bytes) ? missing("the document does not say it") : reading_of(bytes);
}

ql_reading ql_reading_of_findings(const ql_json *doc, const char *member, const char *text)
{
    const ql_json *findings = ql_json_get(doc, "findings"), *finding = ql_json_first(findings);
    double count = 0;
    for (; finding; finding = ql_json_next(finding)) {
        count += !strcmp(ql_json_get_text(finding, member, ""), text);
    }
    return ql_json_is_array(findings) ? reading_of(count) : missing("the document has no list of findings");
}
