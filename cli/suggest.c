/* qloupe suggest: which layers to leave in float or 16x8, measured, and proved where asked. */
#include "cli/facts.h"
#include "cli/progress.h"
#include "cli/twins.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A number the line may give; NaN when it does not. */
static ql_code read_number(const ql_line *line, const char *name, double *value, ql_err *err)
{
    const char *text = ql_line_value(line, name);
    char *end;
    *value = (double)NAN;
    if (!text) {
        return QL_OK;
    }
    errno = 0;
    *value = strtod(text, &end);
    return errno || end == text || *end || !isfinite(*value)
               ? ql_fail(err, QL_E_USAGE, "suggest: --%s '%.40s': a number is required", name, text)
               : QL_OK;
}

static ql_code read_modes(const ql_line *line, ql_suggest_goal *goal, ql_err *err)
{
    const char *text = ql_line_value(line, "modes");
    text = text ? text : "float";
    while (*text) {
        char name[16] = "";
        size_t length = strcspn(text, ",");
        ql_layer_mode mode;
        snprintf(name, sizeof name, "%.*s", (int)(length < 15 ? length : 15), text);
        if (!ql_layer_mode_named(name, &mode) || mode == QL_LAYER_KEEP) {
            return ql_fail(
                err, QL_E_USAGE,
                "suggest: --modes '%.40s': float, int16x8, int4, bits=N (2 to 16), or several with "
                "commas, are required",
                text);
        }
        goal->allowed[mode] = true;
        text += length + (text[length] == ',');
    }
    return QL_OK;
}

static ql_code read_goal(const ql_line *line, ql_suggest_goal *goal, ql_err *err)
{
    int64_t layers, samples = 0;
    ql_code code = read_modes(line, goal, err);
    code = code ? code : ql_line_int(line, "max-layers", 1, 1000, 0, &layers, err);
    goal->max_layers = (int)(code ? 0 : layers);
    code = code ? code : ql_line_int(line, "search-samples", 1, 1000000, 0, &samples, err);
    goal->search_samples = (uint64_t)(code ? 0 : samples);
    goal->exhaust = ql_line_has(line, "exhaust");
    goal->checkpoint = ql_line_value(line, "checkpoint");
    code = code ? code : read_number(line, "target-sqnr", &goal->target_sqnr, err);
    code = code ? code : read_number(line, "target-agreement", &goal->target_agreement, err);
    code = code ? code : read_number(line, "target-accuracy", &goal->target_accuracy, err);
    code = code ? code : read_number(line, "max-float-macs", &goal->max_float_macs, err);
    code = code ? code : ql_line_size(line, "max-size", &goal->max_bytes, err);
    goal->target_agreement /= 100;
    goal->target_accuracy /= 100;
    if (!code && !isnan(goal->target_accuracy) && !ql_line_has(line, "labels")) {
        code = ql_fail(err, QL_E_USAGE, "suggest: --target-accuracy needs --labels");
    }
    bool any = goal->max_layers || goal->max_bytes || !isnan(goal->target_sqnr) ||
               !isnan(goal->target_agreement) || !isnan(goal->target_accuracy) ||
               !isnan(goal->max_float_macs);
    if (!code && !any) {
        goal->max_layers = 4;
    }
    return code;
}

static void print_layers(const ql_twins *t, const ql_plan *plan, const double *gain)
{
    const ql_subgraph *graph = &t->models[1]->subgraphs[t->subgraphs[1]];
    for (int op = 0; op < graph->operator_count; op++) {
        if (plan->modes[op] != QL_LAYER_KEEP) {
            char name[120], op_name[64];
            ql_str tensor = graph->tensors[graph->operators[op].outputs[0]].name;
            printf("    #%-3d %-18s %-8s", op, ql_operator_name(t->models[1], &graph->operators[op], op_name),
                   ql_layer_mode_name(plan->modes[op]));
            if (gain && isfinite(gain[op])) {
                printf(" %+6.2f dB ", gain[op]);
            }
            printf(" %s\n", ql_escape(name, sizeof name, tensor.text, tensor.length));
        }
    }
}

