/* A subgraph as pairing sees it: its activations, what made them and who reads them. */
#ifndef QL_PAIR_GRAPH_H
#define QL_PAIR_GRAPH_H

#include "analyzer/pair/pair.h"

typedef struct {
    int tensor;
    int op;        /* that made it, -1 = graph input */
    int output;    /* which of the operator's outputs, or of the graph's inputs */
    int code;      /* the operator's builtin code, -1 = graph input */
    ql_str custom; /* of a custom operator */
    char *name;    /* normalized */
    size_t name_length;
    bool alias; /* made by QUANTIZE or DEQUANTIZE from another activation */
    int origin; /* the activation an alias goes back to (itself when it is none) */
    int match;  /* activation of the other side, -1 = none yet */
    ql_pair_how how;
} ql_activation;

typedef struct {
    const ql_model *model;
    const ql_subgraph *graph;
    ql_activation *activations; /* in execution order */
    int count;
    int *of_tensor;  /* activation of each tensor, -1 = constant or follows from constants */
    int *derived_op; /* per operator: 1 when all it reads follows from constants */
} ql_pair_graph;

ql_code ql_pair_graph_make(ql_side side, ql_arena *arena, ql_pair_graph *graph, ql_err *err);

/* Same operator and place in it, same shape: could the two be counterparts at all? */
bool ql_pair_compatible(const ql_pair_graph *a, const ql_activation *x, const ql_pair_graph *b,
                        const ql_activation *y);

/* Shapes alike, a first dimension that is dynamic or 1 in both apart. */
bool ql_pair_same_shape(const ql_tensor *a, const ql_tensor *b);

/* The activation behind input i of activation x's operator, aliases looked through; -1 = constant or absent.
 */
int ql_pair_input(const ql_pair_graph *graph, const ql_activation *x, int i);

#endif
