#include "analyzer/pair/graph.h"

#include <string.h>

enum {
    ADD = 0,
    DEQUANTIZE = 6,
    MUL = 18,
    RELU = 19,
    RELU_N1_TO_1 = 20,
    RELU6 = 21,
    RESHAPE = 22,
    RESIZE_BILINEAR = 23,
    TANH = 28,
    CUSTOM = 32,
    TRANSPOSE = 39,
    SQUEEZE = 43,
    CAST = 53,
    MAXIMUM = 55,
    MINIMUM = 57,
    TRANSPOSE_CONV = 67,
    EXPAND_DIMS = 70,
    EQUAL = 71,
    NOT_EQUAL = 72,
    FAKE_QUANT = 80,
    LOGICAL_OR = 84,
    LOGICAL_AND = 86,
    FILL = 94,
    RESIZE_NEAREST_NEIGHBOR = 97,
    SQUARED_DIFFERENCE = 99,
    QUANTIZE = 114,
    BROADCAST_TO = 130,
    HASHTABLE = 136,
    RANDOM_STANDARD_NORMAL = 146,
    RANDOM_UNIFORM = 148,
    MULTINOMIAL = 149
};

enum { QL_FUSED_INPUTS = 8 }; /* an operator with more is never taken together with what follows it */

static bool is_one_of(int code, const int *codes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (codes[i] == code) {
            return true;
        }
    }
    return false;
}

#define IS_ONE_OF(code, list) is_one_of(code, list, sizeof(list) / sizeof *(list))

bool ql_pair_is_commutative(int code)
{
    static const int codes[] = {ADD,       MUL,        MAXIMUM,     MINIMUM,           EQUAL,
                                NOT_EQUAL, LOGICAL_OR, LOGICAL_AND, SQUARED_DIFFERENCE};
    return IS_ONE_OF(code, codes);
}

bool ql_pair_has_shape_arguments(int code)
{
    static const int codes[] = {
        RESHAPE,        SQUEEZE, EXPAND_DIMS, RESIZE_BILINEAR, RESIZE_NEAREST_NEIGHBOR,
        TRANSPOSE_CONV, FILL,    BROADCAST_TO};
    return IS_ONE_OF(code, codes);
}

static bool gives_new_values_each_time(int code)
{
    static const int codes[] = {CUSTOM, HASHTABLE, RANDOM_STANDARD_NORMAL, RANDOM_UNIFORM, MULTINOMIAL};
    return IS_ONE_OF(code, codes);
}

/* The value of a fused activation function that the operator is by itself; 0 = none. */
static int clamp_alone(int code)
{
    return code == RELU ? 1 : code == RELU_N1_TO_1 ? 2 : code == RELU6 ? 3 : code == TANH ? 4 : 0;
}

static int code_of(const ql_pair_graph *g, int op)
{
    return g->model->opcodes[g->graph->operators[op].opcode].code;
}

/* A transposition that moves nothing but dimensions of 1 is a reshape. */
static bool moves_only_ones(const ql_pair_graph *g, const ql_operator *use)
{
    if (use->input_count != 2 || use->inputs[0] < 0 || use->inputs[1] < 0) {
        return false;
    }
    const ql_tensor *from = &g->graph->tensors[use->inputs[0]], *order = &g->graph->tensors[use->inputs[1]];
    if (order->type != QL_I32 || !order->data || order->bytes != (size_t)from->rank * sizeof(int32_t)) {
        return false;
    }
    const int32_t *axes = order->data;
    int32_t last = -1;
    for (int i = 0; i < from->rank; i++) {
        int32_t axis = axes[i] < 0 ? axes[i] + from->rank : axes[i];
        if (axis < 0 || axis >= from->rank || (from->shape[axis] != 1 && axis < last)) {
            return false;
        }
        last = from->shape[axis] != 1 ? axis : last;
    }
    return true;
}

static bool keeps_order(const ql_pair_graph *g, int op)
{
    static const int codes[] = {RESHAPE, SQUEEZE, EXPAND_DIMS};
    int code = code_of(g, op);
    return IS_ONE_OF(code, codes) || (code == TRANSPOSE && moves_only_ones(g, &g->graph->operators[op]));
}

bool ql_pair_operator_is_commutative(const ql_pair_graph *g, int op)
{
    return ql_pair_is_commutative(code_of(g, op));
}

static bool is_float(ql_type type)
{
    return type == QL_F32 || type == QL_F16 || type == QL_BF16;
}

