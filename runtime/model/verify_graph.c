#include "runtime/model/rules.h"

enum { MAX_CALL_DEPTH = 64, CUSTOM = 32 };

/* What is known of a tensor while the operators are gone through in order. */
enum { EMPTY, CONSTANT, VARIABLE, INPUT, WRITTEN };

typedef struct {
    const ql_rules *rules;
    const ql_subgraph *graph;
    int index;
    uint8_t *state; /* by tensor */
} order;

static ql_code verify_range(const order *g, ql_rule rule, const int32_t *indices, int count, int lowest)
{
    for (int i = 0; i < count; i++) {
        if (indices[i] < lowest || indices[i] >= g->graph->tensor_count) {
            return ql_broken(g->rules->err, rule, NULL, g->index, indices[i], g->graph->tensor_count - 1, 0);
        }
    }
    return QL_OK;
}

static bool has_elements(const ql_tensor *tensor)
{
    size_t elements;
    return !ql_dims_count(tensor->shape, tensor->rank, &elements) || elements;
}

/* Custom operators may name tensors that nobody writes: scratch memory of their own. */
static ql_code verify_reads(const order *g, const ql_operator *op)
{
    if (g->rules->model->opcodes[op->opcode].code == CUSTOM) {
        return QL_OK;
    }
    for (int i = 0; i < op->input_count; i++) {
        int tensor = op->inputs[i];
        if (tensor >= 0 && g->state[tensor] == EMPTY && has_elements(&g->graph->tensors[tensor])) {
            ql_broken(g->rules->err, QL_RULE_UNWRITTEN, NULL, tensor, 0, 0, 0);
            return ql_at_tensor_of(g->rules->err, &g->graph->tensors[tensor], tensor);
        }
    }
    return QL_OK;
}

static ql_code verify_writes(const order *g, const ql_operator *op)
{
    static const ql_rule refusals[] = {
        [CONSTANT] = QL_RULE_WRITES_CONSTANT,
        [INPUT] = QL_RULE_WRITES_INPUT,
        [WRITTEN] = QL_RULE_WRITES_TWICE,
    };
    for (int i = 0; i < op->output_count; i++) {
        int tensor = op->outputs[i], state = g->state[tensor];
        if (state != EMPTY && state != VARIABLE) {
            ql_broken(g->rules->err, refusals[state], NULL, tensor, 0, 0, 0);
            return ql_at_tensor_of(g->rules->err, &g->graph->tensors[tensor], tensor);
        }
        g->state[tensor] = state == EMPTY ? WRITTEN : VARIABLE;
    }
    return QL_OK;
}

static ql_code verify_callee(const order *g, int64_t callee)
{
    int count = g->rules->model->subgraph_count;
    return callee >= 0 && callee < count
               ? QL_OK
               : ql_broken(g->rules->err, QL_RULE_OP_SUBGRAPH, NULL, callee, count - 1, 0, 0);
}

/* Calls `visit` for each subgraph the operator's options name, until one fails. */
typedef ql_code (*callee_visit)(void *context, int64_t callee);
static ql_code each_callee(const ql_operator *op, callee_visit visit, void *context)
{
    const ql_options *options = &op->options;
    ql_code code = QL_OK;
    for (int i = 0; options->table && !code && options->table->slots[i].kind != QL_OPT_END; i++) {
        if (options->table->slots[i].kind == QL_OPT_SUBGRAPH) {
            code = visit(context, ql_opt_i64(options, i));
        } else if (options->table->slots[i].kind == QL_OPT_SUBGRAPHS) {
            const int32_t *callees;
            size_t count = ql_opt_i32s(options, i, &callees);
            for (size_t k = 0; !code && k < count; k++) {
                code = visit(context, callees[k]);
            }
        }
    }
    return code;
}

static ql_code visit_range(void *context, int64_t callee)
{
    return verify_callee(context, callee);
}

static ql_code verify_indices(order *g, const ql_operator *op)
{
    ql_code code = verify_range(g, QL_RULE_OP_INPUT, op->inputs, op->input_count, -1);
    if (!code) {
        code = verify_range(g, QL_RULE_OP_OUTPUT, op->outputs, op->output_count, 0);
    }
    if (!code) {
        code = verify_range(g, QL_RULE_OP_INTERMEDIATE, op->intermediates, op->intermediate_count, -1);
    }
    return code ? code : each_callee(op, visit_range, g);
}

