#include "runtime/ops/common/subgraph.h"

#include <string.h>

ql_slot ql_sub_pick(const ql_call *c)
{
    (void)c;
    return QL_S_RESOURCE;
}

ql_code ql_sub_open(const ql_call *c, int subgraph, int inputs, int outputs, ql_exec **child)
{
    ql_code code = ql_exec_child(c, subgraph, child);
    if (code) {
        return code;
    }
    if (ql_exec_input_count(*child) != inputs || ql_exec_output_count(*child) != outputs) {
        return ql_fail_op(c, QL_E_FORMAT, "subgraph %d has %d inputs and %d outputs: must be %d and %d",
                          subgraph, ql_exec_input_count(*child), ql_exec_output_count(*child), inputs,
                          outputs);
    }
    return QL_OK;
}

static ql_code check_inputs(const ql_call *c, int first)
{
    for (int i = first; i < c->in_count; i++) {
        if (!c->in[i]) {
            return ql_fail_op(c, QL_E_UNSUPPORTED, "input %d is left out: subgraphs need every input", i);
        }
    }
    return QL_OK;
}

ql_code ql_sub_open_like(const ql_call *c, int subgraph, int first, ql_exec **child)
{
    ql_code code = check_inputs(c, first);
    code = code ? code : ql_sub_open(c, subgraph, c->in_count - first, c->out_count, child);
    return code ? code : ql_exec_shape_like(*child, c->in + first, c->err);
}

ql_code ql_sub_shapes_in_run(ql_call *c)
{
    if (!c->values_ready) {
        return ql_defer(c);
    }
    c->shapes_in_run = true;
    for (int o = 0; o < c->out_count; o++) {
        c->out[o]->shaped = false;
    }
    return QL_OK;
}

ql_code ql_sub_shape_outputs(ql_call *c, const ql_exec *child)
{
    ql_code code = QL_OK;
    for (int o = 0; o < c->out_count && !code; o++) {
        code = ql_shape_like(c, o, ql_exec_output(child, o));
    }
    return code;
}

ql_code ql_sub_give_all(const ql_call *c, const ql_exec *child)
{
    ql_code code = QL_OK;
    for (int o = 0; o < c->out_count && !code; o++) {
        code = ql_exec_give(c, o, ql_exec_output(child, o));
    }
    return code;
}

ql_code ql_sub_call(const ql_call *c, ql_exec *child, int first)
{
    ql_code code = ql_exec_feed(child, c->in + first, c->err);
    code = code ? code : ql_exec_run(child, NULL, NULL, c->err);
    return code ? code : ql_sub_give_all(c, child);
}

ql_code ql_sub_prepare_one(ql_call *c, int option)
{
    ql_exec **child = ql_state(c, sizeof *child);
    if (!child) {
        return QL_E_NOMEM;
    }
    ql_code code = ql_sub_open_like(c, ql_opt_int(c->options, option), 0, child);
    if (code) {
        return code;
    }
    return ql_exec_shaped(*child) ? ql_sub_shape_outputs(c, *child) : ql_sub_shapes_in_run(c);
}

ql_code ql_sub_run_one(const ql_call *c)
{
    ql_exec *const *child = c->state;
    return ql_sub_call(c, *child, 0);
}
