#include "metrics/channels.h"

#include "metrics/figures.h"
#include "metrics/fill.h"
#include "metrics/text.h"

#include <math.h>
#include <string.h>

enum { UNIT = 96, LIMBS = 3 };

static void add_limb(ql_wide *sum, int at, uint64_t value)
{
    for (; at < LIMBS && value; at++) {
        sum->limb[at] += value;
        value = sum->limb[at] < value; /* the carry */
    }
}

void ql_wide_add(ql_wide *sum, double value)
{
    if (!(value > 0)) {
        return;
    }
    int exponent;
    uint64_t mantissa = (uint64_t)ldexp(frexp(fmin(value, 0x1p90), &exponent), 53);
    int shift = exponent - 53 + UNIT;
    if (shift < 0) {
        add_limb(sum, 0, shift <= -64 ? 0 : mantissa >> -shift);
        return;
    }
    int at = shift / 64, bits = shift % 64;
    add_limb(sum, at, mantissa << bits);
    if (bits) {
        add_limb(sum, at + 1, mantissa >> (64 - bits));
    }
}

static void merge_wide(ql_wide *into, const ql_wide *from)
{
    for (int i = 0; i < LIMBS; i++) {
        add_limb(into, i, from->limb[i]);
    }
}

double ql_wide_value(const ql_wide *sum)
{
    double value = 0;
    for (int i = LIMBS - 1; i >= 0; i--) {
        value += ldexp((double)sum->limb[i], 64 * i - UNIT);
    }
    return value;
}

static void widen(ql_channel *own, uint64_t count, float min_f, float max_f, float min_q, float max_q)
{
    bool first = !own->count;
    own->count += count;
    own->min_f = first || min_f < own->min_f ? min_f : own->min_f;
    own->max_f = first || max_f > own->max_f ? max_f : own->max_f;
    own->min_q = first || min_q < own->min_q ? min_q : own->min_q;
    own->max_q = first || max_q > own->max_q ? max_q : own->max_q;
}

/* QL_LANES channels at once, all elements finite. */
static void add_lanes(const ql_loops *loops, ql_channel *channels, const float *f, const float *q,
                      size_t rows, size_t stride)
{
    ql_channel_lanes l;
    loops->channels(f, q, rows, stride, &l);
    for (int i = 0; i < QL_LANES; i++) {
        widen(&channels[i], rows, (float)l.min_f[i], (float)l.max_f[i], (float)l.min_q[i], (float)l.max_q[i]);
        ql_wide_add(&channels[i].ff, l.ff[i]);
        ql_wide_add(&channels[i].ee, l.ee[i]);
    }
}

static void add_channel(ql_channel *own, const float *f, const float *q, size_t rows, size_t stride)
{
    double ff = 0, ee = 0;
    for (size_t i = 0; i < rows * stride; i += stride) {
        if (!isfinite(f[i]) || !isfinite(q[i])) {
            continue;
        }
        double x = (double)f[i], e = (double)q[i] - x;
        ff += x * x;
        ee += e * e;
        widen(own, 1, f[i], f[i], q[i], q[i]);
    }
    ql_wide_add(&own->ff, ff);
    ql_wide_add(&own->ee, ee);
}

void ql_channels_add_with(const ql_loops *loops, ql_channel *channels, size_t count, const float *f,
                          const float *q, size_t rows)
{
    size_t n = rows * count, c = 0;
    if (rows && loops->all_finite(f, n) && loops->all_finite(q, n)) {
        for (; c + QL_LANES <= count; c += QL_LANES) {
            add_lanes(loops, &channels[c], f + c, q + c, rows, count);
        }
    }
    for (; c < count; c++) {
        add_channel(&channels[c], f + c, q + c, rows, count);
    }
}

void ql_channels_add(ql_channel *channels, size_t count, const float *f, const float *q, size_t rows)
{
    ql_channels_add_with(ql_loops_best(), channels, count, f, q, rows);
}

void ql_channels_merge(ql_channel *into, const ql_channel *from, size_t count)
{
    for (size_t c = 0; c < count; c++) {
        ql_channel *a = &into[c];
        const ql_channel *b = &from[c];
        if (!b->count) {
            continue;
        }
        bool first = !a->count;
        a->count += b->count;
        a->min_f = first || b->min_f < a->min_f ? b->min_f : a->min_f;
        a->max_f = first || b->max_f > a->max_f ? b->max_f : a->max_f;
        a->min_q = first || b->min_q < a->min_q ? b->min_q : a->min_q;
        a->max_q = first || b->max_q > a->max_q ? b->max_q : a->max_q;
        merge_wide(&a->ff, &b->ff);
        merge_wide(&a->ee, &b->ee);
    }
}

double ql_channel_sqnr_db(const ql_channel *channel)
{
    return ql_decibel(ql_wide_value(&channel->ff), ql_wide_value(&channel->ee));
}

static void put_float(ql_compact *text, float value)
{
    uint32_t bits;
    value += 0.0f; /* -0 and 0 compare equal: which came first must not show */
    memcpy(&bits, &value, sizeof bits);
    ql_compact_string(text, " ");
    ql_compact_uint(text, bits);
}

static void put(ql_compact *text, const ql_channel *channels, size_t count)
{
    ql_compact_string(text, "qc1");
    for (size_t c = 0; c < count; c++) {
        const ql_channel *own = &channels[c];
        ql_compact_string(text, " ");
        ql_compact_uint(text, own->count);
        put_float(text, own->min_f);
        put_float(text, own->max_f);
        put_float(text, own->min_q);
        put_float(text, own->max_q);
        for (int i = 0; i < LIMBS; i++) {
            ql_compact_string(text, " ");
            ql_compact_uint(text, own->ff.limb[i]);
            ql_compact_string(text, " ");
            ql_compact_uint(text, own->ee.limb[i]);
        }
    }
}

static uint64_t get_uint(ql_reader *reader)
{
    ql_read_string(reader, " ");
    return ql_read_uint(reader);
}

static float get_float(ql_reader *reader)
{
    uint32_t bits = (uint32_t)get_uint(reader);
    float value;
    memcpy(&value, &bits, sizeof value);
    reader->ok = reader->ok && isfinite(value);
    return value;
}

static void get(ql_reader *reader, ql_channel *own)
{
    own->count = get_uint(reader);
    own->min_f = get_float(reader);
    own->max_f = get_float(reader);
    own->min_q = get_float(reader);
    own->max_q = get_float(reader);
    for (int i = 0; i < LIMBS; i++) {
        own->ff.limb[i] = get_uint(reader);
        own->ee.limb[i] = get_uint(reader);
    }
}

size_t ql_channels_write(const ql_channel *channels, size_t count, char *out, size_t size)
{
    ql_compact text = ql_compact_into(out, size);
    put(&text, channels, count);
    return ql_compact_end(&text);
}

bool ql_channels_parse(ql_channel *channels, size_t count, const char *text, size_t length)
{
    memset(channels, 0, count * sizeof *channels);
    ql_reader reader = ql_reader_of(text, length);
    ql_read_string(&reader, "qc1");
    for (size_t c = 0; c < count && reader.ok; c++) {
        get(&reader, &channels[c]);
    }
    ql_compact check = ql_compact_expect(text, length);
    if (reader.ok) {
        put(&check, channels, count);
    }
    if (reader.ok && ql_compact_matches(&check)) {
        return true;
    }
    memset(channels, 0, count * sizeof *channels);
    return false;
}