static ql_code verify_operator(order *g, int index)
{
    char name[64];
    const ql_operator *op = &g->graph->operators[index];
    const ql_model *model = g->rules->model;
    if (op->opcode < 0 || op->opcode >= model->opcode_count) {
        ql_broken(g->rules->err, QL_RULE_OP_CODE, NULL, g->index, (uint32_t)op->opcode,
                  model->opcode_count - 1, 0);
        return ql_at_op(g->rules->err, index, "?");
    }
    ql_code code = verify_indices(g, op);
    if (!code) {
        code = verify_reads(g, op);
    }
    if (!code) {
        code = verify_writes(g, op);
    }
    if (code) {
        ql_at_op(g->rules->err, index, ql_operator_name(model, op, name));
    }
    return code;
}

static void set_states(const order *g)
{
    for (int i = 0; i < g->graph->tensor_count; i++) {
        const ql_tensor *tensor = &g->graph->tensors[i];
        g->state[i] = tensor->data ? CONSTANT : tensor->variable ? VARIABLE : EMPTY;
    }
    for (int i = 0; i < g->graph->input_count; i++) {
        uint8_t *state = &g->state[g->graph->inputs[i]];
        *state = *state == EMPTY ? INPUT : *state;
    }
}

static ql_code verify_results(const order *g)
{
    for (int i = 0; i < g->graph->output_count; i++) {
        int tensor = g->graph->outputs[i];
        if (g->state[tensor] == EMPTY && has_elements(&g->graph->tensors[tensor])) {
            ql_broken(g->rules->err, QL_RULE_NO_RESULT, NULL, g->index, tensor, 0, 0);
            return ql_at_tensor_of(g->rules->err, &g->graph->tensors[tensor], tensor);
        }
    }
    return QL_OK;
}

ql_code ql_verify_graph(const ql_rules *rules, int subgraph)
{
    order g = {rules, &rules->model->subgraphs[subgraph], subgraph, NULL};
    g.state = ql_take(rules->scratch, (size_t)g.graph->tensor_count, 1);
    if (!g.state) {
        return ql_fail_memory(rules->err, (size_t)g.graph->tensor_count);
    }
    ql_code code = verify_range(&g, QL_RULE_GRAPH_INPUT, g.graph->inputs, g.graph->input_count, 0);
    if (!code) {
        code = verify_range(&g, QL_RULE_GRAPH_OUTPUT, g.graph->outputs, g.graph->output_count, 0);
    }
    if (!code) {
        set_states(&g);
    }
    for (int i = 0; !code && i < g.graph->operator_count; i++) {
        code = verify_operator(&g, i);
    }
    return code ? code : verify_results(&g);
}

typedef struct {
    const ql_rules *rules;
    uint8_t *heights; /* by subgraph: how many levels its calls go, itself included; 0 = not known yet */
    int depth, below;
} calls;

static ql_code verify_height(calls *c, int subgraph);

static ql_code visit_height(void *context, int64_t callee)
{
    calls *c = context;
    int below = c->below;
    ql_code code = verify_height(c, (int)callee);
    int height = c->heights[callee];
    c->below = height > below ? height : below;
    return code;
}

/* A circle gets ever deeper and so ends here too. */
static ql_code verify_height(calls *c, int subgraph)
{
    const ql_subgraph *graph = &c->rules->model->subgraphs[subgraph];
    if (c->depth + c->heights[subgraph] >= MAX_CALL_DEPTH) {
        return ql_broken(c->rules->err, QL_RULE_CALL_DEPTH, NULL, subgraph, MAX_CALL_DEPTH, 0, 0);
    }
    if (c->heights[subgraph]) {
        return QL_OK;
    }
    ql_code code = QL_OK;
    c->depth++;
    c->below = 0;
    for (int i = 0; !code && i < graph->operator_count; i++) {
        code = each_callee(&graph->operators[i], visit_height, c);
    }
    c->depth--;
    c->heights[subgraph] = (uint8_t)(c->below + 1);
    return code;
}

ql_code ql_verify_calls(const ql_rules *rules)
{
    int count = rules->model->subgraph_count;
    calls c = {.rules = rules, .heights = ql_take(rules->scratch, (size_t)count, 1)};
    if (!c.heights) {
        return ql_fail_memory(rules->err, (size_t)count);
    }
    ql_code code = QL_OK;
    for (int i = 0; !code && i < count; i++) {
        code = verify_height(&c, i);
    }
    return code;
}
