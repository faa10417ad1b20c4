/* CUMSUM: y[k] = x[0] + ... + x[k] along one axis; exclusive: up to x[k-1]; reverse: from the end.
 *
 *   in 0   x     f32 | i32 | i64, rank 1 or more
 *   in 1   axis  i32, one element in -rank .. rank-1
 *   out 0  y     as x
 *
 * Integers wrap.
 * Source: TFLite kernels/cumsum.cc, reference_ops::CumSum.
 */
#include "runtime/ops/op.h"

enum { EXCLUSIVE, REVERSE };

#define CUMSUM(name, type, wide)                                                                             \
    static void name##_line(const type *x, type *y, int depth, size_t step, bool exclusive, bool reverse)    \
    {                                                                                                        \
        type sum = 0;                                                                                        \
        for (int k = 0; k < depth; k++) {                                                                    \
            size_t at = (size_t)(reverse ? depth - 1 - k : k) * step;                                        \
            type next = (type)((wide)sum + (wide)x[at]);                                                     \
            y[at] = exclusive ? sum : next;                                                                  \
            sum = next;                                                                                      \
        }                                                                                                    \
    }                                                                                                        \
    static ql_code name(const ql_call *c)                                                                    \
    {                                                                                                        \
        int axis, given = *(const int32_t *)c->in[1]->data;                                                  \
        if (!ql_axis(given, c->in[0]->rank, &axis)) {                                                        \
            return ql_fail_in(c, 1, QL_E_FORMAT, "axis %d: must be in -%d .. %d", given, c->in[0]->rank,     \
                              c->in[0]->rank - 1);                                                           \
        }                                                                                                    \
        size_t inner = 1, depth = (size_t)c->in[0]->dims[axis];                                              \
        for (int d = axis + 1; d < c->in[0]->rank; d++) {                                                    \
            inner *= (size_t)c->in[0]->dims[d];                                                              \
        }                                                                                                    \
        for (size_t at = 0; at < c->in[0]->count; at += inner * depth) {                                     \
            for (size_t i = at; i < at + inner; i++) {                                                       \
                name##_line((const type *)c->in[0]->data + i, (type *)c->out[0]->data + i, (int)depth,       \
                            inner, ql_opt_bool(c->options, EXCLUSIVE), ql_opt_bool(c->options, REVERSE));    \
            }                                                                                                \
        }                                                                                                    \
        return QL_OK;                                                                                        \
    }

CUMSUM(run_f32, float, float)
CUMSUM(run_i32, int32_t, uint32_t)
CUMSUM(run_i64, int64_t, uint64_t)

static ql_code prepare(ql_call *c)
{
    ql_code code = ql_need_rank(c, 0, 1, QL_MAX_RANK);
    code = code ? code : ql_need_type(c, 1, QL_I32);
    if (!code && c->in[1]->count != 1) {
        return ql_fail_in(c, 1, QL_E_FORMAT, "%zu axes: must be one", c->in[1]->count);
    }
    return code ? code : ql_prepare_unary(c);
}

const ql_op ql_op_cumsum = {
    .name = "CUMSUM",
    .code = 128,
    .max_version = 1,
    .options_id = 102,
    .min_in = 2,
    .max_in = 2,
    .min_out = 1,
    .max_out = 1,
    .prepare = prepare,
    .run = {[QL_S_F32] = run_f32, [QL_S_I32] = run_i32, [QL_S_I64] = run_i64},
    .quant = {.kind = QL_Q_NONE},
};
