/* The loops over eight doubles or eight floats at a time: `d8`, `s8` and their functions come from the
 * including file, and so do soon, s16_slots, SQUEEZE and SQUEEZE_BYTES. d8_add_product may fuse: it is for
 * products of floats, which a double holds exactly. */
#include "metrics/hist.h"
#include "metrics/loops.h"
#include "metrics/tally.h"

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

static inline d8 errors8(const float *f, const float *q)
{
    return d8_sub(d8_of(s8_of(q)), d8_of(s8_of(f)));
}

typedef struct {
    d8 ff, qq, fq, e, abs_e, ee;
} sums8;

typedef struct {
    s8 min_f, max_f;
    d8 min_e, max_e;
} limits8;

static inline sums8 no_sums(void)
{
    d8 zero = d8_set(0);
    return (sums8){zero, zero, zero, zero, zero, zero};
}

static inline void add_products(sums8 *s, d8 f, d8 q)
{
    s->qq = d8_add_product(s->qq, q, q);
    s->fq = d8_add_product(s->fq, f, q);
}

static inline void add_errors(sums8 *s, d8 e)
{
    s->e = d8_add(s->e, e);
    s->abs_e = d8_add(s->abs_e, d8_abs(e));
}

static inline void add_sums(sums8 *s, d8 f, d8 q, d8 e)
{
    s->ff = d8_add_product(s->ff, f, f);
    s->ee = d8_add(s->ee, d8_mul(e, e));
    add_products(s, f, q);
    add_errors(s, e);
}

static inline void add_limits(limits8 *s, s8 f, d8 e)
{
    s->min_f = s8_min(s->min_f, f);
    s->max_f = s8_max(s->max_f, f);
    s->min_e = d8_min(s->min_e, e);
    s->max_e = d8_max(s->max_e, e);
}

/* Of one pair. */
static inline limits8 limits_of(float f, float q)
{
    d8 e = d8_set((double)q - (double)f);
    return (limits8){s8_set(f), s8_set(f), e, e};
}

static void put_sums(ql_block_sums *out, const sums8 *s, const limits8 *limits)
{
    double min_e = least(limits->min_e), max_e = most(limits->max_e);
    *out = (ql_block_sums){
        .ff = tree(s->ff),
        .qq = tree(s->qq),
        .fq = tree(s->fq),
        .e = tree(s->e),
        .abs_e = tree(s->abs_e),
        .ee = tree(s->ee),
        .min_f = least_single(limits->min_f),
        .max_f = most_single(limits->max_f),
        .min_e = min_e,
        .max_e = max_e,
        .max_abs = -min_e > max_e ? -min_e : max_e + 0.0,
    };
}

typedef struct {
    uint64_t *bin;
    const uint16_t *slot, *end;
} counter;

typedef struct {
    counter one, two;
} counters; /* of QL_COUNTINGS lists */

static inline counters counters_of(const ql_counting *lists)
{
    counters none = {0};
    return lists ? (counters){{lists[0].bin, lists[0].slot, lists[0].slot + lists[0].n},
                              {lists[1].bin, lists[1].slot, lists[1].slot + lists[1].n}}
                 : none;
}

static inline void count_some(counter *c)
{
    if (c->end - c->slot >= 4) {
        ql_count_four(c->bin, c->slot);
        c->slot += 4;
    }
}

static inline void count_both(counters *c)
{
    count_some(&c->one);
    count_some(&c->two);
}

static inline void count_rest(const counters *c, ql_counting *lists)
{
    if (lists) {
        ql_count_slots(c->one.bin, c->one.slot, (size_t)(c->one.end - c->one.slot));
        ql_count_slots(c->two.bin, c->two.slot, (size_t)(c->two.end - c->two.slot));
        lists[0].n = lists[1].n = 0;
    }
}

