/* SOFTMAX: y[i] = exp(beta * x[i]) / sum over j of exp(beta * x[j]), along the last dimension.
 *
 *   in 0   x   f32 | i8 | u8 | i16, rank 1 or more
 *   out 0  y   same type and shape; i8 and u8 inputs also give i16 (then scale 1/65536, zero point -32768)
 *
 * i8 outputs have scale 1/256 and zero point -128, i16 to i16 1/32768 and 0; u8 is computed as 1/256 and 0.
 * 8 bits: gemmlowp's exp of the difference to the row's maximum (Q5.26), sums in Q12.19; with
 * softmax_float_table a table of e^x instead. 16 bits: tables of exp on [-10, 0] and of 1/(1+x) on [0, 1].
 * Rows so long that the official sum overflows (it aborts there) are summed in 64 bits.
 * Source: TFLite reference_ops::Softmax, SoftmaxInt16, optimized_ops::Softmax. docs/numerics.md "SOFTMAX".
 */
#include "runtime/ops/common/lut.h"
#include "runtime/ops/common/softexp.h"
#include "runtime/tensor/exponential.h"

#include <float.h>
#include <math.h>

enum { BETA };

typedef struct {
    float beta, scale; /* of the output, with floats */
    int32_t zero;      /* of the output, with floats */
    union {
        ql_softexp fixed;
        float floats[QL_SOFTEXP_DIFFS]; /* by difference to the row's maximum */
        struct {
            int16_t exp[513], inverse[513];
            ql_mult rescale;
        } wide;
    } table;
} ql_softmax;

static size_t depth_of(const ql_call *c)
{
    return (size_t)ql_dim(c->in[0], -1);
}

static void row_f32(const float *x, float *y, size_t depth, float beta)
{
    float max = -FLT_MAX, sum = 0;
    for (size_t i = 0; i < depth; i++) {
        max = max < x[i] ? x[i] : max;
    }
    for (size_t i = 0; i < depth; i++) {
        y[i] = ql_exp_f32((x[i] - max) * beta);
        sum += y[i];
    }
    for (size_t i = 0; i < depth; i++) {
        y[i] /= sum;
    }
}

static ql_code run_f32(const ql_call *c)
{
    const ql_softmax *s = c->state;
    size_t depth = depth_of(c), count = c->in[0]->count;
    if (c->isa->softmax_f32 && count) {
        c->isa->softmax_f32(c->in[0]->data, c->out[0]->data, count / depth, depth, s->beta);
        return QL_OK;
    }
    for (size_t at = 0; at < count; at += depth) {
        row_f32((const float *)c->in[0]->data + at, (float *)c->out[0]->data + at, depth, s->beta);
    }
    return QL_OK;
}

static void store(const ql_call *c, size_t i, int32_t value)
{
    if (c->out[0]->type == QL_I16) {
        ((int16_t *)c->out[0]->data)[i] = (int16_t)value;
    } else {
        ((uint8_t *)c->out[0]->data)[i] = (uint8_t)value;
    }
}

/* 1 / sum with no integer bits, and the shift that brings exponential * reciprocal to `out_bits` bits. */
static int32_t reciprocal(int64_t sum, int out_bits, int *shift)
{
    int over, halvings = 0;
    for (; sum > INT32_MAX; sum >>= 1) {
        halvings++;
    }
    int32_t result = ql_fixed_reciprocal((int32_t)sum, QL_SOFTEXP_SUM_BITS, &over);
    *shift = over + halvings + 31 - out_bits;
    return result;
}

static void row_fixed(const ql_call *c, size_t at, size_t depth, uint8_t flip)
{
    const ql_softexp *s = &((const ql_softmax *)c->state)->table.fixed;
    const uint8_t *x = (const uint8_t *)c->in[0]->data + at;
    int32_t lowest, highest;
    ql_type_range(c->out[0]->type, &lowest, &highest);
    uint8_t max = ql_row_max(x, depth, flip);
    int shift;
    bool wide = c->out[0]->type == QL_I16;
    int64_t sum = ql_softexp_sum(c->isa, s, x, depth, flip, max);
    int32_t scale = reciprocal(sum, wide ? 16 : 8, &shift);
    ql_softmax_row_fn fast = wide ? c->isa->softmax_16 : c->isa->softmax_8;
    if (fast && shift <= 31) {
        fast(&(ql_softmax_row){.x = x,
                               .y = (char *)c->out[0]->data + at * (wide ? sizeof(int16_t) : 1),
                               .n = depth,
                               .is_signed = flip,
                               .max = max - flip,
                               .table = s->exponentials,
                               .scale = scale,
                               .low = lowest,
                               .high = highest,
                               .shift = shift});
        return;
    }
    for (size_t i = 0; i < depth; i++) {
        int32_t exponential = s->exponentials[max - (x[i] ^ flip)];
        int32_t y = shift <= 31 ? ql_rdivpot(ql_srdhm(scale, exponential), shift) : 0;
        store(c, at + i, ql_clamp(y + lowest, lowest, highest));
    }
}

