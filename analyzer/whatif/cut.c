#include "analyzer/whatif/cut.h"

#include <string.h>

typedef struct {
    ql_model *model;
    ql_subgraph *graph;
    const ql_values *values;
    const ql_sources *sources;
    int *producer; /* by tensor: operator, -1 */
    bool *wanted;  /* by operator */
    bool *asked;   /* by tensor */
    int *stack;    /* tensors still to be looked at */
    int depth;
    ql_cut *cuts;
    int cut_count;
} cutting;

int ql_source_find(const ql_sources *sources, ql_value_id id)
{
    int low = 0, high = sources->count;
    while (low < high) {
        int middle = low + (high - low) / 2;
        if (ql_value_order(sources->list[middle].id, id) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    bool found = low < sources->count && ql_value_known(id) && !ql_value_order(sources->list[low].id, id);
    return found ? low : -1;
}

static void ask(cutting *c, int tensor)
{
    if (tensor >= 0 && !c->asked[tensor]) {
        c->asked[tensor] = true;
        c->stack[c->depth++] = tensor;
    }
}

/* A tensor is there, or its operator is wanted and everything that one reads. */
static void settle(cutting *c, int tensor)
{
    int source = c->values->steady[tensor] ? -1 : ql_source_find(c->sources, c->values->id[tensor]);
    if (source >= 0) {
        c->cuts[c->cut_count++] = (ql_cut){tensor, source};
        return;
    }
    int op = c->producer[tensor];
    if (op < 0 || c->wanted[op]) {
        return;
    }
    c->wanted[op] = true;
    for (int i = 0; i < c->graph->operators[op].input_count; i++) {
        ask(c, c->graph->operators[op].inputs[i]);
    }
}

static void settle_all(cutting *c)
{
    for (int op = 0; op < c->graph->operator_count; op++) {
        for (int o = 0; o < c->graph->operators[op].output_count; o++) {
            c->producer[c->graph->operators[op].outputs[o]] = op;
        }
    }
    for (int o = 0; o < c->graph->output_count; o++) {
        ask(c, c->graph->outputs[o]);
    }
    while (c->depth) {
        settle(c, c->stack[--c->depth]);
    }
    int kept = 0;
    for (int i = 0; i < c->cut_count; i++) { /* what an operator writes all the same is no input */
        int op = c->producer[c->cuts[i].tensor];
        if (op < 0 || !c->wanted[op]) {
            c->cuts[kept++] = c->cuts[i];
        }
    }
    c->cut_count = kept;
}

/* A cut tensor has the shape that it has in the run, not the one that the file was written with. */
static ql_code shape_inputs(cutting *c, int32_t *inputs, ql_err *err)
{
    for (int i = 0; i < c->cut_count; i++) {
        const ql_view *view = c->sources->list[c->cuts[i].source].view;
        ql_tensor *tensor = &c->graph->tensors[c->cuts[i].tensor];
        ql_code code = ql_edit_ints(c->model, view->dims, view->rank, &tensor->shape, err);
        if (code) {
            return code;
        }
        tensor->rank = view->rank;
        inputs[i] = c->cuts[i].tensor;
    }
    return QL_OK;
}

static ql_code rebuild(cutting *c, int subgraph, ql_arena *arena, ql_err *err)
{
    ql_operator *left = QL_TAKE(arena, (size_t)c->graph->operator_count, ql_operator);
    int32_t *inputs = QL_TAKE(arena, (size_t)c->cut_count, int32_t);
    int count = 0;
    if (!left || !inputs) {
        return ql_fail_memory(err, (size_t)c->graph->operator_count * sizeof *left);
    }
    for (int op = 0; op < c->graph->operator_count; op++) {
        if (c->wanted[op]) {
            left[count++] = c->graph->operators[op];
        }
    }
    ql_code code = shape_inputs(c, inputs, err);
    code = code ? code : ql_edit_operators(c->model, subgraph, left, count, err);
    code = code ? code : ql_edit_ints(c->model, inputs, c->cut_count, &c->graph->inputs, err);
    c->graph->input_count = c->cut_count;
    return code;
}

static ql_code find_wanted(cutting *made, ql_model *model, int subgraph, const ql_values *values,
                           const ql_sources *sources, ql_arena *arena, ql_err *err)
{
    ql_subgraph *graph = &model->subgraphs[subgraph];
    size_t tensors = (size_t)graph->tensor_count, ops = (size_t)graph->operator_count;
    cutting c = {.model = model,
                 .graph = graph,
                 .values = values,
                 .sources = sources,
                 .producer = QL_TAKE(arena, tensors, int),
                 .wanted = QL_TAKE(arena, ops, bool),
                 .asked = QL_TAKE(arena, tensors, bool),
                 .stack = QL_TAKE(arena, tensors, int),
                 .cuts = QL_TAKE(arena, tensors, ql_cut)};
    if (!c.producer || !c.wanted || !c.asked || !c.stack || !c.cuts) {
        return ql_fail_memory(err, tensors * sizeof *c.cuts);
    }
    for (size_t t = 0; t < tensors; t++) {
        c.producer[t] = -1;
    }
    settle_all(&c);
    *made = c;
    return QL_OK;
}

ql_code ql_cut_wanted(ql_model *model, int subgraph, const ql_values *values, const ql_sources *sources,
                      ql_arena *arena, bool **wanted, ql_err *err)
{
    cutting c;
    ql_code code = find_wanted(&c, model, subgraph, values, sources, arena, err);
    *wanted = code ? NULL : c.wanted;
    return code;
}

ql_code ql_cut_model(ql_model *model, int subgraph, const ql_values *values, const ql_sources *sources,
                     ql_arena *arena, ql_cut **cuts, int *count, ql_err *err)
{
    cutting c;
    ql_code code = find_wanted(&c, model, subgraph, values, sources, arena, err);
    if (code) {
        return code;
    }
    *cuts = c.cuts;
    *count = c.cut_count;
    return rebuild(&c, subgraph, arena, err);
}
