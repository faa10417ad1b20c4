#include "reports/config/intent.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { NONE = -1 };

const char *ql_format_name(ql_format format)
{
    static const char *const names[] = {"keep", "float", "int8", "int16x8"};
    return names[format];
}

static bool format_named(const char *name, ql_format *format)
{
    for (int f = QL_FORMAT_NONE; f <= QL_FORMAT_INT16X8; f++) {
        if (!strcmp(ql_format_name((ql_format)f), name)) {
            *format = (ql_format)f;
            return true;
        }
    }
    return false;
}

static const ql_subgraph *graph_of(ql_side side)
{
    return &side.model->subgraphs[side.subgraph];
}

static ql_format format_of(const ql_tensor *tensor)
{
    switch ((int)tensor->type) {
    case QL_F32:
    case QL_F16:
        return QL_FORMAT_FLOAT;
    case QL_I8:
    case QL_U8:
        return tensor->quant.scale_count ? QL_FORMAT_INT8 : QL_FORMAT_NONE;
    case QL_I16:
        return tensor->quant.scale_count ? QL_FORMAT_INT16X8 : QL_FORMAT_NONE;
    default:
        return QL_FORMAT_NONE;
    }
}

/* By what it writes, or, where that is plain integers (ARG_MAX), by what it reads. */
static ql_format format_of_op(const ql_subgraph *graph, const ql_operator *op)
{
    ql_format format =
        op->output_count && op->outputs[0] >= 0 ? format_of(&graph->tensors[op->outputs[0]]) : QL_FORMAT_NONE;
    if (format == QL_FORMAT_NONE && op->input_count && op->inputs[0] >= 0) {
        format = format_of(&graph->tensors[op->inputs[0]]);
    }
    return format;
}

/* The candidate's formats, by operator of the float model. */
static ql_code read_candidate(ql_export *c, ql_err *err)
{
    const ql_export_source *s = c->source;
    int counts[QL_FORMAT_INT16X8 + 1] = {0};
    if (!s->candidate.model) {
        return QL_OK;
    }
    const ql_subgraph *graph = graph_of(s->candidate);
    for (int i = 0; i < c->pairing->pair_count; i++) {
        const ql_pair *pair = &c->pairing->pairs[i];
        if (!pair->alias && pair->reference_op >= 0 && pair->candidate_op >= 0) {
            ql_format format = format_of_op(graph, &graph->operators[pair->candidate_op]);
            c->ops[pair->reference_op].format = format;
            counts[format]++;
        }
    }
    if (!counts[QL_FORMAT_INT8] && !counts[QL_FORMAT_INT16X8]) {
        ql_fail(err, QL_E_UNSUPPORTED,
                "no operator in int8 or 16x8: a plan is about a model with quantized activations");
        return ql_at_file(err, s->candidate.model->path);
    }
    c->base = counts[QL_FORMAT_INT16X8] > counts[QL_FORMAT_INT8] ? QL_FORMAT_INT16X8 : QL_FORMAT_INT8;
    return QL_OK;
}

/* The first input's or output's type, where it is one that holds real values. */
static ql_type io_type(const ql_subgraph *graph, const int32_t *tensors, int count)
{
    for (int i = 0; i < count; i++) {
        if (format_of(&graph->tensors[tensors[i]]) != QL_FORMAT_NONE) {
            return graph->tensors[tensors[i]].type;
        }
    }
    return QL_F32;
}

static ql_code pair(ql_export *c, ql_err *err)
{
    const ql_export_source *s = c->source;
    if (!s->candidate.model) {
        ql_export_note(c, NONE,
                       "the quantized model is not at hand: int8 with float input and output is assumed");
        return QL_OK;
    }
    const ql_subgraph *graph = graph_of(s->candidate);
    c->input = io_type(graph, graph->inputs, graph->input_count);
    c->output = io_type(graph, graph->outputs, graph->output_count);
    c->pairing = s->pairing;
    if (c->pairing) {
        return QL_OK;
    }
    ql_pairing *made = QL_TAKE(&c->arena, 1, ql_pairing);
    c->pairing = made;
    return made ? ql_pair_models(s->reference, s->candidate, &c->arena, made, err)
                : ql_fail_memory(err, sizeof *made);
}

/* What no operator of the candidate says: float tensors follow the base, others are no numbers. */
static void fill_in(ql_export *c)
{
    for (int i = 0; i < c->graph->operator_count; i++) {
        const ql_operator *op = &c->graph->operators[i];
        if (c->ops[i].format == QL_FORMAT_NONE && format_of_op(c->graph, op) == QL_FORMAT_FLOAT) {
            c->ops[i].format = c->base;
        }
        for (int k = 0; k < op->output_count; k++) {
            if (op->outputs[k] >= 0) {
                c->maker[op->outputs[k]] = i;
            }
        }
    }
}

