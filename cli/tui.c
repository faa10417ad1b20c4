/* qloupe tui: a result on the terminal, saved or in the making. */
#include "tui/tui.h"

#include "cli/facts.h"
#include "cli/twins.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PARTS = 16, SAMPLES_A_THREAD = 1 };

typedef struct {
    ql_twins twins;
    ql_clock clock;
    ql_tui_feed *feed;
    ql_json *frame;
    ql_comparison sum; /* of the parts so far */
    uint64_t before;   /* samples of the parts so far */
} ql_live;

static bool progress(void *user, uint64_t done, uint64_t total)
{
    ql_live *live = user;
    (void)total;
    return ql_tui_progress(live->feed, live->before + done, ql_dataset_total(live->twins.data));
}

static void sampled(void *user, const ql_sample_scores *scores)
{
    const ql_live *live = user;
    ql_tui_sample(live->feed, scores);
}

/* The screen fills as the comparison goes: it is run as parts of the samples, whose statistics merge to the
 * bits of the whole. Each part keeps all threads busy. */
static int part_count(const ql_twins *twins)
{
    uint64_t parts = ql_dataset_total(twins->data) / (uint64_t)(SAMPLES_A_THREAD * twins->engine.threads);
    return parts < 1 ? 1 : parts > PARTS ? PARTS : (int)parts;
}

static ql_code show(ql_live *live, bool figures, ql_err *err)
{
    ql_doc d = {0};
    ql_json *doc = ql_json_copy(&d, live->frame);
    ql_run_facts facts = {.threads = live->twins.engine.threads, .shards = 1};
    ql_code code = ql_doc_check(&d, err);
    code = code || !figures ? code : ql_result_fill(doc, &live->sum, false, err);
    code = code ? code : ql_clock_sign(&live->clock, live->twins.line, &facts, doc, err);
    if (code) {
        ql_json_free(doc);
        return code;
    }
    ql_tui_show(live->feed, doc);
    return QL_OK;
}

static ql_code compare_part(ql_live *live, int part, int parts, ql_err *err)
{
    ql_twins *twins = &live->twins;
    ql_engine_options engine = twins->engine;
    ql_data_options choice = twins->choice;
    ql_dataset *data = NULL;
    ql_comparison comparison = {0};
    const ql_model *const models[] = {twins->models[0], twins->models[1]};
    choice.shard = part;
    choice.shards = parts;
    ql_code code =
        ql_dataset_open(&data, ql_line_value(twins->line, "data"), models, twins->subgraphs, 2, &choice, err);
    engine.data = data;
    engine.progress = progress;
    engine.sampled = sampled;
    engine.user = live;
    code = code ? code : ql_engine_run(&engine, &comparison, err);
    if (!code && !part) {
        live->sum = comparison;
        comparison = (ql_comparison){0};
    } else if (!code) {
        ql_comparison_merge(&live->sum, &comparison);
    }
    live->before += code ? 0 : ql_dataset_count(data);
    ql_comparison_free(&comparison);
    ql_dataset_close(data);
    return code ? code : show(live, true, err);
}

static ql_code compare(void *user, ql_tui_feed *feed, ql_err *err)
{
    ql_live *live = user;
    ql_engine_options *engine = &live->twins.engine;
    int parts = part_count(&live->twins);
    live->feed = feed;
    engine->local = true;
    engine->split = ql_line_has(live->twins.line, "split");
    ql_code code = ql_result_frame(&live->frame, engine, err);
    code = code ? code : show(live, false, err);
    for (int part = 0; part < parts && !code; part++) {
        code = compare_part(live, part, parts, err);
    }
    return code;
}

/* $XDG_CONFIG_HOME/qloupe/tui.json, by default below ~/.config; NULL: nowhere. */
static const char *config_path(char *path, size_t size)
{
    const char *folder = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
    int length = folder && *folder == '/' ? snprintf(path, size, "%s/qloupe/tui.json", folder)
                 : home && *home == '/'   ? snprintf(path, size, "%s/.config/qloupe/tui.json", home)
                                          : -1;
    return length > 0 && (size_t)length < size ? path : NULL;
}

static ql_code run_saved(const ql_line *line, ql_tui_options *options, ql_err *err)
{
    options->file = line->operands[0];
    ql_code code = ql_json_read(&options->doc, options->file, err);
    if (!code && (code = ql_tui_run(options, err)) == QL_E_FORMAT) {
        ql_at_file(err, options->file);
    }
    return code;
}

/* Plans change layers that --include and --exclude leave out, too, and are judged by the outputs. */
static ql_code pair_whole(const ql_twins *twins, ql_arena *arena, ql_pairing *whole, ql_err *err)
{
    ql_pair_rules rules = {0};
    rules.map_count = ql_line_values(twins->line, "map", &rules.maps);
    return ql_pair_models_by(&rules, twins->engine.reference, twins->engine.candidate, arena, whole, err);
}

static ql_code run_live(const ql_line *line, ql_tui_options *options, ql_err *err)
{
    ql_live *live = calloc(1, sizeof *live);
    if (!live) {
        return ql_fail_memory(err, sizeof *live);
    }
    ql_clock_start(&live->clock);
    ql_code code = ql_twins_open(&live->twins, line, err);
    ql_engine_options engine = live->twins.engine;
    ql_pairing whole;
    bool partly = ql_line_has(line, "include") || ql_line_has(line, "exclude");
    code = code || !partly ? code : pair_whole(&live->twins, &live->twins.arena, &whole, err);
    options->engine = &engine;
    options->whole = partly ? &whole : NULL;
    options->run = compare;
    options->user = live;
    code = code ? code : ql_tui_run(options, err);
    ql_json_free(live->frame);
    ql_comparison_free(&live->sum);
    ql_twins_close(&live->twins);
    free(live);
    return code;
}

static ql_code run(const ql_line *line, ql_err *err)
{
    char path[1024];
    ql_tui_options options = {.config = config_path(path, sizeof path)};
    ql_code code = ql_tui_check(err);
    if (code) {
        return code;
    }
    return line->operand_count == 1 ? run_saved(line, &options, err) : run_live(line, &options, err);
}

static const ql_option_row options[] = {
    QL_TWINS_OPTIONS,
    {"map", 0, "s/A/B/", "rename the quantized model's tensors before pairing by name", true},
    {"include", 0, "REGEX", "compare only tensors whose name matches", false},
    {"exclude", 0, "REGEX", "leave out tensors whose name matches", false},
    {"against", 0, "PROFILE", "the candidate's numerics profile, to see how kernels differ", false},
    {"split", 0, NULL, "tell each operator's error apart: input, weights, clipping, rounding, rescale",
     false},
    {0},
};

const ql_command ql_command_tui = {
    .name = "tui",
    .operands = "(RESULT.json | FLOAT QUANT)",
    .summary = "Move around in a comparison on the terminal, saved or while it runs",
    .text =
        "RESULT.json is what compare --json wrote. Two models need --data: the comparison runs while its\n"
        "layers are already on the screen, and t asks what a layer would be worth in float or 16x8. ? shows "
        "the "
        "keys.",
    .min_operands = 1,
    .max_operands = 2,
    .options = options,
    .run = run,
};
