/* qloupe config: a plan as the configuration of another tool. */
#include "cli/data.h"
#include "cli/progress.h"
#include "reports/reports.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    const ql_line *line;
    const ql_export_target *target;
    ql_json *plan;
    ql_model *models[2]; /* the float model; the quantized one, NULL: not at hand */
    ql_export_source source;
    ql_ranges ranges;
    ql_dataset *data;
} ql_configuring;

static ql_code read_target(ql_configuring *c, ql_err *err)
{
    const char *id = ql_line_value(c->line, "for");
    char known[400] = "";
    for (size_t i = 0; i < ql_export_target_count; i++) {
        size_t length = strlen(known);
        snprintf(known + length, sizeof known - length, "%s%s", i ? ", " : "", ql_export_targets[i].id);
    }
    if (!id || !ql_line_has(c->line, "output")) {
        return ql_fail(err, QL_E_USAGE,
                       "config needs --for TARGET (%s) and -o FILE: see qloupe config --help", known);
    }
    c->target = ql_export_find(id);
    return c->target ? QL_OK
                     : ql_fail(err, QL_E_USAGE, "config: --for '%.40s': one of %s is required", id, known);
}

/* A plan names a model by its path, or by an object with "file" and "sha256". */
static const char *path_in_plan(const ql_json *plan, const char *side)
{
    const ql_json *model = ql_json_get(plan, side);
    return ql_json_text(model) ? ql_json_text(model) : ql_json_get_text(model, "file", NULL);
}

static ql_code check_sum(const ql_configuring *c, const char *side, const ql_model *model, ql_err *err)
{
    const char *wanted = ql_json_get_text(ql_json_get(c->plan, side), "sha256", NULL);
    char found[65];
    ql_sha256 sha;
    if (!wanted || !model->bytes) {
        return QL_OK;
    }
    ql_sha256_start(&sha);
    ql_sha256_add(&sha, model->bytes, model->byte_count);
    ql_sha256_hex(&sha, found);
    if (strcmp(found, wanted) != 0) {
        ql_fail(err, QL_E_FIT, "its SHA-256 is %.12s...: the plan was made for the model of %.12s...", found,
                wanted);
        return ql_at_file(err, model->path);
    }
    return QL_OK;
}

/* The float model must be there; without the quantized one, unless the line names it, one can do. */
static ql_code open_side(ql_configuring *c, int which, ql_err *err)
{
    static const char *const sides[] = {"reference", "candidate"};
    const char *given = ql_line_value(c->line, sides[which]);
    const char *path = given ? given : path_in_plan(c->plan, sides[which]);
    ql_side *side = which ? &c->source.candidate : &c->source.reference;
    ql_code code = QL_OK;
    if (!path) {
        return which
                   ? QL_OK
                   : ql_fail(err, QL_E_USAGE, "the plan names no float model: --reference FLOAT is required");
    }
    code = ql_model_open(&c->models[which], path, err);
    if (code == QL_E_IO && which && !given) {
        fprintf(stderr, "qloupe: %s: cannot be opened\n", path);
        return QL_OK;
    }
    side->model = c->models[which];
    code = code ? code : check_sum(c, sides[which], side->model, err);
    return code ? code : ql_find_subgraph(c->line, side->model, &side->subgraph, err);
}

static ql_code calibrate(ql_configuring *c, ql_err *err)
{
    ql_progress progress;
    ql_calibration method;
    ql_data_options choice = {0};
    const char *name = ql_line_value(c->line, "calibration");
    const ql_side *side = &c->source.reference;
    ql_code code = ql_calibration_parse(&method, name ? name : "minmax", err);
    code = code ? code : ql_open_data(c->line, &choice, &side->model, &side->subgraph, 1, &c->data, err);
    ql_calibrate_options options = {.model = side->model,
                                    .subgraph = side->subgraph,
                                    .data = c->data,
                                    .method = method,
                                    .levels = 256,
                                    .progress = ql_progress_step,
                                    .user = &progress};
    ql_progress_start(&progress, "calibrating");
    code = code ? code : ql_calibrate(&options, &c->ranges, err);
    ql_progress_end(&progress);
    return code;
}

/* --ranges or --data; without either the target makes do with the candidate's parameters. */
static ql_code find_ranges(ql_configuring *c, ql_err *err)
{
    const char *saved = ql_line_value(c->line, "ranges");
    const ql_side *side = &c->source.reference;
    if (!saved && !ql_line_has(c->line, "data")) {
        return QL_OK;
    }
    ql_code code = ql_ranges_init(&c->ranges, side->model->subgraphs[side->subgraph].tensor_count, err);
    c->source.ranges = &c->ranges;
    return code    ? code
           : saved ? ql_ranges_load(&c->ranges, side->model, side->subgraph, saved, err)
                   : calibrate(c, err);
}

/* Each line of the notes as a message. */
static void tell(const char *notes)
{
    while (*notes) {
        size_t length = strcspn(notes, "\n");
        fprintf(stderr, "qloupe: note: %.*s\n", (int)length, notes);
        notes += length + (notes[length] == '\n');
    }
}

static ql_code write_config(ql_configuring *c, ql_err *err)
{
    ql_text notes = {0};
    c->source.plan = c->plan;
    ql_code code = ql_export_write(c->target, &c->source, ql_line_value(c->line, "output"), &notes, err);
    if (code == QL_E_FORMAT || code == QL_E_FIT) {
        ql_at_file(err, c->line->operands[0]);
    }
    tell(ql_text_bytes(&notes));
    ql_text_free(&notes);
    return code;
}

static ql_code run(const ql_line *line, ql_err *err)
{
    ql_configuring c = {.line = line};
    ql_code code = read_target(&c, err);
    code = code ? code : ql_json_read(&c.plan, line->operands[0], err);
    code = code ? code : open_side(&c, 0, err);
    code = code ? code : open_side(&c, 1, err);
    code = code ? code : find_ranges(&c, err);
    code = code ? code : write_config(&c, err);
    ql_dataset_close(c.data);
    ql_ranges_free(&c.ranges);
    ql_model_close(c.models[0]);
    ql_model_close(c.models[1]);
    ql_json_free(c.plan);
    return code;
}

static const ql_option_row options[] = {
    {"for", 0, "TARGET", "tf-debugger, ai-edge-quantizer, calibration, tfmot, model-explorer, tflm or nodes",
     false},
    {"output", 'o', "FILE", "the configuration to write", false},
    {"reference", 0, "FLOAT", "the float model (default: the plan's)", false},
    {"candidate", 0, "QUANT", "the quantized model (default: the plan's, if it is there)", false},
    {"ranges", 0, "FILE", "calibration: ranges that quantize --save-ranges wrote", false},
    {"calibration", 0, "METHOD", "calibration: how to choose ranges from --data, as for quantize", false},
    QL_DATA_OPTIONS,
    {0},
};

const ql_command ql_command_config = {
    .name = "config",
    .operands = "PLAN.json",
    .summary = "Write a plan as the configuration of another quantizer",
    .text =
        "Every name and expression is tried on all operators of the float model before it is written. What\n"
        "the tool cannot do is refused (exit 6) with the layer and the reason.",
    .min_operands = 1,
    .max_operands = 1,
    .options = options,
    .run = run,
};
