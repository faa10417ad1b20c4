#include "cli/twins.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static ql_code find_subgraph(ql_twins *t, int side, ql_err *err)
{
    const char *key = ql_line_value(t->line, "signature");
    const ql_signature *signature = key ? ql_model_signature(t->models[side], key) : NULL;
    if (key && !signature) {
        ql_fail(err, QL_E_FIT, "no signature '%.60s': the model has %d", key,
                t->models[side]->signature_count);
        ql_at_file(err, t->models[side]->path);
        return QL_E_FIT;
    }
    t->subgraphs[side] = signature ? signature->subgraph : 0;
    return QL_OK;
}

static ql_code open_models(ql_twins *t, ql_err *err)
{
    ql_code code = QL_OK;
    for (int side = 0; side < 2 && !code; side++) {
        code = ql_model_open(&t->models[side], t->line->operands[side], err);
        code = code ? code : find_subgraph(t, side, err);
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
    const char *spec = ql_line_value(t->line, "data"), *command = t->line->command->name;
    if (!spec) {
        return ql_fail(err, QL_E_USAGE, "%s needs --data DATA: see qloupe %s --help", command, command);
    }
    int64_t seed;
    t->choice.labels = ql_line_value(t->line, "labels");
    t->choice.signature = ql_line_value(t->line, "signature");
    ql_code code = read_shard(t, err);
    code = code ? code : ql_line_int(t->line, "samples", 1, INT64_MAX, 0, &t->choice.limit, err);
    code = code ? code : ql_line_int(t->line, "seed", 0, INT64_MAX, 0, &seed, err);
    t->choice.seed = (uint64_t)(code ? 0 : seed);
    const ql_model *const models[] = {t->models[0], t->models[1]};
    return code ? code : ql_dataset_open(&t->data, spec, models, t->subgraphs, 2, &t->choice, err);
}

static ql_code read_engine(ql_twins *t, ql_err *err)
{
    int64_t threads, processors = sysconf(_SC_NPROCESSORS_ONLN);
    ql_engine_options *o = &t->engine;
    ql_code code = ql_line_int(t->line, "threads", 1, 1024, processors > 0 ? processors : 1, &threads, err);
    code = code ? code : ql_line_size(t->line, "max-memory", &o->max_bytes, err);
    code = code ? code : ql_line_numerics(t->line, "numerics", &o->reference_numerics, err);
    code = code ? code : ql_line_numerics(t->line, "against", &o->candidate_numerics, err);
    o->candidate_numerics = o->candidate_numerics ? o->candidate_numerics : o->reference_numerics;
    o->reference = (ql_side){t->models[0], t->subgraphs[0]};
    o->candidate = (ql_side){t->models[1], t->subgraphs[1]};
    o->pairing = &t->pairing;
    o->data = t->data;
    o->threads = (int)(code ? 1 : threads);
    return code;
}

static ql_code pair(ql_twins *t, ql_err *err)
{
    ql_code code = ql_pair_models(t->engine.reference, t->engine.candidate, &t->arena, &t->pairing, err);
    if (!code && !t->pairing.pair_count) {
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
