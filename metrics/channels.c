#include "metrics/channels.h"

#include "metrics/blocks.h"
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
    uint64_t whole;
    value = value < 0x1p90 ? value : 0x1p90;
    memcpy(&whole, &value, sizeof whole);
    int exponent = (int)(whole >> 52); /* below the normal numbers all is below the unit */
    uint64_t mantissa = exponent ? (whole & 0xfffffffffffff) | 1ull << 52 : 0;
    int shift = exponent - 1075 + UNIT;
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

/* Channels gathered at once, and elements read at once. */
enum { GROUP = 512, TILE = 4096 };

typedef struct {
    const ql_loops *loops;
    const float *f;
    const ql_raw *q;
    size_t count, rows;
    size_t first, width; /* the group's channels; width <= GROUP */
    ql_channel_lanes lanes[GROUP / QL_LANES];
} gathering;

static void start_lanes(gathering *g)
{
    size_t used = (g->width + QL_LANES - 1) / QL_LANES;
    memset(g->lanes, 0, used * sizeof *g->lanes);
    for (size_t l = 0; l < used; l++) {
        for (int i = 0; i < QL_LANES; i++) {
            g->lanes[l].min_f[i] = g->lanes[l].min_q[i] = HUGE_VALF;
            g->lanes[l].max_f[i] = g->lanes[l].max_q[i] = -HUGE_VALF;
        }
    }
}

/* The channels past the last whole lane, filled up with 0. */
static void gather_last(gathering *g, const float *f, const float *q, size_t q_stride, size_t rows)
{
    size_t last = g->width % QL_LANES, whole = g->width - last;
    float side[2][64][QL_LANES] = {0};
    for (size_t row = 0; row < rows; row += 64) {
        size_t some = rows - row < 64 ? rows - row : 64;
        for (size_t i = 0; i < some; i++) {
            memcpy(side[0][i], f + (row + i) * g->count + whole, last * sizeof *f);
            memcpy(side[1][i], q + (row + i) * q_stride + whole, last * sizeof *q);
        }
        g->loops->channels(*side[0], QL_LANES, *side[1], QL_LANES, some, &g->lanes[whole / QL_LANES], 1);
    }
}

/* Rows from `row` on of the group's channels. */
static void gather(gathering *g, size_t row, size_t rows)
{
    float buffer[TILE];
    const float *f = g->f + row * g->count + g->first, *q = buffer;
    size_t start = row * g->count + g->first, q_stride = g->width;
    if (g->q->floats || g->q->type == QL_RAW_F32 || g->width == g->count) {
        q = ql_raw_block(g->q, g->loops, start, rows * g->width, buffer);
        q_stride = g->count;
    } else {
        for (size_t i = 0; i < rows; i++) {
            ql_raw_block(g->q, g->loops, start + i * g->count, g->width, buffer + i * g->width);
        }
    }
    g->loops->channels(f, g->count, q, q_stride, rows, g->lanes, g->width / QL_LANES);
    if (g->width % QL_LANES) {
        gather_last(g, f, q, q_stride, rows);
    }
}

/* A channel some of whose elements are not finite. */
static void add_rest(const gathering *g, ql_channel *own, size_t c)
{
    double ff = 0, ee = 0;
    for (size_t i = c; i < g->rows * g->count; i += g->count) {
        float f = g->f[i], q = ql_raw_at(g->q, i);
        if (isfinite(f) && isfinite(q)) {
            double x = (double)f, e = (double)q - x;
            ff += x * x;
            ee += e * e;
            widen(own, 1, f, f, q, q);
        }
    }
    ql_wide_add(&own->ff, ff);
    ql_wide_add(&own->ee, ee);
}

static void add_group(gathering *g, ql_channel *channels)
{
    size_t at_once = TILE / g->width;
    start_lanes(g);
    for (size_t row = 0; row < g->rows; row += at_once) {
        gather(g, row, g->rows - row < at_once ? g->rows - row : at_once);
    }
    for (size_t c = 0; c < g->width; c++) {
        const ql_channel_lanes *l = &g->lanes[c / QL_LANES];
        ql_channel *own = &channels[g->first + c];
        size_t i = c % QL_LANES;
        if (isfinite(l->ee[i])) {
            widen(own, g->rows, l->min_f[i], l->max_f[i], l->min_q[i], l->max_q[i]);
            ql_wide_add(&own->ff, l->ff[i]);
            ql_wide_add(&own->ee, l->ee[i]);
        } else {
            add_rest(g, own, g->first + c);
        }
    }
}

void ql_channels_add_with(const ql_loops *loops, ql_channel *channels, size_t count, const float *f,
                          const ql_raw *q, size_t rows)
{
    gathering g; /* lanes are set group by group */
    g.loops = loops;
    g.f = f;
    g.q = q;
    g.count = count;
    g.rows = rows;
    for (g.first = 0; rows && g.first < count; g.first += GROUP) {
        g.width = count - g.first < GROUP ? count - g.first : GROUP;
        add_group(&g, channels);
    }
}

void ql_channels_add_values(ql_channel *channels, size_t count, const float *f, const ql_raw *q, size_t rows)
{
    ql_channels_add_with(ql_loops_best(), channels, count, f, q, rows);
}

void ql_channels_add(ql_channel *channels, size_t count, const float *f, const float *q, size_t rows)
{
    ql_raw values = ql_raw_of_floats(q);
    ql_channels_add_values(channels, count, f, &values, rows);
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
