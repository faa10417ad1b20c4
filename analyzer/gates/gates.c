#include "analyzer/gates/gates.h"

#include "analyzer/gates/baseline.h"
#include "analyzer/gates/diff.h"
#include "analyzer/gates/judge.h"
#include "analyzer/gates/nearest.h"
#include "analyzer/result/result.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_GATES = 1000 };

struct ql_gates {
    ql_gate *list;
    int count;
    char *path;        /* the baseline's; NULL: none */
    ql_json *baseline; /* once loaded */
    bool ratchet, forgive_noise;
};

ql_code ql_gates_make(ql_gates **gates, ql_err *err)
{
    *gates = calloc(1, sizeof **gates);
    return *gates ? QL_OK : ql_fail_memory(err, sizeof **gates);
}

void ql_gates_free(ql_gates *gates)
{
    for (int i = 0; gates && i < gates->count; i++) {
        ql_gate_free(&gates->list[i]);
    }
    if (gates) {
        ql_json_free(gates->baseline);
        free(gates->path);
        free(gates->list);
        free(gates);
    }
}

ql_code ql_gates_add(ql_gates *gates, const char *expression, ql_err *err)
{
    if (gates->count == MOST_GATES) {
        return ql_fail(err, QL_E_USAGE, "more than %d gates", MOST_GATES);
    }
    ql_gate *list = realloc(gates->list, ((size_t)gates->count + 1) * sizeof *list);
    if (!list) {
        return ql_fail_memory(err, ((size_t)gates->count + 1) * sizeof *list);
    }
    gates->list = list;
    ql_code code = ql_gate_parse(&list[gates->count], expression, err);
    if (code) {
        ql_gate_free(&list[gates->count]);
    } else {
        gates->count++;
    }
    return code;
}

ql_code ql_gates_baseline(ql_gates *gates, const char *path, ql_err *err)
{
    char *copy = calloc(strlen(path) + 1, 1);
    if (!copy) {
        return ql_fail_memory(err, strlen(path) + 1);
    }
    memcpy(copy, path, strlen(path));
    free(gates->path);
    gates->path = copy;
    return QL_OK;
}

void ql_gates_ratchet(ql_gates *gates)
{
    gates->ratchet = true;
}

void ql_gates_forgive_noise(ql_gates *gates)
{
    gates->forgive_noise = true;
}

bool ql_gates_any(const ql_gates *gates)
{
    return gates->count || gates->path || gates->ratchet;
}

ql_code ql_gates_load(ql_gates *gates, ql_err *err)
{
    if (!gates->path) {
        return gates->ratchet ? ql_fail(err, QL_E_USAGE, "a ratchet needs a baseline: --baseline OLD.json")
                              : QL_OK;
    }
    ql_json *baseline = NULL;
    ql_code code = ql_json_read(&baseline, gates->path, err);
    code = code ? code : ql_comparison_check(baseline, gates->path, err);
    if (code) {
        ql_json_free(baseline);
        return code;
    }
    ql_json_free(gates->baseline);
    gates->baseline = baseline;
    return QL_OK;
}

/* A path in a file starts at the file's folder. */
static ql_code set_baseline_beside(ql_gates *gates, const char *file, const char *path, ql_err *err)
{
    const char *slash = strrchr(file, '/');
    size_t folder = slash && path[0] != '/' ? (size_t)(slash - file) + 1 : 0, length = strlen(path);
    char *joined = calloc(folder + length + 1, 1);
    if (!joined) {
        return ql_fail_memory(err, folder + length + 1);
    }
    memcpy(joined, file, folder);
    memcpy(joined + folder, path, length);
    free(gates->path);
    gates->path = joined;
    return QL_OK;
}

static ql_code add_list(ql_gates *gates, const ql_json *list, ql_err *err)
{
    if (!ql_json_is_array(list)) {
        return ql_fail(err, QL_E_FORMAT, "'gates' must be a list of expressions");
    }
    ql_code code = QL_OK;
    int place = 1;
    for (const ql_json *one = ql_json_first(list); one && !code; one = ql_json_next(one), place++) {
        code = ql_json_text(one) ? ql_gates_add(gates, ql_json_text(one), err)
                                 : ql_fail(err, QL_E_FORMAT, "entry %d of 'gates' must be a text", place);
    }
    return code;
}

static ql_code refuse_member(const char *key, ql_err *err)
{
    static const char *const known[] = {"gates", "baseline", "ratchet"};
    const char *best = known[0];
    char shown[64];
    for (size_t i = 1; i < sizeof known / sizeof *known; i++) {
        bool nearer = ql_name_distance(key, strlen(key), known[i]) < ql_name_distance(key, strlen(key), best);
        best = nearer ? known[i] : best;
    }
    return ql_fail(err, QL_E_FORMAT, "member '%s' is none of gates, baseline, ratchet: did you mean '%s'?",
                   ql_escape(shown, sizeof shown, key, strlen(key)), best);
}

