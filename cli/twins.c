#include "cli/twins.h"

#include "cli/ranks.h"

#include <stdio.h>
#include <string.h>

static ql_code open_models(ql_twins *t, ql_err *err)
{
    ql_code code = QL_OK;
    for (int side = 0; side < 2 && !code; side++) {
        code = ql_model_open(&t->models[side], t->line->operands[side], err);
        code = code ? code : ql_find_subgraph(t->line, t->models[side], &t->subgraphs[side], err);
    }
    return code;
}

/* "2/4": the second of four. */
static ql_code read_shard(ql_twins *t, ql_err *err)
{
    const char *text = ql_line_value(t->line, "shard");
    int shard = 1, shards = 1, end = 0;
    if (text && (sscanf(text, "%d/%d%n", &shard, &shards, &end) != 2 || text[end] || shard < 1 ||
                 shard > shards || shards > 1000000)) {
        return ql_fail(err, QL_E_USAGE, "%s: --shard '%.40s': I/N with 1 <= I <= N is required",
                       t->line->command->name, text);
    }
    t->choice.shard = shard - 1;
    t->choice.shards = shards;
    return QL_OK;
}

static ql_code open_data(ql_twins *t, ql_err *err)
{
    t->choice.labels = ql_line_value(t->line, "labels");
    ql_code code = read_shard(t, err);
    const ql_model *const models[] = {t->models[0], t->models[1]};
    return code ? code : ql_open_data(t->line, &t->choice, models, t->subgraphs, 2, &t->data, err);
}

static ql_code read_engine(ql_twins *t, ql_err *err)
{
    int64_t threads;
    ql_engine_options *o = &t->engine;
    ql_code code = ql_line_int(t->line, "threads", 1, 1024, ql_ranks_threads(t->line->ranks), &threads, err);
    const ql_model *const models[] = {t->models[0], t->models[1]};
    code = code ? code : ql_line_memory(t->line, models, 2, &t->memory, &o->memory, err);
    code = code ? code : ql_line_numerics(t->line, "numerics", &o->reference_numerics, err);
    code = code ? code : ql_line_numerics(t->line, "against", &o->candidate_numerics, err);
    o->candidate_numerics = o->candidate_numerics ? o->candidate_numerics : o->reference_numerics;
    o->reference = (ql_side){t->models[0], t->subgraphs[0]};
    o->candidate = (ql_side){t->models[1], t->subgraphs[1]};
    o->pairing = &t->pairing;
    o->data = t->data;
    o->ranks = t->line->ranks;
    o->threads = (int)(code ? 1 : threads);
    return code;
}

/* The pairs, as the user helps to find them. */
static ql_code pair(ql_twins *t, ql_err *err)
{
    ql_pair_rules rules = {.include = ql_line_value(t->line, "include"),
                           .exclude = ql_line_value(t->line, "exclude")};
    rules.map_count = ql_line_values(t->line, "map", &rules.maps);
    ql_pairing *pairing = &t->pairing;
    ql_code code =
        ql_pair_models_by(&rules, t->engine.reference, t->engine.candidate, &t->arena, pairing, err);
    if (!code && pairing->left_out && !pairing->pair_count) {
        return ql_fail(err, QL_E_FIT,
                       "--include and --exclude leave none of %d pairs: at least one is required",
                       pairing->left_out);
    }
    if (!code && pairing->left_out && ql_ranks_first(t->line->ranks)) {
        fprintf(stderr, "qloupe: %d pairs left out, %d kept\n", pairing->left_out, pairing->pair_count);
    }
    if (!code && !pairing->pair_count) {
        code = ql_fail(err, QL_E_FIT,
                       "%s and %s have no tensor in common: a model and its quantized twin are required",
                       t->models[0]->path, t->models[1]->path);
    }
    return code;
}

ql_code ql_twins_open(ql_twins *twins, const ql_line *line, ql_err *err)
{
    *twins = (ql_twins){.line = line};
    ql_arena_init(&twins->arena, 0);
    ql_code code = open_models(twins, err);
    code = code ? code : open_data(twins, err);
    code = code ? code : read_engine(twins, err);
    return code ? code : pair(twins, err);
}

void ql_twins_close(ql_twins *twins)
{
    ql_dataset_close(twins->data);
    ql_model_close(twins->models[0]);
    ql_model_close(twins->models[1]);
    ql_arena_free(&twins->arena);
}