static void row_table(const ql_call *c, size_t at, size_t depth, uint8_t flip)
{
    const ql_softmax *s = c->state;
    const uint8_t *x = (const uint8_t *)c->in[0]->data + at;
    int32_t lowest, highest;
    ql_type_range(c->out[0]->type, &lowest, &highest);
    uint8_t max = ql_row_max(x, depth, flip);
    float sum = 0;
    for (size_t i = 0; i < depth; i++) {
        sum += s->table.floats[max - (x[i] ^ flip)];
    }
    float inverse = 1.0f / (sum * s->scale);
    for (size_t i = 0; i < depth; i++) {
        float y = s->table.floats[max - (x[i] ^ flip)] * inverse;
        int32_t q = c->out[0]->type == QL_U8 ? (int32_t)(y + 0.5f) : ql_round_to_i32(y) + s->zero;
        store(c, at + i, ql_clamp(q, lowest, highest));
    }
}

static ql_code run_8(const ql_call *c)
{
    size_t depth = depth_of(c);
    uint8_t flip = c->in[0]->type == QL_I8 ? 0x80 : 0;
    for (size_t at = 0; at < c->in[0]->count; at += depth) {
        (c->numerics->softmax_float_table ? row_table : row_fixed)(c, at, depth, flip);
    }
    return QL_OK;
}

static int leading_bit(int64_t x)
{
    int bit = 0;
    while (x >>= 1) {
        bit++;
    }
    return bit;
}

/* 1 / sum from the table, sum = 2^leading * (1 + x): the table's input spans x in [0, 1]. */
static int16_t inverse_of(const ql_softmax *s, int64_t sum, int leading)
{
    int drop = leading - 16;
    int64_t sum17 = drop > 0 ? (sum + (1LL << (drop - 1))) >> drop : sum << -drop;
    return ql_lut16_at(ql_sat16((int32_t)(sum17 - (1 << 15) - (1 << 16))), s->table.wide.inverse);
}

static void scale_i16(int16_t *y, size_t depth, int64_t inverse, int leading)
{
    int64_t half = leading ? (int64_t)1 << (leading - 1) : 0;
    for (size_t i = 0; i < depth; i++) {
        y[i] = (int16_t)ql_clamp((int32_t)((y[i] * inverse + half) >> leading), 0, INT16_MAX);
    }
}

/* On the exec's instruction set, rounding twice. */
static void row_i16_fast(const ql_call *c, const int16_t *x, int16_t *y, size_t depth, int16_t max)
{
    const ql_softmax *s = c->state;
    ql_mult by = s->table.wide.rescale;
    c->isa->softmax_exp_16(&(ql_softmax_words){
        .x = x, .y = y, .n = depth, .table = s->table.wide.exp, .max = max, .m = by.m, .shift = by.shift});
    int64_t sum = 0;
    for (size_t i = 0; i < depth; i++) {
        sum += y[i];
    }
    int leading = leading_bit(sum);
    int16_t inverse = inverse_of(s, sum, leading);
    if (leading > 30) {
        scale_i16(y, depth, inverse, leading);
        return;
    }
    c->isa->softmax_scale_16(&(ql_softmax_words){.y = y, .n = depth, .m = inverse, .shift = leading});
}

static void row_i16(const ql_call *c, const int16_t *x, int16_t *y, size_t depth)
{
    const ql_softmax *s = c->state;
    int16_t max = INT16_MIN;
    for (size_t i = 0; i < depth; i++) {
        max = x[i] > max ? x[i] : max;
    }
    if (c->isa->softmax_exp_16 && s->table.wide.rescale.m >= 0 && c->numerics->rounding == QL_ROUND_DOUBLE) {
        row_i16_fast(c, x, y, depth, max);
        return;
    }
    int64_t sum = 0;
    for (size_t i = 0; i < depth; i++) {
        int32_t diff = ql_mul32(x[i] - max, s->table.wide.rescale, c->numerics->rounding);
        y[i] = ql_lut16_at(ql_sat16(ql_wrap_add(diff, INT16_MAX)), s->table.wide.exp);
        sum += y[i];
    }
    int leading = leading_bit(sum);
    scale_i16(y, depth, inverse_of(s, sum, leading), leading);
}

