/* QUANTIZE: real or quantized values in the output's scale and zero point, elementwise.
 *
 *   in 0   x  f32             out 0  y  i8 | u8 | i16, per tensor or per channel; i4 | u4 per tensor
 *             i8 | u8                   i8 | u8 | i16
 *             i16                       i8 | i16 | i32
 *             i32                       i8 | i16
 *
 * float: y = clamp(round(x / scale) + zero), ties away from zero, or to even where the profile says so; what
 * no int32 holds (NaN, infinite, too large) rounds to the lowest int32, and the sum wraps.
 * integers: y = clamp((x - x zero) * (x scale / y scale) + zero), fixed point.
 * Source: TFLite kernels/quantize.cc, reference_ops::AffineQuantize, Requantize. docs/numerics.md "QUANTIZE".
 */
#include "runtime/ops/common/channels.h"
#include "runtime/ops/common/unary.h"

#include <math.h>
#include <string.h>

typedef struct {
    ql_channels channels; /* of the output */
    int32_t lowest, highest;
    ql_mult by;
    int32_t in_zero;
    int32_t factor; /* of 8 fraction bits; used instead of `by` when not 0 */
    float inverse;  /* 1 / scale; used instead of dividing when not 0 */
} ql_quantize;

static int32_t from_float(float x, float scale, int32_t zero, bool ties_to_even)
{
    float steps = x / scale;
    return ql_wrap_add(ql_round_to_i32(ties_to_even ? rintf(steps) : steps), zero);
}

/* 8 bits only. What is too large saturates, NaN at the highest. */
static int32_t by_inverse(float x, const ql_quantize *s)
{
    int32_t zero = (int32_t)s->channels.zero[0];
    float y = x * s->inverse, low = (float)(s->lowest - zero), high = (float)(s->highest - zero);
    y = y < high ? y : high;
    return (int32_t)rintf(y > low ? y : low) + zero;
}

static int32_t from_q(int32_t q, const ql_quantize *s, ql_rounding rounding)
{
    if (s->factor) {
        int32_t y = (((q - s->in_zero) * s->factor + 128) >> 8) + (int32_t)s->channels.zero[0];
        return ql_clamp(y, s->lowest, s->highest);
    }
    int32_t scaled = ql_mul32(ql_wrap_sub(q, s->in_zero), s->by, rounding);
    return ql_clamp(ql_wrap_add(scaled, (int32_t)s->channels.zero[0]), s->lowest, s->highest);
}

#define FROM_FLOAT(type)                                                                                     \
    for (size_t i = 0; i < n; i++) {                                                                         \
        ((type *)y)[at + i] =                                                                                \
            (type)ql_clamp(from_float(x[at + i], scale, zero, even), s->lowest, s->highest);                 \
    }

static void pack_small(const ql_quantize *s, const float *x, size_t n, float scale, int32_t zero, bool even,
                       uint8_t *y)
{
    memset(y, 0, (n + 1) / 2);
    for (size_t i = 0; i < n; i++) {
        int32_t q = ql_clamp(from_float(x[i], scale, zero, even), s->lowest, s->highest);
        y[i / 2] |= (uint8_t)((q & 15) << (i % 2 * 4));
    }
}

/* On the exec's instruction set; false when that has no kernel for it. */
static bool run_fast(const ql_call *c, size_t at, size_t n, float scale, int32_t zero)
{
    const ql_quantize *s = c->state;
    ql_type type = c->out[0]->type;
    size_t element = type == QL_I16 ? sizeof(int16_t) : 1;
    ql_quantize_fn kernel = type == QL_I16                   ? c->isa->quantize_16
                            : type == QL_I8 || type == QL_U8 ? c->isa->quantize_8
                                                             : NULL;
    if (kernel) {
        kernel(&(ql_to_integers){.x = (const float *)c->in[0]->data + at,
                                 .n = n,
                                 .y = (char *)c->out[0]->data + at * element,
                                 .scale = scale,
                                 .divide = true,
                                 .even = c->numerics->quantize_ties_to_even,
                                 .zero = zero,
                                 .low = s->lowest,
                                 .high = s->highest});
    }
    return kernel != NULL;
}

