#include "runtime/ops/common/lut.h"

#include <math.h>

typedef union {
    uint8_t bytes[256];
    int16_t steps[513];
} ql_lut;

static float value_at(ql_function f, float x)
{
    return f.positive_only && x <= 0 ? f.rest : f.at(x);
}

static void fill8(const ql_call *c, ql_function f, uint8_t table[256])
{
    const ql_view *in = c->in[0], *out = c->out[0];
    float scale = ql_scale(in), inverse = 1.0f / ql_scale(out);
    int32_t zero = ql_zero(in), out_zero = ql_zero(out);
    int32_t lowest = in->type == QL_U8 ? 0 : -128, out_lowest = out->type == QL_U8 ? 0 : -128;
    for (int i = 0; i < 256; i++) {
        float value = value_at(f, scale * (float)(lowest + i - zero));
        float rescaled = value * inverse;
        rescaled = f.with_zero ? rescaled + (float)out_zero : roundf(rescaled) + (float)out_zero;
        /* what is too large for an int32 saturates here, unlike elsewhere */
        int32_t q = rescaled >= 0x1p31f ? INT32_MAX : ql_round_to_i32(rescaled);
        table[i] = (uint8_t)ql_clamp(q, out_lowest, out_lowest + 255);
    }
}

void ql_lut8(const ql_call *c, ql_unary_f32 f, uint8_t table[256])
{
    fill8(c, (ql_function){.at = f}, table);
}

void ql_lookup(const ql_isa *isa, const uint8_t table[256], const uint8_t *x, uint8_t *y, size_t n)
{
    if (isa->lookup) {
        isa->lookup(table, x, y, n);
        return;
    }
    for (size_t i = 0; i < n; i++) {
        y[i] = table[x[i]];
    }
}

void ql_lut8_apply(const ql_call *c, const uint8_t table[256])
{
    uint8_t of_bytes[256], flip = c->in[0]->type == QL_U8 ? 0 : 0x80;
    for (int i = 0; i < 256; i++) {
        of_bytes[i] = table[i ^ flip];
    }
    ql_lookup(c->isa, of_bytes, c->in[0]->data, c->out[0]->data, c->in[0]->count);
}

/* NaN becomes 0, as it does on x86. */
static int16_t step16(double value)
{
    return isnan(value) ? 0 : (int16_t)fmin(fmax(value, INT16_MIN), INT16_MAX);
}

#define LUT16(name, real, round, function, at)                                                               \
    static void name(real in_scale, int32_t in_zero, real out_scale, int32_t out_zero, function f,           \
                     int16_t table[513])                                                                     \
    {                                                                                                        \
        real in_low = in_scale * (real)(INT16_MIN - in_zero),                                                \
             in_high = in_scale * (real)(INT16_MAX - in_zero);                                               \
        real out_low = out_scale * (real)(INT16_MIN - out_zero),                                             \
             out_high = out_scale * (real)(INT16_MAX - out_zero);                                            \
        real step = (in_high - in_low) / 512, half = step / 2, inverse = 65536 / (out_high - out_low);       \
        for (int i = 0; i < 512; i++) {                                                                      \
            real here = at(f, in_low + (real)i * step), middle = at(f, in_low + (real)i * step + half);      \
            real next = at(f, in_low + (real)(i + 1) * step);                                                \
            real sample = round(here * inverse);                                                             \
            real interpolated = round((next * inverse + sample) / 2);                                        \
            real bias = round((interpolated - round(middle * inverse)) / 2);                                 \
            table[i] = step16((double)(sample - bias));                                                      \
        }                                                                                                    \
        table[512] = step16((double)(round(at(f, in_high) * inverse)));                                      \
    }

static double value_at_d(ql_unary_f64 f, double x)
{
    return f(x);
}

LUT16(fill16, float, roundf, ql_function, value_at)
LUT16(fill16_d, double, round, ql_unary_f64, value_at_d)

void ql_lut16(float in_scale, int32_t in_zero, float out_scale, int32_t out_zero, ql_unary_f32 f,
              int16_t table[513])
{
    fill16(in_scale, in_zero, out_scale, out_zero, (ql_function){.at = f}, table);
}

void ql_lut16_d(double in_scale, int32_t in_zero, double out_scale, int32_t out_zero, ql_unary_f64 f,
                int16_t table[513])
{
    fill16_d(in_scale, in_zero, out_scale, out_zero, f, table);
}

int16_t ql_lut16_at(int16_t value, const int16_t table[513])
{
    int index = 256 + (value >> 7), offset = value & 127;
    int base = table[index], slope = (int16_t)(table[index + 1] - base); /* 16 bits, so steep ones wrap */
    return (int16_t)(base + ((slope * offset + 64) >> 7));
}

void ql_lookup_16(const ql_isa *isa, const int16_t table[513], const int16_t *x, int16_t *y, size_t n)
{
    if (isa->lookup_16) {
        isa->lookup_16(table, x, y, n);
        return;
    }
    for (size_t i = 0; i < n; i++) {
        y[i] = ql_lut16_at(x[i], table);
    }
}

ql_code ql_prepare_lut_of(ql_call *c, ql_function f)
{
    ql_code code = ql_prepare_unary(c);
    code = code ? code : ql_need_quant_in(c, 0);
    code = code ? code : ql_need_quant_out(c, 0);
    ql_lut *lut = code ? NULL : ql_state(c, sizeof *lut);
    if (!lut) {
        return code ? code : QL_E_NOMEM;
    }
    if (c->slot == QL_S_I16) {
        fill16(ql_scale(c->in[0]), ql_zero(c->in[0]), ql_scale(c->out[0]), ql_zero(c->out[0]), f, lut->steps);
    } else {
        fill8(c, f, lut->bytes);
    }
    return QL_OK;
}

ql_code ql_prepare_lut(ql_call *c, ql_unary_f32 f)
{
    return ql_prepare_lut_of(c, (ql_function){.at = f});
}

ql_code ql_run_lut(const ql_call *c)
{
    const ql_lut *lut = c->state;
    if (c->slot != QL_S_I16) {
        ql_lut8_apply(c, lut->bytes);
        return QL_OK;
    }
    ql_lookup_16(c->isa, lut->steps, c->in[0]->data, c->out[0]->data, c->in[0]->count);
    return QL_OK;
}
