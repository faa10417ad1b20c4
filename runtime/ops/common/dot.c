#include "runtime/ops/common/dot.h"

#include <string.h>

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

void ql_lanes_f32(ql_sums *sums, const void *x, int lanes, const void *packed, int32_t zero)
{
    const float *in = x, *w = packed;
    (void)zero;
    for (int lane = 0; lane < lanes; lane++) {
        sums->f32[lane] += in[lane] * w[lane];
    }
}

/* Whole blocks get a loop of known length. */
#define LANES(name, in_type, sum_type, unsigned_type, member)                                                \
    void name(ql_sums *sums, const void *x, int lanes, const void *packed, int32_t zero)                     \
    {                                                                                                        \
        const in_type *in = x;                                                                               \
        const int16_t *w = packed;                                                                           \
        if (lanes == QL_LANES) {                                                                             \
            for (int lane = 0; lane < QL_LANES; lane++) {                                                    \
                sums->member[lane] = (sum_type)((unsigned_type)sums->member[lane] +                          \
                                                (unsigned_type)(sum_type)((in[lane] - zero) * w[lane]));     \
            }                                                                                                \
            return;                                                                                          \
        }                                                                                                    \
        for (int lane = 0; lane < lanes; lane++) {                                                           \
            sums->member[lane] = (sum_type)((unsigned_type)sums->member[lane] +                              \
                                            (unsigned_type)(sum_type)((in[lane] - zero) * w[lane]));         \
        }                                                                                                    \
    }

LANES(ql_lanes_i8, int8_t, int32_t, uint32_t, i32)
LANES(ql_lanes_u8, uint8_t, int32_t, uint32_t, i32)
LANES(ql_lanes_i16, int16_t, int64_t, uint64_t, i64)
LANES(ql_lanes_i16_i32, int16_t, int32_t, uint32_t, i32)

void ql_dot_scaled(ql_sums *sums, const int8_t *x, int terms, const int16_t *packed, int32_t zero,
                   const float *scales, float x_scale)
{
    for (int k = 0; k < terms; k++, packed += QL_LANES) {
        int32_t value = x[k] - zero;
        for (int lane = 0; lane < QL_LANES; lane++) {
            sums->f32[lane] += (float)(value * packed[lane]) * scales[lane] * x_scale;
        }
    }
}

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

static size_t packed_element(ql_type type)
{
    return type == QL_F32 ? sizeof(float) : sizeof(int16_t);
}

size_t ql_packed_block_bytes(ql_type type, const ql_layout *layout)
{
    return (size_t)layout->runs * (size_t)layout->terms * QL_LANES * packed_element(type);
}

size_t ql_packed_bytes(ql_type type, const ql_layout *layout)
{
    return (size_t)ql_blocks(layout->outputs) * ql_packed_block_bytes(type, layout);
}

static void pack_run(void *packed, size_t to, const ql_view *weights, size_t from, const ql_layout *layout,
                     int32_t weight_zero)
{
    for (int t = 0; t < layout->terms; t++, from += layout->term, to += QL_LANES) {
        if (weights->type == QL_F32) {
            ((float *)packed)[to] = ((const float *)weights->data)[from];
        } else if (weights->type == QL_I16) {
            ((int16_t *)packed)[to] = ((const int16_t *)weights->data)[from];
        } else {
            ((int16_t *)packed)[to] = (int16_t)(ql_small_int(weights, from) - weight_zero);
        }
    }
}

void ql_pack(void *packed, const ql_view *weights, const ql_layout *layout, int32_t weight_zero)
{
    size_t terms = (size_t)layout->runs * (size_t)layout->terms;
    memset(packed, 0, ql_packed_bytes(weights->type, layout));
    for (int o = 0; o < layout->outputs; o++) {
        size_t to = (size_t)(o / QL_LANES) * QL_LANES * terms + (size_t)(o % QL_LANES);
        size_t from = layout->first + (size_t)o * layout->output;
        for (int r = 0; r < layout->runs; r++) {
            pack_run(packed, to, weights, from, layout, weight_zero);
            from += layout->run;
            to += (size_t)layout->terms * QL_LANES;
        }
    }
}

void *ql_pack_rows(ql_call *c, const ql_view *weights, size_t first_row, int outputs, int terms,
                   int32_t weight_zero)
{
    ql_layout layout = {.first = first_row * (size_t)terms,
                        .output = (size_t)terms,
                        .term = 1,
                        .outputs = outputs,
                        .runs = 1,
                        .terms = terms};
    void *packed = ql_plan_take(c, ql_packed_bytes(weights->type, &layout), 1);
    if (packed) {
        ql_pack(packed, weights, &layout, weight_zero);
    }
    return packed;
}