static void run_channel(const ql_call *c, size_t at, size_t n, float scale, int32_t zero)
{
    const ql_quantize *s = c->state;
    const float *x = c->in[0]->data;
    void *y = c->out[0]->data;
    bool even = c->numerics->quantize_ties_to_even;
    if (run_fast(c, at, n, scale, zero)) {
        return;
    }
    switch (c->out[0]->type) {
    case QL_I8:
        FROM_FLOAT(int8_t)
        return;
    case QL_U8:
        FROM_FLOAT(uint8_t)
        return;
    case QL_I16:
        FROM_FLOAT(int16_t)
        return;
    default:
        pack_small(s, x, n, scale, zero, even, y);
    }
}

static ql_code run_f32_inverse(const ql_call *c)
{
    const ql_quantize *s = c->state;
    const float *x = c->in[0]->data;
    uint8_t *y = c->out[0]->data;
    for (size_t i = 0; i < c->out[0]->count; i++) {
        y[i] = (uint8_t)by_inverse(x[i], s);
    }
    return QL_OK;
}

static ql_code run_f32(const ql_call *c)
{
    const ql_channels *by = &((const ql_quantize *)c->state)->channels;
    for (size_t run = 0; run < by->outer * by->channels; run++) {
        size_t channel = run % by->channels;
        run_channel(c, run * by->inner, by->inner, by->scale[channel], (int32_t)by->zero[channel]);
    }
    return QL_OK;
}

#define TO(type)                                                                                             \
    for (size_t i = 0; i < c->in[0]->count; i++) {                                                           \
        ((type *)y)[i] = (type)from_q(x[i], s, rounding);                                                    \
    }                                                                                                        \
    return QL_OK;

#define REQUANTIZE(name, in_type)                                                                            \
    static ql_code name(const ql_call *c)                                                                    \
    {                                                                                                        \
        const ql_quantize *s = c->state;                                                                     \
        ql_rounding rounding = c->numerics->rounding;                                                        \
        const in_type *x = c->in[0]->data;                                                                   \
        void *y = c->out[0]->data;                                                                           \
        switch (c->out[0]->type) {                                                                           \
        case QL_I8:                                                                                          \
            TO(int8_t)                                                                                       \
        case QL_U8:                                                                                          \
            TO(uint8_t)                                                                                      \
        case QL_I16:                                                                                         \
            TO(int16_t)                                                                                      \
        default:                                                                                             \
            TO(int32_t)                                                                                      \
        }                                                                                                    \
    }

/* 8 bits to 8 bits: worked out once for each value. */
#define REQUANTIZE_BYTES(name, in_type, others)                                                              \
    static ql_code name(const ql_call *c)                                                                    \
    {                                                                                                        \
        const ql_quantize *s = c->state;                                                                     \
        uint8_t table[256];                                                                                  \
        bool bytes = c->out[0]->type == QL_I8 || c->out[0]->type == QL_U8;                                   \
        if (!bytes || c->in[0]->count < QL_MANY_BYTES) {                                                     \
            return others(c);                                                                                \
        }                                                                                                    \
        for (int i = 0; i < 256; i++) {                                                                      \
            table[i] = (uint8_t)from_q((in_type)i, s, c->numerics->rounding);                                \
        }                                                                                                    \
        ql_lookup(c->isa, table, c->in[0]->data, c->out[0]->data, c->in[0]->count);                          \
        return QL_OK;                                                                                        \
    }

REQUANTIZE(any_i8, int8_t)
REQUANTIZE(any_u8, uint8_t)
REQUANTIZE_BYTES(run_i8, int8_t, any_i8)
REQUANTIZE_BYTES(run_u8, uint8_t, any_u8)
REQUANTIZE(run_i16, int16_t)
REQUANTIZE(run_i32, int32_t)

static bool types_fit(ql_type in, ql_type out)
{
    switch (in) {
    case QL_F32:
        return out == QL_I8 || out == QL_U8 || out == QL_I16 || out == QL_I4 || out == QL_U4;
    case QL_I16:
        return out == QL_I8 || out == QL_I16 || out == QL_I32;
    case QL_I32:
        return out == QL_I8 || out == QL_I16;
    default:
        return out == QL_I8 || out == QL_U8 || out == QL_I16;
    }
}

