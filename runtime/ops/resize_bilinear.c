/* RESIZE_BILINEAR: an image in another size, each pixel between the four around its place.
 *
 *   in 0   x     [N, H, W, C]  f32 | i8 | u8 | i16
 *   in 1   size  i32 [2]: height, width      out 0  y  type of x
 *
 * Options: align_corners (the outer pixels stay), half_pixel_centers; not both. float and uint8 in float32,
 * uint8 with 0.5 added and cut. int8 and int16 with positions in 1/1024 pixels, rounded half away from zero.
 * Source: TFLite reference_ops::ResizeBilinear, ResizeBilinearInteger. docs/numerics.md "RESIZE_BILINEAR".
 */
#include "runtime/ops/common/resize.h"

#include <math.h>

enum { SKIP_HEIGHT, SKIP_WIDTH, ALIGN_CORNERS, HALF_PIXEL_CENTERS };
enum { UNIT = 1024, UNIT_11 = 2048 };

/* A place along one side: two pixels, and how far from the first towards the second. */
typedef struct {
    int32_t low, high;
    int32_t part; /* of UNIT or UNIT_11 */
    float fraction;
} ql_tap2;

typedef struct {
    ql_tap2 *rows, *columns;
    ql_blend_place *places; /* columns, as the kernels of rows have them */
} ql_bilinear;

static ql_tap2 float_place(int32_t at, float scale, bool half, int32_t in)
{
    float place = half ? ((float)at + 0.5f) * scale - 0.5f : (float)at * scale;
    ql_tap2 tap = {ql_clamp((int32_t)floorf(place), 0, in - 1), ql_clamp((int32_t)ceilf(place), 0, in - 1), 0,
                   0};
    tap.fraction = place - (float)tap.low;
    return tap;
}

static ql_tap2 fixed_place(int32_t at, int32_t scale, bool half, int32_t in)
{
    int64_t place = (int64_t)at * scale + (half ? scale / 2 - UNIT / 2 : 0);
    int32_t low = (int32_t)(place / UNIT), high = (int32_t)((place + UNIT - 1) / UNIT);
    ql_tap2 tap = {ql_clamp(low, 0, in - 1), ql_clamp(high, 0, in - 1), 0, 0};
    tap.part = (int32_t)(place - (int64_t)tap.low * UNIT);
    return tap;
}

static ql_tap2 place_11(int32_t at, float scale, bool half, int32_t in)
{
    float offset = half ? 0.5f * scale - 0.5f : 0.0f;
    float place = fminf(fmaxf((float)at * scale + offset, 0.0f), (float)(in - 1));
    int32_t low = (int32_t)place;
    return (ql_tap2){low, low + 1 < in ? low + 1 : low, (int32_t)lrintf((place - (float)low) * UNIT_11), 0};
}

static bool is_11_bits(const ql_call *c)
{
    return c->numerics->bilinear_11_bits && (c->slot == QL_S_I8 || c->slot == QL_S_U8);
}

static ql_tap2 *places(ql_call *c, int32_t in, int32_t out)
{
    bool align = ql_opt_bool(c->options, ALIGN_CORNERS) && out > 1;
    bool half = ql_opt_bool(c->options, HALF_PIXEL_CENTERS);
    bool fixed = c->slot == QL_S_I8 || c->slot == QL_S_I16;
    int32_t from = align ? in - 1 : in, to = align ? out - 1 : out;
    ql_tap2 *taps = ql_plan_take(c, (size_t)out, sizeof *taps);
    for (int32_t i = 0; taps && i < out; i++) {
        taps[i] = is_11_bits(c) ? place_11(i, (float)from / (float)to, half, in)
                  : fixed       ? fixed_place(i, (UNIT * from + to / 2) / to, half, in)
                                : float_place(i, (float)from / (float)to, half, in);
    }
    return taps;
}

static float between(float p00, float p10, float p01, float p11, ql_tap2 y, ql_tap2 x)
{
    float fy = y.fraction, fx = x.fraction;
    return p00 * (1 - fy) * (1 - fx) + p10 * fy * (1 - fx) + p01 * (1 - fy) * fx + p11 * fy * fx;
}

static int32_t between_fixed(int32_t p00, int32_t p10, int32_t p01, int32_t p11, ql_tap2 y, ql_tap2 x)
{
    int64_t sum = (int64_t)p00 * (UNIT - y.part) * (UNIT - x.part) + (int64_t)p10 * y.part * (UNIT - x.part) +
                  (int64_t)p01 * (UNIT - y.part) * x.part + (int64_t)p11 * y.part * x.part;
    return (int32_t)((sum + (sum > 0 ? 1 << 19 : -(1 << 19))) / (1 << 20));
}

