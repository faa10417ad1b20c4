/* The loops over eight doubles or eight floats at a time: `d8`, `s8` and their functions come from the
 * including file. d8_add_product may fuse: it is for products of floats, which a double holds exactly. */
#include "metrics/hist.h"
#include "metrics/loops.h"

#include <math.h>
#include <string.h>

static void bytes(const uint8_t *raw, size_t n, uint8_t flip, int32_t zero, float scale, float *out)
{
    size_t i = 0;
    for (; i + QL_LANES <= n; i += QL_LANES) {
        s8_store(out + i, s8_of_bytes(raw + i, flip, zero, scale));
    }
    for (; i < n; i++) {
        out[i] = scale * (float)((int32_t)(raw[i] ^ flip) - zero);
    }
}

static void words(const int16_t *raw, size_t n, int32_t zero, float scale, float *out)
{
    size_t i = 0;
    for (; i + QL_LANES <= n; i += QL_LANES) {
        s8_store(out + i, s8_of_words(raw + i, zero, scale));
    }
    for (; i < n; i++) {
        out[i] = scale * (float)((int32_t)raw[i] - zero);
    }
}

static double tree(d8 sum)
{
    double lane[QL_LANES];
    d8_store(lane, sum);
    return ((lane[0] + lane[4]) + (lane[2] + lane[6])) + ((lane[1] + lane[5]) + (lane[3] + lane[7]));
}

static double least(d8 x)
{
    double lane[QL_LANES];
    d8_store(lane, x);
    for (int i = 1; i < QL_LANES; i++) {
        lane[0] = lane[i] < lane[0] ? lane[i] : lane[0];
    }
    return lane[0] + 0.0;
}

static double least_single(s8 x)
{
    float lane[QL_LANES];
    s8_store(lane, x);
    for (int i = 1; i < QL_LANES; i++) {
        lane[0] = lane[i] < lane[0] ? lane[i] : lane[0];
    }
    return (double)lane[0] + 0.0;
}

static double most_single(s8 x)
{
    float lane[QL_LANES];
    s8_store(lane, x);
    for (int i = 1; i < QL_LANES; i++) {
        lane[0] = lane[i] > lane[0] ? lane[i] : lane[0];
    }
    return (double)lane[0] + 0.0;
}

static double most(d8 x)
{
    double lane[QL_LANES];
    d8_store(lane, x);
    for (int i = 1; i < QL_LANES; i++) {
        lane[0] = lane[i] > lane[0] ? lane[i] : lane[0];
    }
    return lane[0] + 0.0;
}

/* The last elements, `filled` up to a whole d8. */
static void tail(float to[QL_LANES], const float *x, size_t n, float fill)
{
    for (size_t i = 0; i < QL_LANES; i++) {
        to[i] = i < n ? x[i] : fill;
    }
}

typedef struct {
    d8 ff, qq, fq, e, abs_e, ee;
} sums8;

typedef struct {
    s8 min_f, max_f;
    d8 min_e, max_e;
} limits8;

static inline void add_sums(sums8 *s, d8 f, d8 q, d8 e)
{
    s->ff = d8_add_product(s->ff, f, f);
    s->qq = d8_add_product(s->qq, q, q);
    s->fq = d8_add_product(s->fq, f, q);
    s->e = d8_add(s->e, e);
    s->abs_e = d8_add(s->abs_e, d8_abs(e));
    s->ee = d8_add(s->ee, d8_mul(e, e));
}

static inline void add_limits(limits8 *s, s8 f, d8 e)
{
    s->min_f = s8_min(s->min_f, f);
    s->max_f = s8_max(s->max_f, f);
    s->min_e = d8_min(s->min_e, e);
    s->max_e = d8_max(s->max_e, e);
}

static void put_sums(ql_block_sums *out, const sums8 *s, const limits8 *limits)
{
    *out = (ql_block_sums){
        .ff = tree(s->ff),
        .qq = tree(s->qq),
        .fq = tree(s->fq),
        .e = tree(s->e),
        .abs_e = tree(s->abs_e),
        .ee = tree(s->ee),
        .min_f = least_single(limits->min_f),
        .max_f = most_single(limits->max_f),
        .min_e = least(limits->min_e),
        .max_e = most(limits->max_e),
    };
}

