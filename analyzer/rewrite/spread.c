#include "analyzer/rewrite/spread.h"

#include <stdlib.h>
#include <string.h>

static bool is_float(const ql_subgraph *graph, int t)
{
    return t >= 0 && graph->tensors[t].type == QL_F32;
}

static bool is_constant(const ql_subgraph *graph, int t)
{
    return graph->tensors[t].data != NULL;
}

bool ql_has_floats(const ql_subgraph *graph, const ql_operator *op)
{
    for (int i = 0; i < op->input_count; i++) {
        if (is_float(graph, op->inputs[i])) {
            return true;
        }
    }
    for (int o = 0; o < op->output_count; o++) {
        if (is_float(graph, op->outputs[o])) {
            return true;
        }
    }
    return false;
}

static const char *constants_refusal(const ql_subgraph *graph, const ql_operator *op, const ql_q_rule *rule)
{
    for (int i = 0; i < op->input_count; i++) {
        int t = op->inputs[i];
        bool own = i > 0 && (i == rule->weight || i == rule->bias) && rule->bias > 0;
        if (t >= 0 && own && (!is_float(graph, t) || !is_constant(graph, t))) {
            return "its weights or bias are no float constants";
        }
        if (t >= 0 && graph->tensors[t].sparsity) {
            return "its weights are sparse";
        }
        if (t >= 0 && graph->tensors[t].variable) {
            return "it holds variables";
        }
    }
    return NULL;
}

const char *ql_integer_refusal(const ql_model *model, const ql_subgraph *graph, const ql_operator *op,
                               ql_type type, bool fragile)
{
    const ql_op *row = ql_op_find(model, op);
    if (!ql_has_floats(graph, op) || (row && row->shape_only)) {
        return NULL;
    }
    const ql_q_rule *rule = row ? &row->quant : NULL;
    bool barred = !row || (rule->kind == QL_Q_NONE && !rule->reads) ||
                  (type == QL_I16 ? rule->no_i16 : rule->no_i8) ||
                  !ql_op_supports(row, type == QL_I16 ? QL_S_I16 : QL_S_I8) ||
                  (rule->kind == QL_Q_FIXED && type == QL_I16 && rule->i16_scale <= 0);
    if (barred && row && ql_op_supports(row, type == QL_I16 ? QL_S_I16 : QL_S_I8)) {
        return "the converter leaves it float";
    }
    if (!barred && rule->lstm) {
        return ql_lstm_refusal(graph, op);
    }
    return barred                      ? "it has no integer kernel"
           : rule->fragile && !fragile ? "LiteRT's integer kernel of it fails for some values"
                                       : constants_refusal(graph, op, rule);
}

/* --- Ranges that follow from others are dropped, so that one range speaks for tensors of one scale --- */

static bool same_scale(const ql_spread *s, int op)
{
    const ql_op *row = ql_op_find(s->model, &s->graph->operators[op]);
    return row && row->quant.kind == QL_Q_SAME && s->integer[op];
}

static int float_operands(const ql_spread *s, int op)
{
    const ql_operator *o = &s->graph->operators[op];
    int count = 0;
    for (int i = 0; i < o->input_count; i++) {
        count += is_float(s->graph, o->inputs[i]);
    }
    return count;
}

static bool follows_forward(const ql_spread *s, const ql_ranges *ranges, int t)
{
    int op = s->producer[t];
    if (op < 0 || !s->integer[op]) {
        return false;
    }
    const ql_operator *o = &s->graph->operators[op];
    const ql_op *row = ql_op_find(s->model, o);
    if (row && row->quant.kind == QL_Q_FIXED) {
        return true;
    }
    for (int i = 0; i < o->input_count && same_scale(s, op) && float_operands(s, op) == 1; i++) {
        if (is_float(s->graph, o->inputs[i]) && ranges->tensors[o->inputs[i]].seen) {
            return true;
        }
    }
    return false;
}

/* Operators of one scale whose result keeps a range of its own give it back to whoever made the operands.
 * Readers come after makers, so one pass from the end is all. 16-bit results instead ask for their operands
 * in their own scale. */