static ql_code wrong_model(const ql_export *c, int place, int op, const char *name, ql_err *err)
{
    char found[120], wanted[120];
    ql_str own = ql_export_name(c, op);
    return ql_fail(err, QL_E_FIT,
                   "layer %d of the plan: operator #%d writes '%s' here: the model the plan was made for, "
                   "where it writes '%s', is required",
                   place, op, ql_escape(found, sizeof found, own.text, own.length),
                   ql_escape(wanted, sizeof wanted, name, strlen(name)));
}

/* Names in documents have had bytes that are not UTF-8 replaced, so only true texts can be held against
 * each other. */
static bool is_named(const ql_export *c, int op, const char *name)
{
    ql_str own = ql_export_name(c, op);
    return !ql_export_is_text(own) || ql_str_is(own, name);
}

static ql_code read_layer(ql_export *c, const ql_json *layer, int place, ql_err *err)
{
    double index = ql_json_get_number(layer, "op_index", NONE);
    const char *mode = ql_json_get_text(layer, "mode", ""), *name = ql_json_get_text(layer, "name", NULL);
    if (!(index >= 0 && index < c->graph->operator_count && floor(index) == index)) {
        return ql_fail(err, QL_E_FIT, "layer %d of the plan: no operator #%g: the float model has %d", place,
                       index, c->graph->operator_count);
    }
    int op = (int)index;
    ql_format format;
    if (name && !is_named(c, op, name)) {
        return wrong_model(c, place, op, name, err);
    }
    if (format_of_op(c->graph, &c->graph->operators[op]) > QL_FORMAT_FLOAT) {
        return ql_fail(err, QL_E_FIT,
                       "layer %d of the plan: operator #%d is quantized here: the float model is required",
                       place, op);
    }
    if (!format_named(mode, &format)) {
        return ql_export_refuse(c, op, err, "mode '%.40s': only float, int8 and int16x8 can be written",
                                mode);
    }
    if (format == QL_FORMAT_NONE) {
        return QL_OK;
    }
    if (c->ops[op].layer && c->ops[op].format != format) {
        return ql_fail(err, QL_E_FORMAT, "layer %d of the plan: operator #%d is there twice, as %s and as %s",
                       place, op, ql_format_name(c->ops[op].format), mode);
    }
    c->layers += !c->ops[op].layer;
    c->ops[op] = (ql_export_op){.format = format, .layer = layer};
    return QL_OK;
}

static ql_code read_plan(ql_export *c, ql_err *err)
{
    const ql_json *layers = ql_json_get(c->source->plan, "layers");
    int place = 0;
    if (strcmp(ql_json_get_text(c->source->plan, "schema", ""), "qloupe.plan/1") != 0 ||
        !ql_json_is_array(layers)) {
        return ql_fail(err, QL_E_FORMAT, "not a plan: schema qloupe.plan/1 with \"layers\" is required");
    }
    ql_code code = QL_OK;
    for (const ql_json *l = ql_json_first(layers); l && !code; l = ql_json_next(l)) {
        code = read_layer(c, l, place++, err);
    }
    return code;
}

ql_code ql_export_read(ql_export *c, const ql_export_source *source, ql_text *notes, ql_err *err)
{
    *c = (ql_export){.source = source,
                     .model = source->reference.model,
                     .graph = graph_of(source->reference),
                     .base = QL_FORMAT_INT8,
                     .input = QL_F32,
                     .output = QL_F32,
                     .notes = notes};
    ql_arena_init(&c->arena, 0);
    c->ops = QL_TAKE(&c->arena, (size_t)c->graph->operator_count, ql_export_op);
    c->maker = QL_TAKE(&c->arena, (size_t)c->graph->tensor_count, int);
    if (!c->ops || !c->maker) {
        return ql_fail_memory(err, sizeof *c->ops);
    }
    for (int t = 0; t < c->graph->tensor_count; t++) {
        c->maker[t] = NONE;
    }
    ql_code code = pair(c, err);
    code = code ? code : read_candidate(c, err);
    if (!code) {
        fill_in(c);
    }
    return code ? code : read_plan(c, err);
}

void ql_export_free(ql_export *config)
{
    ql_arena_free(&config->arena);
}

bool ql_export_is_float(const ql_export *config, int op)
{
    return config->ops[op].format == QL_FORMAT_FLOAT;
}

ql_str ql_export_name(const ql_export *config, int op)
{
    const ql_operator *o = &config->graph->operators[op];
    return o->output_count && o->outputs[0] >= 0 ? config->graph->tensors[o->outputs[0]].name
                                                 : (ql_str){"", 0};
}

const char *ql_export_op_name(const ql_export *config, int op, char *buffer)
{
    return ql_operator_name(config->model, &config->graph->operators[op], buffer);
}
