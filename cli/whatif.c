/* qloupe whatif: the given quantized model with some layers in float or 16x8: the figures it would have. */
#include "cli/facts.h"
#include "cli/progress.h"
#include "cli/twins.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    ql_twins twins;
    ql_layer_mode *modes;
    ql_model *mixed;
    ql_mixed_cost cost;
    ql_whatif_figures base, changed;
} ql_try;

static const ql_subgraph *graph_of(const ql_try *t)
{
    return &t->twins.models[1]->subgraphs[t->twins.subgraphs[1]];
}

/* Where "REGEX=MODE" ends its expression: the last '=', or the one before in "REGEX=bits=N". */
static const char *find_mode(const char *rule)
{
    const char *equals = strrchr(rule, '=');
    for (const char *at = rule; equals && at < equals; at++) {
        if (!strncmp(at, "=bits=", 6) && at + 5 == equals) {
            return at;
        }
    }
    return equals;
}

static ql_code read_set(ql_try *t, const char *rule, ql_err *err)
{
    const char *equals = find_mode(rule);
    ql_layer_mode mode;
    if (!equals || equals == rule || !ql_layer_mode_named(equals + 1, &mode)) {
        return ql_fail(
            err, QL_E_USAGE,
            "whatif: --set '%.80s': REGEX=MODE is required, MODE being float, int16x8, int4, bits=N "
            "(2 to 16) or keep",
            rule);
    }
    char *pattern = malloc((size_t)(equals - rule) + 1);
    if (!pattern) {
        return ql_fail_memory(err, (size_t)(equals - rule));
    }
    memcpy(pattern, rule, (size_t)(equals - rule));
    pattern[equals - rule] = 0;
    int changed = 0;
    ql_code code = ql_layers_set(&t->twins.pairing, t->twins.engine.reference, t->twins.engine.candidate,
                                 pattern, mode, t->modes, &changed, err);
    if (!code && !changed) {
        code = ql_fail(err, QL_E_FIT, "--set '%.80s': no layer has such a name", rule);
    }
    free(pattern);
    return code;
}

static ql_code read_layers(ql_try *t, ql_err *err)
{
    const char *const *rules;
    int count = ql_line_values(t->twins.line, "set", &rules);
    const char *plan = ql_line_value(t->twins.line, "plan");
    if (!count && !plan) {
        return ql_fail(err, QL_E_USAGE,
                       "whatif needs --set REGEX=MODE or --plan PLAN.json: see qloupe whatif --help");
    }
    t->modes = calloc((size_t)graph_of(t)->operator_count + 1, sizeof *t->modes);
    ql_code code = t->modes ? QL_OK : ql_fail_memory(err, sizeof *t->modes);
    if (!code && plan) {
        ql_json *json;
        code = ql_json_read(&json, plan, err);
        if (!code && (code = ql_layers_plan(json, &t->twins.pairing, t->modes, err))) {
            ql_at_file(err, plan);
        }
        ql_json_free(json);
    }
    for (int i = 0; i < count && !code; i++) {
        code = read_set(t, rules[i], err);
    }
    return code;
}

static void print_figure(const char *what, const char *unit, double base, double changed, int digits)
{
    if (isfinite(base) || isfinite(changed)) {
        printf("  %-16s %10.*f  ->%10.*f %s\n", what, digits, base, digits, changed, unit);
    }
}

static void print(const ql_try *t)
{
    char name[200];
    for (int op = 0; op < graph_of(t)->operator_count; op++) {
        if (t->modes[op] != QL_LAYER_KEEP) {
            char op_name[64];
            const ql_operator *own = &graph_of(t)->operators[op];
            ql_str tensor = graph_of(t)->tensors[own->outputs[0]].name;
            printf("  op #%d %s '%s': %s\n", op, ql_operator_name(t->twins.models[1], own, op_name),
                   ql_escape(name, sizeof name, tensor.text, tensor.length),
                   ql_layer_mode_name(t->modes[op]));
        }
    }
    printf("                         as given     changed\n");
    print_figure("output SQNR", "dB", t->base.sqnr_db, t->changed.sqnr_db, 2);
    print_figure("top-1 agreement", "%", 100 * t->base.top1, 100 * t->changed.top1, 2);
    print_figure("accuracy", "%", 100 * t->base.accuracy, 100 * t->changed.accuracy, 2);
    double macs = t->cost.macs ? (double)t->cost.macs : 1;
    printf("  %.1f %% of multiply-accumulates in float, %.1f %% in 16x8; %+d QUANTIZE or DEQUANTIZE\n",
           100 * (double)t->cost.float_macs / macs, 100 * (double)t->cost.i16_macs / macs,
           t->cost.boundaries);
}

