/* The plan as node data for Model Explorer, over the float model: the format of each operator in a colour.
 * Nodes are named by their output's name, or all of them by index where names are not apart. */
#include "reports/config/targets.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *plan, *kept; /* colours of layers of the plan, and of the others */
} colours[] = {
    [QL_FORMAT_FLOAT] = {"#d55e00", "#f6d9c4"},
    [QL_FORMAT_INT8] = {"#56b4e9", "#f2f2f2"},
    [QL_FORMAT_INT16X8] = {"#009e73", "#c8ebe0"},
};

static int by_name(const void *a, const void *b)
{
    const ql_str *x = a, *y = b;
    size_t shorter = x->length < y->length ? x->length : y->length;
    int order = memcmp(x->text, y->text, shorter);
    return order ? order : (x->length > y->length) - (x->length < y->length);
}

/* Has every operator a name of its own? */
static bool names_are_apart(const ql_export *c, ql_str *names)
{
    int count = c->graph->operator_count;
    for (int i = 0; i < count; i++) {
        names[i] = ql_export_name(c, i);
        if (!names[i].length || !ql_export_is_text(names[i])) {
            return false;
        }
    }
    qsort(names, (size_t)count, sizeof *names, by_name);
    for (int i = 1; i < count; i++) {
        if (!by_name(&names[i - 1], &names[i])) {
            return false;
        }
    }
    return true;
}

static void put_node(ql_doc *d, ql_json *results, const ql_export *c, int op, bool by_index)
{
    char index[16];
    ql_format format = c->ops[op].format;
    snprintf(index, sizeof index, "%d", op);
    ql_json *node = ql_put_object(d, results, by_index ? index : ql_export_name(c, op).text);
    ql_put_text(d, node, "value", ql_format_name(format));
    ql_put_text(d, node, "bgColor", c->ops[op].layer ? colours[format].plan : colours[format].kept);
    ql_put_text(d, node, "textColor", "#000000");
}

/* Subgraph 0 is "main" there, others have their name or their number. */
static const char *graph_id(const ql_export *c, char *buffer, size_t size)
{
    int g = c->source->reference.subgraph;
    if (!g) {
        return "main";
    }
    snprintf(buffer, size, "subgraph_%d", g);
    return c->graph->name.length && ql_export_is_text(c->graph->name) ? c->graph->name.text : buffer;
}

ql_code ql_export_model_explorer(ql_export *c, ql_text *out, ql_err *err)
{
    char id[32];
    ql_str *names = QL_TAKE(&c->arena, (size_t)c->graph->operator_count + 1, ql_str);
    if (!names) {
        return ql_fail_memory(err, sizeof *names);
    }
    bool by_index = !names_are_apart(c, names);
    ql_doc d = {0};
    ql_json *root = ql_json_object(&d), *graph = ql_put_object(&d, root, graph_id(c, id, sizeof id));
    ql_put_text(&d, graph, "name", "plan");
    ql_json *results = ql_put_object(&d, graph, "results");
    for (int i = 0; i < c->graph->operator_count; i++) {
        if (c->ops[i].format != QL_FORMAT_NONE) {
            put_node(&d, results, c, i, by_index);
        }
    }
    return ql_export_put_json(out, &d, root, err);
}
