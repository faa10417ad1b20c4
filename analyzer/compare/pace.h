/* The reference's run, which keeps pace with the candidate's: values are compared while caches hold them, and
 * weights serve the run and the twins in turns. */
#ifndef QL_COMPARE_PACE_H
#define QL_COMPARE_PACE_H

#include "runtime/runtime.h"

typedef struct {
    ql_exec *exec;
    const ql_subgraph *graph;
    int *maker; /* by tensor: the operator that makes it, -1 = none */
    int ran;    /* operators that have run for this sample */
} ql_pace;

/* `exec` runs the graph, whose inputs are written before each start; both must outlive the pace. */
ql_code ql_pace_make(ql_pace *pace, ql_exec *exec, const ql_subgraph *graph, ql_err *err);
void ql_pace_free(ql_pace *pace);

ql_code ql_pace_start(ql_pace *pace, ql_err *err);

/* Runs on until the tensor has its value, or to the end. */
ql_code ql_pace_reach(ql_pace *pace, int tensor, ql_err *err);
ql_code ql_pace_finish(ql_pace *pace, ql_err *err);

#endif