static ql_code prepare_rescale(ql_call *c, ql_quantize *s)
{
    ql_channels in;
    if (!c->in[0]->tensor->quant.scale_count) {
        return QL_OK; /* the reference takes the missing scale for 0: every output is the zero point */
    }
    const char *fault = ql_channels_of(c->in[0], c->in[0], &in);
    if (fault || in.channels > 1 || s->channels.channels > 1) {
        return ql_fail_in(c, 0, QL_E_FORMAT, "%s",
                          fault ? fault : "integers with several scales: one for all is required");
    }
    s->in_zero = (int32_t)in.zero[0];
    s->by = ql_quantize_multiplier((double)in.scale[0] / (double)s->channels.scale[0]);
    if (s->by.shift > 30) {
        return ql_fail_out(c, 0, QL_E_FORMAT, "input scale / output scale is %g: too large to rescale by",
                           (double)in.scale[0] / (double)s->channels.scale[0]);
    }
    if (c->in[0]->type == QL_I16 && c->out[0]->type == QL_I16 && (s->in_zero || s->channels.zero[0])) {
        return ql_fail_out(c, 0, QL_E_FORMAT, "int16 to int16 with zero points %d and %d: both must be 0",
                           (int)s->in_zero, (int)s->channels.zero[0]);
    }
    float ratio = in.scale[0] / s->channels.scale[0];
    bool taken =
        c->in[0]->type == c->out[0]->type && c->in[0]->type != QL_I16 && ratio >= 0x1p-8f && ratio <= 128;
    s->factor = c->numerics->rescale_8_bits && taken ? (int32_t)lrintf(256 * ratio) : 0;
    return QL_OK;
}

static void prepare_inverse(ql_call *c, ql_quantize *s)
{
    ql_type type = c->out[0]->type;
    if (c->numerics->quantize_by_inverse && (type == QL_I8 || type == QL_U8) && s->channels.channels == 1) {
        s->inverse = 1 / s->channels.scale[0];
        c->run = run_f32_inverse;
    }
}

static ql_code prepare(ql_call *c)
{
    ql_view *x = c->in[0], *y = c->out[0];
    if (!types_fit(x->type, y->type)) {
        return ql_fail_out(c, 0, QL_E_UNSUPPORTED, "from type %s to type %s: no kernel for it",
                           ql_type_name(x->type), ql_type_name(y->type));
    }
    ql_quantize *s = ql_state(c, sizeof *s);
    if (!s) {
        return QL_E_NOMEM;
    }
    const char *fault = ql_channels_of(y, x, &s->channels);
    for (size_t i = 0; !fault && i < s->channels.channels; i++) {
        fault = isnormal(s->channels.scale[i]) ? NULL : "a scale of 0 or nearly: must be positive";
    }
    if (fault || (s->channels.channels > 1 && ql_type_bits(y->type) < 8)) {
        return ql_fail_out(c, 0, QL_E_FORMAT, "%s",
                           fault ? fault : "4 bits with several scales: must be one");
    }
    ql_type_range(y->type, &s->lowest, &s->highest);
    ql_code code = ql_shape_like(c, 0, x);
    if (!code && c->slot == QL_S_F32) {
        prepare_inverse(c, s);
        return QL_OK;
    }
    return code ? code : prepare_rescale(c, s);
}

const ql_op ql_op_quantize = {
    .name = "QUANTIZE",
    .code = 114,
    .max_version = 6,
    .options_id = 89,
    .min_in = 1,
    .max_in = 1,
    .min_out = 1,
    .max_out = 1,
    .prepare = prepare,
    .run = {[QL_S_F32] = run_f32,
            [QL_S_I8] = run_i8,
            [QL_S_U8] = run_u8,
            [QL_S_I16] = run_i16,
            [QL_S_I32] = run_i32},
    .quant = {.kind = QL_Q_FREE, .no_i8 = true, .no_i16 = true},
};