static int32_t between_11(int32_t p00, int32_t p10, int32_t p01, int32_t p11, ql_tap2 y, ql_tap2 x)
{
    int32_t top = p00 * UNIT_11 + (p01 - p00) * x.part, bottom = p10 * UNIT_11 + (p11 - p10) * x.part;
    return (top * UNIT_11 + (bottom - top) * y.part + (1 << 21)) >> 22;
}

#define RESIZE(name, type, value)                                                                            \
    static ql_code name(const ql_call *c)                                                                    \
    {                                                                                                        \
        const ql_bilinear *s = c->state;                                                                     \
        const int32_t *in = c->in[0]->dims, *out = c->out[0]->dims;                                          \
        size_t depth = (size_t)in[3], line = (size_t)in[2] * depth;                                          \
        type *y = c->out[0]->data;                                                                           \
        for (size_t row = 0; row < (size_t)out[0] * (size_t)out[1]; row++) {                                 \
            ql_tap2 v = s->rows[row % (size_t)out[1]];                                                       \
            const type *image = (const type *)c->in[0]->data + row / (size_t)out[1] * (size_t)in[1] * line;  \
            const type *low = image + (size_t)v.low * line, *high = image + (size_t)v.high * line;           \
            for (int32_t column = 0; column < out[2]; column++, y += depth) {                                \
                ql_tap2 h = s->columns[column];                                                              \
                size_t left = (size_t)h.low * depth, right = (size_t)h.high * depth;                         \
                for (size_t k = 0; k < depth; k++) {                                                         \
                    type p00 = low[left + k], p10 = high[left + k], p01 = low[right + k],                    \
                         p11 = high[right + k];                                                              \
                    y[k] = (type)(value);                                                                    \
                }                                                                                            \
            }                                                                                                \
        }                                                                                                    \
        return QL_OK;                                                                                        \
    }

RESIZE(run_f32, float, between(p00, p10, p01, p11, v, h) + 0.0f)
RESIZE(run_u8, uint8_t, ql_clamp((int32_t)(between(p00, p10, p01, p11, v, h) + 0.5f), 0, 255))
RESIZE(run_i8, int8_t, between_fixed(p00, p10, p01, p11, v, h))
RESIZE(run_i16, int16_t, between_fixed(p00, p10, p01, p11, v, h))
RESIZE(run_i8_11, int8_t, between_11(p00, p10, p01, p11, v, h))
RESIZE(run_u8_11, uint8_t, between_11(p00, p10, p01, p11, v, h))

/* As run_i8, on the exec's instruction set. */
static ql_code run_i8_fast(const ql_call *c)
{
    const ql_bilinear *s = c->state;
    const int32_t *in = c->in[0]->dims, *out = c->out[0]->dims;
    size_t depth = (size_t)in[3], line = (size_t)in[2] * depth, lines = (size_t)out[0] * (size_t)out[1];
    int8_t *y = c->out[0]->data;
    for (size_t row = 0; row < lines; row++) {
        ql_tap2 v = s->rows[row % (size_t)out[1]];
        const int8_t *image = (const int8_t *)c->in[0]->data + row / (size_t)out[1] * (size_t)in[1] * line;
        const int8_t *low = image + (size_t)v.low * line, *high = image + (size_t)v.high * line;
        for (int32_t column = 0; column < out[2]; column++, y += depth) {
            ql_tap2 h = s->columns[column];
            size_t left = (size_t)h.low * depth, right = (size_t)h.high * depth;
            c->isa->blend_i8(&(ql_blend){.x = {low + left, high + left, low + right, high + right},
                                         .w = {(UNIT - v.part) * (UNIT - h.part), v.part * (UNIT - h.part),
                                               (UNIT - v.part) * h.part, v.part * h.part},
                                         .n = depth,
                                         .y = y});
        }
    }
    return QL_OK;
}

