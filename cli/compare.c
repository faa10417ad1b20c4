/* qloupe compare: a float model and its quantized twin side by side. */
#include "cli/facts.h"
#include "cli/gates.h"
#include "cli/outputs.h"
#include "cli/progress.h"
#include "cli/ranks.h"
#include "cli/twins.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const double DEFAULT_PAUSE = 5; /* seconds between two writes of what is done */

typedef struct {
    ql_twins twins;
    ql_gates *gates;
    char *folder; /* of parts; NULL: none are kept */
    double pause;
    ql_pieces pieces;
    ql_comparison comparison;
    ql_json *result;
} run_of;

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

/* Where finished parts are kept: --parts, else beside the result. NULL: nowhere. Release with free. */
static ql_code name_parts(const ql_line *line, char **folder, ql_err *err)
{
    static const char ending[] = ".parts";
    const char *given = ql_line_value(line, "parts"), *result = ql_line_value(line, "json");
    *folder = NULL;
    if (!given && (!result || !strcmp(result, "-"))) {
        return QL_OK;
    }
    size_t size = strlen(given ? given : result) + sizeof ending;
    *folder = malloc(size);
    if (!*folder) {
        return ql_fail_memory(err, size);
    }
    snprintf(*folder, size, "%s%s", given ? given : result, given ? "" : ending);
    return QL_OK;
}

static ql_code read_pause(const ql_line *line, double *seconds, ql_err *err)
{
    const char *text = ql_line_value(line, "parts-every");
    char *end = NULL;
    *seconds = text ? strtod(text, &end) : DEFAULT_PAUSE;
    return text && (end == text || *end || !(*seconds >= 0 && *seconds <= 1e9))
               ? ql_fail(err, QL_E_USAGE, "compare: --parts-every '%.40s': a number of seconds is required",
                         text)
               : QL_OK;
}

static bool stopped(void *user)
{
    return ql_progress_stop(user, 0);
}

static void say(void *user, const char *sentence)
{
    const run_of *r = user;
    if (ql_ranks_speaks(r->twins.line->ranks)) {
        fprintf(stderr, "qloupe: %s\n", sentence);
    }
}

static ql_code measure(run_of *r, ql_err *err)
{
    ql_progress progress;
    ql_engine_options *engine = &r->twins.engine;
    ql_joint_options joint = {.ranks = r->twins.line->ranks,
                              .folder = r->folder,
                              .seconds = r->pause,
                              .stop = stopped,
                              .say = say,
                              .user = r};
    ql_progress_start_shared(&progress, r->twins.line->ranks, "comparing");
    engine->progress = ql_progress_step;
    engine->stop = ql_progress_stop;
    engine->user = &progress;
    ql_code code = ql_joint_run(engine, &joint, &r->pieces, &r->comparison, err);
    ql_progress_end(&progress);
    return code;
}

static ql_code finish(run_of *r, const ql_clock *clock, ql_err *err)
{
    const ql_line *line = r->twins.line;
    ql_data_options *choice = &r->twins.choice;
    ql_code code = ql_result_frame(&r->result, &r->twins.engine, err);
    code = code ? code : ql_result_fill(r->result, &r->comparison, choice->shards > 1, err);
    code = code ? code : ql_gates_judge(r->gates, r->result, err);
    code = code ? code : ql_attach_plan(line, r->result, err);
    int threads = r->comparison.threads ? r->comparison.threads : r->twins.engine.threads;
    ql_run_facts facts = {.threads = threads,
                          .shard = choice->shard,
                          .shards = choice->shards,
                          .ranks = ql_ranks_size(line->ranks)};
    code = code ? code : ql_clock_sign(clock, line, &facts, r->result, err);
    return code ? code : ql_write_outputs(line, r->result, err);
}

static ql_code compare(run_of *r, const ql_line *line, ql_err *err)
{
    ql_clock clock;
    ql_clock_start(&clock);
    ql_code code = ql_check_outputs(line, err);
    code = code ? code : ql_gates_of_line(&r->gates, line, !ql_line_has(line, "shard"), err);
    code = code ? code : name_parts(line, &r->folder, err);
    code = code ? code : read_pause(line, &r->pause, err);
    code = code ? code : ql_twins_open(&r->twins, line, err);
    code = code ? code : read_local(&r->twins, err);
    code = code ? code : measure(r, err);
    code = code || !ql_ranks_first(line->ranks) ? code : finish(r, &clock, err);
    code = ql_ranks_agree(line->ranks, code, err);
    if (!code) {
        ql_pieces_remove(&r->pieces);
    }
    return code || !ql_ranks_first(line->ranks) ? code : ql_gates_tell(r->gates, r->result);
}

static ql_code run(const ql_line *line, ql_err *err)
{
    run_of r = {.folder = NULL};
    ql_code code = compare(&r, line, err);
    ql_comparison_free(&r.comparison);
    ql_pieces_close(&r.pieces);
    ql_json_free(r.result);
    ql_gates_free(r.gates);
    ql_twins_close(&r.twins);
    free(r.folder);
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
    {"parts", 0, "DIR", "keep there what is done, for a run that is lost (default with --json F: F.parts)",
     false},
    {"parts-every", 0, "SECONDS", "how often (default: 5)", false},
    {0},
};

const ql_command ql_command_compare = {
    .name = "compare",
    .operands = "FLOAT QUANT",
    .summary = "Run a float model and its quantized twin side by side; error of every tensor",
    .text =
        "Tensors are paired by TF node name and graph position, measured on every sample, and diagnosed.\n"
        "With one model given twice and --against, its kernels under two numerics profiles are compared.\n"
        "Under mpirun or srun the ranks share the samples. A run that was lost goes on from the parts it "
        "kept.",
    .min_operands = 2,
    .max_operands = 2,
    .options = options,
    .ranks = true,
    .outputs = true,
    .run = run,
};
