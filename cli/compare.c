/* qloupe compare: a float model and its quantized twin side by side. */
#include "analyzer/analyzer.h"
#include "cli/command.h"
#include "cli/outputs.h"
#include "cli/progress.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

typedef struct {
    ql_model *models[2];
    int subgraphs[2];
    ql_dataset *data;
    ql_arena arena;
    ql_pairing pairing;
    ql_comparison comparison;
    ql_json *result;
    ql_run_facts facts;
    ql_engine_options engine;
} ql_compare;

static ql_code find_subgraph(ql_compare *c, int side, const char *key, ql_err *err)
{
    const ql_signature *signature = key ? ql_model_signature(c->models[side], key) : NULL;
    if (key && !signature) {
        ql_fail(err, QL_E_FIT, "no signature '%.60s': the model has %d", key,
                c->models[side]->signature_count);
        ql_at_file(err, c->models[side]->path);
        return QL_E_FIT;
    }
    c->subgraphs[side] = signature ? signature->subgraph : 0;
    return QL_OK;
}

static ql_code open_models(ql_compare *c, const ql_line *line, ql_err *err)
{
    ql_code code = QL_OK;
    for (int side = 0; side < 2 && !code; side++) {
        code = ql_model_open(&c->models[side], line->operands[side], err);
        code = code ? code : find_subgraph(c, side, ql_line_value(line, "signature"), err);
    }
    return code;
}

/* "2/4": the second of four. */
static ql_code read_shard(const ql_line *line, ql_data_options *options, ql_err *err)
{
    const char *text = ql_line_value(line, "shard");
    int shard = 1, shards = 1, end = 0;
    if (text && (sscanf(text, "%d/%d%n", &shard, &shards, &end) != 2 || text[end] || shard < 1 ||
                 shard > shards || shards > 1000000)) {
        return ql_fail(err, QL_E_USAGE, "compare: --shard '%.40s': I/N with 1 <= I <= N is required", text);
    }
    options->shard = shard - 1;
    options->shards = shards;
    return QL_OK;
}

static ql_code open_data(ql_compare *c, const ql_line *line, ql_err *err)
{
    const char *spec = ql_line_value(line, "data");
    if (!spec) {
        return ql_fail(err, QL_E_USAGE, "compare needs --data DATA: see qloupe compare --help");
    }
    int64_t seed;
    ql_data_options options = {.labels = ql_line_value(line, "labels"),
                               .signature = ql_line_value(line, "signature")};
    ql_code code = read_shard(line, &options, err);
    code = code ? code : ql_line_int(line, "samples", 1, INT64_MAX, 0, &options.limit, err);
    code = code ? code : ql_line_int(line, "seed", 0, INT64_MAX, 0, &seed, err);
    options.seed = (uint64_t)(code ? 0 : seed);
    c->facts.shard = options.shard;
    c->facts.shards = options.shards;
    const ql_model *const models[] = {c->models[0], c->models[1]};
    return code ? code : ql_dataset_open(&c->data, spec, models, c->subgraphs, 2, &options, err);
}

static ql_code read_engine(ql_compare *c, const ql_line *line, ql_err *err)
{
    int64_t threads, processors = sysconf(_SC_NPROCESSORS_ONLN);
    ql_engine_options *o = &c->engine;
    ql_code code = ql_line_int(line, "threads", 1, 1024, processors > 0 ? processors : 1, &threads, err);
    code = code ? code : ql_line_size(line, "max-memory", &o->max_bytes, err);
    code = code ? code : ql_line_numerics(line, "numerics", &o->reference_numerics, err);
    code = code ? code : ql_line_numerics(line, "against", &o->candidate_numerics, err);
    const char *inputs = ql_line_value(line, "local-inputs");
    if (!code && inputs && strcmp(inputs, "candidate") != 0 && strcmp(inputs, "reference") != 0) {
        code = ql_fail(err, QL_E_USAGE, "compare: --local-inputs '%.40s': candidate or reference is required",
                       inputs);
    }
    o->candidate_numerics = o->candidate_numerics ? o->candidate_numerics : o->reference_numerics;
    o->reference = (ql_side){c->models[0], c->subgraphs[0]};
    o->candidate = (ql_side){c->models[1], c->subgraphs[1]};
    o->pairing = &c->pairing;
    o->data = c->data;
    o->threads = (int)(code ? 1 : threads);
    o->local = true;
    o->split = ql_line_has(line, "split");
    o->local_from_reference = inputs && !strcmp(inputs, "reference");
    c->facts.threads = o->threads;
    return code;
}