static void print_figures(const char *what, const ql_whatif_figures *figures)
{
    printf("  %-24s SQNR %7.2f dB", what, figures->sqnr_db);
    if (isfinite(figures->top1)) {
        printf(", agreement %6.2f %%", 100 * figures->top1);
    }
    if (isfinite(figures->accuracy)) {
        printf(", accuracy %6.2f %%", 100 * figures->accuracy);
    }
    puts("");
}

static void print_plan(const char *what, const ql_plan *plan)
{
    double macs = plan->cost.macs ? (double)plan->cost.macs : 1;
    print_figures(what, &plan->figures);
    printf("  %-24s %.1f %% of the multiply-accumulates in float, %.1f %% in 16x8, ", "",
           100 * (double)plan->cost.float_macs / macs, 100 * (double)plan->cost.i16_macs / macs);
    if (plan->bytes) {
        printf("%zu bytes, ", plan->bytes);
    }
    printf("%+d boundaries\n", plan->cost.boundaries);
}

static double only_db(const ql_suggestion *s, int op)
{
    double db = s->only[op].samples ? s->only[op].sqnr_db : HUGE_VAL;
    return isnan(db) ? HUGE_VAL : db;
}

/* The layers that do most harm by themselves. */
static void print_sensitivities(const ql_twins *t, const ql_suggestion *s)
{
    enum { SHOWN = 8 };
    const ql_subgraph *graph = &t->models[1]->subgraphs[t->subgraphs[1]];
    int worst[SHOWN], count = 0;
    for (int op = 0; s->only && op < s->operators; op++) {
        int at = count;
        while (at > 0 && only_db(s, worst[at - 1]) > only_db(s, op)) {
            at--;
        }
        if (at < SHOWN && (s->only[op].samples || s->without[op].samples)) {
            count += count < SHOWN;
            memmove(&worst[at + 1], &worst[at], (size_t)(count - 1 - at) * sizeof *worst);
            worst[at] = op;
        }
    }
    printf(count
               ? "  layers by themselves, worst first (SQNR: only this one as it is; only this one changed)\n"
               : "");
    for (int i = 0; i < count; i++) {
        char name[120], op_name[64];
        ql_str tensor = graph->tensors[graph->operators[worst[i]].outputs[0]].name;
        printf("    #%-3d %-18s %7.2f dB  %7.2f dB  %s\n", worst[i],
               ql_operator_name(t->models[1], &graph->operators[worst[i]], op_name),
               s->only[worst[i]].sqnr_db, s->without[worst[i]].sqnr_db,
               ql_escape(name, sizeof name, tensor.text, tensor.length));
    }
}

static void print_mendings(const ql_twins *t, const ql_mendings *m)
{
    const ql_subgraph *graph = &t->models[1]->subgraphs[t->subgraphs[1]];
    if (!m || !m->count) {
        return;
    }
    puts("  better parameters help too, and cost nothing at run time:");
    for (int i = 0; i < m->count; i++) {
        const ql_mending *one = &m->list[i];
        char name[120];
        ql_str tensor = graph->tensors[one->repair.tensor].name;
        printf("    %-12s", ql_repair_kind_name(one->repair.kind));
        if (one->repair.kind == QL_REPAIR_RANGE) {
            ql_tensor_range was = ql_repair_range_of(&graph->tensors[one->repair.tensor]);
            printf(" %g .. %g instead of %g .. %g", (double)one->repair.min, (double)one->repair.max,
                   (double)was.min, (double)was.max);
        }
        printf("  %+.2f dB  %s\n      %s\n", one->figures.sqnr_db - m->base.sqnr_db,
               ql_escape(name, sizeof name, tensor.text, tensor.length), one->why);
    }
    print_figures(m->count > 1 ? "with all of them" : "with it", &m->figures);
    if (m->proof.samples) {
        print_figures("measured when written", &m->proof);
    }
}

