#include "reports/config/recipe.h"

#include <string.h>

enum { LONGEST_SCOPE = 10000 };

typedef struct {
    const char *name, *builtin;
    bool int8, int16x8;
} operation_row;

#define X(name, builtin, int8, int16x8) {name, builtin, int8, int16x8},
static const operation_row operations[] = {
#include "reports/config/aeq_ops.def"
};
#undef X

ql_recipe_operation ql_recipe_operation_of(const ql_model *model, const ql_subgraph *graph, int op)
{
    if (op < 0) {
        return (ql_recipe_operation){op == QL_RECIPE_INPUT ? "INPUT" : "OUTPUT", true, true};
    }
    const char *name = ql_builtin_name(model->opcodes[graph->operators[op].opcode].code);
    for (size_t i = 0; name && i < sizeof operations / sizeof *operations; i++) {
        if (!strcmp(operations[i].builtin, name)) {
            return (ql_recipe_operation){operations[i].name, operations[i].int8, operations[i].int16x8};
        }
    }
    return (ql_recipe_operation){NULL, false, false};
}

bool ql_recipe_supports(ql_recipe_operation operation, ql_format format)
{
    return format == QL_FORMAT_FLOAT || (format == QL_FORMAT_INT8 && operation.int8) ||
           (format == QL_FORMAT_INT16X8 && operation.int16x8);
}

static size_t named_bytes(const ql_subgraph *graph, const int32_t *tensors, int count)
{
    size_t bytes = 0;
    for (int i = 0; i < count; i++) {
        size_t length = tensors[i] >= 0 ? graph->tensors[tensors[i]].name.length : 0;
        bytes += length ? length + 1 : 0;
    }
    return bytes;
}

/* Where the text ends after so many characters. */
static size_t cut(const char *text, size_t length, int characters)
{
    size_t at = 0;
    for (int i = 0; i < characters && at < length; i++) {
        size_t step = ql_utf8_length(text + at, length - at);
        at += step ? step : 1;
    }
    return at;
}

ql_code ql_recipe_scope(const ql_subgraph *graph, int op, ql_str *scope, ql_arena *arena, ql_err *err)
{
    const int32_t *lists[2] = {op == QL_RECIPE_INPUT ? graph->inputs : graph->outputs, NULL};
    int counts[2] = {op == QL_RECIPE_INPUT ? graph->input_count : graph->output_count, 0};
    if (op >= 0) {
        const ql_operator *o = &graph->operators[op];
        lists[0] = o->outputs, lists[1] = o->inputs;
        counts[0] = o->output_count, counts[1] = o->input_count;
    }
    int which = named_bytes(graph, lists[0], counts[0]) ? 0 : 1;
    char *text = QL_TAKE(arena, named_bytes(graph, lists[which], counts[which]) + 1, char);
    if (!text) {
        return ql_fail_memory(err, LONGEST_SCOPE);
    }
    size_t length = 0;
    for (int i = 0; i < counts[which]; i++) {
        ql_str name = lists[which][i] >= 0 ? graph->tensors[lists[which][i]].name : (ql_str){"", 0};
        if (name.length) {
            memcpy(text + length, name.text, name.length);
            length += name.length;
            text[length++] = ';';
        }
    }
    length = cut(text, length, LONGEST_SCOPE);
    text[length] = 0;
    *scope = (ql_str){text, length};
    return QL_OK;
}

const char *ql_recipe_regex(ql_str scope, ql_arena *arena)
{
    char *regex = QL_TAKE(arena, 2 * scope.length + 3, char), *end = regex;
    if (!regex) {
        return NULL;
    }
    *end++ = '^';
    for (size_t i = 0; i < scope.length; i++) {
        if (strchr("\\.^$*+?{}[]|()", scope.text[i])) {
            *end++ = '\\';
        }
        *end++ = scope.text[i];
    }
    *end++ = '$';
    *end = 0;
    return regex;
}

int ql_recipe_count(const ql_model *model)
{
    int count = 0;
    for (int g = 0; g < model->subgraph_count; g++) {
        count += model->subgraphs[g].operator_count + 2;
    }
    return count;
}

/* The place of the first rule with that expression. */
static int rank_of(const ql_recipe_rule *rules, int rule)
{
    int first = 0;
    while (strcmp(rules[first].regex, rules[rule].regex) != 0) {
        first++;
    }
    return first;
}

