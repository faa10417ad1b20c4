/* The interpreter: runs one subgraph of a model, sample after sample, on the reference kernels.
 *
 *     ql_exec *exec;
 *     ql_exec_open(&exec, model, &(ql_exec_options){0}, &err);
 *     memcpy(ql_exec_input(exec, 0)->data, x, bytes);
 *     ql_exec_run(exec, tap, user, &err);
 *     ... ql_exec_output(exec, 0)->data ...
 *     ql_exec_close(exec);
 *
 * Opening plans everything that does not depend on values: it finds each operator's row, prepares it,
 * computes what follows from constants alone, and gives tensors places in one block of memory by their
 * lifetimes. What does depend on values (a shape computed from data) is prepared again in each run.
 *
 * An exec is used by one thread at a time; several may share a model.
 */
#ifndef QL_EXEC_EXEC_H
#define QL_EXEC_EXEC_H

#include "runtime/ops/op.h"

/* An operator of another exec, already planned. */
typedef struct {
    const struct ql_exec *exec; /* NULL: none */
    int op;
} ql_prepared;

typedef struct {
    int subgraph;                /* index in the model */
    const ql_numerics *numerics; /* NULL: the default profile, litert-ref */
    const ql_isa *isa; /* whose kernels; NULL: ql_isa_choose, so QLOUPE_ISA or the fastest there is */
    bool look_only;    /* for its shapes and counts: it cannot be run, and weights are not packed */
    bool plan_only;    /* for what it derives: it cannot be run, and its tensors get no memory */
    int threads;       /* share the work of large operators, with the same values; 0: one */
    ql_team *team;     /* these, which others may use in turn; NULL: threads of its own */
    bool keep_all;     /* every tensor keeps its value until the next run, not only until its last use */
    /* Refuse to take more memory than that, subgraphs that are called included; 0: no bound. Weights are
     * packed as far as it allows; the others of the layers that `pack_bound` names are packed in each run,
     * some at a time, which gives the same values. */
    size_t max_bytes;
    ql_memory *memory; /* in place of max_bytes: what others take is in it too. NULL: it alone */
    bool pack_bound;   /* pack at most pack_bytes of the weights of convolutions, fully connected layers and
                          matrix products, however much is allowed */
    size_t pack_bytes;
    /* Asked before every operator that runs, also when constants are computed while opening, and before every
     * pass of a loop; `work` is about how many steps it will take (ql_call_work). True ends what is under way
     * with QL_E_INTERRUPTED. May be NULL. */
    bool (*stop)(void *stop_user, uint64_t work);
    void *stop_user;
    /* One an operator of the subgraph: where one with the same options, constants, types and quantization was
     * prepared, in an exec that outlives this one. A convolution or a fully connected layer then takes over
     * what was derived there, such as packed weights, if its inputs have the same shapes. NULL: nothing is
     * taken. */
    const ql_prepared *prepared;
    /* The same from an exec of the same model and subgraph, operator by operator, and the values that it
     * found to follow from constants. NULL: nothing is taken. */
    const struct ql_exec *like;
} ql_exec_options;

/* Sees a tensor when the operator that made it is done: `op` is its index, `view` holds the value. Graph
 * inputs are not shown. A code other than QL_OK ends the run with that code (fill in `err`). */
typedef ql_code (*ql_tap)(void *user, int op, const ql_view *view, ql_err *err);

/* QL_E_USAGE: QLOUPE_ISA names no instruction set; QL_E_UNSUPPORTED: or one that this machine lacks, or an
 * operator, version or type without a kernel; QL_E_FORMAT: an operator whose tensors do
 * not fit its rules; QL_E_NOMEM. The message names operator and tensor. */
ql_code ql_exec_open(ql_exec **exec, const ql_model *model, const ql_exec_options *options, ql_err *err);
void ql_exec_close(ql_exec *exec); /* NULL is allowed */

/* Gives input i another shape and plans again. Every input keeps its shape until then; values are lost. */
ql_code ql_exec_resize(ql_exec *exec, int i, int rank, const int32_t *dims, ql_err *err);

