/* A subgraph as pairing sees it: its activations, what made them, what is the same value, who reads them. */
#ifndef QL_PAIR_GRAPH_H
#define QL_PAIR_GRAPH_H

#include "analyzer/pair/constants.h"
#include "analyzer/pair/names.h"
#include "analyzer/pair/pair.h"

/* An operator as it may be seen: by itself, or an activation function together with the operator it follows
 * ("CONV_2D then RELU6" has the face of a CONV_2D with RELU6 fused). */
typedef struct {
    int op; /* whose inputs, constants and options count; -1 = graph input */
    int code;
    int clamp; /* the fused activation function, 0 = none */
} ql_face;

enum { QL_OWN_FACE, QL_FUSED_FACE, QL_FACES };

typedef struct {
    int tensor;
    int op;     /* that made it, -1 = graph input */
    int output; /* which of the operator's outputs, or of the graph's inputs */
    ql_face face[QL_FACES];
    int face_count;
    ql_name_key key;
    bool alias; /* QUANTIZE, DEQUANTIZE, FAKE_QUANT or a float CAST of another activation */
    int value;  /* the first activation that holds this value: itself unless alias or computed twice */
    int flat;   /* the value this one is a mere reshape of; `value` when it is none */
    int match;  /* value of the other side, -1 = none yet; of values only */
    int match_face;
} ql_activation;

/* An operator's face that reads a value, in a list. */
typedef struct {
    int activation, face, next; /* next: index, -1 = last */
} ql_reader;

typedef struct {
    const ql_model *model;
    const ql_subgraph *graph;
    const ql_signature *signature; /* of this subgraph, NULL = none */
    ql_activation *activations;    /* in execution order, graph inputs first */
    int count;
    int *of_tensor;           /* activation of each tensor, -1 = constant or follows from constants */
    int *maker;               /* operator that writes each tensor, -1 = none */
    const ql_sample **sample; /* of each constant; NULL = no constant, or unknown */
    uint64_t *settings;       /* per operator: hash of the options that change values; 0 = unknown */
    int *first_reader;        /* by activation, -1 = none */
    ql_reader *readers;
    int reader_count;
} ql_pair_graph;

/* `names[t]` replaces the name of tensor t; NULL: the model's own. */
ql_code ql_pair_graph_make(ql_side side, const ql_str *names, ql_arena *arena, ql_pair_graph *graph,
                           ql_err *err);

/* The value that input i of the operator is, -1 = constant or absent. */
int ql_pair_input(const ql_pair_graph *graph, int op, int i);

/* Builtin operators that matter to pairing by what they do. */
bool ql_pair_is_commutative(int code);
bool ql_pair_operator_is_commutative(const ql_pair_graph *graph, int op);
bool ql_pair_has_shape_arguments(int code); /* integer constants only say the shape of the output */

#endif