static ql_code run_i16(const ql_call *c)
{
    size_t depth = depth_of(c);
    for (size_t at = 0; at < c->in[0]->count; at += depth) {
        row_i16(c, (const int16_t *)c->in[0]->data + at, (int16_t *)c->out[0]->data + at, depth);
    }
    return QL_OK;
}

/* The one output quantization a type pair has, to 0.1 % as the reference allows. */
static ql_code need_out(const ql_call *c, double scale, int32_t zero)
{
    double found = (double)ql_scale(c->out[0]);
    if (ql_zero(c->out[0]) == zero && fabs(found - scale) <= 0.001 * scale) {
        return QL_OK;
    }
    return ql_fail_out(c, 0, QL_E_FORMAT, "output scale %g zero point %d: must be 1/%.0f and %d", found,
                       (int)ql_zero(c->out[0]), 1 / scale, (int)zero);
}

static void fill_float_table(const ql_call *c, ql_softmax *s)
{
    float scale = -ql_scale(c->in[0]) * s->beta;
    for (int i = 0; i < QL_SOFTEXP_DIFFS; i++) {
        s->table.floats[i] = ql_exp_f32(scale * (float)i);
    }
    s->scale = ql_scale(c->out[0]);
    s->zero = ql_zero(c->out[0]);
}

static ql_code prepare_8(const ql_call *c, ql_softmax *s)
{
    ql_type in = c->in[0]->type, out = c->out[0]->type;
    if (out != in && out != QL_I16) {
        return ql_fail_out(c, 0, QL_E_UNSUPPORTED, "type %s: must be %s or int16", ql_type_name(out),
                           ql_type_name(in));
    }
    ql_code code = ql_need_quant_in(c, 0);
    code = code || out != QL_I8 ? code : need_out(c, 1.0 / 256, -128);
    if (code || !c->numerics->softmax_float_table) {
        return code ? code : ql_softexp_fill(c, s->beta, &s->table.fixed);
    }
    if (!(ql_scale(c->out[0]) > 0)) {
        return ql_fail_out(c, 0, QL_E_FORMAT, "output scale %g: must be positive",
                           (double)ql_scale(c->out[0]));
    }
    fill_float_table(c, s);
    return QL_OK;
}

static double one_over_1px(double x)
{
    return 1.0 / (1.0 + x);
}

static ql_code prepare_i16(const ql_call *c, ql_softmax *s)
{
    ql_code code = ql_need_same_type(c, 0, 0);
    code = code ? code : ql_need_quant_in(c, 0);
    code = code ? code : need_out(c, 1.0 / 32768, 0);
    if (code) {
        return code;
    }
    const double range = 65535;
    ql_lut16_d(10 / range, INT16_MAX, 2 / range, 0, exp, s->table.wide.exp);
    ql_lut16_d(1 / range, INT16_MIN, 2 / range, 0, one_over_1px, s->table.wide.inverse);
    float scale = ql_scale(c->in[0]) * s->beta;
    if (isfinite(scale)) {
        s->table.wide.rescale = ql_quantize_multiplier((double)scale / (10.0 / 65535.0));
    }
    if (!isfinite(scale) || s->table.wide.rescale.shift > 30) {
        return ql_fail_in(c, 0, QL_E_FORMAT, "input scale times beta is %g: too large to rescale by",
                          (double)scale);
    }
    return QL_OK;
}

static ql_code prepare(ql_call *c)
{
    ql_softmax *s = ql_state(c, sizeof *s);
    if (!s) {
        return QL_E_NOMEM;
    }
    s->beta = ql_opt_f32(c->options, BETA);
    ql_code code = ql_need_rank(c, 0, 1, QL_MAX_RANK);
    code = code ? code : ql_shape_like(c, 0, c->in[0]);
    if (code) {
        return code;
    }
    return c->slot == QL_S_F32   ? ql_need_same_type(c, 0, 0)
           : c->slot == QL_S_I16 ? prepare_i16(c, s)
                                 : prepare_8(c, s);
}

const ql_op ql_op_softmax = {
    .name = "SOFTMAX",
    .code = 25,
    .max_version = 3,
    .options_id = 9,
    .min_in = 1,
    .max_in = 1,
    .min_out = 1,
    .max_out = 1,
    .prepare = prepare,
    .run = {[QL_S_F32] = run_f32, [QL_S_I8] = run_8, [QL_S_U8] = run_8, [QL_S_I16] = run_i16},
    .quant = {.kind = QL_Q_FIXED, .i8_scale = 1.0f / 256, .i8_zero = -128, .i16_scale = 1.0f / 32768},
};
