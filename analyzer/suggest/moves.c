#include "analyzer/suggest/moves.h"

#include <string.h>

typedef struct {
    const ql_engine_options *options;
    const ql_subgraph *graph;
    ql_moves *moves;
    bool *can;     /* by operator: may become `mode` */
    int *producer; /* by tensor, -1 */
    ql_layer_mode mode;
    int capacity;
    ql_arena *arena;
} making;

static bool reads(const ql_operator *op, int tensor)
{
    for (int i = 0; i < op->input_count; i++) {
        if (op->inputs[i] == tensor) {
            return true;
        }
    }
    return false;
}

static bool has(const ql_move *move, int op)
{
    for (int i = 0; i < move->count; i++) {
        if (move->op[i] == op) {
            return true;
        }
    }
    return false;
}

static bool hands_on(const making *m, int op)
{
    const ql_op *row = ql_op_find(m->options->candidate.model, &m->graph->operators[op]);
    return row && row->quant.kind == QL_Q_SAME;
}

static void join(const making *m, ql_move *move, int op)
{
    if (op >= 0 && m->can[op] && !has(move, op) && move->count < QL_MOST_GROUP) {
        move->op[move->count++] = op;
    }
}

static void join_readers(const making *m, ql_move *move, int tensor)
{
    for (int op = 0; op < m->graph->operator_count; op++) {
        if (reads(&m->graph->operators[op], tensor)) {
            join(m, move, op);
        }
    }
}

static void join_makers(const making *m, ql_move *move, int op)
{
    const ql_operator *own = &m->graph->operators[op];
    for (int i = 0; i < own->input_count; i++) {
        if (own->inputs[i] >= 0) {
            join(m, move, m->producer[own->inputs[i]]);
        }
    }
}

/* Whoever holds a tensor of this scale because an operator in between hands it on. */
static void follow_scale(const making *m, ql_move *move)
{
    for (int i = 0; i < move->count; i++) {
        if (hands_on(m, move->op[i])) {
            join_readers(m, move, m->graph->operators[move->op[i]].outputs[0]);
            join_makers(m, move, move->op[i]);
        }
    }
}

static int by_op(const int *a, const int *b)
{
    return *a - *b;
}

static void sort(ql_move *move)
{
    for (int i = 1; i < move->count; i++) {
        for (int k = i; k > 0 && by_op(&move->op[k - 1], &move->op[k]) > 0; k--) {
            int op = move->op[k];
            move->op[k] = move->op[k - 1];
            move->op[k - 1] = op;
        }
    }
}

static bool known(const making *m, const ql_move *move)
{
    for (int i = 0; i < m->moves->count; i++) {
        const ql_move *other = &m->moves->list[i];
        if (other->mode == move->mode && other->count == move->count &&
            !memcmp(other->op, move->op, (size_t)move->count * sizeof *move->op)) {
            return true;
        }
    }
    return false;
}

static ql_code add(making *m, ql_move *move, ql_err *err)
{
    sort(move);
    if (!move->count || known(m, move)) {
        return QL_OK;
    }
    if (m->moves->count == m->capacity) {
        int capacity = m->capacity ? 2 * m->capacity : 256;
        ql_move *grown = QL_TAKE(m->arena, (size_t)capacity, ql_move);
        if (!grown) {
            return ql_fail_memory(err, (size_t)capacity * sizeof *grown);
        }
        if (m->moves->count) {
            memcpy(grown, m->moves->list, (size_t)m->moves->count * sizeof *grown);
        }
        m->moves->list = grown;
        m->capacity = capacity;
    }
    m->moves->list[m->moves->count++] = *move;
    return QL_OK;
}

static ql_code add_singles(making *m, ql_err *err)
{
    ql_code code = QL_OK;
    for (int op = 0; op < m->graph->operator_count && !code; op++) {
        ql_move move = {.mode = m->mode};
        join(m, &move, op);
        code = add(m, &move, err);
    }
    return code;
}

static ql_code add_tensor(making *m, int op, int tensor, ql_err *err)
{
    ql_move move = {.mode = m->mode};
    join(m, &move, op);
    join_readers(m, &move, tensor);
    follow_scale(m, &move);
    return move.count > 1 ? add(m, &move, err) : QL_OK;
}

static ql_code add_join(making *m, int op, ql_err *err)
{
    ql_move move = {.mode = m->mode};
    join(m, &move, op);
    join_makers(m, &move, op);
    if (move.count < 3) {
        return QL_OK;
    }
    ql_move wide = move;
    join_readers(m, &wide, m->graph->operators[op].outputs[0]);
    ql_code code = add(m, &move, err);
    return code ? code : add(m, &wide, err);
}

static ql_code add_groups(making *m, ql_err *err)
{
    ql_code code = QL_OK;
    for (int op = 0; op < m->graph->operator_count && !code; op++) {
        const ql_operator *own = &m->graph->operators[op];
        for (int o = 0; o < own->output_count && m->can[op] && !code; o++) {
            code = add_tensor(m, op, own->outputs[o], err);
        }
        code = code || !m->can[op] ? code : add_join(m, op, err);
    }
    return code;
}

/* Every mode that is allowed, one after the other. */
static ql_code each_mode(making *m, const bool *allowed, ql_code (*what)(making *, ql_err *), ql_err *err)
{
    const ql_engine_options *o = m->options;
    ql_code code = QL_OK;
    for (int mode = QL_LAYER_KEEP + 1; mode < QL_LAYER_MODES && !code; mode++) {
        m->mode = (ql_layer_mode)mode;
        for (int op = 0; op < m->graph->operator_count && allowed[mode]; op++) {
            m->can[op] = !ql_mixed_refusal(o->reference, o->candidate, o->pairing, op, m->mode);
        }
        code = allowed[mode] ? what(m, err) : QL_OK;
    }
    return code;
}

ql_code ql_moves_make(ql_moves *moves, const ql_engine_options *options, const bool *allowed, ql_arena *arena,
                      ql_err *err)
{
    const ql_subgraph *graph = &options->candidate.model->subgraphs[options->candidate.subgraph];
    size_t ops = (size_t)graph->operator_count, tensors = (size_t)graph->tensor_count;
    making m = {.options = options,
                .graph = graph,
                .moves = moves,
                .can = QL_TAKE(arena, ops, bool),
                .producer = QL_TAKE(arena, tensors, int),
                .arena = arena};
    *moves = (ql_moves){.count = 0};
    if (!m.can || !m.producer) {
        return ql_fail_memory(err, tensors * sizeof *m.producer);
    }
    for (size_t t = 0; t < tensors; t++) {
        m.producer[t] = -1;
    }
    for (int op = 0; op < graph->operator_count; op++) {
        for (int o = 0; o < graph->operators[op].output_count; o++) {
            m.producer[graph->operators[op].outputs[o]] = op;
        }
    }
    ql_code code = each_mode(&m, allowed, add_singles, err);
    moves->singles = moves->count;
    return code ? code : each_mode(&m, allowed, add_groups, err);
}
