/* qloupe compare: a float model and its quantized twin side by side. */
#include "cli/facts.h"
#include "cli/gates.h"
#include "cli/outputs.h"
#include "cli/progress.h"
#include "cli/twins.h"

#include <string.h>

static ql_code read_local(ql_twins *twins, ql_err *err)
{
    const char *inputs = ql_line_value(twins->line, "local-inputs");
    if (inputs && strcmp(inputs, "candidate") != 0 && strcmp(inputs, "reference") != 0) {
        return ql_fail(err, QL_E_USAGE, "compare: --local-inputs '%.40s': candidate or reference is required",
                       inputs);
    }
    twins->engine.local = true;
    twins->engine.split = ql_line_has(twins->line, "split");
    twins->engine.local_from_reference = inputs && !strcmp(inputs, "reference");
    return QL_OK;
}

static ql_code measure(ql_twins *twins, ql_json **result, ql_err *err)
{
    ql_comparison comparison = {0};
    ql_progress progress;
    ql_progress_start(&progress, "comparing");
    twins->engine.progress = ql_progress_step;
    twins->engine.stop = ql_progress_stop;
    twins->engine.user = &progress;
    ql_code code = ql_engine_run(&twins->engine, &comparison, err);
    ql_progress_end(&progress);
    code = code ? code : ql_result_frame(result, &twins->engine, err);
    code = code ? code : ql_result_fill(*result, &comparison, twins->choice.shards > 1, err);
    ql_comparison_free(&comparison);
    return code;
}

static ql_code run(const ql_line *line, ql_err *err)
{
    ql_twins twins = {0};
    ql_json *result = NULL;
    ql_clock clock;
    ql_clock_start(&clock);
    ql_gates *gates = NULL;
    ql_code code = ql_check_outputs(line, err);
    code = code ? code : ql_gates_of_line(&gates, line, !ql_line_has(line, "shard"), err);
    code = code ? code : ql_twins_open(&twins, line, err);
    code = code ? code : read_local(&twins, err);
    code = code ? code : measure(&twins, &result, err);
    code = code ? code : ql_gates_judge(gates, result, err);
    code = code ? code : ql_attach_plan(line, result, err);
    ql_run_facts facts = {
        .threads = twins.engine.threads, .shard = twins.choice.shard, .shards = twins.choice.shards};
    code = code ? code : ql_clock_sign(&clock, line, &facts, result, err);
    code = code ? code : ql_write_outputs(line, result, err);
    code = code ? code : ql_gates_tell(gates, result);
    ql_json_free(result);
    ql_gates_free(gates);
    ql_twins_close(&twins);
    return code;
}

static const ql_option_row options[] = {
    QL_TWINS_OPTIONS,
    {"map", 0, "RULE", "change the candidate's names before pairing: s/A/B/", true},
    {"include", 0, "REGEX", "only pairs one of whose names matches", false},
    {"exclude", 0, "REGEX", "no pairs one of whose names matches", false},
    {"sort", 0, "METRIC",
     "order table and CSV by this metric, the worst first (e.g. rmse_over_scale, local.sqnr_db)", false},
    {"top", 0, "N", "only the N worst rows of the table", false},
    {"against", 0, "PROFILE", "the candidate's numerics profile, to see how kernels differ", false},
    {"local-inputs", 0, "WHOSE", "local errors on the candidate's inputs (default) or the reference's",
     false},
    {"split", 0, NULL, "tell each operator's error apart: input, weights, clipping, rounding, rescale",
     false},
    QL_GATES_OPTIONS,
    {"shard", 0, "I/N", "only every N-th sample, from the I-th; merge joins the parts", false},
    {0},
};

const ql_command ql_command_compare = {
    .name = "compare",
    .operands = "FLOAT QUANT",
    .summary = "Run a float model and its quantized twin side by side; error of every tensor",
    .text =
        "Tensors are paired by TF node name and graph position, measured on every sample, and diagnosed.\n"
        "With one model given twice and --against, its kernels under two numerics profiles are compared.",
    .min_operands = 2,
    .max_operands = 2,
    .options = options,
    .outputs = true,
    .run = run,
};
