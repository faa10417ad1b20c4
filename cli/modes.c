/* qloupe modes: every way to quantize a model, measured side by side. */
#include "cli/data.h"
#include "cli/facts.h"
#include "cli/memory.h"
#include "cli/progress.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct {
    ql_model *model;
    ql_modes_options options;
    ql_modes_result result;
    double tolerance;
    ql_memory memory;
} ql_survey;

static ql_code read_tolerance(const ql_line *line, double *tolerance, ql_err *err)
{
    const char *text = ql_line_value(line, "tolerance");
    char *end;
    *tolerance = 1;
    if (!text) {
        return QL_OK;
    }
    *tolerance = strtod(text, &end);
    return end == text || *end || !(*tolerance >= 0) || !(*tolerance <= 100)
               ? ql_fail(err, QL_E_USAGE, "modes: --tolerance '%.40s': 0 to 100 is required", text)
               : QL_OK;
}

static ql_code read_options(ql_survey *s, const ql_line *line, ql_err *err)
{
    ql_modes_options *o = &s->options;
    const char *method = ql_line_value(line, "calibration"), *compat = ql_line_value(line, "compat");
    int64_t threads, processors = sysconf(_SC_NPROCESSORS_ONLN);
    ql_code code = ql_calibration_parse(&o->method, method ? method : "minmax", err);
    if (!code && compat && strcmp(compat, "tf-2.21") != 0) {
        code = ql_fail(err, QL_E_USAGE, "modes: --compat '%.40s': tf-2.21 is required", compat);
    }
    o->compat = compat != NULL;
    code =
        code ? code : ql_line_int(line, "threads", 1, 1024, processors > 0 ? processors : 1, &threads, err);
    o->threads = (int)(code ? 1 : threads);
    code = code ? code : ql_line_numerics(line, "numerics", &o->numerics, err);
    code = code ? code : read_tolerance(line, &s->tolerance, err);
    o->data = ql_line_value(line, "data");
    o->calib = ql_line_value(line, "calib");
    o->choice.labels = ql_line_value(line, "labels");
    code = code ? code : ql_read_data(line, &o->choice, err);
    o->calib_choice = o->choice;
    o->calib_choice.labels = NULL;
    o->calib_choice.limit = 0;
    return code;
}

static void print_modes(const ql_survey *s)
{
    const ql_modes_result *r = &s->result;
    printf("  %-14s %9s %6s %8s %10s %9s   %-28s %s\n", "mode", "bytes", "size", "SQNR dB", "agreement",
           "accuracy", "multiply-accumulates", "float ops");
    for (int i = 0; i < r->count; i++) {
        const ql_mode_figures *mode = &r->modes[i];
        const ql_macs_by_type *m = &mode->macs;
        if (*mode->refused) {
            printf("  %-14s refused: %s\n", mode->row->name, mode->refused);
            continue;
        }
        printf("  %-14s %9zu %5.1f%% ", mode->row->name, mode->bytes,
               100 * (double)mode->bytes / (double)r->modes[0].bytes);
        printf(isfinite(mode->figures.sqnr_db) ? "%8.2f" : "   exact", mode->figures.sqnr_db);
        printf(r->classes ? " %8.2f %%" : "          -", 100 * mode->figures.top1);
        printf(r->labels ? " %7.2f %%  " : "         -  ", 100 * mode->figures.accuracy);
        double all = (double)(m->f32 + m->i8 + m->i16 + m->hybrid + m->other), whole = all > 0 ? all : 1;
        char macs[120] = "";
        const struct {
            const char *name;
            uint64_t count;
        } kinds[] = {
            {"float", m->f32}, {"int8", m->i8}, {"16x8", m->i16}, {"hybrid", m->hybrid}, {"other", m->other}};
        for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
            size_t used = strlen(macs);
            if (kinds[k].count) {
                snprintf(macs + used, sizeof macs - used, "%s%.1f%% %s", used ? ", " : "",
                         100 * (double)kinds[k].count / whole, kinds[k].name);
            }
        }
        printf(" %-28s %9d\n", *macs ? macs : "none", mode->float_operators);
    }
}

