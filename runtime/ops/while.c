/* WHILE: runs a body subgraph on its own outputs as long as a condition subgraph says so.
 *
 *   in 0..    the first values, any types of fixed size
 *   out 0..   as many, the last values
 *
 * The condition has one output, bool, one element. Where the body changes a shape, shapes are found in the
 * run. A loop that never ends is the caller's to stop (ql_exec_options.stop).
 * Source: TFLite kernels/while.cc; unlike it, a body that hands its inputs on in another order gets what it
 * handed on (there, the first copy overwrites what the next one reads).
 */
#include "runtime/ops/common/subgraph.h"

#include <string.h>

enum { COND_SUBGRAPH, BODY_SUBGRAPH };

typedef struct {
    ql_exec *cond, *body;
} ql_while;

static bool keeps_shapes(const ql_call *c, const ql_exec *body)
{
    for (int i = 0; i < c->in_count; i++) {
        const ql_view *out = ql_exec_output(body, i), *in = c->in[i];
        if (in->rank != out->rank || memcmp(in->dims, out->dims, (size_t)in->rank * sizeof *in->dims)) {
            return false;
        }
    }
    return true;
}

static ql_code check_condition(const ql_call *c, const ql_exec *cond)
{
    ql_type type = ql_exec_output(cond, 0)->type;
    return type == QL_BOOL
               ? QL_OK
               : ql_fail_op(c, QL_E_FORMAT, "the condition is of type %s: must be bool", ql_type_name(type));
}

static ql_code prepare(ql_call *c)
{
    if (c->in_count != c->out_count) {
        return ql_fail_op(c, QL_E_FORMAT, "%d inputs and %d outputs: must be as many", c->in_count,
                          c->out_count);
    }
    ql_while *s = ql_state(c, sizeof *s);
    if (!s) {
        return QL_E_NOMEM;
    }
    ql_code code = ql_sub_open_like(c, ql_opt_int(c->options, BODY_SUBGRAPH), 0, &s->body);
    code = code ? code : ql_sub_open(c, ql_opt_int(c->options, COND_SUBGRAPH), c->in_count, 1, &s->cond);
    code = code ? code : ql_exec_shape_like(s->cond, c->in, c->err);
    code = code ? code : check_condition(c, s->cond);
    if (code) {
        return code;
    }
    bool fixed = ql_exec_shaped(s->body) && keeps_shapes(c, s->body);
    return fixed ? ql_sub_shape_outputs(c, s->body) : ql_sub_shapes_in_run(c);
}

/* Asks the condition about the newest values, which are in the outputs. */
static ql_code ask(const ql_call *c, const ql_while *s, bool *go_on)
{
    ql_code code = ql_exec_feed(s->cond, c->out, c->err);
    code = code ? code : ql_exec_run(s->cond, NULL, NULL, c->err);
    if (code) {
        return code;
    }
    const ql_view *answer = ql_exec_output(s->cond, 0);
    if (answer->count != 1) {
        return ql_fail_op(c, QL_E_FORMAT, "the condition has %zu elements: must be one", answer->count);
    }
    *go_on = *(const uint8_t *)answer->data != 0;
    return QL_OK;
}

static ql_code run(const ql_call *c)
{
    const ql_while *s = c->state;
    ql_code code = QL_OK;
    for (int i = 0; i < c->in_count && !code; i++) {
        code = ql_exec_give(c, i, c->in[i]);
    }
    bool go_on = false;
    code = code ? code : ask(c, s, &go_on);
    while (!code && go_on) {
        code = ql_exec_feed(s->body, c->out, c->err);
        code = code ? code : ql_exec_run(s->body, NULL, NULL, c->err);
        code = code ? code : ql_sub_give_all(c, s->body);
        code = code ? code : ask(c, s, &go_on);
    }
    return code;
}

const ql_op ql_op_while = {
    .name = "WHILE",
    .code = 119,
    .max_version = 1,
    .options_id = 93,
    .min_in = 0,
    .max_in = -1,
    .min_out = 0,
    .max_out = -1,
    .impure = true,
    .pick = ql_sub_pick,
    .prepare = prepare,
    .run = {[QL_S_RESOURCE] = run},
};
