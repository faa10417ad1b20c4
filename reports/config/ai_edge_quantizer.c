/* A recipe for ai-edge-quantizer 0.10: a rule for everything, one each for INPUT and OUTPUT, then one for
 * each layer that is to be otherwise. Written only when reading it as the library does gives exactly what the
 * plan means, for every operator of the model. */
#include "reports/config/recipe.h"
#include "reports/config/targets.h"

#include <stdlib.h>
#include <string.h>

/* Two expressions that match every scope: rules with equal ones would change places. */
static const char everything[] = ".*", everything_again[] = "^";

typedef struct {
    ql_str name;
    int subgraph, tensor;
} named;

static int by_name(const void *a, const void *b)
{
    const named *x = a, *y = b;
    size_t shorter = x->name.length < y->name.length ? x->name.length : y->name.length;
    int order = memcmp(x->name.text, y->name.text, shorter);
    return order ? order : (x->name.length > y->name.length) - (x->name.length < y->name.length);
}

/* An operator of the plan's graph that has the tensor, so that the message can name one; -1: none. */
static int operator_with(const ql_export *c, const named *tensor)
{
    for (int i = 0; i < c->graph->operator_count && tensor->subgraph == c->source->reference.subgraph; i++) {
        const ql_operator *op = &c->graph->operators[i];
        for (int k = 0; k < op->output_count + op->input_count; k++) {
            if ((k < op->output_count ? op->outputs[k] : op->inputs[k - op->output_count]) ==
                tensor->tensor) {
                return i;
            }
        }
    }
    return -1;
}

static ql_code refuse_tensor(const ql_export *c, const named *tensor, const char *why, ql_err *err)
{
    int op = operator_with(c, tensor);
    ql_fail(err, QL_E_UNSUPPORTED, "%s", why);
    ql_at_tensor_of(err, &c->model->subgraphs[tensor->subgraph].tensors[tensor->tensor], tensor->tensor);
    if (op >= 0) {
        ql_at_operator(err, c->model, tensor->subgraph, op);
    }
    ql_at_file(err, c->model->path);
    return QL_E_UNSUPPORTED;
}

/* The library reads all names as UTF-8, wants each once, and fails on constants in float16. */
static ql_code check_names(const ql_export *c, ql_err *err)
{
    int count = 0;
    for (int g = 0; g < c->model->subgraph_count; g++) {
        count += c->model->subgraphs[g].tensor_count;
    }
    named *all = calloc((size_t)count + 1, sizeof *all);
    ql_code code = all ? QL_OK : ql_fail_memory(err, (size_t)count * sizeof *all);
    count = 0;
    for (int g = 0; g < c->model->subgraph_count && !code; g++) {
        for (int t = 0; t < c->model->subgraphs[g].tensor_count && !code; t++) {
            const ql_tensor *tensor = &c->model->subgraphs[g].tensors[t];
            all[count] = (named){tensor->name, g, t};
            if (!ql_export_is_text(tensor->name)) {
                code = refuse_tensor(c, &all[count],
                                     "its name is not UTF-8 text: ai-edge-quantizer fails on it", err);
            } else if (tensor->type == QL_F16) {
                code =
                    refuse_tensor(c, &all[count], "float16: ai-edge-quantizer needs the float32 model", err);
            }
            count++;
        }
    }
    if (!code) {
        qsort(all, (size_t)count, sizeof *all, by_name);
    }
    for (int i = 1; i < count && !code; i++) {
        if (!by_name(&all[i - 1], &all[i])) {
            code = refuse_tensor(c, &all[i],
                                 "another tensor has the same name: ai-edge-quantizer takes only "
                                 "models in which each name is there once",
                                 err);
        }
    }
    free(all);
    return code;
}

/* Does the operator's own rule say what the rule for everything says? */
static bool follows_base(const ql_export *c, int op)
{
    return c->ops[op].format == c->base && !c->ops[op].layer;
}

static ql_code check_layers(ql_export *c, ql_err *err)
{
    for (int i = 0; i < c->graph->operator_count; i++) {
        ql_recipe_operation operation = ql_recipe_operation_of(c->model, c->graph, i);
        const char *format = ql_format_name(c->ops[i].format);
        if (c->ops[i].format == QL_FORMAT_NONE || ql_recipe_supports(operation, c->ops[i].format)) {
            continue;
        }
        if (c->ops[i].layer) {
            return ql_export_refuse(
                c, i, err,
                "ai-edge-quantizer 0.10 has no %s for this operator: it would skip the rule "
                "in silence",
                format);
        }
        ql_export_note(c, i, "ai-edge-quantizer 0.10 has no %s for this operator: it stays float", format);
        c->ops[i].format = QL_FORMAT_FLOAT;
    }
    return QL_OK;
}

static bool is_int8_output(const ql_export *c, int tensor)
{
    for (int i = 0; i < c->graph->output_count; i++) {
        if (c->graph->outputs[i] == tensor) {
            return c->output == QL_I8 || c->output == QL_U8;
        }
    }
    return false;
}

/* SOFTMAX and its like have a scale that the type fixes. In float they have none, and what quantizes their
 * values afterwards takes whatever was calibrated. */
static void note_fixed_scales(ql_export *c)
{
    for (int i = 0; i < c->graph->operator_count; i++) {
        const ql_operator *op = &c->graph->operators[i];
        const ql_op *row = ql_op_find(c->model, op);
        if (c->ops[i].layer && c->ops[i].format == QL_FORMAT_FLOAT && row && row->quant.kind == QL_Q_FIXED &&
            op->output_count && is_int8_output(c, op->outputs[0])) {
            ql_export_note(c, i,
                           "float before an int8 output: ai-edge-quantizer calibrates that output instead of "
                           "giving it the operator's fixed scale: use --for calibration as well");
        }
    }
}