/* `slot` and `lists` are NULL in some copies of this. */
static inline void sum_up(const float *f, const float *q, size_t n, ql_block_sums *out, double scale,
                          uint16_t *slot, ql_counting *lists)
{
    sums8 s = no_sums();
    limits8 limits = limits_of(*f, *q);
    counters counting = counters_of(lists);
    size_t i = 0;
    for (; i + QL_LANES <= n; i += QL_LANES) {
        if (lists) {
            count_both(&counting);
        }
        s8 x = s8_of(f + i);
        d8 a = d8_of(x), b = d8_of(s8_of(q + i)), e = d8_sub(b, a);
        add_sums(&s, a, b, e);
        add_limits(&limits, x, e);
        if (slot) {
            d8_slots(e, scale, slot + i);
        }
    }
    if (i < n) {
        float rest[2][QL_LANES];
        uint16_t last[QL_LANES];
        tail(rest[0], f + i, n - i, 0);
        tail(rest[1], q + i, n - i, 0);
        d8 a = d8_of(s8_of(rest[0])), b = d8_of(s8_of(rest[1])), e = d8_sub(b, a);
        add_sums(&s, a, b, e);
        tail(rest[0], f + i, n - i, *f);
        tail(rest[1], q + i, n - i, *q);
        add_limits(&limits, s8_of(rest[0]), errors8(rest[0], rest[1]));
        if (slot) {
            d8_slots(e, scale, last);
            memcpy(slot + i, last, (n - i) * sizeof *slot);
        }
    }
    count_rest(&counting, lists);
    put_sums(out, &s, &limits);
}

