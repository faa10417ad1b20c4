/* Models in memory from a few words, for tests of what works on graphs.
 *
 *   "in x; conv a x w1; relu6 b a; conv.i8 c b w2q"
 *
 * Operators are parted by ';', each "KIND[.TYPE] OUT[,OUT] IN ...". OUT is "id", "id=name" (the tensor's
 * name, may hold anything but spaces, ';' written '|') or "id@N" (N columns, before the '='). Kinds: in and
 * the rows of `kinds`. Types: f32 (default), i8 (scale 6/255, zero point -128), i16 (6/255, 0), f16. An IN
 * "wK" is a constant of 16 elements that K seeds; "wKq" the same, quantized; "wKh" as float16; "nK" an
 * integer K. Every activation is [batch, columns], 8 columns by default. */
#ifndef GRAPH_TEXT_H
#define GRAPH_TEXT_H

#include "runtime/runtime.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { GT_TENSORS = 4200, GT_OPS = 2100, GT_INPUTS = 4 };

typedef struct {
    ql_model model;
    ql_subgraph graph;
    ql_tensor tensors[GT_TENSORS];
    char ids[GT_TENSORS][16];
    char names[GT_TENSORS][64];
    int32_t shapes[GT_TENSORS][2];
    double data[GT_TENSORS][16];
    float scale[GT_TENSORS];
    int64_t zero[GT_TENSORS];
    ql_operator ops[GT_OPS];
    ql_opcode codes[GT_OPS];
    int32_t inputs[GT_OPS][GT_INPUTS], outputs[GT_OPS][2];
    ql_option options[GT_OPS][QL_MAX_OPTION_SLOTS];
    int32_t graph_inputs[GT_INPUTS];
    int batch;
} graph_text;

/* `slot` of options table `table` gets `value`; table 0: none. */
static const struct {
    const char *kind;
    int code, table, slot, value;
} kinds[] = {
    {"add", 0, 11, 0, 0},       {"conv", 3, 1, 3, 0},          {"conv6", 3, 1, 3, 3},
    {"dequantize", 6, 0, 0, 0}, {"relu", 19, 0, 0, 0},         {"relu6", 21, 0, 0, 0},
    {"max2", 17, 5, 3, 2},      {"max3", 17, 5, 3, 3},         {"reshape", 22, 0, 0, 0},
    {"softmax", 25, 9, 0, 0},   {"custom", 32, 0, 0, 0},       {"split", 49, 35, 0, 2},
    {"concat", 2, 10, 0, 1},    {"logistic", 14, 0, 0, 0},     {"ceil", 104, 0, 0, 0},
    {"fc", 9, 8, 0, 0},         {"transpose", 39, 0, 0, 0},    {"exp", 47, 0, 0, 0},
    {"fake", 80, 0, 0, 0},      {"fake6", 80, 58, 0, 0},       {"quantize", 114, 0, 0, 0},
    {"tanh", 28, 0, 0, 0},      {"log_softmax", 50, 0, 0, 0},  {"maximum", 55, 0, 0, 0},
    {"pad", 34, 0, 0, 0},       {"l2_normalize", 11, 0, 0, 0}, {"sub", 41, 0, 0, 0},
};

/* The tensor of that id, -1 = none. */
static int graph_text_find(const graph_text *g, const char *id)
{
    for (int i = g->graph.tensor_count - 1; i >= 0; i--) {
        if (!strcmp(g->ids[i], id)) {
            return i;
        }
    }
    return -1;
}

static int add_tensor(graph_text *g, const char *token, ql_type type)
{
    int t = g->graph.tensor_count++, columns = 8;
    const char *name = strchr(token, '='), *at = strchr(token, '@');
    size_t length = strcspn(token, "@=");
    snprintf(g->ids[t], sizeof g->ids[t], "%.*s", (int)length, token);
    snprintf(g->names[t], sizeof g->names[t], "%s", name ? name + 1 : g->ids[t]);
    for (char *c = g->names[t]; *c; c++) {
        *c = *c == '|' ? ';' : *c;
    }
    columns = at ? atoi(at + 1) : columns;
    g->shapes[t][0] = g->batch;
    g->shapes[t][1] = columns;
    g->scale[t] = 6.0F / 255;
    g->zero[t] = type == QL_I8 ? -128 : 0;
    g->tensors[t] = (ql_tensor){.name = {g->names[t], strlen(g->names[t])},
                                .type = type,
                                .rank = 2,
                                .shape = g->shapes[t],
                                .quant = {.scale_count = type == QL_I8 || type == QL_I16,
                                          .scale = &g->scale[t],
                                          .zero_point = &g->zero[t]}};
    return t;
}