/* Does the operator bring its first input to another type or grid, and do nothing else? */
static bool renames(const ql_pair_graph *g, int op)
{
    const ql_operator *use = &g->graph->operators[op];
    int code = code_of(g, op);
    if (use->input_count < 1 || use->inputs[0] < 0 || use->output_count < 1 || use->outputs[0] < 0) {
        return false;
    }
    return code == QUANTIZE || code == DEQUANTIZE || code == FAKE_QUANT ||
           (code == CAST && is_float(g->graph->tensors[use->inputs[0]].type) &&
            is_float(g->graph->tensors[use->outputs[0]].type));
}

/* A state brought to another type still is a state. */
static bool follows_from_constants(const ql_pair_graph *g, int index)
{
    const ql_operator *op = &g->graph->operators[index];
    bool state = renames(g, index);
    for (int i = 0; i < op->input_count; i++) {
        int t = op->inputs[i];
        if (t >= 0 && (g->of_tensor[t] >= 0 || (g->graph->tensors[t].variable && !state))) {
            return false;
        }
    }
    return op->input_count > 0;
}

int ql_pair_input(const ql_pair_graph *g, int op, int i)
{
    const ql_operator *use = &g->graph->operators[op];
    int activation = i >= use->input_count || use->inputs[i] < 0 ? -1 : g->of_tensor[use->inputs[i]];
    return activation < 0 ? -1 : g->activations[activation].value;
}

static uint64_t mix(uint64_t h, uint64_t value)
{
    h = (h ^ value) * 0x9E3779B97F4A7C15u;
    return h ^ h >> 29;
}

/* Options that say how an operator is stored or speeded up, or that its output's shape shows anyway. */
static bool matters(const ql_option_slot *slot)
{
    static const char *const aside[] = {
        "fused_activation_function",
        "asymmetric_quantize_inputs",
        "quantized_bias_type",
        "keep_num_dims",
        "weights_format",
        "pot_scale_int16",
        "new_shape",
        "padding",
        "kernel_type",
        "squeeze_dims",
        "in_data_type",
        "out_data_type",
        "keep_dims",
    };
    for (size_t i = 0; i < sizeof aside / sizeof *aside; i++) {
        if (!strcmp(slot->name, aside[i])) {
            return false;
        }
    }
    return slot->kind != QL_OPT_SUBGRAPH && slot->kind != QL_OPT_SUBGRAPHS && slot->kind != QL_OPT_SKIP;
}

static uint64_t settings_of(const ql_options *options)
{
    if (!options->table) {
        return 0;
    }
    uint64_t h = mix((uint64_t)options->table->union_id + 1, options->table->second);
    for (int i = 0; i < ql_options_slot_count(options->table); i++) {
        const ql_option_slot *slot = &options->table->slots[i];
        if (!matters(slot)) {
            continue;
        }
        if (slot->kind == QL_OPT_F32) {
            h = mix(h, (uint64_t)(int64_t)((double)ql_opt_f32(options, i) * 65536));
        } else if (slot->kind < QL_OPT_STRING) {
            h = mix(h, (uint64_t)ql_opt_i64(options, i));
        } else if (options->values) {
            h = mix(h, options->values[i].count);
        }
    }
    return h ? h : 1;
}

static bool can_fuse(const ql_pair_graph *g, int op)
{
    const ql_operator *use = &g->graph->operators[op];
    return use->input_count <= QL_FUSED_INPUTS && ql_opt_activation_slot(&use->options) >= 0 &&
           !ql_opt_activation(&use->options);
}

static void set_faces(ql_pair_graph *g, ql_activation *x)
{
    x->face[0] = (ql_face){.op = x->op, .code = -1};
    x->face_count = 1;
    if (x->op < 0) {
        return;
    }
    x->face[0].code = code_of(g, x->op);
    x->face[0].clamp = ql_opt_activation(&g->graph->operators[x->op].options);
    int clamp = g->graph->operators[x->op].input_count == 1 ? clamp_alone(x->face[0].code) : 0;
    int behind = clamp ? ql_pair_input(g, x->op, 0) : -1;
    if (behind >= 0 && g->activations[behind].op >= 0 && !g->activations[behind].output &&
        can_fuse(g, g->activations[behind].op)) {
        int op = g->activations[behind].op;
        x->face[x->face_count++] = (ql_face){.op = op, .code = code_of(g, op), .clamp = clamp};
    }
}

static void add_reader(ql_pair_graph *g, int value, int activation, int face)
{
    int head = g->first_reader[value];
    if (head >= 0 && g->readers[head].activation == activation && g->readers[head].face == face) {
        return;
    }
    g->readers[g->reader_count] = (ql_reader){activation, face, head};
    g->first_reader[value] = g->reader_count++;
}