static void print(const ql_twins *t, const ql_suggestion *s, const ql_whatif_figures *proof)
{
    print_sensitivities(t, s);
    print_figures("as given", &s->base);
    for (int i = 0; i < s->pareto_count; i++) {
        const ql_plan *plan = &s->pareto[i];
        char what[60];
        double macs = plan->cost.macs ? (double)plan->cost.macs : 1;
        snprintf(what, sizeof what, "%d layer%s, %.1f %% float", plan->layers, plan->layers > 1 ? "s" : "",
                 100 * (double)plan->cost.float_macs / macs);
        print_figures(what, &plan->figures);
    }
    if (!s->best.layers) {
        puts(s->there ? "  the goal holds as it is: no layer need change"
                      : "  no layer helps within the limits");
    } else {
        print_plan("suggested", &s->best);
        print_layers(t, &s->best, s->gain);
    }
    if (s->beyond.layers) {
        printf("  %d layer%s cannot restore it; these together can:\n", s->best.layers,
               s->best.layers == 1 ? "" : "s");
        print_plan("", &s->beyond);
        print_layers(t, &s->beyond, NULL);
    }
    if (proof) {
        print_figures("measured when written", proof);
    }
    print_mendings(t, s->mendings);
    printf("  %d plans measured", s->tried);
    printf(s->resumed ? ", %d of them known from the checkpoint" : "", s->resumed);
    puts(s->interrupted ? "; interrupted: the best so far" : s->met ? "" : "; the goal is not met");
}

/* Where no layer helps, the candidate byte for byte. */
static ql_code save_model(ql_twins *t, const ql_suggestion *s, const char *path, ql_err *err)
{
    if (!s->best.layers) {
        const ql_model *given = t->engine.candidate.model;
        return ql_file_write(path, (const char *)given->bytes, given->byte_count, err);
    }
    ql_model *mixed;
    ql_code code = ql_rewrite_mixed(&mixed, t->engine.reference, t->engine.candidate, &t->pairing,
                                    s->best.modes, NULL, err);
    code = code ? code : ql_model_save(mixed, path, err);
    ql_model_close(mixed);
    return code;
}

static ql_code finish(ql_twins *t, const ql_clock *clock, const ql_suggestion *s, ql_err *err)
{
    ql_whatif_figures proof;
    const char *out = ql_line_value(t->line, "output"), *model = ql_line_value(t->line, "write-model");
    bool prove = ql_line_has(t->line, "prove") && s->best.layers && !s->interrupted;
    ql_json *document = NULL;
    t->engine.progress = NULL;
    ql_code code = prove ? ql_suggestion_prove(s, &t->engine, &proof, err) : QL_OK;
    if (!code && model && s->best.layers && !s->best.bytes) {
        return ql_fail(err, QL_E_UNSUPPORTED,
                       "--write-model: layers of int4 and bits=N are measured, never written");
    }
    if (code || !ql_ranks_first(t->line->ranks)) {
        return code;
    }
    code = model ? save_model(t, s, model, err) : QL_OK;
    ql_run_facts facts = {.threads = t->engine.threads, .shards = 1, .ranks = ql_ranks_size(t->line->ranks)};
    code = code || !out ? code : ql_suggestion_document(s, &t->engine, prove ? &proof : NULL, &document, err);
    code = code || !out ? code : ql_clock_sign(clock, t->line, &facts, document, err);
    code = code || !out ? code : ql_json_write(document, out, err);
    ql_json_free(document);
    if (!code && !(out && !strcmp(out, "-"))) {
        print(t, s, prove ? &proof : NULL);
    }
    return code;
}

/* Of the models that repairs are tried in. */
typedef struct {
    ql_progress progress;
    const ql_mendings *mendings;
} mending;

static bool step_mending(void *user, uint64_t done, uint64_t total)
{
    mending *m = user;
    (void)done;
    (void)total;
    uint64_t tried = (uint64_t)m->mendings->done, all = (uint64_t)m->mendings->total;
    return ql_progress_step(&m->progress, tried, all > tried ? all : tried + 1);
}

