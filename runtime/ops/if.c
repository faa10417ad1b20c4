/* IF: runs one of two subgraphs on the inputs.
 *
 *   in 0      condition      bool, one element
 *   in 1..    the inputs of both subgraphs, any types of fixed size
 *   out 0..   the outputs of both subgraphs
 *
 * Where the two give different shapes, or shapes that depend on values, the shapes are found in the run.
 * Source: TFLite kernels/if.cc.
 */
#include "runtime/ops/common/subgraph.h"

#include <string.h>

enum { THEN_SUBGRAPH, ELSE_SUBGRAPH };

typedef struct {
    ql_exec *branch[2]; /* [condition] */
} ql_if;

static bool same_shapes(const ql_call *c, const ql_exec *a, const ql_exec *b)
{
    for (int o = 0; o < c->out_count; o++) {
        const ql_view *x = ql_exec_output(a, o), *y = ql_exec_output(b, o);
        if (x->rank != y->rank || memcmp(x->dims, y->dims, (size_t)x->rank * sizeof *x->dims)) {
            return false;
        }
    }
    return true;
}

static ql_code prepare(ql_call *c)
{
    if (c->in[0]->count != 1) {
        return ql_fail_in(c, 0, QL_E_FORMAT, "%zu elements: the condition must be one", c->in[0]->count);
    }
    ql_if *s = ql_state(c, sizeof *s);
    if (!s) {
        return QL_E_NOMEM;
    }
    ql_code code = ql_sub_open_like(c, ql_opt_int(c->options, ELSE_SUBGRAPH), 1, &s->branch[0]);
    code = code ? code : ql_sub_open_like(c, ql_opt_int(c->options, THEN_SUBGRAPH), 1, &s->branch[1]);
    if (code) {
        return code;
    }
    bool fixed = ql_exec_shaped(s->branch[0]) && ql_exec_shaped(s->branch[1]) &&
                 same_shapes(c, s->branch[0], s->branch[1]);
    return fixed ? ql_sub_shape_outputs(c, s->branch[1]) : ql_sub_shapes_in_run(c);
}

static ql_code run(const ql_call *c)
{
    const ql_if *s = c->state;
    bool condition = *(const uint8_t *)c->in[0]->data != 0;
    return ql_sub_call(c, s->branch[condition], 1);
}

const ql_op ql_op_if = {
    .name = "IF",
    .code = 118,
    .max_version = 1,
    .options_id = 92,
    .min_in = 1,
    .max_in = -1,
    .min_out = 0,
    .max_out = -1,
    .impure = true,
    .prepare = prepare,
    .run = {[QL_S_BOOL] = run},
};