static void fill(graph_text *g, int t, long seed, char kind)
{
    uint32_t state = (uint32_t)seed * 2654435761u + 12345;
    void *data = g->data[t];
    for (int i = 0; i < 16; i++) {
        state = state * 1664525u + 1013904223u;
        double real = (double)(state >> 8) / (1 << 23) - 1;
        if (kind == 'q') {
            ((int8_t *)data)[i] = (int8_t)(real * 127);
        } else if (kind == 'h') {
            ((uint16_t *)data)[i] = ql_f32_to_f16((float)real);
        } else {
            ((float *)data)[i] = (float)real;
        }
    }
}

static int add_constant(graph_text *g, const char *token)
{
    char *end;
    long seed = strtol(token + 1, &end, 10);
    ql_type type = token[0] == 'n' ? QL_I32 : *end == 'q' ? QL_I8 : *end == 'h' ? QL_F16 : QL_F32;
    int t = add_tensor(g, token, type);
    ql_tensor *tensor = &g->tensors[t];
    tensor->data = g->data[t];
    g->scale[t] = 1.0F / 127;
    g->zero[t] = 0;
    g->shapes[t][0] = 1;
    g->shapes[t][1] = token[0] == 'n' ? 1 : 16;
    tensor->bytes = (size_t)g->shapes[t][1] * (size_t)ql_type_bits(type) / 8;
    if (token[0] == 'n') {
        tensor->rank = 1;
        tensor->shape = &g->shapes[t][1];
        *(int32_t *)(void *)g->data[t] = (int32_t)seed;
    } else {
        fill(g, t, seed, *end);
    }
    return t;
}

static int input_of(graph_text *g, const char *token)
{
    int t = graph_text_find(g, token);
    bool constant = (token[0] == 'w' || token[0] == 'n') && token[1] >= '0' && token[1] <= '9';
    return t >= 0 ? t : constant ? add_constant(g, token) : -1;
}

static bool set_kind(graph_text *g, int op, const char *kind)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (!strcmp(kind, kinds[i].kind)) {
            g->codes[op] = (ql_opcode){.code = kinds[i].code, .version = 1, .custom = {"Own", 3}};
            if (kinds[i].table) {
                g->options[op][kinds[i].slot].i = kinds[i].value;
                g->ops[op].options.table = ql_options_table_of(kinds[i].table, false);
                g->ops[op].options.values = g->options[op];
            }
            return true;
        }
    }
    return false;
}

static bool add_operator(graph_text *g, const char *kind, ql_type type, char *outs, char **rest)
{
    int op = g->graph.operator_count++;
    ql_operator *use = &g->ops[op];
    *use = (ql_operator){.opcode = op, .inputs = g->inputs[op], .outputs = g->outputs[op], .debug_index = -1};
    for (char *in = strtok_r(NULL, " ", rest); in; in = strtok_r(NULL, " ", rest)) {
        int t = use->input_count < GT_INPUTS ? input_of(g, in) : -1;
        if (t < 0) {
            return false;
        }
        g->inputs[op][use->input_count++] = t;
    }
    char *state = NULL;
    for (char *out = strtok_r(outs, ",", &state); out; out = strtok_r(NULL, ",", &state)) {
        g->outputs[op][use->output_count++] = add_tensor(g, out, type);
    }
    return set_kind(g, op, kind);
}

static bool read_one(graph_text *g, char *text)
{
    char *rest = NULL, *kind = strtok_r(text, " ", &rest), *outs = strtok_r(NULL, " ", &rest);
    char *type_name = kind ? strchr(kind, '.') : NULL;
    if (!outs) {
        return false;
    }
    if (type_name) {
        *type_name++ = 0;
    }
    ql_type type = !type_name                  ? QL_F32
                   : !strcmp(type_name, "i8")  ? QL_I8
                   : !strcmp(type_name, "i16") ? QL_I16
                                               : QL_F16;
    if (!strcmp(kind, "in")) {
        g->graph_inputs[g->graph.input_count++] = add_tensor(g, outs, type);
        return true;
    }
    return add_operator(g, kind, type, outs, &rest);
}

/* Fills `g`, the last operator's first output is the graph's; false when the text is malformed. */
static bool graph_text_read(graph_text *g, const char *text, int batch)
{
    memset(g, 0, sizeof *g);
    g->batch = batch;
    g->graph.tensors = g->tensors;
    g->graph.operators = g->ops;
    g->graph.inputs = g->graph_inputs;
    g->model.subgraphs = &g->graph;
    g->model.subgraph_count = 1;
    g->model.opcodes = g->codes;
    char *copy = malloc(strlen(text) + 1), *rest = NULL;
    bool ok = copy != NULL;
    if (ok) {
        memcpy(copy, text, strlen(text) + 1);
    }
    for (char *one = ok ? strtok_r(copy, ";", &rest) : NULL; one && ok; one = strtok_r(NULL, ";", &rest)) {
        ok = read_one(g, one);
    }
    free(copy);
    g->model.opcode_count = g->graph.operator_count;
    if (ok && g->graph.operator_count) {
        g->graph.outputs = g->outputs[g->graph.operator_count - 1];
        g->graph.output_count = 1;
    }
    return ok;
}

#endif