static ql_code take_member(ql_gates *gates, const ql_json *member, const char *file, ql_err *err)
{
    const char *key = ql_json_key(member) ? ql_json_key(member) : "";
    if (!strcmp(key, "gates")) {
        return add_list(gates, member, err);
    }
    if (!strcmp(key, "baseline")) {
        const char *path = ql_json_text(member);
        return path && *path ? set_baseline_beside(gates, file, path, err)
                             : ql_fail(err, QL_E_FORMAT, "'baseline' must be the path of a result");
    }
    if (!strcmp(key, "ratchet")) {
        gates->ratchet = gates->ratchet || ql_json_is_true(member);
        return ql_json_is_bool(member) ? QL_OK : ql_fail(err, QL_E_FORMAT, "'ratchet' must be true or false");
    }
    return refuse_member(key, err);
}

ql_code ql_gates_read(ql_gates *gates, const char *path, ql_err *err)
{
    ql_json *file = NULL;
    ql_code code = ql_json_read(&file, path, err);
    if (!code && !ql_json_is_object(file)) {
        code = ql_fail(err, QL_E_FORMAT, "an object {\"gates\": [..]} is required");
    }
    for (const ql_json *m = code ? NULL : ql_json_first(file); m && !code; m = ql_json_next(m)) {
        code = take_member(gates, m, path, err);
    }
    ql_json_free(file);
    return code ? ql_at_file(err, path) : QL_OK;
}

/* What a budget for many layers says of each. */
static void put_layer(ql_doc *d, ql_json *layers, const ql_gate *gate, ql_reading *reading, bool forgive)
{
    ql_verdict_of_gate v;
    const ql_readings one = {.list = reading, .count = 1};
    ql_gate_judge(&v, gate, &one);
    bool passed = v.passed || (forgive && v.within_noise);
    ql_json *layer = ql_put_object(d, layers, NULL);
    ql_put_text(d, layer, "name", reading->name);
    if (reading->op >= 0) {
        ql_put_int(d, layer, "op_index", reading->op);
    } else {
        ql_put_null(d, layer, "op_index");
    }
    ql_put_number(d, layer, "found", v.found);
    ql_put_bool(d, layer, "passed", passed);
    if (passed) {
        ql_put_null(d, layer, "message");
    } else {
        ql_put_text(d, layer, "message", v.message);
    }
}

static void put_layers(ql_doc *d, ql_json *entry, const ql_gate *gate, const ql_readings *readings,
                       bool forgive)
{
    ql_json *layers = ql_put_array(d, entry, "layers");
    for (int i = 0; i < readings->count; i++) {
        put_layer(d, layers, gate, &readings->list[i], forgive);
    }
}

static ql_json *put_verdict(ql_doc *d, ql_json *list, const ql_gate *gate, const ql_verdict_of_gate *v,
                            bool forgive)
{
    ql_json *entry = ql_put_object(d, list, NULL);
    ql_put_text(d, entry, "expr", gate->text);
    ql_put_bool(d, entry, "passed", v->passed || (forgive && v->within_noise));
    ql_put_number(d, entry, "found", v->found);
    ql_put_number(d, entry, "bound", gate->bound);
    ql_put_number(d, entry, "tightest", v->tightest);
    ql_put_number(d, entry, "noise", v->noise);
    ql_put_bool(d, entry, "within_noise", v->within_noise);
    if (v->worst && v->worst->name) {
        ql_put_text(d, entry, "where", v->worst->name);
    } else {
        ql_put_null(d, entry, "where");
    }
    ql_put_text(d, entry, "message", v->message);
    return entry;
}

static ql_code apply_one(ql_doc *d, ql_json *list, const ql_gate *gate, const ql_json *result, bool forgive,
                         ql_err *err)
{
    ql_readings readings = {0};
    ql_code code = ql_readings_take(&readings, gate, result, err);
    d->failed |= readings.refused;
    if (!code) {
        ql_verdict_of_gate verdict;
        ql_gate_judge(&verdict, gate, &readings);
        ql_json *entry = put_verdict(d, list, gate, &verdict, forgive);
        if (gate->kind == QL_GATE_TENSORS && gate->op < 0) {
            put_layers(d, entry, gate, &readings, forgive);
        }
    }
    ql_readings_free(&readings);
    return code;
}

ql_code ql_gates_apply(ql_doc *d, ql_json *result, const ql_gates *gates, ql_err *err)
{
    ql_json *list = ql_json_array(d);
    ql_code code = QL_OK;
    for (int i = 0; i < gates->count && !code; i++) {
        code = apply_one(d, list, &gates->list[i], result, gates->forgive_noise, err);
    }
    if (!code && gates->baseline) {
        code = ql_baseline_apply(d, list, gates->baseline, result, gates->path, gates->ratchet, err);
    }
    if (code || d->failed) {
        ql_json_free(list);
        return code;
    }
    ql_result_put(d, result, "gates", list);
    return QL_OK;
}

int ql_gates_breached(const ql_json *result)
{
    int count = 0;
    const ql_json *gate = ql_json_first(ql_json_get(result, "gates"));
    for (; gate; gate = ql_json_next(gate)) {
        count += !ql_json_is_true(ql_json_get(gate, "passed"));
    }
    return count;
}