/* The view of graph input i (write its `bytes` bytes at `data` before a run) and of output i (read after).
 * Values of outputs last until the next run. */
ql_view *ql_exec_input(ql_exec *exec, int i);
const ql_view *ql_exec_output(const ql_exec *exec, int i);

/* Tensor t of the subgraph. Its value is there after a run when keep_all was asked for, or in the tap. */
const ql_view *ql_exec_tensor(const ql_exec *exec, int t);

/* Runs every operator in order. `tap` may be NULL. */
ql_code ql_exec_run(ql_exec *exec, ql_tap tap, void *user, ql_err *err);

/* Starts a run whose operators the caller runs, by ql_exec_run_op in their order. */
ql_code ql_exec_start(ql_exec *exec, ql_err *err);

/* Runs operator `op` alone on the values its inputs hold now, for an exec without look_only. Without
 * keep_all, tensors of other operators share memory with its own: write all of its inputs, run it, then read
 * its outputs. */
ql_code ql_exec_run_op(ql_exec *exec, int op, ql_err *err);

/* Sets variables (recurrent states, resources) back to what they are when a model is loaded. */
void ql_exec_reset(ql_exec *exec);

/* Multiply-accumulates of operator `op` as it was last prepared. */
uint64_t ql_exec_macs(const ql_exec *exec, int op);

/* About how many steps one run of a prepared call takes: multiply-accumulates, elements read and written. */
uint64_t ql_call_work(const ql_call *c);

/* The call of operator `op`: its row, its views. NULL fields until it was prepared. */
const ql_call *ql_exec_call(const ql_exec *exec, int op);

/* Bytes taken for tensors. */
size_t ql_exec_memory(const ql_exec *exec);

/* What an exec counts in its memory when it can be run; of a plan_only one, what it would. And what part of
 * that is packed weights that could be left unpacked. What is taken over from others is in neither. */
size_t ql_exec_need(const ql_exec *exec);
size_t ql_exec_packed(const ql_exec *exec);

/* --- For operators that run other subgraphs or hold variables --- */

/* The exec of another subgraph for the calling operator, made once; it belongs to c's exec and shares its
 * variables. FORMAT: a subgraph that calls itself, nesting deeper than 16, or more than 1024 of them. */
ql_code ql_exec_child(const ql_call *c, int subgraph, ql_exec **child);

int ql_exec_input_count(const ql_exec *exec);
int ql_exec_output_count(const ql_exec *exec);

/* Gives every input the shape of its value (`values`: one an input) and plans again when one differs. FORMAT
 * when a type differs, UNSUPPORTED for types of no fixed size. */
ql_code ql_exec_shape_like(ql_exec *exec, ql_view *const *values, ql_err *err);

/* The same, and copies the values in. They must not live in the exec's own memory. */
ql_code ql_exec_feed(ql_exec *exec, ql_view *const *values, ql_err *err);

/* Does every output have a shape that no value can change? */
bool ql_exec_shaped(const ql_exec *exec);

/* Copies a value into the call's output o. Gives the output the value's shape where the call's prepare said
 * shapes_in_run; else the shape must be the output's. */
ql_code ql_exec_give(const ql_call *c, int o, const ql_view *value);

/* A variable shared by all subgraphs of a model. `data` is NULL until something is assigned. */
typedef struct {
    ql_str container, name;
    ql_type type;
    int rank;
    int32_t dims[QL_MAX_RANK];
    size_t count, bytes, capacity;
    void *data;
} ql_variable;

/* The id of the variable called `name` in `container` (made when new); -1 when memory is refused. */
int ql_exec_variable_id(const ql_call *c, ql_str container, ql_str name);

/* The variable of that id; NULL when there is none. */
ql_variable *ql_exec_variable(const ql_call *c, int id);

/* Stores a copy of `value`. */
ql_code ql_exec_assign(const ql_call *c, ql_variable *variable, const ql_view *value);

/* Whether `subgraph` was called since the model was loaded or reset (CALL_ONCE): the operator's to set. */
bool *ql_exec_called(const ql_call *c, int subgraph);

#endif
