/* qloupe run: a model on samples, its tensors into a .npz file. */
#include "analyzer/analyzer.h"
#include "cli/data.h"
#include "cli/memory.h"
#include "cli/profile.h"
#include "cli/progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct {
    ql_model *model;
    int subgraph;
    ql_dataset *data;
    ql_exec *exec;
    ql_npz_writer *out;
    bool all;
    bool *written; /* by tensor, in this sample */
    bool *warned;  /* by tensor: told that NumPy cannot hold it */
    uint64_t sample;
    ql_profile *profile; /* NULL: not asked for */
    int64_t repeat;      /* runs of each sample */
    ql_memory memory;
} ql_runner;

static const ql_subgraph *graph_of(const ql_runner *r)
{
    return &r->model->subgraphs[r->subgraph];
}

static ql_code write_tensor(ql_runner *r, const ql_view *view, ql_err *err)
{
    char name[64];
    if (r->written[view->index]) {
        return QL_OK;
    }
    r->written[view->index] = true;
    snprintf(name, sizeof name, "s%" PRIu64 "/t/%d", r->sample, view->index);
    ql_code code = ql_npz_add(r->out, name, view->type, view->rank, view->dims, view->data, err);
    return code ? (ql_at_tensor_of(err, view->tensor, view->index), code) : QL_OK;
}

/* Of the tensors that were not asked for by name, those that NumPy cannot hold are left out, and said so. */
static ql_code write_if_numpy(ql_runner *r, const ql_view *view, ql_err *err)
{
    ql_code code = write_tensor(r, view, err);
    if (code != QL_E_UNSUPPORTED) {
        return code;
    }
    if (!r->warned[view->index]) {
        char text[800];
        fprintf(stderr, "qloupe: left out: %s\n", ql_err_text(err, text, sizeof text));
    }
    r->warned[view->index] = true;
    ql_err_clear(err);
    return QL_OK;
}

static ql_code tap(void *user, int op, const ql_view *view, ql_err *err)
{
    ql_runner *r = user;
    ql_code code = r->profile ? ql_profile_tap(r->profile, op, view, err) : QL_OK;
    code = code || !r->all || !r->out ? code : write_if_numpy(r, view, err);
    if (r->profile) {
        ql_profile_skip(r->profile);
    }
    return code;
}

/* What the tap does not see: inputs, variables, and what follows from constants. */
static ql_code write_rest(ql_runner *r, ql_err *err)
{
    const ql_subgraph *graph = graph_of(r);
    ql_code code = QL_OK;
    for (int t = 0; t < graph->tensor_count && !code; t++) {
        const ql_view *view = ql_exec_tensor(r->exec, t);
        bool there = view->shaped && view->data && (view->known || graph->tensors[t].variable);
        if (there && !graph->tensors[t].data) {
            code = write_if_numpy(r, view, err);
        }
    }
    return code;
}

static ql_code feed(ql_runner *r, ql_err *err)
{
    ql_code code = QL_OK;
    for (int i = 0; i < graph_of(r)->input_count && !code; i++) {
        ql_view *view = ql_exec_input(r->exec, i);
        code = ql_dataset_feed(r->data, r->sample, 0, i, view, err);
        if (!code && r->all && r->out) { /* now: its memory may be used again during the run */
            code = write_if_numpy(r, view, err);
        }
    }
    return code;
}

static ql_code run_once(ql_runner *r, ql_err *err)
{
    ql_exec_reset(r->exec);
    ql_code code = feed(r, err);
    if (r->profile) {
        ql_profile_begin(r->profile);
    }
    code = code ? code : ql_exec_run(r->exec, r->all || r->profile ? tap : NULL, r, err);
    if (r->profile) {
        ql_profile_end(r->profile);
    }
    return code;
}

static ql_code run_sample(ql_runner *r, ql_err *err)
{
    ql_code code = QL_OK;
    memset(r->written, 0, (size_t)graph_of(r)->tensor_count * sizeof *r->written);
    for (int64_t i = 0; i < r->repeat && !code; i++) {
        code = run_once(r, err);
    }
    if (!r->out) {
        return code;
    }
    code = code || !r->all ? code : write_rest(r, err);
    for (int o = 0; o < graph_of(r)->output_count && !code && !r->all; o++) {
        code = write_tensor(r, ql_exec_output(r->exec, o), err);
    }
    return code;
}

static ql_code run_samples(ql_runner *r, ql_err *err)
{
    ql_progress progress;
    uint64_t count = ql_dataset_count(r->data);
    ql_code code = QL_OK;
    ql_progress_start(&progress, "running");
    for (uint64_t i = 0; i < count && !code; i++) {
        r->sample = ql_dataset_sample(r->data, i);
        code = run_sample(r, err);
        if (!code && !ql_progress_step(&progress, i + 1, count)) {
            code = ql_fail(err, QL_E_INTERRUPTED, "interrupted");
        }
    }
    ql_progress_end(&progress);
    return code;
}

static ql_code open_model(ql_runner *r, const ql_line *line, ql_err *err)
{
    ql_code code = ql_model_open(&r->model, line->operands[0], err);
    return code ? code : ql_find_subgraph(line, r->model, &r->subgraph, err);
}