static void print_advice(const ql_survey *s)
{
    const ql_modes_result *r = &s->result;
    for (int i = 0; i < r->step_count; i++) {
        printf("  %s %s: it %s\n", r->steps[i].question, r->steps[i].yes ? "yes" : "no", r->steps[i].answer);
    }
    printf("recommended: %s (%s)\n", r->best.row->name, r->best.reason);
    for (int i = 0; i < QL_MODE_TARGETS; i++) {
        const ql_mode_advice *advice = &r->targets[i];
        printf("  %-24s %s (%s)\n", advice->target, advice->row ? advice->row->name : "none", advice->reason);
    }
}

static ql_code report(const ql_survey *s, const ql_clock *clock, const ql_line *line, ql_err *err)
{
    const char *json = ql_line_value(line, "json");
    ql_json *document = NULL;
    ql_run_facts facts = {.threads = s->options.threads, .shards = 1};
    ql_code code = !json ? QL_OK : ql_modes_document(&s->result, &s->options, &document, err);
    code = code || !json ? code : ql_clock_sign(clock, line, &facts, document, err);
    code = code || !json ? code : ql_json_write(document, json, err);
    ql_json_free(document);
    if (!code && !(json && !strcmp(json, "-"))) {
        print_modes(s);
        print_advice(s);
    }
    return code;
}

static ql_code measure(ql_survey *s, const ql_line *line, ql_err *err)
{
    ql_progress progress;
    ql_code code = ql_model_open(&s->model, line->operands[0], err);
    code = code ? code : ql_find_subgraph(line, s->model, &s->options.subgraph, err);
    const ql_model *const models[] = {s->model};
    code = code ? code : ql_line_memory(line, models, 1, &s->memory, &s->options.memory, err);
    s->options.model = s->model;
    s->options.progress = ql_progress_step;
    s->options.stop = ql_progress_stop;
    s->options.user = &progress;
    ql_progress_start(&progress, "measuring modes");
    code = code ? code : ql_modes_measure(&s->options, &s->result, err);
    ql_progress_end(&progress);
    return code;
}

static ql_code run_modes(const ql_line *line, ql_err *err)
{
    ql_survey s = {0};
    ql_clock clock;
    ql_clock_start(&clock);
    ql_code code = read_options(&s, line, err);
    code = code ? code : measure(&s, line, err);
    if (!code) {
        if (s.result.noise) {
            fprintf(stderr, "qloupe: measured on noise: real data will give other figures\n");
        }
        ql_modes_advise(&s.result, s.tolerance);
        code = report(&s, &clock, line, err);
    }
    ql_model_close(s.model);
    return code;
}

static const ql_option_row options[] = {
    QL_DATA_OPTIONS,
    {"calib", 0, "CALIB", "samples to calibrate on (default: those of --data)", false},
    {"labels", 0, "NAME", "the data's array of labels, for accuracy; of images: folder", false},
    {"tolerance", 0, "PCT", "points of accuracy, else of agreement, that a mode may lose (default: 1)",
     false},
    {"calibration", 0, "METHOD",
     "minmax (default), moving-average[:0.95], percentile[:99.99], mse, lp[:2.4], kl", false},
    {"compat", 0, "tf-2.21", "calibrate as that converter does", false},
    {"json", 0, "FILE", "write table and recommendation as JSON", false},
    {"numerics", 0, "PROFILE", "whose kernels' bits (default: litert-ref)", false},
    {"threads", 'j', "N", "threads (default: all cores)", false},
    QL_MEMORY_OPTION,
    {0},
};

const ql_command ql_command_modes = {
    .name = "modes",
    .operands = "FLOAT",
    .summary = "Every quantization mode, measured side by side, and which to take",
    .text = "Quantizes the model in every mode, runs each on the data, and walks the decision tree of "
            "post-training\n"
            "quantization with what was measured.",
    .min_operands = 1,
    .max_operands = 1,
    .options = options,
    .run = run_modes,
};
