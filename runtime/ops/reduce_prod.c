/* REDUCE_PROD: the product along some dimensions.
 *
 *   in 0   x     f32 | i8 | i16 | u8 without scale | i32 | i64
 *   in 1   axes  i32; negative ones count from the end
 *   out 0  y     type of x
 *
 * float: in memory order. integers without scale wrap. quantized: the running product of x - zero, rescaled
 * at each factor by x scale / (y scale)^(1/count), and once more at the end.
 * Source: TFLite kernels/reduce.cc, reference_ops::QuantizedReduceProd. docs/numerics.md "REDUCE_PROD".
 */
#include "runtime/ops/common/reduce.h"

#include <math.h>

typedef struct {
    ql_reduce reduce; /* first: kernels of integers without scale rely on it */
    ql_mult by;
    int32_t one; /* 1.0 in the output's values: the product of nothing */
} ql_prod;

QL_REDUCTION(run_f32, float, 1, total *x)
QL_REDUCTION(run_u8, uint8_t, 1, (uint32_t)total *(uint32_t)x)
QL_REDUCTION(run_plain_i8, int8_t, 1, (uint32_t)total *(uint32_t)x)
QL_REDUCTION(run_plain_i16, int16_t, 1, (uint32_t)total *(uint32_t)x)
QL_REDUCTION(run_i32, int32_t, 1, (uint32_t)total *(uint32_t)x)
QL_REDUCTION(run_i64, int64_t, 1, (uint64_t)total *(uint64_t)x)

#define PRODUCT(name, type, lowest, highest)                                                                 \
    static void name##_row(const ql_call *c, const ql_reduce_row *row, void *totals)                         \
    {                                                                                                        \
        const ql_prod *s = c->state;                                                                         \
        const type *x = (const type *)c->in[0]->data + row->in;                                              \
        int32_t *total = (int32_t *)totals + row->out, zero = ql_zero(c->in[0]);                             \
        for (int32_t i = 0; i < row->n; i++) {                                                               \
            int32_t factor = x[i] - zero, at = row->kept ? i : 0;                                            \
            bool first = row->first && (row->kept || i == 0);                                                \
            total[at] = first ? factor : ql_mul64((int64_t)total[at] * factor, s->by);                       \
        }                                                                                                    \
    }                                                                                                        \
    static ql_code name(const ql_call *c)                                                                    \
    {                                                                                                        \
        const ql_prod *s = c->state;                                                                         \
        type *y = c->out[0]->data;                                                                           \
        int32_t *totals = c->scratch, zero = ql_zero(c->out[0]);                                             \
        ql_reduce_walk(c, &s->reduce, name##_row, totals);                                                   \
        for (size_t i = 0; i < c->out[0]->count; i++) {                                                      \
            int32_t q = s->reduce.terms ? ql_wrap_add(ql_mul64(totals[i], s->by), zero) : s->one;            \
            y[i] = (type)ql_clamp(q, lowest, highest);                                                       \
        }                                                                                                    \
        return QL_OK;                                                                                        \
    }

PRODUCT(run_i8, int8_t, INT8_MIN, INT8_MAX)
PRODUCT(run_i16, int16_t, INT16_MIN, INT16_MAX)

static ql_code prepare_rescale(ql_call *c, ql_prod *s)
{
    ql_code code = ql_need_quant_in(c, 0);
    code = code ? code : ql_need_quant_out(c, 0);
    if (code) {
        return code;
    }
    double x_scale = (double)ql_scale(c->in[0]), y_scale = (double)ql_scale(c->out[0]);
    double terms = s->reduce.terms ? (double)s->reduce.terms : 1;
    s->by = ql_quantize_multiplier(x_scale / pow(y_scale, 1.0 / terms));
    if (s->by.shift > 13) {
        return ql_fail_out(c, 0, QL_E_FORMAT, "scale %g: too small for a product of %.0f values of scale %g",
                           y_scale, terms, x_scale);
    }
    s->one = ql_wrap_add(ql_round_to_i32_d(1 / y_scale), ql_zero(c->out[0]));
    c->scratch_bytes = c->out[0]->count * sizeof(int32_t);
    return QL_OK;
}

static ql_code prepare(ql_call *c)
{
    ql_prod *s = ql_state(c, sizeof *s);
    ql_code code = s ? ql_need_same_type(c, 0, 0) : QL_E_NOMEM;
    code = code ? code : ql_reduce_prepare(c, &s->reduce);
    if (code || c->deferred) {
        return code;
    }
    bool scaled = c->in[0]->tensor->quant.scale_count;
    if (scaled && c->slot == QL_S_U8) {
        return ql_fail_in(c, 0, QL_E_UNSUPPORTED, "uint8 with a scale: int8 or int16 is required");
    }
    if (c->slot == QL_S_I8 || c->slot == QL_S_I16) {
        c->run = c->slot == QL_S_I8 ? scaled ? run_i8 : run_plain_i8 : scaled ? run_i16 : run_plain_i16;
        return scaled ? prepare_rescale(c, s) : QL_OK;
    }
    return QL_OK;
}

const ql_op ql_op_reduce_prod = {
    .name = "REDUCE_PROD",
    .code = 81,
    .max_version = 2,
    .options_id = 27,
    .min_in = 2,
    .max_in = 2,
    .min_out = 1,
    .max_out = 1,
    .prepare = prepare,
    .run = {[QL_S_F32] = run_f32,
            [QL_S_I8] = run_i8,
            [QL_S_U8] = run_u8,
            [QL_S_I16] = run_i16,
            [QL_S_I32] = run_i32,
            [QL_S_I64] = run_i64},
    .quant = {.kind = QL_Q_FREE},
};