/* Ranges and scales that help, from --calib or else --data. */
static ql_code mend(ql_twins *t, const ql_suggestion *s, ql_mendings *mendings, ql_err *err)
{
    const char *calib = ql_line_value(t->line, "calib");
    const ql_model *const models[] = {t->models[0]};
    ql_dataset *data = NULL;
    ql_bench *bench = NULL;
    ql_data_options choice = t->choice;
    choice.labels = NULL;
    choice.limit = 0;
    ql_code code = calib ? ql_dataset_open(&data, calib, models, t->subgraphs, 1, &choice, err) : QL_OK;
    ql_engine_options options = t->engine;
    mending told = {.mendings = mendings};
    ql_progress_start_shared(&told.progress, t->line->ranks, "trying better parameters:");
    told.progress.unit = "models";
    options.progress = step_mending;
    options.user = &told;
    code = code ? code : ql_bench_open(&bench, &options, err);
    code = code ? code
                : ql_mend(bench, calib ? data : t->data, s->search_samples, ql_line_has(t->line, "prove"),
                          mendings, err);
    ql_progress_end(&told.progress);
    ql_bench_close(bench);
    ql_dataset_close(data);
    return code;
}

static ql_code run(const ql_line *line, ql_err *err)
{
    ql_twins twins;
    ql_clock clock;
    ql_suggest_goal goal = {0};
    ql_suggestion suggestion = {0};
    ql_clock_start(&clock);
    ql_code code = ql_twins_open(&twins, line, err);
    code = code ? code : read_goal(line, &goal, err);
    ql_progress progress;
    ql_progress_start_shared(&progress, line->ranks, "searching");
    progress.unit = "plans";
    twins.engine.progress = ql_progress_step;
    twins.engine.stop = ql_progress_stop;
    twins.engine.user = &progress;
    code = code ? code : ql_suggest(&twins.engine, &goal, &suggestion, err);
    ql_mendings mendings = {.count = 0};
    if (!code && !ql_line_has(line, "no-repairs")) {
        code = mend(&twins, &suggestion, &mendings, err);
        suggestion.mendings = &mendings;
        suggestion.interrupted = code == QL_E_INTERRUPTED;
    }
    ql_progress_end(&progress);
    twins.engine.stop = NULL;
    if (!code || (code == QL_E_INTERRUPTED && suggestion.interrupted)) {
        ql_code rest = finish(&twins, &clock, &suggestion, err);
        code = rest ? rest : code;
    }
    ql_mendings_free(&mendings);
    ql_suggestion_free(&suggestion);
    ql_twins_close(&twins);
    return code;
}

static const ql_option_row options[] = {
    QL_TWINS_OPTIONS,
    {"modes", 0, "MODES",
     "what layers may become: float (default), int16x8, int4, bits=N, or several with commas", false},
    {"max-layers", 0, "K", "at most K layers (default, without any goal: 4)", false},
    {"target-sqnr", 0, "DB", "stop when the output's SQNR is this", false},
    {"target-agreement", 0, "PCT", "stop when the first class agrees this often", false},
    {"target-accuracy", 0, "PCT", "stop when the accuracy is this (needs --labels)", false},
    {"max-float-macs", 0, "PCT", "at most this share of the multiply-accumulates in float", false},
    {"max-size", 0, "BYTES", "the written model is at most this large", false},
    {"search-samples", 0, "N", "samples that judge a plan while searching (default: 2 to 512, by the model)",
     false},
    {"exhaust", 0, NULL, "run every plan on all those samples, also where it cannot win any more", false},
    {"calib", 0, "DATA", "samples that ranges are found with, for repairs (default: those of --data)", false},
    {"no-repairs", 0, NULL, "do not look for better ranges and scales", false},
    {"checkpoint", 0, "FILE", "keep what was measured there, and go on from it when it is there", false},
    {"prove", 0, NULL, "write the model, read it back, and measure that", false},
    {"output", 'o', "FILE", "write the plan as JSON", false},
    {"write-model", 0, "FILE", "write the suggested model as .tflite (as it was where no layer helps)",
     false},
    {0},
};

const ql_command ql_command_suggest = {
    .name = "suggest",
    .operands = "FLOAT QUANT",
    .summary = "Find the layers that are worth leaving in float or 16x8, and prove it",
    .text = "Every plan is measured by running it. Sets that work only together are found by way of the "
            "tensors between\n"
            "layers. Gains are what the plan loses without that layer.",
    .min_operands = 2,
    .max_operands = 2,
    .options = options,
    .ranks = true,
    .run = run,
};
