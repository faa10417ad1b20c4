/* Operators that run another subgraph of the model: IF, WHILE, CALL, CALL_ONCE, STABLEHLO_COMPOSITE. */
#ifndef QL_OPS_COMMON_SUBGRAPH_H
#define QL_OPS_COMMON_SUBGRAPH_H

#include "runtime/exec/exec.h"

/* The exec of a subgraph that must have `inputs` inputs and `outputs` outputs. */
ql_code ql_sub_open(const ql_call *c, int subgraph, int inputs, int outputs, ql_exec **child);

/* The same for the operator's inputs from `first` on and all its outputs; gives the subgraph's inputs the
 * shapes of the operator's. */
ql_code ql_sub_open_like(const ql_call *c, int subgraph, int first, ql_exec **child);

/* For prepare, when the outputs' shapes follow from values only: deferred until these are there, then found
 * in the run. */
ql_code ql_sub_shapes_in_run(ql_call *c);

/* The operator's outputs have the shapes of the subgraph's. */
ql_code ql_sub_shape_outputs(ql_call *c, const ql_exec *child);

/* For run: feeds the operator's inputs from `first` on, runs, copies what comes out to the outputs. */
ql_code ql_sub_call(const ql_call *c, ql_exec *child, int first);

/* For run: copies the subgraph's outputs to the operator's. */
ql_code ql_sub_give_all(const ql_call *c, const ql_exec *child);

/* prepare and run of an operator that is one subgraph; its index is in `option`. */
ql_code ql_sub_prepare_one(ql_call *c, int option);
ql_code ql_sub_run_one(const ql_call *c);

/* ql_op.pick: one kernel, whatever the types are. */
ql_slot ql_sub_pick(const ql_call *c);

#endif
