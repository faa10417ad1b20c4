#include "analyzer/pair/graph.h"

#include "analyzer/pair/names.h"

#include <string.h>

enum { DEQUANTIZE = 6, CUSTOM = 32, QUANTIZE = 114 };

static bool follows_from_constants(const ql_pair_graph *g, const ql_operator *op)
{
    for (int i = 0; i < op->input_count; i++) {
        if (op->inputs[i] >= 0 && g->of_tensor[op->inputs[i]] >= 0) {
            return false;
        }
    }
    return op->input_count > 0;
}

static ql_code add(ql_pair_graph *g, ql_arena *arena, int tensor, int op, int output, ql_err *err)
{
    ql_str name = g->graph->tensors[tensor].name;
    ql_activation *x = &g->activations[g->count];
    *x = (ql_activation){
        .tensor = tensor, .op = op, .output = output, .code = -1, .origin = g->count, .match = -1};
    x->name = ql_take(arena, name.length + 1, 1);
    if (!x->name) {
        return ql_fail_memory(err, name.length);
    }
    x->name_length = ql_name_normalize(name, x->name);
    if (op >= 0) {
        const ql_opcode *code = &g->model->opcodes[g->graph->operators[op].opcode];
        x->code = code->code;
        x->custom = code->custom;
        x->alias = x->code == QUANTIZE || x->code == DEQUANTIZE;
    }
    if (x->alias) {
        x->origin = g->activations[g->of_tensor[g->graph->operators[op].inputs[0]]].origin;
    }
    g->of_tensor[tensor] = g->count++;
    return QL_OK;
}

static ql_code add_operators(ql_pair_graph *g, ql_arena *arena, ql_err *err)
{
    for (int op = 0; op < g->graph->operator_count; op++) {
        const ql_operator *use = &g->graph->operators[op];
        g->derived_op[op] = follows_from_constants(g, use);
        for (int o = 0; o < use->output_count && !g->derived_op[op]; o++) {
            ql_code code = use->outputs[o] < 0 ? QL_OK : add(g, arena, use->outputs[o], op, o, err);
            if (code) {
                return code;
            }
        }
    }
    return QL_OK;
}

ql_code ql_pair_graph_make(ql_side side, ql_arena *arena, ql_pair_graph *g, ql_err *err)
{
    const ql_subgraph *graph = &side.model->subgraphs[side.subgraph];
    size_t tensors = (size_t)graph->tensor_count;
    *g = (ql_pair_graph){.model = side.model, .graph = graph};
    g->activations = QL_TAKE(arena, tensors, ql_activation);
    g->of_tensor = QL_TAKE(arena, tensors, int);
    g->derived_op = QL_TAKE(arena, (size_t)graph->operator_count, int);
    if (!g->activations || !g->of_tensor || !g->derived_op) {
        return ql_fail_memory(err, tensors * sizeof *g->activations);
    }
    for (size_t t = 0; t < tensors; t++) {
        g->of_tensor[t] = -1;
    }
    for (int i = 0; i < graph->input_count; i++) {
        if (g->of_tensor[graph->inputs[i]] < 0) {
            ql_code code = add(g, arena, graph->inputs[i], -1, i, err);
            if (code) {
                return code;
            }
        }
    }
    return add_operators(g, arena, err);
}

bool ql_pair_same_shape(const ql_tensor *a, const ql_tensor *b)
{
    return a->rank == b->rank && !memcmp(a->shape, b->shape, (size_t)a->rank * sizeof *a->shape);
}

/* Operators that converters put in each other's place. */
static bool interchangeable(int a, int b)
{
    static const int kin[][2] = {
        {40 /* MEAN */, 1 /* AVERAGE_POOL_2D */},
        {22 /* RESHAPE */, 43 /* SQUEEZE */},
        {22 /* RESHAPE */, 70 /* EXPAND_DIMS */},
        {9 /* FULLY_CONNECTED */, 3 /* CONV_2D */},
        {9 /* FULLY_CONNECTED */, 126 /* BATCH_MATMUL */},
        {34 /* PAD */, 60 /* PADV2 */},
        {64 /* SELECT */, 123 /* SELECT_V2 */},
        {18 /* MUL */, 92 /* SQUARE */},
    };
    for (size_t i = 0; i < sizeof kin / sizeof *kin; i++) {
        if ((a == kin[i][0] && b == kin[i][1]) || (a == kin[i][1] && b == kin[i][0])) {
            return true;
        }
    }
    return false;
}

bool ql_pair_compatible(const ql_pair_graph *a, const ql_activation *x, const ql_pair_graph *b,
                        const ql_activation *y)
{
    bool same_custom =
        x->custom.length == y->custom.length && !memcmp(x->custom.text, y->custom.text, x->custom.length);
    return x->output == y->output && (x->code == y->code || interchangeable(x->code, y->code)) &&
           (x->code != CUSTOM || same_custom) &&
           ql_pair_same_shape(&a->graph->tensors[x->tensor], &b->graph->tensors[y->tensor]);
}

int ql_pair_input(const ql_pair_graph *g, const ql_activation *x, int i)
{
    const ql_operator *op = &g->graph->operators[x->op];
    int activation = op->inputs[i] < 0 ? -1 : g->of_tensor[op->inputs[i]];
    return activation < 0 ? -1 : g->activations[activation].origin;
}