static void sums(const float *f, const float *q, size_t n, ql_block_sums *out)
{
    d8 zero = d8_set(0), e0 = d8_set((double)*q - (double)*f);
    sums8 s = {zero, zero, zero, zero, zero, zero};
    limits8 limits = {s8_set(*f), s8_set(*f), e0, e0};
    size_t i = 0;
    for (; i + QL_LANES <= n; i += QL_LANES) {
        s8 x = s8_of(f + i);
        d8 a = d8_of(x), b = d8_of(s8_of(q + i)), e = d8_sub(b, a);
        add_sums(&s, a, b, e);
        add_limits(&limits, x, e);
    }
    if (i < n) {
        float rest[2][QL_LANES];
        tail(rest[0], f + i, n - i, 0);
        tail(rest[1], q + i, n - i, 0);
        d8 a = d8_of(s8_of(rest[0])), b = d8_of(s8_of(rest[1]));
        add_sums(&s, a, b, d8_sub(b, a));
        tail(rest[0], f + i, n - i, *f);
        tail(rest[1], q + i, n - i, *q);
        s8 x = s8_of(rest[0]);
        add_limits(&limits, x, d8_sub(d8_of(s8_of(rest[1])), d8_of(x)));
    }
    put_sums(out, &s, &limits);
}

static void range(const float *x, size_t n, double *min, double *max)
{
    s8 low = s8_set(*x), high = low;
    size_t i = 0;
    for (; i + QL_LANES <= n; i += QL_LANES) {
        low = s8_min(low, s8_of(x + i));
        high = s8_max(high, s8_of(x + i));
    }
    if (i < n) {
        float rest[QL_LANES];
        tail(rest, x + i, n - i, *x);
        low = s8_min(low, s8_of(rest));
        high = s8_max(high, s8_of(rest));
    }
    *min = least_single(low);
    *max = most_single(high);
}

/* A scale below 1 can bring a float below the least there is; a double holds the product always. */
static inline void slots8(const float *x, double scale, uint16_t *slot)
{
    if (scale >= 1) {
        s8_slots(s8_of(x), (float)scale, slot);
    } else {
        d8_slots(d8_of(s8_of(x)), scale, slot);
    }
}

static void slots(const float *x, size_t n, double scale, uint16_t *slot)
{
    size_t i = 0;
    for (; i + QL_LANES <= n; i += QL_LANES) {
        slots8(x + i, scale, slot + i);
    }
    if (i < n) {
        float rest[QL_LANES];
        uint16_t last[QL_LANES];
        tail(rest, x + i, n - i, 0);
        slots8(rest, scale, last);
        memcpy(slot + i, last, (n - i) * sizeof *slot);
    }
}

static inline d8 errors8(const float *f, const float *q)
{
    return d8_sub(d8_of(s8_of(q)), d8_of(s8_of(f)));
}

static void error_slots(const float *f, const float *q, size_t n, double scale, uint16_t *slot)
{
    size_t i = 0;
    for (; i + QL_LANES <= n; i += QL_LANES) {
        d8_slots(errors8(f + i, q + i), scale, slot + i);
    }
    if (i < n) {
        float rest[2][QL_LANES];
        uint16_t last[QL_LANES];
        tail(rest[0], f + i, n - i, 0);
        tail(rest[1], q + i, n - i, 0);
        d8_slots(errors8(rest[0], rest[1]), scale, last);
        memcpy(slot + i, last, (n - i) * sizeof *slot);
    }
}

static void channels(const float *f, size_t f_stride, const float *q, size_t q_stride, size_t rows,
                     ql_channel_lanes *lanes)
{
    d8 ff = d8_load(lanes->ff), ee = d8_load(lanes->ee);
    s8 min_f = s8_of(lanes->min_f), max_f = s8_of(lanes->max_f);
    s8 min_q = s8_of(lanes->min_q), max_q = s8_of(lanes->max_q);
    for (size_t row = 0; row < rows; row++) {
        s8 x = s8_of(f + row * f_stride), y = s8_of(q + row * q_stride);
        d8 a = d8_of(x), e = d8_sub(d8_of(y), a);
        ff = d8_add_product(ff, a, a);
        ee = d8_add(ee, d8_mul(e, e));
        min_f = s8_min(min_f, x);
        max_f = s8_max(max_f, x);
        min_q = s8_min(min_q, y);
        max_q = s8_max(max_q, y);
    }
    d8_store(lanes->ff, ff);
    d8_store(lanes->ee, ee);
    s8_store(lanes->min_f, min_f);
    s8_store(lanes->max_f, max_f);
    s8_store(lanes->min_q, min_q);
    s8_store(lanes->max_q, max_q);
}

#define LOOPS(title, test)                                                                                   \
    {                                                                                                        \
        .name = (title), .present = (test), .bytes = bytes, .words = words, .sums = sums, .range = range,    \
        .slots = slots, .error_slots = error_slots, .channels = channels,                                    \
    }