static void add_readers(ql_pair_graph *g, int activation)
{
    const ql_activation *x = &g->activations[activation];
    for (int f = 0; x->op >= 0 && f < x->face_count; f++) {
        const ql_operator *use = &g->graph->operators[x->face[f].op];
        for (int i = 0; i < use->input_count; i++) {
            int value = ql_pair_input(g, x->face[f].op, i);
            if (value < 0) {
                continue;
            }
            add_reader(g, value, activation, f);
            if (g->activations[value].flat != value) {
                add_reader(g, g->activations[value].flat, activation, f);
            }
        }
    }
}

/* A constant may have been brought to another type on the way. */
static const ql_tensor *constant_behind(const ql_pair_graph *g, int tensor)
{
    for (int hops = 0; hops < 8; hops++) {
        const ql_tensor *t = &g->graph->tensors[tensor];
        if (t->data || g->maker[tensor] < 0 || !renames(g, g->maker[tensor])) {
            return t;
        }
        tensor = g->graph->operators[g->maker[tensor]].inputs[0];
    }
    return &g->graph->tensors[tensor];
}

static bool same_bytes(const ql_pair_graph *g, int u, int v)
{
    const ql_tensor *a = constant_behind(g, u), *b = constant_behind(g, v);
    return u == v || (a->type == b->type && a->bytes == b->bytes && !memcmp(a->data, b->data, a->bytes));
}

/* Do the two operators of one graph compute the same thing? Weights may be stored in two ways (a float and a
 * quantized copy), which their outputs' types then show. */
static bool computes_same(const ql_pair_graph *g, const ql_activation *x, const ql_activation *y)
{
    const ql_operator *a = &g->graph->operators[x->op], *b = &g->graph->operators[y->op];
    const ql_tensor *ta = &g->graph->tensors[x->tensor], *tb = &g->graph->tensors[y->tensor];
    if (x->face[0].code != y->face[0].code || x->face[0].clamp != y->face[0].clamp ||
        x->output != y->output || g->settings[x->op] != g->settings[y->op] ||
        a->input_count != b->input_count || ta->rank != tb->rank ||
        memcmp(ta->shape, tb->shape, (size_t)ta->rank * sizeof *ta->shape) != 0) {
        return false;
    }
    ql_distance distance = {0};
    bool one_type = ta->type == tb->type;
    for (int i = 0; i < a->input_count; i++) {
        int u = a->inputs[i], v = b->inputs[i];
        if ((u < 0) != (v < 0) || ql_pair_input(g, x->op, i) != ql_pair_input(g, y->op, i)) {
            return false;
        }
        if (u < 0 || g->of_tensor[u] >= 0) {
            continue;
        }
        if (u != v && (!g->sample[u] || !g->sample[v])) {
            return false;
        }
        if (g->graph->tensors[u].variable || (one_type && !same_bytes(g, u, v))) {
            return false;
        }
        ql_distance_add(&distance, g->sample[u], g->sample[v]);
    }
    return !distance.exact_differ && ql_distance_mean(&distance) <= (one_type ? 0 : 0.005);
}

static int earlier_twin(const ql_pair_graph *g, int activation)
{
    const ql_activation *x = &g->activations[activation];
    int value = -1;
    for (int i = 0; i < g->graph->operators[x->op].input_count && value < 0; i++) {
        value = ql_pair_input(g, x->op, i);
    }
    if (value < 0 || gives_new_values_each_time(x->face[0].code)) {
        return activation;
    }
    for (int r = g->first_reader[value]; r >= 0; r = g->readers[r].next) {
        const ql_reader *reader = &g->readers[r];
        if (reader->face == QL_OWN_FACE && computes_same(g, x, &g->activations[reader->activation])) {
            return reader->activation;
        }
    }
    return activation;
}

static void add(ql_pair_graph *g, int tensor, int op, int output)
{
    int at = g->count;
    ql_activation *x = &g->activations[at];
    x->tensor = tensor;
    x->op = op;
    x->output = output;
    x->value = x->flat = at;
    x->match = -1;
    x->alias = op >= 0 && !output && renames(g, op) && ql_pair_input(g, op, 0) >= 0;
    g->first_reader[at] = -1;
    set_faces(g, x);
    if (x->alias) {
        x->value = ql_pair_input(g, op, 0);
    } else if (op >= 0) {
        x->value = earlier_twin(g, at);
        int from = keeps_order(g, op) ? ql_pair_input(g, op, 0) : -1;
        x->flat = from >= 0 && x->value == at ? g->activations[from].flat : x->value;
        if (x->value == at) {
            add_readers(g, at);
        }
    }
    g->of_tensor[tensor] = at;
    g->count++;
}

