/* Models in memory, tensor by tensor, for tests of what runs graphs. Indices are what the functions return; a
 * net holds everything it refers to but the constants' data. */
#ifndef NET_H
#define NET_H

#include "runtime/runtime.h"

#include <string.h>

enum { NET_GRAPHS = 20, NET_TENSORS = 128, NET_OPS = 96, NET_LINKS = 24 };

typedef struct {
    ql_tensor tensors[NET_TENSORS];
    ql_operator ops[NET_OPS];
    char names[NET_TENSORS][8];
    int32_t shapes[NET_TENSORS][QL_MAX_RANK];
    int32_t links[NET_OPS][2][NET_LINKS]; /* inputs, outputs */
    ql_option options[NET_OPS][QL_MAX_OPTION_SLOTS];
    int32_t inputs[NET_LINKS], outputs[NET_LINKS];
} net_graph;

typedef struct {
    ql_model model;
    ql_subgraph subgraphs[NET_GRAPHS];
    ql_opcode codes[NET_GRAPHS * NET_OPS];
    net_graph graphs[NET_GRAPHS];
} net;

/* A list of tensor indices for the functions below. */
#define NET_LIST(...)                                                                                        \
    (const int32_t[])                                                                                        \
    {                                                                                                        \
        __VA_ARGS__, INT32_MIN                                                                               \
    }
#define NET_NONE ((const int32_t[]){INT32_MIN})

static inline int net_list(int32_t *to, const int32_t *from)
{
    int count = 0;
    for (; from[count] != INT32_MIN; count++) {
        to[count] = from[count];
    }
    return count;
}

/* A subgraph without anything; the first one begins the net. */
static inline int net_graph_add(net *n)
{
    int g = n->model.subgraph_count++;
    ql_subgraph *sub = &n->subgraphs[g];
    *sub = (ql_subgraph){.name = {"", 0},
                         .tensors = n->graphs[g].tensors,
                         .operators = n->graphs[g].ops,
                         .inputs = n->graphs[g].inputs,
                         .outputs = n->graphs[g].outputs,
                         .debug_index = -1};
    n->model.version = 3;
    n->model.subgraphs = n->subgraphs;
    n->model.opcodes = n->codes;
    return g;
}

/* A tensor; with `data` a constant. Its name is "t<index>". */
static inline int net_tensor(net *n, int g, ql_type type, int rank, const int32_t *dims, const void *data)
{
    ql_subgraph *sub = &n->subgraphs[g];
    int t = sub->tensor_count++;
    net_graph *graph = &n->graphs[g];
    size_t count = 1, bytes = 0;
    for (int d = 0; d < rank; d++) {
        graph->shapes[t][d] = dims[d];
    }
    ql_dims_count(dims, rank, &count);
    ql_type_bytes(type, count, &bytes);
    graph->names[t][0] = 't';
    graph->names[t][1] = (char)('0' + t / 10 % 10);
    graph->names[t][2] = (char)('0' + t % 10);
    sub->tensors[t] = (ql_tensor){.name = {graph->names[t], 3},
                                  .type = type,
                                  .rank = rank,
                                  .shape = graph->shapes[t],
                                  .data = data,
                                  .bytes = data ? bytes : 0,
                                  .has_rank = true};
    return t;
}

/* An operator with two of its options set: slots 0 and 1 of its table (0: none). */
static inline int net_op(net *n, int g, int code, const int32_t *in, const int32_t *out, int table, int first,
                         int second)
{
    ql_subgraph *sub = &n->subgraphs[g];
    int o = sub->operator_count++;
    net_graph *graph = &n->graphs[g];
    ql_operator *op = &sub->operators[o];
    *op = (ql_operator){.opcode = n->model.opcode_count,
                        .inputs = graph->links[o][0],
                        .outputs = graph->links[o][1],
                        .debug_index = -1};
    op->input_count = net_list(graph->links[o][0], in);
    op->output_count = net_list(graph->links[o][1], out);
    n->codes[n->model.opcode_count++] = (ql_opcode){.code = code, .version = 1, .custom = {"", 0}};
    op->options.table = table ? ql_options_table_of(table, false) : NULL;
    op->options.values = table ? graph->options[o] : NULL;
    op->options.union_id = table;
    graph->options[o][0].i = first;
    graph->options[o][1].i = second;
    return o;
}

static inline void net_io(net *n, int g, const int32_t *in, const int32_t *out)
{
    n->subgraphs[g].input_count = net_list(n->graphs[g].inputs, in);
    n->subgraphs[g].output_count = net_list(n->graphs[g].outputs, out);
}

#endif
