/* SELECT: y = x where the condition holds, else z.
 *
 *   in 0     condition  bool: of x's shape, a scalar, or one a row of x's first dimension
 *   in 1, 2  x, z       any type of 8 bits and more, one shape
 *   out 0    y          as x
 *
 * Values are copied as they are stored.
 * Source: TFLite kernels/select.cc.
 */
#include "runtime/ops/op.h"

#include <string.h>

/* The bytes that one element of the condition decides on: c->state. */
static ql_code run(const ql_call *c)
{
    size_t inner = *(const size_t *)c->state;
    const uint8_t *condition = c->in[0]->data;
    for (size_t i = 0; i < c->in[0]->count && inner; i++) {
        const char *from = c->in[condition[i] ? 1 : 2]->data;
        memcpy((char *)c->out[0]->data + i * inner, from + i * inner, inner);
    }
    return QL_OK;
}

static bool condition_fits(const ql_view *condition, const ql_view *x)
{
    return ql_same_shape(condition, x) || condition->rank == 0 ||
           (condition->rank == 1 && x->rank && condition->dims[0] == x->dims[0]) ||
           (condition->count == 1 && x->count == 1);
}

static ql_code prepare(ql_call *c)
{
    size_t *inner = ql_state(c, sizeof *inner);
    ql_code code = inner ? ql_need_type(c, 0, QL_BOOL) : QL_E_NOMEM;
    code = code ? code : ql_need_type(c, 2, c->in[1]->type);
    code = code ? code : ql_need_same_type(c, 1, 0);
    if (code) {
        return code;
    }
    if (!condition_fits(c->in[0], c->in[1])) {
        return ql_fail_in(c, 0, QL_E_FORMAT,
                          "condition of rank %d: must have x's shape, be a scalar, or one a row of x",
                          c->in[0]->rank);
    }
    if (c->in[1]->count != c->in[2]->count || (c->in[1]->count != 1 && !ql_same_shape(c->in[1], c->in[2]))) {
        return ql_fail_in(c, 2, QL_E_FORMAT, "its shape must be that of input 1");
    }
    code = ql_shape_like(c, 0, c->in[1]);
    *inner = c->in[0]->count ? c->out[0]->bytes / c->in[0]->count : 0;
    return code;
}

const ql_op ql_op_select = {
    .name = "SELECT",
    .code = 64,
    .max_version = 4,
    .options_id = 47,
    .min_in = 3,
    .max_in = 3,
    .min_out = 1,
    .max_out = 1,
    .key = 1,
    .prepare = prepare,
    .run_any = run,
    .quant = {.kind = QL_Q_SAME},
};
