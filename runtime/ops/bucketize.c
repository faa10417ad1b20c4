/* BUCKETIZE: for each element, how many of the boundaries are not larger.
 *
 *   in 0   x  f32 | f64 | i32 | i64      out 0  y  i32, shape of x
 *
 * The option boundaries rises. Source: TFLite kernels/bucketize.cc.
 */
#include "runtime/ops/op.h"

enum { BOUNDARIES };

static ql_code prepare(ql_call *c)
{
    const float *boundary;
    size_t count = ql_opt_f32s(c->options, BOUNDARIES, &boundary);
    for (size_t i = 1; i < count; i++) {
        if (boundary[i] < boundary[i - 1]) {
            return ql_fail_op(c, QL_E_FORMAT, "boundary %zu is %g after %g: they must rise", i,
                              (double)boundary[i], (double)boundary[i - 1]);
        }
    }
    ql_code code = ql_need_out_type(c, 0, QL_I32);
    return code ? code : ql_shape_like(c, 0, c->in[0]);
}

/* The first boundary above x by halving, as NaN then goes where the reference puts it. */
#define BUCKETIZE(name, type, as)                                                                            \
    static ql_code name(const ql_call *c)                                                                    \
    {                                                                                                        \
        const float *boundary;                                                                               \
        size_t count = ql_opt_f32s(c->options, BOUNDARIES, &boundary);                                       \
        const type *x = c->in[0]->data;                                                                      \
        int32_t *y = c->out[0]->data;                                                                        \
        for (size_t i = 0; i < c->in[0]->count; i++) {                                                       \
            size_t first = 0, left = count;                                                                  \
            while (left) {                                                                                   \
                size_t half = left / 2;                                                                      \
                bool above = (as)x[i] < (as)boundary[first + half];                                          \
                first = above ? first : first + half + 1;                                                    \
                left = above ? half : left - half - 1;                                                       \
            }                                                                                                \
            y[i] = (int32_t)first;                                                                           \
        }                                                                                                    \
        return QL_OK;                                                                                        \
    }

BUCKETIZE(run_f32, float, float)
BUCKETIZE(run_f64, double, double)
BUCKETIZE(run_i32, int32_t, float)
BUCKETIZE(run_i64, int64_t, float)

const ql_op ql_op_bucketize = {
    .name = "BUCKETIZE",
    .code = 147,
    .max_version = 1,
    .options_id = 115,
    .min_in = 1,
    .max_in = 1,
    .min_out = 1,
    .max_out = 1,

    .prepare = prepare,
    .run = {[QL_S_F32] = run_f32, [QL_S_F64] = run_f64, [QL_S_I32] = run_i32, [QL_S_I64] = run_i64},
    .quant = {.kind = QL_Q_NONE},
};
