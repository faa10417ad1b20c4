/* qloupe quantize: a float model into integers. */
#include "analyzer/analyzer.h"
#include "cli/memory.h"
#include "cli/progress.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    ql_model *model, *made;
    int subgraph;
    ql_dataset *data;
    ql_ranges ranges;
    ql_quantize_options quantize;
    ql_calibration method;
    const char **left;
    ql_json *plan; /* NULL: none */
    ql_quantize_mode *layers;
    bool compat;
    ql_memory memory, *bound;
} ql_quantizing;

static const ql_subgraph *graph_of(const ql_quantizing *q)
{
    return &q->model->subgraphs[q->subgraph];
}

static ql_code read_io(ql_quantizing *q, const char *name, ql_err *err)
{
    static const struct {
        const char *name;
        ql_type type;
    } types[] = {{"float", QL_F32}, {"int8", QL_I8}, {"uint8", QL_U8}, {"int16", QL_I16}};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        if (!strcmp(name, types[i].name)) {
            q->quantize.io = types[i].type;
            return QL_OK;
        }
    }
    return ql_fail(err, QL_E_USAGE, "quantize: --io '%.40s': float, int8, uint8 or int16 is required", name);
}

static ql_code read_options(ql_quantizing *q, const ql_line *line, ql_err *err)
{
    const char *mode = ql_line_value(line, "mode"), *io = ql_line_value(line, "io");
    const char *method = ql_line_value(line, "calibration"), *compat = ql_line_value(line, "compat");
    if (!ql_line_has(line, "output") || !mode) {
        return ql_fail(err, QL_E_USAGE,
                       "quantize needs --mode MODE and -o OUT.tflite: see qloupe quantize --help");
    }
    if (!ql_quantize_mode_named(mode, &q->quantize.mode)) {
        return ql_fail(
            err, QL_E_USAGE,
            "quantize: --mode '%.40s': int8, int16x8, dynamic, float16, weights or float is required", mode);
    }
    if (compat && strcmp(compat, "tf-2.21") != 0) {
        return ql_fail(err, QL_E_USAGE, "quantize: --compat '%.40s': tf-2.21 is required", compat);
    }
    q->compat = compat != NULL;
    ql_code code = read_io(q, io ? io : "float", err);
    return code ? code : ql_calibration_parse(&q->method, method ? method : "minmax", err);
}

static ql_code open_model(ql_quantizing *q, const ql_line *line, ql_err *err)
{
    const char *key = ql_line_value(line, "signature");
    ql_code code = ql_model_open(&q->model, line->operands[0], err);
    const ql_signature *signature = code || !key ? NULL : ql_model_signature(q->model, key);
    if (!code && key && !signature) {
        ql_fail(err, QL_E_FIT, "no signature '%.60s': the model has %d", key, q->model->signature_count);
        return ql_at_file(err, q->model->path);
    }
    q->quantize.every_subgraph = !key;
    q->quantize.subgraph = q->subgraph = signature ? signature->subgraph : 0;
    return code ? code : ql_ranges_init(&q->ranges, graph_of(q)->tensor_count, err);
}

static ql_code read_plan(ql_quantizing *q, const ql_line *line, ql_err *err)
{
    const char *path = ql_line_value(line, "plan");
    size_t ops = (size_t)graph_of(q)->operator_count;
    if (!path) {
        return QL_OK;
    }
    ql_code code = ql_json_read(&q->plan, path, err);
    q->layers = calloc(ops + 1, sizeof *q->layers);
    if (!code && !q->layers) {
        return ql_fail_memory(err, ops * sizeof *q->layers);
    }
    if (!code) {
        code = ql_plan_layers(q->plan, q->model, q->subgraph, q->quantize.mode, q->layers, err);
        q->quantize.layers = q->layers;
        return code ? (ql_at_file(err, path), code) : QL_OK;
    }
    return code;
}

static ql_code open_data(ql_quantizing *q, const ql_line *line, ql_err *err)
{
    int64_t seed = 0;
    ql_data_options options = {.signature = ql_line_value(line, "signature")};
    ql_code code = ql_line_int(line, "samples", 1, INT64_MAX, 0, &options.limit, err);
    code = code ? code : ql_line_int(line, "seed", 0, INT64_MAX, 0, &seed, err);
    options.seed = (uint64_t)seed;
    const ql_model *const models[] = {q->model};
    code =
        code ? code
             : ql_dataset_open(&q->data, ql_line_value(line, "data"), models, &q->subgraph, 1, &options, err);
    if (!code && ql_dataset_is_random(q->data)) {
        fprintf(stderr, "qloupe: calibrating on noise: real inputs will hardly have these ranges\n");
    }
    return code;
}

static ql_code calibrate(ql_quantizing *q, const ql_line *line, ql_err *err)
{
    ql_progress progress;
    ql_calibrate_options options = {.model = q->model,
                                    .subgraph = q->subgraph,
                                    .method = q->method,
                                    .levels = q->quantize.mode == QL_MODE_INT16X8 ? 65536 : 256,
                                    .compat = q->compat,
                                    .progress = ql_progress_step,
                                    .user = &progress};
    ql_code code = open_data(q, line, err);
    options.memory = q->bound;
    options.data = q->data;
    ql_progress_start(&progress, "calibrating");
    code = code ? code : ql_calibrate(&options, &q->ranges, err);
    ql_progress_end(&progress);
    return code;
}

