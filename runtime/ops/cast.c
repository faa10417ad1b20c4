/* CAST: the same numbers in another type. Scales play no part.
 *
 *   in 0   x  f32 | f64 | f16 | bf16 | c64 | i8 | u8 | i16 | u16 | i32 | u32 | i64 | bool | i4, i2, u4
 *   out 0  y  any of these; i4, i2 and u4 only from and to f32
 *
 * Floats are cut towards zero; to bool, all but 0 is true; of a complex number the real part counts; to a
 * narrower integer the low bits remain. Floats outside the integer's range are as scalar x86 code of TF 2.21
 * has them: float32 saturates to u8 and i16 (NaN is 0) and to i32 (NaN is the largest); all else goes to
 * int32, or int64 for u32 and i64, where it becomes the lowest, and keeps the low bits. (TF's own vector code
 * differs from its scalar code for i8, u16 and u32 there.) Sub-byte integers saturate.
 * Source: TFLite kernels/cast.cc. docs/numerics.md "Traps".
 */
#include "runtime/ops/common/dot.h"
#include "runtime/tensor/half.h"

#include <math.h>
#include <string.h>

enum { BLOCK = 256 };

/* Values on their way: integers, float32, or what is wider or narrower than that. */
typedef enum { AS_I64, AS_F32, AS_F64 } ql_cast_kind;

typedef union {
    int64_t i[BLOCK];
    float f[BLOCK];
    double d[BLOCK];
} ql_cast_block;

static int32_t to_i32(double x)
{
    return x > -2147483649.0 && x < 2147483648.0 ? (int32_t)x : INT32_MIN;
}

static int64_t to_i64(double x)
{
    return x >= -0x1p63 && x < 0x1p63 ? (int64_t)x : INT64_MIN;
}

/* Cut to an integer between the bounds; NaN becomes `nan`. */
static int32_t saturated(float x, int32_t lowest, int32_t highest, int32_t nan)
{
    if (isnan(x)) {
        return nan;
    }
    double wide = (double)x;
    return wide <= lowest ? lowest : wide >= highest ? highest : (int32_t)wide;
}

#define LOAD(type, member, value)                                                                            \
    for (size_t k = 0; k < n; k++) {                                                                         \
        type v = ((const type *)x->data)[at + k];                                                            \
        block->member[k] = (value);                                                                          \
    }                                                                                                        \
    break;

/* Reads n elements from `at` on; says as what. */
static ql_cast_kind load(const ql_view *x, size_t at, size_t n, ql_cast_block *block)
{
    switch (x->type) {
    case QL_F32:
        memcpy(block->f, (const float *)x->data + at, n * sizeof(float));
        return AS_F32;
    case QL_C64:
        for (size_t k = 0; k < n; k++) {
            block->f[k] = ((const float *)x->data)[2 * (at + k)];
        }
        return AS_F32;
    case QL_F64:
        memcpy(block->d, (const double *)x->data + at, n * sizeof(double));
        return AS_F64;
    case QL_F16:
        for (size_t k = 0; k < n; k++) {
            block->d[k] = (double)ql_f16_to_f32(((const uint16_t *)x->data)[at + k]);
        }
        return AS_F64;
    case QL_BF16:
        for (size_t k = 0; k < n; k++) {
            block->d[k] = (double)ql_bf16_to_f32(((const uint16_t *)x->data)[at + k]);
        }
        return AS_F64;
    case QL_I4:
    case QL_I2:
    case QL_U4:
        for (size_t k = 0; k < n; k++) {
            block->i[k] = ql_small_int(x, at + k);
        }
        return AS_I64;
    case QL_I8:
        LOAD(int8_t, i, v)
    case QL_U8:
        LOAD(uint8_t, i, v)
    case QL_BOOL:
        LOAD(uint8_t, i, v != 0)
    case QL_I16:
        LOAD(int16_t, i, v)
    case QL_U16:
        LOAD(uint16_t, i, v)
    case QL_I32:
        LOAD(int32_t, i, v)
    case QL_U32:
        LOAD(uint32_t, i, v)
    default:
        LOAD(int64_t, i, v)
    }
    return AS_I64;
}

#define STORE(type, from_int, from_f32, from_f64)                                                            \
    for (size_t k = 0; k < n; k++) {                                                                         \
        type *to = (type *)y->data + at + k;                                                                 \
        if (kind == AS_I64) {                                                                                \
            int64_t v = block->i[k];                                                                         \
            *to = (type)(from_int);                                                                          \
        } else if (kind == AS_F32) {                                                                         \
            float v = block->f[k];                                                                           \
            *to = (type)(from_f32);                                                                          \
        } else {                                                                                             \
            double v = block->d[k];                                                                          \
            *to = (type)(from_f64);                                                                          \
        }                                                                                                    \
    }                                                                                                        \
    break;

/* The low bits of what x86 makes of a float. */
#define STORE_LOW(type, convert) STORE(type, v, convert((double)v), convert(v))

