/* What the files of exec/ share. */
#ifndef QL_EXEC_INTERNAL_H
#define QL_EXEC_INTERNAL_H

#include "runtime/exec/exec.h"

typedef enum {
    QL_AT_RUN,   /* prepared; runs on each sample */
    QL_FOLDED,   /* its value follows from constants and is there already */
    QL_DEFERRED, /* prepared and run on each sample */
    QL_ONCE,     /* gives a variable the value of constants in the first run after a reset */
    QL_ONCE_DONE,
} ql_when;

typedef struct {
    void *data;
    size_t capacity;
} ql_heap;

typedef struct {
    const ql_operator *caller;
    int subgraph;
    ql_exec *exec;
} ql_child;

/* What all execs of one model's run share; belongs to the root. */
typedef struct {
    ql_variable *variables;
    int variable_count;
    bool *called;          /* by subgraph */
    size_t execs, tensors; /* of all of them */
    size_t bytes;          /* taken by all of them */
    size_t planned;        /* what tensors would take besides, with plan_only */
    size_t packed;         /* of weights that need not be */
    ql_team *team;         /* NULL: one thread, or not begun */
    ql_memory *memory;     /* what all of that is counted in */
    ql_memory own;
    uint64_t folded; /* work done while planning */
} ql_shared;

struct ql_exec {
    const ql_model *model;
    const ql_subgraph *graph;
    ql_exec_options options;
    ql_view *views;   /* one a tensor */
    ql_call *calls;   /* one an operator */
    ql_when *when;    /* one an operator */
    ql_heap *heap;    /* one a tensor: outputs of deferred operators */
    ql_view *inputs;  /* the shapes graph inputs have been given */
    ql_arena lasting; /* as long as the exec: the arrays above, variables */
    ql_arena plan;    /* as long as the plan: operators' states, folded values */
    ql_arena run;     /* one run: states of deferred operators */
    ql_heap block;    /* planned tensors */
    ql_heap scratch;
    const struct ql_exec *parent; /* NULL: the root */
    ql_child *children;
    int child_count, depth;
    size_t packed, planned; /* its part of the shared ones */
    ql_shared *shared;
    bool owns_shared;
};

/* exec.c: ql_exec_open for a subgraph that an operator of `parent` runs (NULL: nobody's); an input's shape
 * without the plan that follows from it. */
ql_code ql_exec_open_in(ql_exec **exec, const ql_model *model, const ql_exec_options *options,
                        const ql_exec *parent, ql_err *err);
ql_code ql_exec_set_input(ql_exec *exec, int i, int rank, const int32_t *dims, ql_err *err);

/* plan.c: prepares every operator and places every tensor. */
ql_code ql_exec_plan(ql_exec *exec, ql_err *err);
ql_code ql_exec_prepare(ql_exec *exec, int op, ql_err *err);

/* For an exec that was refused memory: what it needs with nothing packed, with what others hold. NOMEM,
 * saying so, when that is more than is allowed. */
ql_code ql_exec_least(const ql_exec *exec, size_t *least, ql_err *err);

/* Gives the view its tensor's type and shape; false when its bytes cannot be counted. */
bool ql_view_declared(ql_view *view);

/* memory.c: offsets for the tensors that live in the block. */
ql_code ql_exec_place(ql_exec *exec, ql_err *err);

/* Makes a heap of the exec hold at least `bytes` bytes, 64-byte aligned; contents are lost when it grows. */
ql_code ql_heap_need(ql_exec *exec, ql_heap *heap, size_t bytes, ql_err *err);
void ql_heap_free(ql_exec *exec, ql_heap *heap);

/* Accounts for `more` bytes in place of `less`; NOMEM when that would pass the bound. */
ql_code ql_exec_account(ql_exec *exec, size_t less, size_t more, ql_err *err);

/* Are the outputs without elements and nothing else to be done? */
bool ql_call_makes_nothing(const ql_call *c);

/* INTERRUPTED when the caller wants `work` steps not to be taken. */
ql_code ql_exec_ask(const ql_exec *exec, uint64_t work, ql_err *err);

void ql_shared_reset(ql_shared *shared, int subgraph_count);
void ql_shared_free(ql_shared *shared);

#endif
