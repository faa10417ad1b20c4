#include "analyzer/rewrite/plan.h"

#include <math.h>
#include <string.h>

static bool same_text(ql_str a, const char *b)
{
    return a.length == strlen(b) && !memcmp(a.text, b, a.length);
}

static ql_code at_layer(ql_err *err, const ql_model *model, int subgraph, int op)
{
    const ql_subgraph *graph = &model->subgraphs[subgraph];
    const ql_operator *own = &graph->operators[op];
    char name[64];
    if (own->output_count && own->outputs[0] >= 0) {
        ql_at_tensor_of(err, &graph->tensors[own->outputs[0]], own->outputs[0]);
    }
    return ql_at_op(err, op, ql_operator_name(model, own, name));
}

/* Modes that simulate other hardware: there is no type to write them in. */
static bool only_measured(const char *mode)
{
    return !strcmp(mode, "int4") || !strncmp(mode, "bits=", 5);
}

static ql_code read_mode(const char *text, ql_quantize_mode base, ql_quantize_mode *mode, ql_err *err)
{
    bool integer = base == QL_MODE_INT8 || base == QL_MODE_INT16X8 || base == QL_MODE_FLOAT;
    if (only_measured(text)) {
        return ql_fail(err, QL_E_UNSUPPORTED, "mode '%.40s' is measured, never written", text);
    }
    *mode = base;
    if (!strcmp(text, "keep")) {
        return QL_OK;
    }
    if (!ql_quantize_mode_named(text, mode) ||
        (*mode != QL_MODE_FLOAT && *mode != QL_MODE_INT8 && *mode != QL_MODE_INT16X8)) {
        return ql_fail(err, QL_E_UNSUPPORTED, "mode '%.40s': float, int8, int16x8 or keep is required", text);
    }
    if (!integer && *mode != QL_MODE_FLOAT) {
        return ql_fail(err, QL_E_UNSUPPORTED, "mode %s in a model of mode %s: float or keep is required",
                       text, ql_quantize_mode_name(base));
    }
    return QL_OK;
}

static ql_code read_layer(const ql_json *layer, const ql_model *model, int subgraph, ql_quantize_mode base,
                          ql_quantize_mode *layers, ql_err *err)
{
    const ql_subgraph *graph = &model->subgraphs[subgraph];
    double at = ql_json_get_number(layer, "op_index", -1);
    const char *name = ql_json_text(ql_json_get(layer, "name"));
    if (!(at >= 0) || at != floor(at)) {
        return ql_fail(err, QL_E_FORMAT, "a layer without an op_index");
    }
    if (at >= graph->operator_count) {
        return ql_fail(err, QL_E_FIT, "no operator #%g: the float model has %d", at, graph->operator_count);
    }
    int op = (int)at;
    const ql_operator *own = &graph->operators[op];
    if (name && own->output_count && !same_text(graph->tensors[own->outputs[0]].name, name)) {
        ql_fail(err, QL_E_FIT, "the plan calls it '%.200s': a plan made for this float model is required",
                name);
        return at_layer(err, model, subgraph, op);
    }
    ql_code code = read_mode(ql_json_get_text(layer, "mode", ""), base, &layers[op], err);
    return code ? (at_layer(err, model, subgraph, op), code) : QL_OK;
}

ql_code ql_plan_layers(const ql_json *plan, const ql_model *model, int subgraph, ql_quantize_mode mode,
                       ql_quantize_mode *layers, ql_err *err)
{
    const ql_json *list = ql_json_get(plan, "layers");
    if (strcmp(ql_json_get_text(plan, "schema", ""), "qloupe.plan/1") != 0 || !ql_json_is_array(list)) {
        return ql_fail(err, QL_E_FORMAT, "not a plan: schema qloupe.plan/1 with \"layers\" is required");
    }
    for (int op = 0; op < model->subgraphs[subgraph].operator_count; op++) {
        layers[op] = mode;
    }
    ql_code code = QL_OK;
    for (const ql_json *layer = ql_json_first(list); layer && !code; layer = ql_json_next(layer)) {
        code = read_layer(layer, model, subgraph, mode, layers, err);
    }
    return code;
}

static ql_code repair(const ql_json *entry, const ql_subgraph *graph, ql_ranges *ranges, ql_err *err)
{
    const ql_json *range = ql_json_get(entry, "range");
    const char *name = ql_json_get_text(entry, "tensor", "");
    double min, max;
    if (!range || ql_json_is_null(range)) {
        return QL_OK;
    }
    if (ql_json_size(range) != 2 || !ql_json_number(ql_json_at(range, 0), &min) ||
        !ql_json_number(ql_json_at(range, 1), &max) || !isfinite((float)min) || !isfinite((float)max) ||
        min > max) {
        return ql_fail(err, QL_E_FORMAT, "repair of '%.200s': a range of two finite numbers is required",
                       name);
    }
    bool found = false;
    for (int t = 0; t < graph->tensor_count; t++) {
        if (graph->tensors[t].type == QL_F32 && same_text(graph->tensors[t].name, name)) {
            ranges->tensors[t] = (ql_tensor_range){true, (float)min, (float)max};
            found = true;
        }
    }
    return found ? QL_OK
                 : ql_fail(err, QL_E_FIT, "repair of '%.200s': the float model has no such tensor", name);
}

ql_code ql_plan_repairs(const ql_json *plan, const ql_model *model, int subgraph, ql_ranges *ranges,
                        ql_err *err)
{
    const ql_json *list = ql_json_get(plan, "repairs");
    ql_code code = QL_OK;
    for (const ql_json *entry = ql_json_first(list); entry && !code; entry = ql_json_next(entry)) {
        code = repair(entry, &model->subgraphs[subgraph], ranges, err);
    }
    return code;
}