static void sums(const float *f, const float *q, size_t n, ql_block_sums *out, ql_counting *lists)
{
    if (lists) {
        sum_up(f, q, n, out, 1, NULL, lists);
    } else {
        sum_up(f, q, n, out, 1, NULL, NULL);
    }
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

static void sums_and_slots(const float *f, const float *q, size_t n, ql_block_sums *out, double scale,
                           uint16_t *slot, ql_counting *lists)
{
    if (D8_SLOTS_TAKES_ALL && lists) {
        sum_up(f, q, n, out, scale, slot, lists);
        return;
    }
    if (D8_SLOTS_TAKES_ALL) {
        sum_up(f, q, n, out, scale, slot, NULL);
        return;
    }
    sums(f, q, n, out, lists);
    if (isfinite(out->abs_e) && out->max_abs * scale < QL_HIST_SIDE) {
        error_slots(f, q, n, scale, slot);
    }
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
static inline void slots16(const float *x, double scale, uint16_t *slot)
{
    if (scale >= 1) {
        s16_slots(x, (float)scale, slot);
    } else {
        d8_slots(d8_of(s8_of(x)), scale, slot);
        d8_slots(d8_of(s8_of(x + QL_LANES)), scale, slot + QL_LANES);
    }
}

static void slots(const float *x, size_t n, double scale, uint16_t *slot)
{
    enum { AT_ONCE = 2 * QL_LANES, AHEAD = 512 };
    size_t i = 0;
    for (; i + AT_ONCE <= n; i += AT_ONCE) {
        soon(x + i, AHEAD);
        slots16(x + i, scale, slot + i);
    }
    if (i < n) {
        float rest[AT_ONCE] = {0};
        uint16_t last[AT_ONCE];
        memcpy(rest, x + i, (n - i) * sizeof *x);
        slots16(rest, scale, last);
        memcpy(slot + i, last, (n - i) * sizeof *slot);
    }
}

typedef struct {
    d8 ff, ee;
    s8 min_f, max_f, min_q, max_q;
} channels8;

static inline channels8 load_channels(const ql_channel_lanes *l)
{
    return (channels8){d8_load(l->ff),  d8_load(l->ee),  s8_of(l->min_f),
                       s8_of(l->max_f), s8_of(l->min_q), s8_of(l->max_q)};
}

static inline void store_channels(ql_channel_lanes *l, const channels8 *c)
{
    d8_store(l->ff, c->ff);
    d8_store(l->ee, c->ee);
    s8_store(l->min_f, c->min_f);
    s8_store(l->max_f, c->max_f);
    s8_store(l->min_q, c->min_q);
    s8_store(l->max_q, c->max_q);
}

static inline void add_pair(channels8 *c, s8 x, s8 y, d8 a, d8 e)
{
    c->ff = d8_add_product(c->ff, a, a);
    c->ee = d8_add(c->ee, d8_mul(e, e));
    c->min_f = s8_min(c->min_f, x);
    c->max_f = s8_max(c->max_f, x);
    c->min_q = s8_min(c->min_q, y);
    c->max_q = s8_max(c->max_q, y);
}

static inline void add_channels(channels8 *c, const float *f, const float *q)
{
    s8 x = s8_of(f), y = s8_of(q);
    d8 a = d8_of(x);
    add_pair(c, x, y, a, d8_sub(d8_of(y), a));
}

/* Two lanes' width at a time: a sum waits for its last addition. */
static void channels(const float *f, size_t f_stride, const float *q, size_t q_stride, size_t rows,
                     ql_channel_lanes *lanes, size_t count)
{
    size_t l = 0;
    for (; l + 2 <= count; l += 2, f += 2 * QL_LANES, q += 2 * QL_LANES) {
        channels8 one = load_channels(&lanes[l]), two = load_channels(&lanes[l + 1]);
        for (size_t row = 0; row < rows; row++) {
            add_channels(&one, f + row * f_stride, q + row * q_stride);
            add_channels(&two, f + row * f_stride + QL_LANES, q + row * q_stride + QL_LANES);
        }
        store_channels(&lanes[l], &one);
        store_channels(&lanes[l + 1], &two);
    }
    if (l < count) {
        channels8 one = load_channels(&lanes[l]);
        for (size_t row = 0; row < rows; row++) {
            add_channels(&one, f + row * f_stride, q + row * q_stride);
        }
        store_channels(&lanes[l], &one);
    }
}

/* `slot` and `lists` are NULL in some copies of this. */
static inline void sum_up_rows(const float *f, const float *q, size_t rows, size_t width,
                               ql_channel_lanes *lanes, ql_block_sums *out, double scale, uint16_t *slot,
                               ql_counting *lists)
{
    sums8 s = no_sums();
    limits8 limits = limits_of(*f, *q);
    counters counting = counters_of(lists);
    for (size_t first = 0; first < width; first += QL_LANES, lanes++) {
        channels8 own = load_channels(lanes);
        for (size_t row = 0; row < rows; row++) {
            if (lists) {
                count_both(&counting);
            }
            size_t i = row * width + first;
            s8 x = s8_of(f + i), y = s8_of(q + i);
            d8 a = d8_of(x), b = d8_of(y), e = d8_sub(b, a);
            add_pair(&own, x, y, a, e);
            add_products(&s, a, b);
            add_errors(&s, e);
            add_limits(&limits, x, e);
            if (slot) {
                d8_slots(e, scale, slot + i);
            }
        }
        store_channels(lanes, &own);
    }
    count_rest(&counting, lists);
    put_sums(out, &s, &limits);
}

static void sums_by_channel(const float *f, const float *q, size_t rows, size_t width,
                            ql_channel_lanes *lanes, ql_block_sums *out, double scale, uint16_t *slot,
                            ql_counting *lists)
{
    if (D8_SLOTS_TAKES_ALL && lists) {
        sum_up_rows(f, q, rows, width, lanes, out, scale, slot, lists);
        return;
    }
    sum_up_rows(f, q, rows, width, lanes, out, scale, D8_SLOTS_TAKES_ALL ? slot : NULL, NULL);
    if (D8_SLOTS_TAKES_ALL) {
        return;
    }
    if (isfinite(out->abs_e) && out->max_abs * scale < QL_HIST_SIDE) {
        error_slots(f, q, rows * width, scale, slot);
    }
}

#define LOOPS(title, test)                                                                                   \
    {                                                                                                        \
        .name = (title), .present = (test), .bytes = bytes, .words = words, .sums = sums,                    \
        .sums_and_slots = sums_and_slots, .sums_by_channel = sums_by_channel, .range = range,                \
        .slots_take_all = D8_SLOTS_TAKES_ALL, .slots = slots, .error_slots = error_slots,                    \
        .channels = channels, .squeeze = SQUEEZE, .squeeze_bytes = SQUEEZE_BYTES,                            \
    }
