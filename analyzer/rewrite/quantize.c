#include "analyzer/rewrite/quantize.h"

#include "analyzer/rewrite/maker.h"

#include <string.h>

static const char *const names[] = {
    [QL_MODE_INT8] = "int8",       [QL_MODE_INT16X8] = "int16x8", [QL_MODE_DYNAMIC] = "dynamic",
    [QL_MODE_FLOAT16] = "float16", [QL_MODE_WEIGHTS] = "weights", [QL_MODE_FLOAT] = "float",
};

const char *ql_quantize_mode_name(ql_quantize_mode mode)
{
    return names[mode];
}

bool ql_quantize_mode_named(const char *name, ql_quantize_mode *mode)
{
    for (int i = 0; i <= QL_MODE_FLOAT; i++) {
        if (!strcmp(name, names[i])) {
            *mode = (ql_quantize_mode)i;
            return true;
        }
    }
    return false;
}

bool ql_quantize_needs_ranges(ql_quantize_mode mode)
{
    return mode == QL_MODE_INT8 || mode == QL_MODE_INT16X8;
}

bool ql_quantize_takes_ranges(const ql_quantize_options *options, const ql_model *base)
{
    int count = options->layers ? base->subgraphs[options->subgraph].operator_count : 0;
    bool integer = ql_quantize_needs_ranges(options->mode);
    for (int op = 0; op < count; op++) {
        integer |= ql_quantize_needs_ranges(options->layers[op]);
    }
    return integer;
}

/* Subgraphs that are no other signature's belong to the one asked for, as bodies of its loops and branches
 * do. */
static bool concerns(const ql_quantize_options *o, const ql_model *base, int subgraph)
{
    bool other = !o->every_subgraph && subgraph == 0 && o->subgraph != 0;
    for (int i = 0; i < base->signature_count && !o->every_subgraph; i++) {
        other |= base->signatures[i].subgraph == subgraph;
    }
    return subgraph == o->subgraph || !other;
}

static ql_code make(ql_model **model, const ql_model *base, int subgraph, bool integer,
                    const ql_quantize_options *options, ql_maker_room *room, ql_err *err)
{
    ql_maker m;
    ql_code code = ql_maker_start(&m, base, subgraph, *model, err);
    m.room = room;
    if (!code) {
        code = integer ? ql_make_integer(&m, options) : ql_make_weights(&m, options);
        code = code ? code : ql_maker_finish(&m);
    }
    ql_maker_free(&m);
    *model = m.model;
    return code;
}

static ql_code make_all(ql_model **model, const ql_model *base, const ql_quantize_options *options,
                        ql_maker_room *room, ql_err *err)
{
    bool integer = ql_quantize_takes_ranges(options, base);
    ql_code code = ql_edit_start(model, base, err);
    for (int s = 0; s < base->subgraph_count && !code && (integer || options->mode != QL_MODE_FLOAT); s++) {
        bool wanted = integer ? s == options->subgraph : concerns(options, base, s);
        code = wanted ? make(model, base, s, integer, options, room, err) : QL_OK;
    }
    return code ? code : ql_drop_unused_buffers(*model, err);
}

/* What is small was taken without asking. */
static ql_code settle(const ql_maker_room *room, const ql_model *model, ql_err *err)
{
    ql_memory *memory = room->memory;
    if (!memory) {
        return QL_OK;
    }
    ql_memory_add(memory, model->arena.taken - room->taken);
    size_t least = ql_memory_used(memory) + room->missing;
    if (!memory->limit || least <= memory->limit) {
        return QL_OK;
    }
    ql_memory_give(memory, model->arena.taken);
    return ql_fail(err, QL_E_NOMEM, "at least %zu bytes of memory are needed: at most %zu are allowed", least,
                   memory->limit);
}

ql_code ql_quantize(ql_model **model, const ql_model *base, const ql_quantize_options *options, ql_err *err)
{
    ql_maker_room room = {.memory = options->memory};
    *model = NULL;
    if (options->io != QL_F32 && !ql_quantize_needs_ranges(options->mode)) {
        return ql_fail(err, QL_E_UNSUPPORTED, "mode %s with %s inputs and outputs: float is required",
                       ql_quantize_mode_name(options->mode), ql_type_name(options->io));
    }
    ql_code code = make_all(model, base, options, &room, err);
    if (code) {
        ql_memory_give(room.memory, room.taken);
    }
    code = code ? code : settle(&room, *model, err);
    if (code) {
        ql_model_close(*model);
        *model = NULL;
    }
    return code;
}
