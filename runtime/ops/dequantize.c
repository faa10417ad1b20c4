/* DEQUANTIZE: y = scale * (x - zero), elementwise.
 *
 *   in 0   x  i8 | u8 | i16 | i4, i2, u4 | f16      out 0  y  f32, shape of x
 *
 * 8 bits and fewer may have a scale a channel. The product is exact before it is rounded to float. float16 is
 * widened and has no scale.
 * Source: TFLite reference_ops::Dequantize, PerChannelDequantize. docs/numerics.md "DEQUANTIZE".
 */
#include "runtime/ops/common/channels.h"
#include "runtime/ops/common/dot.h"
#include "runtime/tensor/half.h"

/* The kernel of one type: `q` is element i of `x`. */
#define DEQUANTIZE(name, type, q)                                                                            \
    static ql_code name(const ql_call *c)                                                                    \
    {                                                                                                        \
        const ql_channels *s = c->state;                                                                     \
        const type *x = c->in[0]->data;                                                                      \
        float *y = c->out[0]->data;                                                                          \
        (void)x;                                                                                             \
        size_t i = 0;                                                                                        \
        for (size_t run = 0; run < s->outer * s->channels; run++) {                                          \
            float scale = s->scale[run % s->channels];                                                       \
            int32_t zero = (int32_t)s->zero[run % s->channels];                                              \
            for (size_t end = i + s->inner; i < end; i++) {                                                  \
                y[i] = scale * (float)((q)-zero);                                                            \
            }                                                                                                \
        }                                                                                                    \
        return QL_OK;                                                                                        \
    }

DEQUANTIZE(run_i8, int8_t, x[i])
DEQUANTIZE(run_u8, uint8_t, x[i])
DEQUANTIZE(run_i16, int16_t, x[i])
DEQUANTIZE(run_small, void, ql_small_int(c->in[0], i))

static ql_code run_f16(const ql_call *c)
{
    const uint16_t *x = c->in[0]->data;
    float *y = c->out[0]->data;
    for (size_t i = 0; i < c->in[0]->count; i++) {
        y[i] = ql_f16_to_f32(x[i]);
    }
    return QL_OK;
}

static ql_slot pick(const ql_call *c)
{
    ql_type type = c->in[0]->type;
    return type == QL_I2 || type == QL_U4 ? QL_S_I4 : ql_slot_of(type);
}

static ql_code prepare(ql_call *c)
{
    ql_code code = ql_need_out_type(c, 0, QL_F32);
    code = code ? code : ql_shape_like(c, 0, c->in[0]);
    if (code || c->slot == QL_S_F16) {
        return code;
    }
    ql_channels *s = ql_state(c, sizeof *s);
    if (!s) {
        return QL_E_NOMEM;
    }
    const char *fault = ql_channels_of(c->in[0], c->in[0], s);
    if (fault) {
        return ql_fail_in(c, 0, QL_E_FORMAT, "%s", fault);
    }
    if (c->slot == QL_S_I16 && (s->channels > 1 || s->zero[0])) {
        return ql_fail_in(c, 0, QL_E_UNSUPPORTED,
                          "int16 with %zu scales and zero point %d: must be one scale and 0", s->channels,
                          (int)s->zero[0]);
    }
    return QL_OK;
}

const ql_op ql_op_dequantize = {
    .name = "DEQUANTIZE",
    .code = 6,
    .max_version = 9,
    .options_id = 38,
    .min_in = 1,
    .max_in = 1,
    .min_out = 1,
    .max_out = 1,
    .pick = pick,
    .prepare = prepare,
    .run = {[QL_S_I8] = run_i8,
            [QL_S_U8] = run_u8,
            [QL_S_I16] = run_i16,
            [QL_S_I4] = run_small,
            [QL_S_F16] = run_f16},
    .quant = {.kind = QL_Q_FREE, .no_i8 = true, .no_i16 = true},
};
