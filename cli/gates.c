#include "cli/gates.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char config_file[] = "qloupe.json";

static ql_code read_file(ql_gates *gates, const ql_line *line, bool config, ql_err *err)
{
    const char *path = ql_line_value(line, "gates");
    if (!path && config && !access(config_file, F_OK)) {
        path = config_file;
    }
    return path ? ql_gates_read(gates, path, err) : QL_OK;
}

static ql_code read_expressions(ql_gates *gates, const ql_line *line, ql_err *err)
{
    const char *const *expressions;
    int count = ql_line_values(line, "gate", &expressions);
    ql_code code = QL_OK;
    for (int i = 0; i < count && !code; i++) {
        code = ql_gates_add(gates, expressions[i], err);
    }
    return code;
}

static ql_code read_choices(ql_gates *gates, const ql_line *line, ql_err *err)
{
    const char *noise = ql_line_value(line, "gate-noise"), *baseline = ql_line_value(line, "baseline");
    if (noise && strcmp(noise, "fail") != 0 && strcmp(noise, "pass") != 0) {
        char shown[64];
        return ql_fail(err, QL_E_USAGE, "%s: --gate-noise '%s': fail or pass is required",
                       line->command->name, ql_escape(shown, sizeof shown, noise, strlen(noise)));
    }
    if (noise && !strcmp(noise, "pass")) {
        ql_gates_forgive_noise(gates);
    }
    if (ql_line_has(line, "ratchet")) {
        ql_gates_ratchet(gates);
    }
    return baseline ? ql_gates_baseline(gates, baseline, err) : QL_OK;
}

ql_code ql_gates_of_line(ql_gates **gates, const ql_line *line, bool config, ql_err *err)
{
    ql_code code = ql_gates_make(gates, err);
    code = code ? code : read_file(*gates, line, config, err);
    code = code ? code : read_expressions(*gates, line, err);
    code = code ? code : read_choices(*gates, line, err);
    if (!code && ql_line_has(line, "shard") && ql_gates_any(*gates)) {
        return ql_fail(err, QL_E_USAGE, "%s: a part (--shard) is not judged: give the gates to qloupe merge",
                       line->command->name);
    }
    return code ? code : ql_gates_load(*gates, err);
}

ql_code ql_gates_judge(const ql_gates *gates, ql_json *result, ql_err *err)
{
    ql_doc d = {0};
    if (!ql_gates_any(gates)) {
        return QL_OK;
    }
    ql_code code = ql_gates_apply(&d, result, gates, err);
    return code ? code : ql_doc_check(&d, err);
}

ql_code ql_gates_tell(const ql_gates *gates, const ql_json *result)
{
    if (!ql_gates_any(gates)) {
        return QL_OK;
    }
    int breached = ql_gates_breached(result), all = ql_json_size(ql_json_get(result, "gates"));
    const ql_json *gate = ql_json_first(ql_json_get(result, "gates"));
    for (; gate; gate = ql_json_next(gate)) {
        bool passed = ql_json_is_true(ql_json_get(gate, "passed"));
        bool forgiven = passed && ql_json_is_true(ql_json_get(gate, "within_noise"));
        const char *expr = ql_json_get_text(gate, "expr", "");
        char shown[200];
        if (!passed || forgiven) {
            fprintf(stderr, "qloupe: gate %s: %s: %s\n", forgiven ? "forgiven" : "did not hold",
                    ql_escape(shown, sizeof shown, expr, strlen(expr)),
                    ql_json_get_text(gate, "message", ""));
        }
    }
    fprintf(stderr, "qloupe: %d of %d gates held\n", all - breached, all);
    return breached ? QL_E_GATE : QL_OK;
}
