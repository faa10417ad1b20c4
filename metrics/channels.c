#include "metrics/channels.h"

#include "metrics/blocks.h"
#include "metrics/figures.h"
#include "metrics/fill.h"
#include "metrics/text.h"

#include <math.h>
#include <string.h>

enum { UNIT = 96, LIMBS = 3 };

/* Adds low + 2^64 high from limb `at` on. */
static inline void add_at(ql_wide *sum, int at, uint64_t low, uint64_t high)
{
    uint64_t *limb = sum->limb + at, carry;
    limb[0] += low;
    carry = limb[0] < low;
    if (at + 1 < LIMBS) {
        limb[1] += high;
        uint64_t next = limb[1] < high;
        limb[1] += carry;
        carry = next + (limb[1] < carry);
    }
    if (at + 2 < LIMBS) {
        limb[2] += carry;
    }
}

static inline void add_double(ql_wide *sum, double value)
{
    uint64_t whole;
    value = value < 0x1p90 ? value : 0x1p90;
    memcpy(&whole, &value, sizeof whole);
    int exponent = (int)(whole >> 52), shift = exponent - 1075 + UNIT;
    uint64_t mantissa = (whole & 0xfffffffffffff) | 1ull << 52;
    if (shift >= 64) {
        int bits = shift % 64;
        add_at(sum, shift / 64, mantissa << bits, mantissa >> 1 >> (63 - bits));
    } else if (shift >= 0) {
        add_at(sum, 0, mantissa << shift, mantissa >> 1 >> (63 - shift));
    } else if (shift > -64 && exponent) { /* below the normal numbers all is below the unit */
        add_at(sum, 0, mantissa >> -shift, 0);
    }
}

void ql_wide_add(ql_wide *sum, double value)
{
    if (value > 0) {
        add_double(sum, value);
    }
}

