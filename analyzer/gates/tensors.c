/* Readings of outputs and tensors. */
#include "analyzer/gates/reading.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void ql_readings_free(ql_readings *readings)
{
    free(readings->list);
    *readings = (ql_readings){0};
}

static void add(ql_readings *readings, const ql_reading *reading)
{
    if (readings->count == readings->capacity) {
        int capacity = readings->capacity ? readings->capacity : 16;
        bool fits = capacity <= INT32_MAX / 2 && (size_t)capacity <= SIZE_MAX / 2 / sizeof *readings->list;
        ql_reading *list = fits ? realloc(readings->list, 2 * (size_t)capacity * sizeof *list) : NULL;
        if (!list) {
            readings->refused = true;
            return;
        }
        readings->list = list;
        readings->capacity = 2 * capacity;
    }
    readings->list[readings->count++] = *reading;
}

static double unusual(const ql_json *pair, const char *member)
{
    return ql_json_get_number(ql_json_get(pair, "not_finite"), member, 0);
}

/* Not one element differs, those included that are in no figure. */
static bool is_exact(const ql_json *pair, const char *figures)
{
    double error = ql_json_get_number(ql_json_get(pair, figures), "max_abs", (double)NAN);
    double nans = unusual(pair, "reference_nan") - unusual(pair, "candidate_nan");
    double infinities = unusual(pair, "reference_inf") - unusual(pair, "candidate_inf");
    return error <= 0 && fabs(nans) <= 0 && fabs(infinities) <= 0;
}

static void explain(ql_reading *reading, const ql_json *pair, const char *figures, const char *metric)
{
    const ql_json *all = ql_json_get(pair, figures);
    bool no_scale = !ql_json_get(ql_json_get(pair, "candidate"), "scale") ||
                    ql_json_is_null(ql_json_get(ql_json_get(pair, "candidate"), "scale"));
    const char *why = "the reference is 0 everywhere, or the figure cannot be told";
    if (!ql_json_is_object(all)) {
        why = strcmp(figures, "local") ? "there are no figures" : "it has no error of its own";
    } else if (ql_json_is_null(ql_json_get(all, "rmse"))) {
        why = "no element is finite in both models";
    } else if (no_scale && (!strcmp(metric, "rmse_over_scale") || !strcmp(metric, "saturated"))) {
        why = "the candidate's tensor has no single scale";
    } else if (unusual(pair, "candidate_nan") + unusual(pair, "candidate_inf") > 0) {
        why = "elements of the candidate are not finite";
    }
    snprintf(reading->missing, sizeof reading->missing, "%s.%s does not exist: %s", figures, metric, why);
}

ql_reading ql_reading_of_pair(const ql_json *pair, const char *figures, const char *metric)
{
    double value = ql_json_get_number(ql_json_get(pair, figures), metric, (double)NAN);
    double op = ql_json_get_number(pair, "op_index", -1);
    ql_reading reading = {.value = value,
                          .interval = ql_no_interval,
                          .name = ql_json_get_text(pair, "name", ""),
                          .op = op >= 0 && op < 1e9 ? (int)op : -1};
    size_t length = strlen(metric);
    bool decibel = length > 3 && !strcmp(metric + length - 3, "_db");
    if (isnan(value) && decibel && is_exact(pair, figures)) {
        reading.value = (double)INFINITY;
    } else if (isnan(value)) {
        explain(&reading, pair, figures, metric);
    } else if (!strcmp(figures, "cumulative")) {
        reading.interval = ql_interval_of_metric(pair, metric, value);
    }
    return reading;
}

/* Tensors that a figure is not about are not among any tensors that it is asked of. */
static bool is_about(const ql_gate *gate, const ql_json *pair)
{
    double scale = ql_json_get_number(ql_json_get(pair, "candidate"), "scale", 0);
    bool of_scale = !strcmp(gate->item, "rmse_over_scale") || !strcmp(gate->item, "saturated");
    bool has = ql_json_is_object(ql_json_get(pair, gate->figures));
    return (has || strcmp(gate->figures, "local") != 0) && !(of_scale && !(scale > 0));
}

static ql_code matches_text(const ql_gate *gate, const char *text, bool *matches, ql_err *err)
{
    ql_str name = {text, strlen(text)};
    return ql_regex_matches(gate->regex, name, matches, err);
}

/* Its name in either model, or that of a node it was made of. */
static ql_code matches_name(const ql_gate *gate, const ql_json *pair, bool *matches, ql_err *err)
{
    ql_code code = matches_text(gate, ql_json_get_text(pair, "name", ""), matches, err);
    if (!code && !*matches) {
        const char *name = ql_json_get_text(ql_json_get(pair, "candidate"), "name", "");
        code = matches_text(gate, name, matches, err);
    }
    const ql_json *node = ql_json_first(ql_json_get(pair, "node_names"));
    for (; node && !code && !*matches; node = ql_json_next(node)) {
        code = matches_text(gate, ql_json_text(node) ? ql_json_text(node) : "", matches, err);
    }
    return code;
}

static ql_code take_tensors(ql_readings *readings, const ql_gate *gate, const ql_json *doc, ql_err *err)
{
    ql_code code = QL_OK;
    const ql_json *pair = ql_json_first(ql_json_get(doc, "pairs"));
    for (; pair && !code; pair = ql_json_next(pair)) {
        bool matches = gate->op < 0 ? is_about(gate, pair)
                                    : fabs(ql_json_get_number(pair, "op_index", -1) - gate->op) < 0.5;
        code = matches && gate->regex ? matches_name(gate, pair, &matches, err) : QL_OK;
        if (!code && matches) {
            ql_reading reading = ql_reading_of_pair(pair, gate->figures, gate->item);
            add(readings, &reading);
        }
    }
    return code;
}

static void take_outputs(ql_readings *readings, const ql_gate *gate, const ql_json *doc)
{
    const ql_json *output = ql_json_first(ql_json_get(doc, "outputs"));
    for (int i = 0; output; output = ql_json_next(output), i++) {
        ql_reading reading = ql_reading_of_pair(output, gate->figures, gate->item);
        if (!ql_json_is_object(output)) {
            snprintf(reading.missing, sizeof reading.missing, "output %d of the candidate has no counterpart",
                     i);
            reading.name = NULL;
        }
        add(readings, &reading);
    }
}

ql_code ql_readings_take(ql_readings *readings, const ql_gate *gate, const ql_json *doc, ql_err *err)
{
    ql_reading one;
    switch (gate->kind) {
    case QL_GATE_TENSORS:
        return take_tensors(readings, gate, doc, err);
    case QL_GATE_OUTPUT:
        take_outputs(readings, gate, doc);
        return QL_OK;
    case QL_GATE_WHOLE:
        one = ql_reading_of_whole(doc);
        break;
    case QL_GATE_ACCURACY:
        one = ql_reading_of_accuracy(doc, gate->item);
        break;
    case QL_GATE_AGREEMENT:
        one = ql_reading_of_agreement(doc, gate->item);
        break;
    case QL_GATE_FINDINGS:
        one = ql_reading_of_findings(doc, "severity", gate->item);
        break;
    case QL_GATE_FINDING:
        one = ql_reading_of_findings(doc, "code", gate->item);
        break;
    case QL_GATE_SIZE:
        one = ql_reading_of_size(doc, gate->item);
        break;
    default:
        return QL_OK;
    }
    add(readings, &one);
    return QL_OK;
}
