/* Subgraphs that operators run: each use has an exec of its own, below the caller's. */
#include "runtime/exec/internal.h"

#include <stdlib.h>
#include <string.h>

/* Bounds on what a small hostile file can make us build. */
enum { MAX_DEPTH = 16, MAX_EXECS = 1024, MAX_TENSORS = 1 << 22 };

static ql_code check_nesting(const ql_call *c, int subgraph)
{
    const ql_exec *exec = c->exec;
    if (subgraph < 0 || subgraph >= exec->model->subgraph_count) {
        return ql_fail_op(c, QL_E_FORMAT, "subgraph %d: the model has %d", subgraph,
                          exec->model->subgraph_count);
    }
    const ql_subgraph *graph = &exec->model->subgraphs[subgraph];
    for (const ql_exec *up = exec; up; up = up->parent) {
        if (up->graph == graph) {
            return ql_fail_op(c, QL_E_FORMAT, "subgraph %d calls itself: recursion has no end here",
                              subgraph);
        }
    }
    ql_shared *shared = exec->shared;
    size_t size = (size_t)graph->tensor_count + (size_t)graph->operator_count;
    if (exec->depth >= MAX_DEPTH || shared->execs >= MAX_EXECS || size > MAX_TENSORS - shared->tensors) {
        return ql_fail_op(c, QL_E_FORMAT,
                          "subgraphs call each other more than %d deep, or come to more than %d calls or %d "
                          "tensors and operators: that is the limit",
                          MAX_DEPTH, MAX_EXECS, MAX_TENSORS);
    }
    shared->execs++;
    shared->tensors += size;
    return QL_OK;
}

ql_code ql_exec_child(const ql_call *c, int subgraph, ql_exec **child)
{
    ql_exec *exec = c->exec;
    for (int i = 0; i < exec->child_count; i++) {
        if (exec->children[i].caller == c->op && exec->children[i].subgraph == subgraph) {
            *child = exec->children[i].exec;
            return QL_OK;
        }
    }
    ql_code code = check_nesting(c, subgraph);
    if (code) {
        return code;
    }
    ql_child *grown = realloc(exec->children, ((size_t)exec->child_count + 1) * sizeof *grown);
    if (!grown) {
        return ql_fail_memory(c->err, sizeof *grown);
    }
    exec->children = grown;
    ql_exec_options options = exec->options;
    options.subgraph = subgraph;
    code = ql_exec_open_in(child, exec->model, &options, exec, c->err);
    if (!code) {
        exec->children[exec->child_count++] = (ql_child){c->op, subgraph, *child};
    }
    return code;
}

bool ql_exec_shaped(const ql_exec *exec)
{
    for (int op = 0; op < exec->graph->operator_count; op++) {
        const ql_call *c = &exec->calls[op];
        for (int o = 0; o < c->out_count && exec->when[op] == QL_DEFERRED; o++) {
            for (int g = 0; g < exec->graph->output_count; g++) {
                if (exec->graph->outputs[g] == c->out[o]->index) {
                    return false;
                }
            }
        }
    }
    return true;
}

static ql_code check_value(const ql_view *value, ql_type wanted, ql_err *err)
{
    if (value->type == wanted && ql_type_bits(wanted)) {
        return QL_OK;
    }
    if (value->type == wanted) {
        ql_fail(err, QL_E_UNSUPPORTED, "type %s: values of it cannot be handed to a subgraph",
                ql_type_name(wanted));
    } else {
        ql_fail(err, QL_E_FORMAT, "type %s: the subgraph's tensor is %s, it must be the same",
                ql_type_name(value->type), ql_type_name(wanted));
    }
    return ql_at_tensor_of(err, value->tensor, value->index);
}

ql_code ql_exec_shape_like(ql_exec *exec, ql_view *const *values, ql_err *err)
{
    bool differs = false;
    for (int i = 0; i < exec->graph->input_count; i++) {
        ql_code code = check_value(values[i], ql_exec_input(exec, i)->type, err);
        if (!code && !ql_same_shape(ql_exec_input(exec, i), values[i])) {
            differs = true;
            code = ql_exec_set_input(exec, i, values[i]->rank, values[i]->dims, err);
        }
        if (code) {
            return code;
        }
    }
    return differs ? ql_exec_plan(exec, err) : QL_OK;
}

ql_code ql_exec_feed(ql_exec *exec, ql_view *const *values, ql_err *err)
{
    ql_code code = ql_exec_shape_like(exec, values, err);
    for (int i = 0; i < exec->graph->input_count && !code; i++) {
        if (values[i]->bytes) {
            memcpy(ql_exec_input(exec, i)->data, values[i]->data, values[i]->bytes);
        }
    }
    return code;
}

ql_code ql_exec_give(const ql_call *c, int o, const ql_view *value)
{
    ql_view *out = c->out[o];
    ql_code code = check_value(value, out->type, c->err);
    if (code) {
        return code;
    }
    if (c->shapes_in_run && !out->tensor->variable) {
        ql_heap *heap = &c->exec->heap[out->index];
        code = ql_heap_need(c->exec, heap, value->bytes, c->err);
        out->data = heap->data;
        out->rank = value->rank;
        memcpy(out->dims, value->dims, sizeof out->dims);
        out->count = value->count;
        out->bytes = value->bytes;
        out->shaped = true;
    } else if (!ql_same_shape(out, value)) {
        return ql_fail_out(c, o, QL_E_FORMAT, "the subgraph gives it another shape: it must stay the same");
    }
    if (!code && value->bytes) {
        memcpy(out->data, value->data, value->bytes);
    }
    return code;
}