static void drop_backward(const ql_spread *s, const ql_ranges *ranges, bool *dropped, bool *given)
{
    for (int op = s->graph->operator_count - 1; op >= 0 && s->type == QL_I8; op--) {
        const ql_operator *o = &s->graph->operators[op];
        bool gives = false;
        for (int k = 0; k < o->output_count && same_scale(s, op); k++) {
            int t = o->outputs[k];
            gives |= is_float(s->graph, t) && ((ranges->tensors[t].seen && !dropped[t]) || given[t]);
        }
        for (int i = 0; i < o->input_count && gives; i++) {
            int t = o->inputs[i];
            if (is_float(s->graph, t) && ranges->tensors[t].seen) {
                given[t] = true;
            }
        }
    }
    for (int t = 0; t < s->graph->tensor_count; t++) {
        dropped[t] |= given[t];
    }
}

static ql_code set_from_ranges(ql_spread *s, const ql_ranges *ranges, ql_err *err)
{
    size_t count = (size_t)s->graph->tensor_count;
    bool *dropped = calloc(2 * count + 1, sizeof *dropped);
    if (!dropped) {
        return ql_fail_memory(err, 2 * count * sizeof *dropped);
    }
    for (size_t t = 0; t < count; t++) {
        dropped[t] = follows_forward(s, ranges, (int)t);
    }
    drop_backward(s, ranges, dropped, dropped + count);
    for (size_t t = 0; t < count; t++) {
        if (ranges->tensors[t].seen && !dropped[t] && is_float(s->graph, (int)t)) {
            s->tensors[t] = ql_activation_param(ranges->tensors[t], s->type);
        }
    }
    free(dropped);
    return QL_OK;
}

/* --- Parameters spread from tensor to tensor --- */

typedef struct {
    ql_spread *s;
    bool *fixed; /* of each tensor: its parameters come from a range */
    bool *done;  /* of each operator */
    int *list;   /* operators to look at, the last one next; each may come once for every tensor it touches */
    size_t length;
} spreading;

static void push(spreading *w, int op)
{
    if (op >= 0 && !w->done[op] && w->s->integer[op]) {
        w->list[w->length++] = op;
    }
}

static void push_readers(spreading *w, int t)
{
    for (int i = w->s->first_reader[t]; i < w->s->first_reader[t + 1]; i++) {
        push(w, w->s->readers[i]);
    }
}

static void set_operand(spreading *w, int op, int i, ql_param param)
{
    int t = w->s->graph->operators[op].inputs[i];
    ql_param *own = &w->s->ins[w->s->first_in[op] + i], *state = &w->s->tensors[t];
    if (is_constant(w->s->graph, t) || (state->set && !ql_param_equal(*state, param))) {
        *own = param;
    } else if (!state->set) {
        *state = param;
        push(w, w->s->producer[t]);
    }
}

static void set_result(spreading *w, int op, int o, ql_param param)
{
    int t = w->s->graph->operators[op].outputs[o];
    ql_param *state = &w->s->tensors[t];
    if (!state->set) {
        *state = param;
        push_readers(w, t);
    } else if (!ql_param_equal(*state, param)) {
        w->s->outs[w->s->first_out[op] + o] = param;
    }
}

/* What speaks for an operator of one scale: parameters from ranges before those that were spread, results
 * before operands; the first where several speak. */
typedef struct {
    int count;
    ql_param first, last;
} voices;

static void hear(voices *v, ql_param param)
{
    v->first = v->count ? v->first : param;
    v->last = param;
    v->count++;
}

static void hear_tensor(const spreading *w, int t, voices *fixed, voices *spread)
{
    if (is_float(w->s->graph, t) && !is_constant(w->s->graph, t) && w->s->tensors[t].set) {
        hear(w->fixed[t] ? fixed : spread, w->s->tensors[t]);
    }
}

