#include "runtime/ops/common/meansum.h"

#include <math.h>
#include <string.h>

typedef struct {
    ql_reduce reduce; /* first: row kernels rely on it */
    ql_mult by;
    bool in_float, with_zero; /* with_zero: the output's zero point is in the bias */
    float scale, bias;
} ql_meansum;

QL_REDUCE_ROW(row_i8, int8_t, int32_t, (uint32_t)total + (uint32_t)(int32_t)x)
QL_REDUCE_ROW(row_u8, uint8_t, int32_t, (uint32_t)total + (uint32_t)x)
QL_REDUCE_ROW(row_i16, int16_t, int32_t, (uint32_t)total + (uint32_t)(int32_t)x)

static int32_t rescaled(const ql_call *c, int32_t sum)
{
    const ql_meansum *s = c->state;
    if (s->with_zero) {
        return ql_round_to_i32(fminf(fmaxf((float)sum * s->scale + s->bias, INT16_MIN), INT16_MAX));
    }
    if (s->in_float) {
        return ql_wrap_add(ql_round_to_i32((float)sum * s->scale + s->bias), ql_zero(c->out[0]));
    }
    uint32_t offset = (uint32_t)ql_zero(c->in[0]) * (uint32_t)s->reduce.terms;
    int32_t scaled = ql_mul32(ql_wrap_sub(sum, (int32_t)offset), s->by, c->numerics->rounding);
    return ql_wrap_add(scaled, ql_zero(c->out[0]));
}

#define MEANSUM(name, type, row, lowest, highest)                                                            \
    ql_code name(const ql_call *c)                                                                           \
    {                                                                                                        \
        const ql_meansum *s = c->state;                                                                      \
        int32_t *sums = c->scratch;                                                                          \
        type *y = c->out[0]->data;                                                                           \
        if (!s->reduce.terms) {                                                                              \
            memset(y, 0, c->out[0]->bytes);                                                                  \
            return QL_OK;                                                                                    \
        }                                                                                                    \
        memset(sums, 0, c->out[0]->count * sizeof *sums);                                                    \
        ql_reduce_walk(c, &s->reduce, row, sums);                                                            \
        for (size_t i = 0; i < c->out[0]->count; i++) {                                                      \
            y[i] = (type)ql_clamp(rescaled(c, sums[i]), lowest, highest);                                    \
        }                                                                                                    \
        return QL_OK;                                                                                        \
    }

MEANSUM(ql_run_meansum_i8, int8_t, row_i8, INT8_MIN, INT8_MAX)
MEANSUM(ql_run_meansum_u8, uint8_t, row_u8, 0, UINT8_MAX)
MEANSUM(ql_run_meansum_i16, int16_t, row_i16, INT16_MIN, INT16_MAX)

/* The multiplier over the number of terms, with as many bits kept as fit. */
static ql_mult divided(ql_mult by, size_t terms)
{
    int shift = 0;
    while (shift < 31 && terms >> (shift + 1)) {
        shift++;
    }
    shift = shift < 31 + by.shift ? shift : 31 + by.shift;
    return (ql_mult){(int32_t)((int64_t)((uint64_t)by.m << shift) / (int64_t)terms), by.shift - shift};
}

/* What XNNPACK makes of it: one factor and one bias in float. */
static void prepare_with_zero(const ql_call *c, ql_meansum *s, bool mean)
{
    float terms = (float)s->reduce.terms;
    s->with_zero = true;
    s->scale = ql_scale(c->in[0]) / ql_scale(c->out[0]) * (mean ? 1.0f / terms : 1.0f);
    s->bias = (float)ql_zero(c->out[0]) - terms * (float)ql_zero(c->in[0]) * s->scale;
}

ql_code ql_prepare_meansum(ql_call *c, bool mean)
{
    ql_meansum *s = ql_state(c, sizeof *s);
    ql_code code = s ? ql_need_same_type(c, 0, 0) : QL_E_NOMEM;
    code = code ? code : ql_need_quant_in(c, 0);
    code = code ? code : ql_need_quant_out(c, 0);
    code = code ? code : ql_reduce_prepare(c, &s->reduce);
    if (code || c->deferred) {
        return code;
    }
    double real = (double)ql_scale(c->in[0]) / (double)ql_scale(c->out[0]);
    s->by = ql_quantize_multiplier(real);
    if (s->by.shift > 30) {
        return ql_fail_out(c, 0, QL_E_FORMAT, "input scale / output scale is %g: too large to rescale by",
                           real);
    }
    if (c->numerics->mean_in_float && c->slot != QL_S_I16 && s->reduce.terms && c->in[0]->rank &&
        c->in[1]->count) {
        prepare_with_zero(c, s, mean);
    } else if (mean && s->reduce.terms) {
        s->by = divided(s->by, s->reduce.terms);
    }
    bool own_sum = !mean && !s->with_zero;
    if (own_sum && c->numerics->sum_bytes_as_unsigned) {
        c->run = ql_run_meansum_u8;
    } else if (own_sum && c->slot != QL_S_U8 && !c->numerics->sum_fixed_point) {
        s->in_float = true;
        s->scale = ql_scale(c->in[0]) / ql_scale(c->out[0]);
        s->bias = (float)-ql_zero(c->in[0]) * s->scale * (float)s->reduce.terms;
    }
    c->scratch_bytes = c->out[0]->count * sizeof(int32_t);
    return QL_OK;
}