static ql_code sample_inputs(ql_pair_graph *g, const ql_operator *op, ql_arena *arena, ql_err *err)
{
    for (int i = 0; i < op->input_count; i++) {
        int t = op->inputs[i];
        if (t < 0 || g->of_tensor[t] >= 0 || g->sample[t]) {
            continue;
        }
        ql_code code = ql_sample_make(&g->sample[t], constant_behind(g, t), arena, err);
        if (code) {
            return code;
        }
    }
    return QL_OK;
}

static ql_code add_operators(ql_pair_graph *g, ql_arena *arena, ql_err *err)
{
    for (int op = 0; op < g->graph->operator_count; op++) {
        const ql_operator *use = &g->graph->operators[op];
        bool derived = follows_from_constants(g, op);
        g->settings[op] = settings_of(&use->options);
        ql_code code = derived ? QL_OK : sample_inputs(g, use, arena, err);
        if (code) {
            return code;
        }
        for (int o = 0; o < use->output_count; o++) {
            if (use->outputs[o] < 0) {
                continue;
            }
            g->maker[use->outputs[o]] = op;
            if (!derived && g->of_tensor[use->outputs[o]] < 0) {
                add(g, use->outputs[o], op, o);
            }
        }
    }
    return QL_OK;
}

static ql_code make_keys(ql_pair_graph *g, const ql_str *names, ql_arena *arena, ql_err *err)
{
    size_t longest = 0;
    for (int i = 0; i < g->count; i++) {
        int t = g->activations[i].tensor;
        size_t length = names ? names[t].length : g->graph->tensors[t].name.length;
        longest = length > longest ? length : longest;
    }
    char *scratch = ql_take(arena, longest + 1, 1);
    if (!scratch) {
        return ql_fail_memory(err, longest);
    }
    for (int i = 0; i < g->count; i++) {
        ql_activation *x = &g->activations[i];
        ql_str name = names ? names[x->tensor] : g->graph->tensors[x->tensor].name;
        ql_code code = ql_name_key_make(&x->key, name, scratch, arena, err);
        if (code) {
            return code;
        }
    }
    return QL_OK;
}

/* Every input of every operator may be listed by value and by what it is a reshape of, for each face. */
static size_t most_readers(const ql_subgraph *graph)
{
    size_t most = 0;
    for (int op = 0; op < graph->operator_count; op++) {
        const ql_operator *use = &graph->operators[op];
        size_t inputs = (size_t)use->input_count + (use->input_count == 1 ? QL_FUSED_INPUTS : 0);
        most += 2 * inputs * (size_t)use->output_count;
    }
    return most;
}

static ql_code take_tables(ql_pair_graph *g, ql_arena *arena, ql_err *err)
{
    size_t tensors = (size_t)g->graph->tensor_count, readers = most_readers(g->graph);
    g->activations = QL_TAKE(arena, tensors, ql_activation);
    g->of_tensor = QL_TAKE(arena, tensors, int);
    g->maker = QL_TAKE(arena, tensors, int);
    g->first_reader = QL_TAKE(arena, tensors, int);
    g->sample = QL_TAKE(arena, tensors, const ql_sample *);
    g->settings = QL_TAKE(arena, (size_t)g->graph->operator_count, uint64_t);
    g->readers = QL_TAKE(arena, readers, ql_reader);
    if (!g->activations || !g->of_tensor || !g->maker || !g->first_reader || !g->sample || !g->settings ||
        !g->readers) {
        return ql_fail_memory(err, tensors * sizeof *g->activations);
    }
    for (size_t t = 0; t < tensors; t++) {
        g->of_tensor[t] = g->maker[t] = -1;
    }
    return QL_OK;
}

static const ql_signature *signature_of(ql_side side)
{
    for (int i = 0; i < side.model->signature_count; i++) {
        if (side.model->signatures[i].subgraph == side.subgraph) {
            return &side.model->signatures[i];
        }
    }
    return NULL;
}

ql_code ql_pair_graph_make(ql_side side, const ql_str *names, ql_arena *arena, ql_pair_graph *g, ql_err *err)
{
    *g = (ql_pair_graph){
        .model = side.model, .graph = &side.model->subgraphs[side.subgraph], .signature = signature_of(side)};
    ql_code code = take_tables(g, arena, err);
    if (code) {
        return code;
    }
    for (int i = 0; i < g->graph->input_count; i++) {
        if (g->of_tensor[g->graph->inputs[i]] < 0) {
            add(g, g->graph->inputs[i], -1, i);
        }
    }
    code = add_operators(g, arena, err);
    return code ? code : make_keys(g, names, arena, err);
}