static void store_float(const ql_view *y, size_t at, size_t n, const ql_cast_block *block, ql_cast_kind kind)
{
    switch (y->type) {
    case QL_F32:
        STORE(float, v, v, v)
    case QL_F64:
        STORE(double, v, v, v)
    case QL_F16:
        STORE(uint16_t, ql_f32_to_f16((float)v), ql_f32_to_f16(v), ql_f32_to_f16((float)v))
    case QL_BF16:
        STORE(uint16_t, ql_f32_to_bf16((float)v), ql_f32_to_bf16(v), ql_f32_to_bf16((float)v))
    default:
        for (size_t k = 0; k < n; k++) {
            float *to = (float *)y->data + 2 * (at + k);
            to[0] = kind == AS_I64 ? (float)block->i[k] : kind == AS_F32 ? block->f[k] : (float)block->d[k];
            to[1] = 0;
        }
    }
}

/* From float32 alone. */
static void store_small(const ql_view *y, size_t at, size_t n, const float *values)
{
    int bits = ql_type_bits(y->type), per_byte = 8 / bits;
    int32_t lowest, highest;
    ql_type_range(y->type, &lowest, &highest);
    for (size_t k = at; k < at + n; k++) {
        int place = (int)(k % (size_t)per_byte) * bits;
        uint8_t *to = (uint8_t *)y->data + k / (size_t)per_byte;
        int32_t value = saturated(values[k - at], lowest, highest, highest);
        *to = (uint8_t)((place ? *to : 0) | (value & ((1 << bits) - 1)) << place);
    }
}

static void store(const ql_view *y, size_t at, size_t n, const ql_cast_block *block, ql_cast_kind kind)
{
    switch (y->type) {
    case QL_BOOL:
        STORE(uint8_t, v != 0, v != 0, v != 0)
    case QL_I8:
        STORE_LOW(int8_t, to_i32)
    case QL_U8:
        STORE(uint8_t, v, saturated(v, 0, UINT8_MAX, 0), to_i32(v))
    case QL_I16:
        STORE(int16_t, v, saturated(v, INT16_MIN, INT16_MAX, 0), to_i32(v))
    case QL_U16:
        STORE_LOW(uint16_t, to_i32)
    case QL_I32:
        STORE(int32_t, v, saturated(v, INT32_MIN, INT32_MAX, INT32_MAX), to_i32(v))
    case QL_U32:
        STORE_LOW(uint32_t, to_i64)
    case QL_I64:
        STORE_LOW(int64_t, to_i64)
    case QL_I4:
    case QL_I2:
    case QL_U4:
        store_small(y, at, n, block->f);
        break;
    default:
        store_float(y, at, n, block, kind);
    }
}

static ql_code run(const ql_call *c)
{
    const ql_view *x = c->in[0];
    ql_cast_block block;
    if (x->type == c->out[0]->type) {
        return ql_run_copy(c);
    }
    for (size_t at = 0; at < x->count; at += BLOCK) {
        size_t n = x->count - at < BLOCK ? x->count - at : BLOCK;
        store(c->out[0], at, n, &block, load(x, at, n, &block));
    }
    return QL_OK;
}

static bool sub_byte(ql_type type)
{
    return type == QL_I4 || type == QL_I2 || type == QL_U4;
}

static ql_slot pick(const ql_call *c)
{
    return sub_byte(c->in[0]->type) ? QL_S_I4 : ql_slot_of(c->in[0]->type);
}

static ql_code prepare(ql_call *c)
{
    ql_type in = c->in[0]->type, out = c->out[0]->type;
    ql_slot slot = sub_byte(out) ? QL_S_I4 : ql_slot_of(out);
    bool fits = slot < QL_S_COUNT && c->row->run[slot];
    if (!fits || (in != out && ((sub_byte(in) && out != QL_F32) || (sub_byte(out) && in != QL_F32)))) {
        return ql_fail_out(c, 0, QL_E_UNSUPPORTED, "from type %s to type %s: no kernel for it",
                           ql_type_name(in), ql_type_name(out));
    }
    return ql_shape_like(c, 0, c->in[0]);
}

const ql_op ql_op_cast = {
    .name = "CAST",
    .code = 53,
    .max_version = 9,
    .options_id = 37,
    .min_in = 1,
    .max_in = 1,
    .min_out = 1,
    .max_out = 1,
    .pick = pick,
    .prepare = prepare,
    .run = {[QL_S_F32] = run,
            [QL_S_F64] = run,
            [QL_S_F16] = run,
            [QL_S_BF16] = run,
            [QL_S_C64] = run,
            [QL_S_I8] = run,
            [QL_S_U8] = run,
            [QL_S_I16] = run,
            [QL_S_U16] = run,
            [QL_S_I32] = run,
            [QL_S_U32] = run,
            [QL_S_I64] = run,
            [QL_S_BOOL] = run,
            [QL_S_I4] = run},
    .quant = {.kind = QL_Q_NONE},
};