static ql_param decide(const spreading *w, int op)
{
    const ql_operator *o = &w->s->graph->operators[op];
    voices fixed = {0}, spread = {0};
    for (int i = 0; i < o->input_count; i++) {
        hear_tensor(w, o->inputs[i], &fixed, &spread);
    }
    int fixed_operands = fixed.count, spread_operands = spread.count;
    if (o->input_count == 1 && fixed_operands == 1) {
        return fixed.first;
    }
    for (int k = 0; k < o->output_count; k++) {
        hear_tensor(w, o->outputs[k], &fixed, &spread);
    }
    if (o->output_count == 1 && fixed.count - fixed_operands == 1) {
        return fixed.last;
    }
    if (fixed.count || (o->input_count == 1 && spread_operands == 1)) {
        return fixed.count ? fixed.first : spread.first;
    }
    bool by_result = o->output_count == 1 && spread.count - spread_operands == 1;
    return by_result ? spread.last : spread.first;
}

static void share_scale(spreading *w, int op)
{
    const ql_operator *o = &w->s->graph->operators[op];
    ql_param param = decide(w, op);
    if (!param.set) {
        w->done[op] = false;
        return;
    }
    for (int i = 0; i < o->input_count; i++) {
        if (is_float(w->s->graph, o->inputs[i])) {
            set_operand(w, op, i, param);
        }
    }
    for (int k = 0; k < o->output_count; k++) {
        if (is_float(w->s->graph, o->outputs[k])) {
            set_result(w, op, k, param);
        }
    }
}

static ql_param fixed_param(const ql_q_rule *rule, ql_type type)
{
    return type == QL_I16 ? (ql_param){true, rule->i16_scale, 0}
                          : (ql_param){true, rule->i8_scale, rule->i8_zero};
}

static void visit(spreading *w, int op)
{
    const ql_operator *o = &w->s->graph->operators[op];
    const ql_q_rule *rule = &ql_op_find(w->s->model, o)->quant;
    w->done[op] = true;
    if (rule->kind == QL_Q_SAME) {
        share_scale(w, op);
    }
    for (int k = 0; k < o->output_count && rule->kind == QL_Q_FIXED; k++) {
        set_result(w, op, k, fixed_param(rule, w->s->type));
    }
}

static ql_code spread_all(ql_spread *s, ql_err *err)
{
    size_t ops = (size_t)s->graph->operator_count, tensors = (size_t)s->graph->tensor_count;
    size_t room = ops + tensors + (size_t)s->first_reader[tensors] + 1;
    spreading w = {.s = s, .fixed = calloc(tensors + ops + 1, sizeof *w.fixed)};
    w.list = malloc(room * sizeof *w.list);
    if (!w.fixed || !w.list) {
        free(w.fixed);
        free(w.list);
        return ql_fail_memory(err, room * sizeof *w.list);
    }
    w.done = w.fixed + tensors;
    for (size_t t = 0; t < tensors; t++) {
        w.fixed[t] = s->tensors[t].set;
    }
    for (size_t i = 0; i < ops; i++) { /* 8 bits from the last operator on, 16 bits from the first */
        push(&w, (int)(s->type == QL_I16 ? ops - 1 - i : i));
    }
    while (w.length) {
        int op = w.list[--w.length];
        if (!w.done[op]) {
            visit(&w, op);
        }
    }
    free(w.fixed);
    free(w.list);
    return QL_OK;
}

/* An operator whose tensors did not all get parameters stays float. */
static bool complete(const ql_spread *s, int op)
{
    const ql_operator *o = &s->graph->operators[op];
    for (int i = 0; i < o->input_count; i++) {
        int t = o->inputs[i];
        if (is_float(s->graph, t) && !is_constant(s->graph, t) && !s->tensors[t].set) {
            return false;
        }
    }
    for (int k = 0; k < o->output_count; k++) {
        if (is_float(s->graph, o->outputs[k]) && !s->tensors[o->outputs[k]].set) {
            return false;
        }
    }
    return true;
}

/* --- Putting it together --- */

