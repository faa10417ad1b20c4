/* ADD_N: y = the sum of two or more tensors of one shape.
 *
 *   in 0 ...  f32 | i32      out 0  y, same type
 *
 * Summed in the order of the inputs; int32 wraps.
 * Source: TFLite kernels/add_n.cc with one thread.
 */
#include "runtime/ops/op.h"

#define ADD_N(name, type, wide)                                                                              \
    static ql_code name(const ql_call *c)                                                                    \
    {                                                                                                        \
        type *y = c->out[0]->data;                                                                           \
        ql_run_copy(c);                                                                                      \
        for (int k = 1; k < c->in_count; k++) {                                                              \
            const type *x = c->in[k]->data;                                                                  \
            for (size_t i = 0; i < c->out[0]->count; i++) {                                                  \
                y[i] = (type)((wide)y[i] + (wide)x[i]);                                                      \
            }                                                                                                \
        }                                                                                                    \
        return QL_OK;                                                                                        \
    }

ADD_N(run_f32, float, float)
ADD_N(run_i32, int32_t, uint32_t)

static ql_code prepare(ql_call *c)
{
    const ql_view *first = c->in[0];
    for (int k = 1; k < c->in_count; k++) {
        ql_code code = c->in[k] ? ql_need_type(c, k, first->type)
                                : ql_fail_op(c, QL_E_FORMAT, "input %d is left out: it is needed", k);
        if (code || !ql_same_shape(c->in[k], first)) {
            return code ? code : ql_fail_in(c, k, QL_E_FORMAT, "its shape must be that of input 0");
        }
    }
    return ql_prepare_unary(c);
}

const ql_op ql_op_add_n = {
    .name = "ADD_N",
    .code = 106,
    .max_version = 1,
    .options_id = 82,
    .min_in = 2,
    .max_in = -1,
    .min_out = 1,
    .max_out = 1,
    .prepare = prepare,
    .run = {[QL_S_F32] = run_f32, [QL_S_I32] = run_i32},
    .quant = {.kind = QL_Q_SAME},
};