static ql_format format_of_io(ql_type type)
{
    return type == QL_F32 ? QL_FORMAT_FLOAT : type == QL_I16 ? QL_FORMAT_INT16X8 : QL_FORMAT_INT8;
}

static ql_code make_scopes(const ql_export *c, ql_str **scopes, ql_arena *arena, ql_err *err)
{
    *scopes = QL_TAKE(arena, (size_t)c->graph->operator_count, ql_str);
    ql_code code = *scopes ? QL_OK : ql_fail_memory(err, sizeof **scopes);
    for (int i = 0; i < c->graph->operator_count && !code; i++) {
        code = ql_recipe_scope(c->graph, i, &(*scopes)[i], arena, err);
    }
    return code;
}

/* Has no other operator that scope? Then the rule need not tell the type, which the library reads wrongly in
 * files of the older schema. */
static bool alone(const ql_export *c, const ql_str *scopes, int op)
{
    for (int i = 0; i < c->graph->operator_count; i++) {
        if (i != op && scopes[i].length == scopes[op].length &&
            !memcmp(scopes[i].text, scopes[op].text, scopes[op].length)) {
            return false;
        }
    }
    return true;
}

static ql_code add_layers(ql_export *c, ql_recipe_rule *rules, int *count, ql_err *err)
{
    ql_str *scopes;
    ql_code code = make_scopes(c, &scopes, &c->arena, err);
    for (int i = 0; i < c->graph->operator_count && !code; i++) {
        ql_recipe_operation operation = ql_recipe_operation_of(c->model, c->graph, i);
        if (c->ops[i].format == QL_FORMAT_NONE || follows_base(c, i) || !operation.name) {
            continue;
        }
        const char *regex = ql_recipe_regex(scopes[i], &c->arena);
        code = regex ? QL_OK : ql_fail_memory(err, scopes[i].length);
        rules[(*count)++] =
            (ql_recipe_rule){regex, alone(c, scopes, i) ? "*" : operation.name, c->ops[i].format, false};
    }
    return code;
}

/* What the plan means for operator `op` of subgraph `g`. */
static ql_format wanted(const ql_export *c, int g, int op, ql_recipe_operation operation)
{
    if (op < 0) {
        return format_of_io(op == QL_RECIPE_INPUT ? c->input : c->output);
    }
    if (g == c->source->reference.subgraph) {
        return c->ops[op].format;
    }
    return ql_recipe_supports(operation, c->base) ? c->base : QL_FORMAT_FLOAT;
}

static ql_code prove(ql_export *c, const ql_recipe_rule *rules, int count, ql_err *err)
{
    ql_arena *arena = &c->arena;
    ql_format *got = QL_TAKE(arena, (size_t)ql_recipe_count(c->model), ql_format);
    ql_code code =
        got ? ql_recipe_apply(rules, count, c->model, got, arena, err) : ql_fail_memory(err, sizeof *got);
    int at = 0;
    for (int g = 0; g < c->model->subgraph_count && !code; g++) {
        const ql_subgraph *graph = &c->model->subgraphs[g];
        for (int i = 0; i < graph->operator_count + 2 && !code; i++, at++) {
            int op = i < graph->operator_count ? i : graph->operator_count - 1 - i;
            ql_recipe_operation operation = ql_recipe_operation_of(c->model, graph, op);
            ql_format want = wanted(c, g, op, operation);
            if (want == QL_FORMAT_NONE || want == got[at] || !operation.name) {
                continue;
            }
            if (op < 0 || g != c->source->reference.subgraph) {
                code = ql_fail(err, QL_E_UNSUPPORTED,
                               "a rule of the plan would also change %s of subgraph %d: their names are not "
                               "apart",
                               op < 0 ? operation.name : "an operator", g);
                ql_at_file(err, c->model->path);
            } else {
                code =
                    ql_export_refuse(c, op, err,
                                     "the recipe would make it %s instead of %s: its name is not apart from "
                                     "another operator's",
                                     ql_format_name(got[at]), ql_format_name(want));
            }
        }
    }
    return code;
}

ql_code ql_export_ai_edge_quantizer(ql_export *c, ql_text *out, ql_err *err)
{
    ql_recipe_rule *rules = QL_TAKE(&c->arena, (size_t)c->graph->operator_count + 3, ql_recipe_rule);
    ql_code code = rules ? check_names(c, err) : ql_fail_memory(err, sizeof *rules);
    code = code ? code : check_layers(c, err);
    if (code) {
        return code;
    }
    note_fixed_scales(c);
    if (!c->model->signature_count) {
        ql_export_note(c, -1,
                       "the float model has no signature: ai-edge-quantizer 0.10 fails on it; "
                       "scripts/qloupe_aeq.py adds one");
    }
    int count = 1;
    rules[0] = (ql_recipe_rule){everything, "*", c->base, false};
    code = add_layers(c, rules, &count, err);
    rules[count++] = (ql_recipe_rule){everything_again, "INPUT", format_of_io(c->input), c->input == QL_U8};
    rules[count++] =
        (ql_recipe_rule){everything_again, "OUTPUT", format_of_io(c->output), c->output == QL_U8};
    code = code ? code : prove(c, rules, count, err);
    if (code) {
        return code;
    }
    ql_doc d = {0};
    ql_json *json = ql_recipe_json(&d, rules, count);
    return ql_export_put_json(out, &d, json, err);
}