static void put_figures(ql_doc *d, ql_json *to, const char *key, const ql_whatif_figures *figures)
{
    ql_json *entry = ql_put_object(d, to, key);
    ql_put_number(d, entry, "sqnr_db", figures->sqnr_db);
    ql_put_number(d, entry, "agreement", figures->top1);
    ql_put_number(d, entry, "accuracy", figures->accuracy);
}

static ql_code write_json(const ql_try *t, const ql_clock *clock, const char *path, ql_err *err)
{
    ql_doc d = {0};
    ql_json *root = ql_json_object(&d);
    ql_put_text(&d, root, "schema", "qloupe.whatif/1");
    ql_put_text(&d, root, "reference", t->twins.models[0]->path);
    ql_put_text(&d, root, "candidate", t->twins.models[1]->path);
    ql_put_count(&d, root, "samples", t->changed.samples);
    ql_put_layers(&d, root, "layers", &t->twins.pairing, t->twins.engine.reference, t->modes);
    put_figures(&d, root, "base", &t->base);
    put_figures(&d, root, "predicted", &t->changed);
    ql_json *cost = ql_put_object(&d, root, "cost");
    double macs = t->cost.macs ? (double)t->cost.macs : 1;
    ql_put_number(&d, cost, "float_macs_pct", 100 * (double)t->cost.float_macs / macs);
    ql_put_number(&d, cost, "int16x8_macs_pct", 100 * (double)t->cost.i16_macs / macs);
    ql_put_int(&d, cost, "boundaries", t->cost.boundaries);
    ql_code code = ql_doc_check(&d, err);
    ql_run_facts facts = {.threads = t->twins.engine.threads, .shards = 1};
    code = code ? code : ql_clock_sign(clock, t->twins.line, &facts, root, err);
    code = code ? code : ql_json_write(root, path, err);
    ql_json_free(root);
    return code;
}

static ql_code measure(ql_try *t, ql_err *err)
{
    ql_engine_options *o = &t->twins.engine;
    ql_progress progress;
    ql_progress_start(&progress, "measuring");
    o->progress = ql_progress_step;
    o->stop = ql_progress_stop;
    o->user = &progress;
    ql_code code = ql_whatif_measure(o, NULL, &t->base, err);
    code = code ? code
                : ql_rewrite_mixed(&t->mixed, o->reference, o->candidate, &t->twins.pairing, t->modes,
                                   &t->cost, err);
    code = code ? code : ql_whatif_measure(o, t->mixed, &t->changed, err);
    ql_progress_end(&progress);
    return code;
}

static ql_code save(const ql_try *t, const char *out, ql_err *err)
{
    for (int op = 0; op < graph_of(t)->operator_count; op++) {
        if (ql_layer_mode_fake(t->modes[op])) {
            return ql_fail(err, QL_E_UNSUPPORTED, "mode %s is measured, never written",
                           ql_layer_mode_name(t->modes[op]));
        }
    }
    return ql_model_save(t->mixed, out, err);
}

static ql_code run(const ql_line *line, ql_err *err)
{
    ql_try t = {0};
    ql_clock clock;
    ql_clock_start(&clock);
    const char *json = ql_line_value(line, "json"), *out = ql_line_value(line, "output");
    ql_code code = ql_twins_open(&t.twins, line, err);
    code = code ? code : read_layers(&t, err);
    code = code ? code : measure(&t, err);
    code = code || !out ? code : save(&t, out, err);
    code = code || !json ? code : write_json(&t, &clock, json, err);
    if (!code && !(json && !strcmp(json, "-"))) {
        print(&t);
    }
    ql_model_close(t.mixed);
    free(t.modes);
    ql_twins_close(&t.twins);
    return code;
}

static const ql_option_row options[] = {
    QL_TWINS_OPTIONS,
    {"set", 0, "REGEX=MODE", "layers whose name matches: float, int16x8, int4, bits=N or keep", true},
    {"plan", 0, "PLAN.json", "the layers of a plan", false},
    {"output", 'o', "FILE", "write the mixed model as .tflite", false},
    {"json", 0, "FILE", "write the figures as JSON", false},
    {0},
};

const ql_command ql_command_whatif = {
    .name = "whatif",
    .operands = "FLOAT QUANT",
    .summary = "Try layers of a quantized model in float or 16x8: the figures it would have",
    .text =
        "All other parameters stay as they are. The model written with -o has the figures that are shown.",
    .min_operands = 2,
    .max_operands = 2,
    .options = options,
    .run = run,
};