static ql_code find_ranges(ql_quantizing *q, const ql_line *line, ql_err *err)
{
    const char *saved = ql_line_value(line, "ranges"), *to = ql_line_value(line, "save-ranges");
    bool needed = ql_quantize_takes_ranges(&q->quantize, q->model), data = ql_line_has(line, "data");
    if (needed && !saved && !data) {
        return ql_fail(err, QL_E_USAGE, "quantize: mode %s%s needs --data CALIB or --ranges FILE",
                       ql_quantize_mode_name(q->quantize.mode), q->plan ? " with this plan" : "");
    }
    if (!saved && !(data && (needed || to))) {
        return to ? ql_fail(err, QL_E_USAGE, "quantize: --save-ranges needs --data CALIB") : QL_OK;
    }
    ql_code code =
        saved ? ql_ranges_load(&q->ranges, q->model, q->subgraph, saved, err) : calibrate(q, line, err);
    if (!code && q->plan && ql_line_has(line, "repairs")) {
        code = ql_plan_repairs(q->plan, q->model, q->subgraph, &q->ranges, err);
        code = code ? (ql_at_file(err, ql_line_value(line, "plan")), code) : QL_OK;
    }
    if (!code && to) {
        code = ql_ranges_save(&q->ranges, q->model, q->subgraph, q->method.row->name, to, err);
    }
    return code;
}

/* Names the operators that stayed float; returns how many. */
static int tell_left(const ql_quantizing *q)
{
    int count = 0;
    for (int i = 0; i < graph_of(q)->operator_count; i++) {
        const ql_operator *op = &graph_of(q)->operators[i];
        char name[64], tensor[160];
        if (q->left[i]) {
            ql_str made = op->output_count ? graph_of(q)->tensors[op->outputs[0]].name : (ql_str){"", 0};
            fprintf(stderr, "qloupe: stays float: op #%d %s '%s': %s\n", i,
                    ql_operator_name(q->model, op, name),
                    ql_escape(tensor, sizeof tensor, made.text, made.length), q->left[i]);
            count++;
        }
    }
    return count;
}

static ql_code make(ql_quantizing *q, const ql_line *line, ql_err *err)
{
    size_t ops = (size_t)graph_of(q)->operator_count;
    q->left = calloc(ops + 1, sizeof *q->left);
    if (!q->left) {
        return ql_fail_memory(err, ops * sizeof *q->left);
    }
    q->quantize.ranges = &q->ranges;
    q->quantize.left = q->left;
    q->quantize.compat = q->compat;
    q->quantize.memory = q->bound;
    q->quantize.fragile = q->compat || ql_line_has(line, "integer-only");
    ql_code code = ql_quantize(&q->made, q->model, &q->quantize, err);
    if (code) {
        ql_at_file(err, q->model->path);
        return code;
    }
    int count = tell_left(q);
    if (count && ql_line_has(line, "integer-only")) {
        ql_fail(err, QL_E_UNSUPPORTED, "%d operators would stay float (named above): --integer-only", count);
        return ql_at_file(err, q->model->path);
    }
    return ql_model_save(q->made, ql_line_value(line, "output"), err);
}

static ql_code run_quantize(const ql_line *line, ql_err *err)
{
    ql_quantizing q = {0};
    ql_code code = read_options(&q, line, err);
    code = code ? code : open_model(&q, line, err);
    const ql_model *const models[] = {q.model};
    code = code ? code : ql_line_memory(line, models, 1, &q.memory, &q.bound, err);
    code = code ? code : read_plan(&q, line, err);
    code = code ? code : find_ranges(&q, line, err);
    code = code ? code : make(&q, line, err);
    ql_model_close(q.made);
    ql_dataset_close(q.data);
    ql_ranges_free(&q.ranges);
    free(q.left);
    free(q.layers);
    ql_json_free(q.plan);
    ql_model_close(q.model);
    return code;
}

static const ql_option_row options[] = {
    {"output", 'o', "OUT.tflite", "the model to write", false},
    {"mode", 0, "MODE", "int8, int16x8, dynamic, float16, weights (int8, arithmetic in float) or float",
     false},
    {"data", 0, "CALIB", "samples to calibrate on: a .npz or .npy file, or random[:N]", false},
    {"plan", 0, "PLAN.json", "layers that get another mode than the rest: what suggest writes", false},
    {"repairs", 0, NULL, "take the plan's better ranges too", false},
    {"calibration", 0, "METHOD",
     "minmax (default), moving-average[:0.95], percentile[:99.99], mse, lp[:2.4], kl", false},
    {"io", 0, "TYPE", "type of inputs and outputs: float (default), int8, uint8, int16", false},
    {"integer-only", 0, NULL, "fail, naming them, when operators would stay float", false},
    {"ranges", 0, "FILE", "take ranges from this calibration result instead of calibrating", false},
    {"save-ranges", 0, "FILE", "write the ranges as a calibration result", false},
    {"compat", 0, "tf-2.21", "calibrate as that converter does: its kernels, and ranges that it widens",
     false},
    {"samples", 0, "N", "at most the first N samples", false},
    {"seed", 0, "S", "seed of random data", false},
    {"signature", 0, "KEY", "the signature to quantize (default: the first subgraph)", false},
    QL_MEMORY_OPTION,
    {0},
};

const ql_command ql_command_quantize = {
    .name = "quantize",
    .operands = "FLOAT",
    .summary = "Quantize a float model: integers, integer weights, or float16",
    .text =
        "Scales, zero points and integers are those that TensorFlow 2.21's converter would write; operators\n"
        "without an integer kernel stay float, between DEQUANTIZE and QUANTIZE.",
    .min_operands = 1,
    .max_operands = 1,
    .options = options,
    .run = run_quantize,
};
