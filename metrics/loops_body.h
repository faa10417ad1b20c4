/* The loops over eight doubles at a time: `d8` and its d8_ functions come from the including file. */
#include "metrics/hist.h"
#include "metrics/loops.h"

#include <math.h>
#include <string.h>

static bool all_finite(const float *x, size_t n)
{
    uint32_t bad = 0;
    for (size_t i = 0; i < n; i++) { /* integers, so that the loop has no branch */
        uint32_t bits;
        memcpy(&bits, x + i, sizeof bits);
        bad |= (uint32_t)((bits & 0x7f800000) == 0x7f800000);
    }
    return bad == 0;
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
    d8 f, ff, q, qq, fq, e, abs_e, ee;
} sums8;

typedef struct {
    d8 min_f, max_f, min_q, max_q, min_e, max_e;
} limits8;

static inline void add_sums(sums8 *s, d8 f, d8 q, d8 e)
{
    s->f = d8_add(s->f, f);
    s->ff = d8_add(s->ff, d8_mul(f, f));
    s->q = d8_add(s->q, q);
    s->qq = d8_add(s->qq, d8_mul(q, q));
    s->fq = d8_add(s->fq, d8_mul(f, q));
    s->e = d8_add(s->e, e);
    s->abs_e = d8_add(s->abs_e, d8_abs(e));
    s->ee = d8_add(s->ee, d8_mul(e, e));
}

static inline void add_limits(limits8 *s, d8 f, d8 q, d8 e)
{
    s->min_f = d8_min(s->min_f, f);
    s->max_f = d8_max(s->max_f, f);
    s->min_q = d8_min(s->min_q, q);
    s->max_q = d8_max(s->max_q, q);
    s->min_e = d8_min(s->min_e, e);
    s->max_e = d8_max(s->max_e, e);
}

static void put_sums(ql_block_sums *out, const sums8 *s, const limits8 *limits)
{
    *out = (ql_block_sums){
        .f = tree(s->f),
        .ff = tree(s->ff),
        .q = tree(s->q),
        .qq = tree(s->qq),
        .fq = tree(s->fq),
        .e = tree(s->e),
        .abs_e = tree(s->abs_e),
        .ee = tree(s->ee),
        .min_f = least(limits->min_f),
        .max_f = most(limits->max_f),
        .min_q = least(limits->min_q),
        .max_q = most(limits->max_q),
        .min_e = least(limits->min_e),
        .max_e = most(limits->max_e),
    };
}

static void sums(const float *f, const float *q, size_t n, ql_block_sums *out)
{
    d8 zero = d8_set(0), f0 = d8_set((double)*f), q0 = d8_set((double)*q), e0 = d8_sub(q0, f0);
    sums8 s = {zero, zero, zero, zero, zero, zero, zero, zero};
    limits8 limits = {f0, f0, q0, q0, e0, e0};
    size_t i = 0;
    for (; i + QL_LANES <= n; i += QL_LANES) {
        d8 a = d8_of(f + i), b = d8_of(q + i), e = d8_sub(b, a);
        add_sums(&s, a, b, e);
        add_limits(&limits, a, b, e);
    }
    if (i < n) {
        float rest[2][QL_LANES];
        tail(rest[0], f + i, n - i, 0);
        tail(rest[1], q + i, n - i, 0);
        add_sums(&s, d8_of(rest[0]), d8_of(rest[1]), d8_sub(d8_of(rest[1]), d8_of(rest[0])));
        tail(rest[0], f + i, n - i, *f);
        tail(rest[1], q + i, n - i, *q);
        add_limits(&limits, d8_of(rest[0]), d8_of(rest[1]), d8_sub(d8_of(rest[1]), d8_of(rest[0])));
    }
    put_sums(out, &s, &limits);
}

static void slots(const float *x, size_t n, double scale, uint16_t *slot)
{
    size_t i = 0;
    for (; i + QL_LANES <= n; i += QL_LANES) {
        d8_slots(d8_of(x + i), scale, slot + i);
    }
    if (i < n) {
        float rest[QL_LANES];
        uint16_t last[QL_LANES];
        tail(rest, x + i, n - i, 0);
        d8_slots(d8_of(rest), scale, last);
        memcpy(slot + i, last, (n - i) * sizeof *slot);
    }
}

static void error_slots(const float *f, const float *q, size_t n, double scale, uint16_t *slot)
{
    size_t i = 0;
    for (; i + QL_LANES <= n; i += QL_LANES) {
        d8_slots(d8_sub(d8_of(q + i), d8_of(f + i)), scale, slot + i);
    }
    if (i < n) {
        float rest[2][QL_LANES];
        uint16_t last[QL_LANES];
        tail(rest[0], f + i, n - i, 0);
        tail(rest[1], q + i, n - i, 0);
        d8_slots(d8_sub(d8_of(rest[1]), d8_of(rest[0])), scale, last);
        memcpy(slot + i, last, (n - i) * sizeof *slot);
    }
}

static void channels(const float *f, const float *q, size_t rows, size_t stride, ql_channel_lanes *lanes)
{
    d8 ff = d8_set(0), ee = ff;
    d8 min_f = d8_of(f), max_f = min_f, min_q = d8_of(q), max_q = min_q;
    for (size_t row = 0; row < rows; row++) {
        d8 a = d8_of(f + row * stride), b = d8_of(q + row * stride), e = d8_sub(b, a);
        ff = d8_add(ff, d8_mul(a, a));
        ee = d8_add(ee, d8_mul(e, e));
        min_f = d8_min(min_f, a);
        max_f = d8_max(max_f, a);
        min_q = d8_min(min_q, b);
        max_q = d8_max(max_q, b);
    }
    d8_store(lanes->ff, ff);
    d8_store(lanes->ee, ee);
    d8_store(lanes->min_f, min_f);
    d8_store(lanes->max_f, max_f);
    d8_store(lanes->min_q, min_q);
    d8_store(lanes->max_q, max_q);
}

#define LOOPS(title, test)                                                                                   \
    {                                                                                                        \
        .name = (title), .present = (test), .all_finite = all_finite, .sums = sums, .slots = slots,          \
        .error_slots = error_slots, .channels = channels,                                                    \
    }