static void merge_wide(ql_wide *into, const ql_wide *from)
{
    for (int i = 0; i < LIMBS; i++) {
        add_at(into, i, from->limb[i], 0);
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

enum { TILE = 4096 }; /* elements read at once */

typedef struct {
    const ql_loops *loops;
    const ql_rows *of;
    ql_group group;
} gathering;

size_t ql_group_times(size_t count)
{
    size_t times = 1;
    while (count * times % QL_LANES) {
        times *= 2;
    }
    return times == 1 || count * times <= QL_GROUP ? times : 0;
}

void ql_group_start(ql_group *group, size_t first, size_t count, size_t times)
{
    group->first = first;
    group->width = count * times - first < QL_GROUP ? count * times - first : QL_GROUP;
    group->times = times;
    size_t used = (group->width + QL_LANES - 1) / QL_LANES;
    memset(group->lanes, 0, used * sizeof *group->lanes);
    for (size_t l = 0; l < used; l++) {
        for (int i = 0; i < QL_LANES; i++) {
            group->lanes[l].min_f[i] = group->lanes[l].min_q[i] = HUGE_VALF;
            group->lanes[l].max_f[i] = group->lanes[l].max_q[i] = -HUGE_VALF;
        }
    }
}

void ql_group_rest(ql_group *group, const ql_rows *of, size_t row)
{
    for (size_t i = row * of->count; i < of->rows * of->count; i++) {
        size_t c = i % of->count, k = c % QL_LANES;
        ql_channel_lanes *l = &group->lanes[c / QL_LANES];
        float f = of->f[i], q = ql_raw_at(of->q, i);
        double x = (double)f, e = (double)q - x;
        l->ff[k] += x * x;
        l->ee[k] += e * e;
        l->min_f[k] = f < l->min_f[k] ? f : l->min_f[k];
        l->max_f[k] = f > l->max_f[k] ? f : l->max_f[k];
        l->min_q[k] = q < l->min_q[k] ? q : l->min_q[k];
        l->max_q[k] = q > l->max_q[k] ? q : l->max_q[k];
    }
}

/* What the lanes have gathered of one channel, where rows lie side by side. */
static ql_power fold(const ql_group *group, size_t c, ql_channel *seen)
{
    ql_power power = {0, 0};
    size_t count = group->width / group->times;
    for (size_t at = c; at < group->width; at += count) {
        const ql_channel_lanes *l = &group->lanes[at / QL_LANES];
        size_t i = at % QL_LANES;
        power.ff += l->ff[i];
        power.ee += l->ee[i];
        if (l->min_f[i] <= l->max_f[i]) {
            widen(seen, 1, l->min_f[i], l->max_f[i], l->min_q[i], l->max_q[i]);
        }
    }
    return power;
}

/* The channels past the last whole lane, filled up with 0. */
static void gather_last(gathering *g, const float *f, const float *q, size_t q_stride, size_t rows)
{
    size_t last = g->group.width % QL_LANES, whole = g->group.width - last;
    float side[2][64][QL_LANES] = {0};
    for (size_t row = 0; row < rows; row += 64) {
        size_t some = rows - row < 64 ? rows - row : 64;
        for (size_t i = 0; i < some; i++) {
            memcpy(side[0][i], f + (row + i) * g->of->count + whole, last * sizeof *f);
            memcpy(side[1][i], q + (row + i) * q_stride + whole, last * sizeof *q);
        }
        g->loops->channels(*side[0], QL_LANES, *side[1], QL_LANES, some, &g->group.lanes[whole / QL_LANES],
                           1);
    }
}

/* Rows from `row` on of the group's channels. */
static void gather(gathering *g, size_t row, size_t rows)
{
    float buffer[TILE];
    size_t start = row * g->of->count + g->group.first, width = g->group.width, q_stride = width;
    const float *f = g->of->f + start, *q = buffer;
    if (g->of->q->floats || g->of->q->type == QL_RAW_F32 || width == g->of->count) {
        q = ql_raw_block(g->of->q, g->loops, start, rows * width, buffer);
        q_stride = g->of->count;
    } else {
        for (size_t i = 0; i < rows; i++) {
            ql_raw_block(g->of->q, g->loops, start + i * g->of->count, width, buffer + i * width);
        }
    }
    g->loops->channels(f, g->of->count, q, q_stride, rows, g->group.lanes, width / QL_LANES);
    if (width % QL_LANES) {
        gather_last(g, f, q, q_stride, rows);
    }
}

/* A channel some of whose elements are not finite. */
static ql_power add_rest(ql_channel *own, size_t c, const ql_rows *of)
{
    ql_power power = {0, 0};
    for (size_t i = c; i < of->rows * of->count; i += of->count) {
        float f = of->f[i], q = ql_raw_at(of->q, i);
        if (isfinite(f) && isfinite(q)) {
            double x = (double)f, e = (double)q - x;
            power.ff += x * x;
            power.ee += e * e;
            widen(own, 1, f, f, q, q);
        }
    }
    return power;
}

/* Adds one channel's limits and sums, unless an element is not finite. */
static ql_power end_channel(const ql_group *group, const ql_rows *of, size_t c, ql_channel *own)
{
    const ql_channel_lanes *l = &group->lanes[c / QL_LANES];
    size_t i = c % QL_LANES;
    ql_power power = {l->ff[i], l->ee[i]};
    if (group->times > 1) {
        ql_channel seen = {0};
        power = fold(group, c, &seen);
        if (isfinite(power.ee)) {
            widen(own, of->rows, seen.min_f, seen.max_f, seen.min_q, seen.max_q);
        }
    } else if (isfinite(power.ee)) {
        widen(own, of->rows, l->min_f[i], l->max_f[i], l->min_q[i], l->max_q[i]);
    }
    return isfinite(power.ee) ? power : add_rest(own, group->first + c, of);
}

ql_power ql_group_end(const ql_group *group, const ql_rows *of, ql_channel *channels)
{
    ql_power sum = {0, 0};
    for (size_t c = 0; c < group->width / group->times; c++) {
        ql_channel *own = &channels[group->first + c];
        ql_power power = end_channel(group, of, c, own);
        add_double(&own->ff, power.ff);
        add_double(&own->ee, power.ee);
        sum.ff += power.ff;
        sum.ee += power.ee;
    }
    return sum;
}

void ql_channels_add_with(const ql_loops *loops, ql_channel *channels, const ql_rows *of)
{
    gathering g; /* lanes are set group by group */
    size_t fit = ql_group_times(of->count), times = fit ? fit : 1;
    ql_rows wide = {of->f, of->q, of->rows / times, of->count * times};
    g.loops = loops;
    g.of = &wide;
    for (size_t first = 0; of->rows && first < wide.count; first += QL_GROUP) {
        ql_group_start(&g.group, first, of->count, times);
        size_t at_once = TILE / g.group.width;
        for (size_t row = 0; row < wide.rows; row += at_once) {
            gather(&g, row, wide.rows - row < at_once ? wide.rows - row : at_once);
        }
        ql_group_rest(&g.group, of, wide.rows * times);
        ql_group_end(&g.group, of, channels);
    }
}

void ql_channels_add(ql_channel *channels, size_t count, const float *f, const float *q, size_t rows)
{
    ql_raw values = ql_raw_of_floats(q);
    ql_channels_add_with(ql_loops_best(), channels, &(ql_rows){f, &values, rows, count});
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