static void list_readers(ql_spread *s)
{
    for (int op = 0; op < s->graph->operator_count; op++) {
        const ql_operator *o = &s->graph->operators[op];
        for (int i = 0; i < o->input_count; i++) {
            if (o->inputs[i] >= 0) {
                s->first_reader[o->inputs[i] + 1]++;
            }
        }
    }
    for (int t = 0; t < s->graph->tensor_count; t++) {
        s->first_reader[t + 1] += s->first_reader[t];
    }
    int total = s->first_reader[s->graph->tensor_count];
    for (int op = s->graph->operator_count - 1; op >= 0; op--) { /* filled from the end, then in order */
        const ql_operator *o = &s->graph->operators[op];
        for (int i = 0; i < o->input_count; i++) {
            if (o->inputs[i] >= 0) {
                s->readers[--s->first_reader[o->inputs[i] + 1]] = op;
            }
        }
    }
    for (int t = 0; t < s->graph->tensor_count; t++) {
        s->first_reader[t] = s->first_reader[t + 1];
    }
    s->first_reader[s->graph->tensor_count] = total;
}

static ql_code make_room(ql_spread *s, ql_err *err)
{
    size_t tensors = (size_t)s->graph->tensor_count, ops = (size_t)s->graph->operator_count, ins = 0,
           outs = 0;
    for (size_t op = 0; op < ops; op++) {
        ins += (size_t)s->graph->operators[op].input_count;
        outs += (size_t)s->graph->operators[op].output_count;
    }
    s->producer = malloc((2 * tensors + 2 * ops + ins + 2) * sizeof *s->producer);
    s->param_count = tensors + ins + outs;
    s->tensors = calloc(s->param_count + 1, sizeof *s->tensors);
    s->integer = calloc(ops + 1, sizeof *s->integer);
    if (!s->producer || !s->tensors || !s->integer) {
        return ql_fail_memory(err, (tensors + ins + outs) * sizeof *s->tensors);
    }
    s->first_in = s->producer + tensors;
    s->first_out = s->first_in + ops;
    s->first_reader = s->first_out + ops;
    s->readers = s->first_reader + tensors + 1;
    s->ins = s->tensors + tensors;
    s->outs = s->ins + ins;
    memset(s->first_reader, 0, (tensors + 1) * sizeof *s->first_reader);
    return QL_OK;
}

static void index_graph(ql_spread *s)
{
    int ins = 0, outs = 0;
    for (int t = 0; t < s->graph->tensor_count; t++) {
        s->producer[t] = -1;
    }
    for (int op = 0; op < s->graph->operator_count; op++) {
        const ql_operator *o = &s->graph->operators[op];
        s->first_in[op] = ins;
        s->first_out[op] = outs;
        ins += o->input_count;
        outs += o->output_count;
        for (int k = 0; k < o->output_count; k++) {
            if (o->outputs[k] >= 0) {
                s->producer[o->outputs[k]] = op;
            }
        }
    }
    list_readers(s);
}

ql_code ql_spread_params(ql_spread *s, const ql_model *model, int subgraph, const ql_ranges *ranges,
                         ql_type type, bool fragile, ql_err *err)
{
    *s = (ql_spread){.model = model, .graph = &model->subgraphs[subgraph], .type = type};
    ql_code code = make_room(s, err);
    if (code) {
        return code;
    }
    index_graph(s);
    for (int op = 0; op < s->graph->operator_count; op++) {
        const ql_operator *o = &s->graph->operators[op];
        const ql_op *row = ql_op_find(model, o);
        s->integer[op] = row && !row->shape_only && ql_has_floats(s->graph, o) &&
                         !ql_integer_refusal(model, s->graph, o, type, fragile);
    }
    code = set_from_ranges(s, ranges, err);
    code = code ? code : spread_all(s, err);
    for (int op = 0; op < s->graph->operator_count && !code; op++) {
        const ql_operator *o = &s->graph->operators[op];
        if (s->integer[op] && ql_op_find(model, o)->quant.lstm) {
            ql_lstm_states(s, ranges, o);
        }
    }
    for (int op = 0; op < s->graph->operator_count && !code; op++) {
        s->integer[op] = s->integer[op] && complete(s, op);
    }
    return code;
}

void ql_spread_free(ql_spread *s)
{
    free(s->producer);
    free(s->tensors);
    free(s->integer);
    *s = (ql_spread){0};
}
