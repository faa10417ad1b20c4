#include "analyzer/gates/judge.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_whole(double value)
{
    return fabs(value) < 1e15 && fabs(value - round(value)) <= 0;
}

const char *ql_gate_number(char out[QL_GATE_NUMBER], double value, double other)
{
    if (is_whole(value)) {
        snprintf(out, QL_GATE_NUMBER, "%.0f", value);
        return out;
    }
    for (int digits = 4; digits <= 17; digits++) {
        snprintf(out, QL_GATE_NUMBER, "%.*g", digits, value);
        double read = strtod(out, NULL);
        if (isnan(other) || (read < other) == (value < other)) {
            if (isnan(other) || (read > other) == (value > other)) {
                break;
            }
        }
    }
    return out;
}

/* The bound as short text that still holds when it is read again: rounded to the side where it does. */
static const char *bound_text(char out[QL_GATE_NUMBER], const ql_gate *gate, double found, double bound)
{
    if (is_whole(bound)) {
        return ql_gate_number(out, bound, (double)NAN);
    }
    double unit = fabs(bound) > 0 ? pow(10, floor(log10(fabs(bound))) - 3) : 0;
    const double tries[] = {bound, bound - unit, bound + unit};
    for (size_t i = 0; i < sizeof tries / sizeof *tries; i++) {
        snprintf(out, QL_GATE_NUMBER, "%.4g", tries[i]);
        if (ql_relation_holds(gate->relation, found, strtod(out, NULL))) {
            return out;
        }
    }
    snprintf(out, QL_GATE_NUMBER, "%.17g", bound);
    return out;
}

static bool is_count(const ql_gate *gate)
{
    return gate->kind == QL_GATE_FINDINGS || gate->kind == QL_GATE_FINDING || gate->kind == QL_GATE_SIZE;
}

/* Is `a` farther from holding than `b`? */
static bool is_worse(const ql_gate *gate, double a, double b)
{
    switch (gate->relation) {
    case QL_AT_MOST:
    case QL_BELOW:
        return a > b;
    case QL_AT_LEAST:
    case QL_ABOVE:
        return a < b;
    case QL_EQUAL:
        return fabs(a - gate->bound) > fabs(b - gate->bound);
    case QL_DIFFERS:
        return fabs(a - gate->bound) < fabs(b - gate->bound);
    }
    return false;
}

static double tightest(const ql_gate *gate, const ql_readings *readings, double found)
{
    if (!isfinite(found)) {
        return (double)NAN;
    }
    switch (gate->relation) {
    case QL_AT_MOST:
    case QL_AT_LEAST:
        return found;
    case QL_BELOW:
        return is_count(gate) ? found + 1 : nextafter(found, (double)INFINITY);
    case QL_ABOVE:
        return is_count(gate) ? found - 1 : nextafter(found, -(double)INFINITY);
    case QL_EQUAL:
        for (int i = 0; i < readings->count; i++) {
            if (!ql_relation_holds(QL_EQUAL, readings->list[i].value, found)) {
                return (double)NAN;
            }
        }
        return found;
    case QL_DIFFERS:
        return (double)NAN;
    }
    return (double)NAN;
}

/* The first reading without a value if there is one, else the worst. */
static const ql_reading *find_worst(const ql_gate *gate, const ql_readings *readings)
{
    const ql_reading *worst = NULL;
    for (int i = 0; i < readings->count; i++) {
        const ql_reading *one = &readings->list[i];
        if (isnan(one->value)) {
            return one;
        }
        worst = !worst || is_worse(gate, one->value, worst->value) ? one : worst;
    }
    return worst;
}

static void put_place(char *out, size_t size, const ql_reading *reading)
{
    char name[120];
    out[0] = 0;
    if (reading->name) {
        ql_escape(name, sizeof name, reading->name, strlen(reading->name));
        snprintf(out, size, reading->op >= 0 ? " at op #%d '%s'" : " at%.0d '%s'",
                 reading->op >= 0 ? reading->op : 0, name);
    }
}

static void explain(ql_verdict_of_gate *v, const ql_gate *gate)
{
    char place[160], found[QL_GATE_NUMBER], bound[QL_GATE_NUMBER], would[80] = "", noise[80] = "";
    put_place(place, sizeof place, v->worst);
    if (isnan(v->found)) {
        snprintf(v->message, sizeof v->message, "cannot be judged%s: %s", place, v->worst->missing);
        return;
    }
    if (isinf(v->found)) {
        snprintf(v->message, sizeof v->message, "no error at all%s", place);
        return;
    }
    if (!v->passed && !isnan(v->tightest)) {
        snprintf(would, sizeof would, ": %s %s would hold", ql_relation_text(gate->relation),
                 bound_text(bound, gate, v->found, v->tightest));
    }
    if (v->within_noise) {
        snprintf(noise, sizeof noise, " (within noise: +-%s)", ql_gate_number(bound, v->noise, (double)NAN));
    }
    ql_gate_number(found, v->found, gate->bound);
    snprintf(v->message, sizeof v->message, "found %s%s%s%s", found, place, would, noise);
}

static void explain_nothing(ql_verdict_of_gate *v, const ql_gate *gate)
{
    const char *what = gate->op >= 0 ? "the candidate has no such operator with a paired tensor"
                       : gate->regex ? "no paired tensor with such a figure has a name like this"
                       : gate->kind == QL_GATE_OUTPUT ? "the candidate has no output"
                                                      : "no paired tensor has such a figure";
    snprintf(v->message, sizeof v->message, "nothing matches: %s", what);
}

void ql_gate_judge(ql_verdict_of_gate *verdict, const ql_gate *gate, const ql_readings *readings)
{
    const ql_reading *worst = find_worst(gate, readings);
    *verdict = (ql_verdict_of_gate){
        .found = (double)NAN, .tightest = (double)NAN, .noise = (double)NAN, .worst = worst};
    if (!worst) {
        explain_nothing(verdict, gate);
        return;
    }
    verdict->found = worst->value;
    verdict->noise = ql_interval_half(worst->interval);
    if (!isnan(worst->value)) {
        verdict->passed = ql_relation_holds(gate->relation, worst->value, gate->bound);
        verdict->tightest = tightest(gate, readings, worst->value);
        verdict->within_noise =
            !verdict->passed && worst->interval.low <= gate->bound && gate->bound <= worst->interval.high;
    }
    explain(verdict, gate);
}