static ql_code open_data(ql_runner *r, const ql_line *line, ql_err *err)
{
    const ql_model *const models[] = {r->model};
    ql_data_options options = {0};
    return ql_open_data(line, &options, models, &r->subgraph, 1, &r->data, err);
}

static ql_code open_exec(ql_runner *r, const ql_line *line, ql_err *err)
{
    ql_exec_options options = {.subgraph = r->subgraph, .stop = ql_progress_stop};
    int64_t threads, processors = r->profile ? 1 : sysconf(_SC_NPROCESSORS_ONLN);
    ql_code code = ql_line_numerics(line, "numerics", &options.numerics, err);
    code =
        code ? code : ql_line_int(line, "threads", 1, 1024, processors > 0 ? processors : 1, &threads, err);
    options.threads = (int)(code ? 1 : threads);
    const ql_model *const models[] = {r->model};
    code = code ? code : ql_line_memory(line, models, 1, &r->memory, &options.memory, err);
    code = code ? code : ql_exec_open(&r->exec, r->model, &options, err);
    for (int i = 0; i < graph_of(r)->input_count && !code; i++) {
        int rank;
        int32_t dims[QL_MAX_RANK];
        if (ql_dataset_shape(r->data, 0, i, &rank, dims)) {
            code = ql_exec_resize(r->exec, i, rank, dims, err);
        }
    }
    size_t count = (size_t)graph_of(r)->tensor_count + 1;
    r->written = calloc(count, sizeof *r->written);
    r->warned = calloc(count, sizeof *r->warned);
    return code || (r->written && r->warned) ? code : ql_fail_memory(err, count);
}

static ql_code start_profile(ql_runner *r, ql_err *err)
{
    uint64_t samples = ql_dataset_count(r->data);
    uint64_t repeat = (uint64_t)r->repeat, most = 1 << 20; /* times kept for the median */
    size_t runs = (size_t)(samples < most / repeat ? samples * repeat : most);
    return r->profile ? ql_profile_start(r->profile, r->exec, r->model, r->subgraph, runs, err) : QL_OK;
}

static ql_code run_all(ql_runner *r, const ql_line *line, ql_err *err)
{
    const char *to = ql_line_value(line, "output");
    ql_code code = open_model(r, line, err);
    code = code ? code : open_data(r, line, err);
    code = code ? code : open_exec(r, line, err);
    code = code ? code : start_profile(r, err);
    code = code || !to ? code : ql_npz_create(&r->out, to, err);
    code = code ? code : run_samples(r, err);
    if (code && code != QL_E_USAGE) {
        ql_at_file(err, line->operands[0]);
    }
    if (code) {
        return code;
    }
    code = r->out ? ql_npz_finish(r->out, err) : QL_OK;
    r->out = NULL;
    if (!code && r->profile) {
        ql_profile_print(r->profile);
    }
    return code;
}

static ql_code run(const ql_line *line, ql_err *err)
{
    ql_profile profile = {0};
    ql_runner r = {.all = ql_line_has(line, "all-tensors"),
                   .profile = ql_line_has(line, "profile") ? &profile : NULL,
                   .repeat = 1};
    if (!ql_line_has(line, "data") || !(ql_line_has(line, "output") || r.profile)) {
        return ql_fail(err, QL_E_USAGE,
                       "run needs --data DATA and -o OUT.npz, or --profile: see qloupe run --help");
    }
    if (r.all && ql_line_value(line, "output") && ql_line_has(line, "repeat")) {
        return ql_fail(err, QL_E_USAGE, "--repeat writes nothing new: leave out -o OUT.npz or --all-tensors");
    }
    ql_code code = ql_line_int(line, "repeat", 1, 1000000, 1, &r.repeat, err);
    code = code ? code : run_all(&r, line, err);
    ql_profile_free(&profile);
    ql_npz_abandon(r.out);
    ql_exec_close(r.exec);
    ql_dataset_close(r.data);
    ql_model_close(r.model);
    free(r.written);
    free(r.warned);
    return code;
}

static const ql_option_row options[] = {
    QL_DATA_OPTIONS,
    {"output", 'o', "OUT.npz", "where the tensors go, as s<k>/t/<tensor index>", false},
    {"all-tensors", 0, NULL, "every tensor that is not constant, not only the outputs", false},
    {"numerics", 0, "PROFILE",
     "whose kernels' bits: litert-ref (default), litert-opt, litert-opt-mt, xnnpack, tflm", false},
    {"threads", 'j', "N", "threads for large operators (default: all cores; with --profile: 1)", false},
    QL_MEMORY_OPTION,
    {"profile", 0, NULL, "print how long each operator takes", false},
    {"repeat", 0, "N", "run each sample N times, to time it", false},
    {0},
};

const ql_command ql_command_run = {
    .name = "run",
    .operands = "MODEL",
    .summary = "Run a model on samples and keep its tensors",
    .text =
        "Arrays are named s<k>/t/<i>: sample k from 0, tensor i of the subgraph, in the tensor's own type.",
    .min_operands = 1,
    .max_operands = 1,
    .options = options,
    .run = run,
};