static ql_code run(ql_compare *c, ql_err *err)
{
    ql_code code = ql_pair_models(c->engine.reference, c->engine.candidate, &c->arena, &c->pairing, err);
    if (!code && !c->pairing.pair_count) {
        code = ql_fail(err, QL_E_FIT,
                       "%s and %s have no tensor in common: a model and its quantized twin are required",
                       c->models[0]->path, c->models[1]->path);
    }
    ql_progress progress;
    ql_progress_start(&progress, "comparing");
    c->engine.progress = ql_progress_step;
    c->engine.user = &progress;
    code = code ? code : ql_engine_run(&c->engine, &c->comparison, err);
    ql_progress_end(&progress);
    code = code ? code : ql_result_frame(&c->result, &c->engine, err);
    return code ? code : ql_result_fill(c->result, &c->comparison, c->facts.shards > 1, err);
}

static ql_code finish(ql_compare *c, const ql_line *line, const struct timespec *begun, const char *started,
                      ql_err *err)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    c->facts.seconds = (double)(now.tv_sec - begun->tv_sec) + (double)(now.tv_nsec - begun->tv_nsec) * 1e-9;
    c->facts.started = started;
    c->facts.argc = line->argc;
    c->facts.argv = line->argv;
    ql_code code = ql_result_sign(c->result, &c->facts, err);
    return code ? code : ql_write_outputs(line, c->result, err);
}

static void close_all(ql_compare *c)
{
    ql_json_free(c->result);
    ql_comparison_free(&c->comparison);
    ql_dataset_close(c->data);
    ql_model_close(c->models[0]);
    ql_model_close(c->models[1]);
    ql_arena_free(&c->arena);
}

static ql_code run_compare(const ql_line *line, ql_err *err)
{
    ql_compare c = {0};
    struct timespec begun;
    char started[32];
    time_t now = time(NULL);
    struct tm utc;
    clock_gettime(CLOCK_MONOTONIC, &begun);
    strftime(started, sizeof started, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &utc));
    ql_code code = open_models(&c, line, err);
    code = code ? code : open_data(&c, line, err);
    code = code ? code : read_engine(&c, line, err);
    code = code ? code : run(&c, err);
    code = code ? code : finish(&c, line, &begun, started, err);
    close_all(&c);
    return code;
}

static const ql_option_row options[] = {
    {"data", 0, "DATA", "samples: a .npz or .npy file, or random[:N]", false},
    {"labels", 0, "NAME", "the data's array of labels, for accuracy", false},
    {"samples", 0, "N", "at most the first N samples", false},
    {"seed", 0, "S", "seed of random data", false},
    {"signature", 0, "KEY", "the signature to compare (default: the first subgraph)", false},
    {"sort", 0, "METRIC",
     "order the table by this metric, the worst first (e.g. rmse_over_scale, local.sqnr_db)", false},
    {"top", 0, "N", "only the N worst rows of the table", false},
    {"numerics", 0, "PROFILE", "whose kernels' bits: litert-ref (default), litert-opt, tflm", false},
    {"against", 0, "PROFILE", "the candidate's profile, to see how kernels differ", false},
    {"local-inputs", 0, "WHOSE", "local errors on the candidate's inputs (default) or the reference's",
     false},
    {"split", 0, NULL, "tell each operator's error apart: input, weights, clipping, rounding, rescale",
     false},
    {"shard", 0, "I/N", "only every N-th sample, from the I-th; merge joins the parts", false},
    {"threads", 'j', "N", "threads (default: all cores)", false},
    {"max-memory", 0, "SIZE", "refuse to take more for tensors, e.g. 512M", false},
    {0},
};

const ql_command ql_command_compare = {
    .name = "compare",
    .operands = "FLOAT QUANT",
    .summary = "Run a float model and its quantized twin side by side; error of every tensor",
    .text =
        "Tensors are paired by TF node name and graph position, measured on every sample, and diagnosed.\n"
        "With one model and --against, its kernels under two numerics profiles are compared.",
    .min_operands = 2,
    .max_operands = 2,
    .options = options,
    .outputs = true,
    .run = run_compare,
};
