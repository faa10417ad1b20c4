#include "runtime/ops/common/dot.h"

void ql_dot_f32(ql_sums *sums, const void *x, int terms, const void *packed, int32_t zero)
{
    const float *in = x, *w = packed;
    (void)zero;
    float sum[QL_LANES];
    for (int lane = 0; lane < QL_LANES; lane++) {
        sum[lane] = sums->f32[lane];
    }
    for (int k = 0; k < terms; k++, w += QL_LANES) {
        float value = in[k];
        for (int lane = 0; lane < QL_LANES; lane++) {
            sum[lane] += value * w[lane];
        }
    }
    for (int lane = 0; lane < QL_LANES; lane++) {
        sums->f32[lane] = sum[lane];
    }
}

/* Integer sums wrap as the reference's do on real machines: added as unsigned. */
#define DOT(name, in_type, sum_type, unsigned_type, member)                                                  \
    void name(ql_sums *sums, const void *x, int terms, const void *packed, int32_t zero)                     \
    {                                                                                                        \
        const in_type *in = x;                                                                               \
        const int16_t *w = packed;                                                                           \
        unsigned_type sum[QL_LANES];                                                                         \
        for (int lane = 0; lane < QL_LANES; lane++) {                                                        \
            sum[lane] = (unsigned_type)sums->member[lane];                                                   \
        }                                                                                                    \
        for (int k = 0; k < terms; k++, w += QL_LANES) {                                                     \
            int32_t value = in[k] - zero;                                                                    \
            for (int lane = 0; lane < QL_LANES; lane++) {                                                    \
                sum[lane] += (unsigned_type)(sum_type)(value * w[lane]);                                     \
            }                                                                                                \
        }                                                                                                    \
        for (int lane = 0; lane < QL_LANES; lane++) {                                                        \
            sums->member[lane] = (sum_type)sum[lane];                                                        \
        }                                                                                                    \
    }

DOT(ql_dot_i8, int8_t, int32_t, uint32_t, i32)
DOT(ql_dot_u8, uint8_t, int32_t, uint32_t, i32)
DOT(ql_dot_i16, int16_t, int64_t, uint64_t, i64)
DOT(ql_dot_i16_i32, int16_t, int32_t, uint32_t, i32)

int32_t ql_small_int(const ql_view *view, size_t k)
{
    const uint8_t *bytes = view->data;
    switch (view->type) {
    case QL_I4: {
        int nibble = bytes[k / 2] >> (k % 2 * 4) & 15;
        return nibble < 8 ? nibble : nibble - 16;
    }
    case QL_I2: {
        int pair = bytes[k / 4] >> (k % 4 * 2) & 3;
        return pair < 2 ? pair : pair - 4;
    }
    case QL_U4:
        return bytes[k / 2] >> (k % 2 * 4) & 15;
    case QL_U8:
        return bytes[k];
    default:
        return (int8_t)bytes[k];
    }
}

void *ql_pack_rows(ql_call *c, const ql_view *weights, size_t first_row, int outputs, int terms,
                   int32_t weight_zero)
{
    bool is_float = weights->type == QL_F32;
    size_t lanes = (size_t)ql_blocks(outputs) * QL_LANES;
    void *packed = ql_plan_take(c, lanes * (size_t)terms, is_float ? sizeof(float) : sizeof(int16_t));
    for (int row = 0; packed && row < outputs; row++) {
        size_t to = (size_t)(row / QL_LANES) * QL_LANES * (size_t)terms + (size_t)(row % QL_LANES);
        size_t from = (first_row + (size_t)row) * (size_t)terms;
        for (int k = 0; k < terms; k++, from++, to += QL_LANES) {
            if (is_float) {
                ((float *)packed)[to] = ((const float *)weights->data)[from];
            } else {
                ((int16_t *)packed)[to] = (int16_t)(ql_small_int(weights, from) - weight_zero);
            }
        }
    }
    return packed;
}