static bool speaks_of(const ql_recipe_rule *rule, ql_recipe_operation operation)
{
    return operation.name && (!strcmp(rule->operation, "*") || !strcmp(rule->operation, operation.name)) &&
           ql_recipe_supports(operation, rule->format);
}

typedef struct {
    const ql_recipe_rule *rules;
    int count;
    int *rank;
    ql_regex **compiled; /* of each rule that is the first of its expression */
} reader;

static ql_code read_scope(const reader *r, ql_str scope, ql_recipe_operation operation, ql_format *format,
                          ql_err *err)
{
    int best = -1;
    *format = QL_FORMAT_FLOAT;
    for (int i = 0; i < r->count; i++) {
        bool matches = false;
        if (!speaks_of(&r->rules[i], operation) || r->rank[i] < best) {
            continue;
        }
        ql_code code = ql_regex_matches(r->compiled[r->rank[i]], scope, &matches, err);
        if (code) {
            return code;
        }
        if (matches) {
            best = r->rank[i];
            *format = r->rules[i].format;
        }
    }
    return QL_OK;
}

static ql_code read_model(const reader *r, const ql_model *model, ql_format *formats, ql_arena *arena,
                          ql_err *err)
{
    int at = 0;
    for (int g = 0; g < model->subgraph_count; g++) {
        const ql_subgraph *graph = &model->subgraphs[g];
        for (int i = 0; i < graph->operator_count + 2; i++) {
            int op = i < graph->operator_count ? i : graph->operator_count - 1 - i;
            ql_str scope;
            ql_code code = ql_recipe_scope(graph, op, &scope, arena, err);
            code = code ? code
                        : read_scope(r, scope, ql_recipe_operation_of(model, graph, op), &formats[at], err);
            if (code) {
                return code;
            }
            at++;
        }
    }
    return QL_OK;
}

ql_code ql_recipe_apply(const ql_recipe_rule *rules, int rule_count, const ql_model *model,
                        ql_format *formats, ql_arena *arena, ql_err *err)
{
    reader r = {rules, rule_count, QL_TAKE(arena, (size_t)rule_count, int),
                QL_TAKE(arena, (size_t)rule_count, ql_regex *)};
    ql_code code = r.rank && r.compiled ? QL_OK : ql_fail_memory(err, sizeof *r.compiled);
    for (int i = 0; i < rule_count && !code; i++) {
        r.rank[i] = rank_of(rules, i);
        code = r.rank[i] == i ? ql_regex_make(&r.compiled[i], rules[i].regex, false, err) : QL_OK;
    }
    code = code ? code : read_model(&r, model, formats, arena, err);
    for (int i = 0; r.compiled && i < rule_count; i++) {
        ql_regex_free(r.compiled[i]);
    }
    return code;
}

static void put_tensor_config(ql_doc *d, ql_json *to, const char *key, int bits, bool symmetric,
                              const char *granularity, const char *type)
{
    ql_json *config = ql_put_object(d, to, key);
    ql_put_int(d, config, "num_bits", bits);
    ql_put_bool(d, config, "symmetric", symmetric);
    ql_put_text(d, config, "granularity", granularity);
    ql_put_text(d, config, "dtype", type);
}

static void put_rule(ql_doc *d, ql_json *list, const ql_recipe_rule *rule)
{
    ql_json *entry = ql_put_object(d, list, NULL);
    ql_put_text(d, entry, "regex", rule->regex);
    ql_put_text(d, entry, "operation", rule->operation);
    if (rule->format == QL_FORMAT_FLOAT) {
        ql_put_text(d, entry, "algorithm_key", "no_quantize");
        return;
    }
    bool wide = rule->format == QL_FORMAT_INT16X8;
    ql_put_text(d, entry, "algorithm_key", "min_max_uniform_quantize");
    ql_json *config = ql_put_object(d, entry, "op_config");
    put_tensor_config(d, config, "activation_tensor_config", wide ? 16 : 8, wide, "TENSORWISE",
                      rule->is_unsigned ? "UINT" : "INT");
    put_tensor_config(d, config, "weight_tensor_config", 8, true, "CHANNELWISE", "INT");
    ql_put_text(d, config, "compute_precision", "INTEGER");
    ql_put_bool(d, config, "explicit_dequantize", false);
}

ql_json *ql_recipe_json(ql_doc *d, const ql_recipe_rule *rules, int rule_count)
{
    ql_json *list = ql_json_array(d);
    for (int i = 0; i < rule_count; i++) {
        put_rule(d, list, &rules[i]);
    }
    return list;
}