/* As run_f32 and run_u8: what a line's pixels weigh in a row is the same in all its columns. */
static ql_code run_floats_fast(const ql_call *c)
{
    const ql_bilinear *s = c->state;
    const int32_t *in = c->in[0]->dims, *out = c->out[0]->dims;
    size_t depth = (size_t)in[3], line = (size_t)in[2] * depth, lines = (size_t)out[0] * (size_t)out[1];
    bool bytes = c->slot == QL_S_U8;
    size_t element = bytes ? 1 : sizeof(float), row_bytes = (size_t)out[2] * depth * element;
    ql_scale_fn scale = bytes ? c->isa->scale_u8 : c->isa->scale_f32;
    float *top = c->scratch, *bottom = top + line + QL_BLOCK;
    for (size_t row = 0; row < lines; row++) {
        ql_tap2 v = s->rows[row % (size_t)out[1]];
        const char *image =
            (const char *)c->in[0]->data + row / (size_t)out[1] * (size_t)in[1] * line * element;
        scale(image + (size_t)v.low * line * element, 1 - v.fraction, top, line);
        scale(image + (size_t)v.high * line * element, v.fraction, bottom, line);
        (bytes ? c->isa->blend_row_u8
               : c->isa->blend_row_f32)(&(ql_blend_row){.top = top,
                                                        .bottom = bottom,
                                                        .places = s->places,
                                                        .pixels = (size_t)out[2],
                                                        .depth = depth,
                                                        .y = (char *)c->out[0]->data + row * row_bytes});
    }
    return QL_OK;
}

/* Whole lines are weighed, so that they should not be much longer than those that are made. */
static ql_code prepare_floats(ql_call *c, ql_bilinear *s)
{
    enum { LONGER = 4 };
    size_t in = (size_t)c->in[0]->dims[2], out = (size_t)c->out[0]->dims[2],
           depth = (size_t)c->in[0]->dims[3];
    if (!c->isa->blend_row_f32 || in > LONGER * out) {
        return QL_OK;
    }
    s->places = ql_plan_take(c, out, sizeof *s->places);
    for (size_t i = 0; s->places && i < out; i++) {
        ql_tap2 h = s->columns[i];
        s->places[i] =
            (ql_blend_place){(size_t)h.low * depth, (size_t)h.high * depth, 1 - h.fraction, h.fraction};
    }
    c->scratch_bytes = 2 * (in * depth + QL_BLOCK) * sizeof(float);
    c->run = run_floats_fast;
    return s->places ? QL_OK : QL_E_NOMEM;
}

/* Do int32 hold the sums, as they nearly always do? Rounded scales can lead far beyond the last pixel. */
static bool parts_small(const ql_tap2 *taps, int32_t count)
{
    bool small = true;
    for (int32_t i = 0; i < count; i++) {
        small &= taps[i].part >= -UNIT && taps[i].part <= UNIT;
    }
    return small;
}

static ql_code prepare(ql_call *c)
{
    ql_code code = ql_resize_prepare(c);
    if (code || c->deferred) {
        return code;
    }
    if (ql_opt_bool(c->options, ALIGN_CORNERS) && ql_opt_bool(c->options, HALF_PIXEL_CENTERS)) {
        return ql_fail_op(c, QL_E_FORMAT, "align_corners and half_pixel_centers: at most one is allowed");
    }
    ql_bilinear *s = ql_state(c, sizeof *s);
    if (!s) {
        return QL_E_NOMEM;
    }
    s->rows = places(c, c->in[0]->dims[1], c->out[0]->dims[1]);
    s->columns = places(c, c->in[0]->dims[2], c->out[0]->dims[2]);
    if (is_11_bits(c)) {
        c->run = c->slot == QL_S_I8 ? run_i8_11 : run_u8_11;
    }
    if (!s->rows || !s->columns) {
        return QL_E_NOMEM;
    }
    bool fast = c->slot == QL_S_I8 && !is_11_bits(c) && c->isa->blend_i8;
    if (fast && parts_small(s->rows, c->out[0]->dims[1]) && parts_small(s->columns, c->out[0]->dims[2])) {
        c->run = run_i8_fast;
    }
    bool floats = c->slot == QL_S_F32 || (c->slot == QL_S_U8 && !is_11_bits(c));
    return floats ? prepare_floats(c, s) : QL_OK;
}

const ql_op ql_op_resize_bilinear = {
    .name = "RESIZE_BILINEAR",
    .code = 23,
    .max_version = 4,
    .options_id = 15,
    .min_in = 2,
    .max_in = 2,
    .min_out = 1,
    .max_out = 1,

    .prepare = prepare,
    .run = {[QL_S_F32] = run_f32, [QL_S_I8] = run_i8, [QL_S_U8] = run_u8, [QL_S_I16] = run_i16},
    .quant = {.kind = QL_Q_SAME},
};
