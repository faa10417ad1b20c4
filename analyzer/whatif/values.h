/* Which tensors of different models hold the same value. A tensor is what made it: operator, options,
 * constants, quantization and the tensors it was made from, back to the graph's inputs. What was made the
 * same way has the same bits, in whatever model it is. Kept inside analyzer/whatif. */
#ifndef QL_WHATIF_VALUES_H
#define QL_WHATIF_VALUES_H

#include "runtime/runtime.h"

/* A hash of all that, wide enough to stand for it; both 0: nothing is known of the tensor. */
typedef struct {
    uint64_t low, high;
} ql_value_id;

bool ql_value_known(ql_value_id id);
int ql_value_order(ql_value_id a, ql_value_id b); /* -1, 0 or 1 */

/* A constant's bytes, hashed once, and the first tensor of those models that has them. */
typedef struct {
    const void *data;
    ql_value_id bytes, id; /* without and with what follows */
    const ql_tensor *form; /* type, shape and quantization */
} ql_value_constant;

typedef struct {
    ql_value_constant *list; /* by address */
    int count;
} ql_value_constants;

/* The constants of those subgraphs: `models` of them. Memory of `arena`. */
ql_code ql_value_constants_make(ql_value_constants *constants, const ql_model *const *models,
                                const int *subgraphs, int count, ql_arena *arena, ql_err *err);

typedef struct {
    ql_value_id *id; /* by tensor */
    bool *steady;    /* by tensor: a constant, or follows from constants (and shapes) alone */
    bool stateful;   /* some operator has state, runs a subgraph or is unknown: no tensor of it can be left
                        out, and none is known */
} ql_values;

/* `inputs[i]` stands for graph input i; `known` are constants that need not be hashed again. */
ql_code ql_values_make(ql_values *values, const ql_model *model, int subgraph, const ql_value_id *inputs,
                       const ql_value_constants *known, ql_arena *arena, ql_err *err);

/* What preparing operator `op` looks at: options, constants, types and quantization, not the values it gets.
 * Not known where an input follows from constants without being one. */
ql_value_id ql_value_of_operator(const ql_model *model, int subgraph, const ql_operator *op,
                                 const ql_values *values, const ql_value_constants *known);

/* An id for graph input i of the models' side `side`, with the tensor's type and quantization in it. */
ql_value_id ql_value_of_input(const ql_tensor *tensor, int side, int i);

#endif
