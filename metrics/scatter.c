#include "metrics/scatter.h"

#include "metrics/text.h"

#include <math.h>
#include <string.h>

/* splitmix64's finalizer: every bit of the result depends on every bit of x. */
static uint64_t mix(uint64_t x)
{
    x += 0x9e3779b97f4a7c15u;
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
    x = (x ^ x >> 27) * 0x94d049bb133111ebu;
    return x ^ x >> 31;
}

static uint32_t bits_of(float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

/* A total order, so that even equal draws end up the same whatever came first. */
static bool is_before(const ql_scatter_point *a, const ql_scatter_point *b)
{
    uint32_t af = bits_of(a->f), bf = bits_of(b->f);
    return a->draw != b->draw ? a->draw < b->draw : af != bf ? af < bf : bits_of(a->q) < bits_of(b->q);
}

static void keep(ql_scatter *s, const ql_scatter_point *point)
{
    size_t at = s->count;
    if (at == QL_SCATTER_POINTS && !is_before(point, &s->points[at - 1])) {
        return;
    }
    s->count += at < QL_SCATTER_POINTS;
    for (at = s->count - 1; at && is_before(point, &s->points[at - 1]); at--) {
        s->points[at] = s->points[at - 1];
    }
    s->points[at] = *point;
}

void ql_scatter_draw(ql_scatter_draws *draws, uint64_t sample)
{
    uint64_t own = mix(sample);
    draws->sample = sample;
    draws->least = UINT64_MAX;
    for (size_t i = 0; i < QL_SCATTER_POINTS; i++) {
        draws->draw[i] = mix(own + i);
        draws->least = draws->draw[i] < draws->least ? draws->draw[i] : draws->least;
    }
}

/* So it is with most, and where it lies need not be known. */
static bool is_too_late(const ql_scatter *scatter, uint64_t draw)
{
    return scatter->count == QL_SCATTER_POINTS && draw > scatter->points[QL_SCATTER_POINTS - 1].draw;
}

void ql_scatter_add(ql_scatter *scatter, const ql_scatter_draws *draws, const float *f, const ql_raw *q,
                    size_t n)
{
    bool all = n <= QL_SCATTER_POINTS; /* few elements: each is drawn once */
    size_t some = is_too_late(scatter, draws->least) ? 0 : n < QL_SCATTER_POINTS ? n : QL_SCATTER_POINTS;
    for (size_t i = 0; i < some; i++) {
        uint64_t draw = draws->draw[i];
        if (is_too_late(scatter, draw)) {
            continue;
        }
        size_t at = all ? i : (size_t)(mix(draw) % n);
        ql_scatter_point point = {draw, f[at], ql_raw_at(q, at)};
        if (isfinite(point.f) && isfinite(point.q)) {
            keep(scatter, &point);
        }
    }
}

void ql_scatter_merge(ql_scatter *into, const ql_scatter *from)
{
    for (size_t i = 0; i < from->count; i++) {
        keep(into, &from->points[i]);
    }
}

static void put(ql_compact *text, const ql_scatter *s)
{
    ql_compact_string(text, "qp1");
    for (size_t i = 0; i < s->count; i++) {
        ql_compact_string(text, " ");
        ql_compact_uint(text, s->points[i].draw);
        ql_compact_string(text, " ");
        ql_compact_uint(text, bits_of(s->points[i].f));
        ql_compact_string(text, " ");
        ql_compact_uint(text, bits_of(s->points[i].q));
    }
}

static float read_float(ql_reader *reader)
{
    ql_read_string(reader, " ");
    uint32_t bits = (uint32_t)ql_read_uint(reader);
    float value;
    memcpy(&value, &bits, sizeof value);
    reader->ok = reader->ok && isfinite(value);
    return value;
}

static void get(ql_reader *reader, ql_scatter *s)
{
    while (reader->ok && s->count < QL_SCATTER_POINTS && ql_read_if(reader, " ")) {
        ql_scatter_point *point = &s->points[s->count];
        point->draw = ql_read_uint(reader);
        point->f = read_float(reader);
        point->q = read_float(reader);
        reader->ok = reader->ok && (!s->count || !is_before(point, point - 1));
        s->count++;
    }
}

size_t ql_scatter_write(const ql_scatter *scatter, char *out, size_t size)
{
    ql_compact text = ql_compact_into(out, size);
    put(&text, scatter);
    return ql_compact_end(&text);
}

bool ql_scatter_parse(ql_scatter *scatter, const char *text, size_t length)
{
    memset(scatter, 0, sizeof *scatter);
    ql_reader reader = ql_reader_of(text, length);
    ql_read_string(&reader, "qp1");
    get(&reader, scatter);
    ql_compact check = ql_compact_expect(text, length);
    if (reader.ok) {
        put(&check, scatter);
    }
    if (reader.ok && ql_compact_matches(&check)) {
        return true;
    }
    memset(scatter, 0, sizeof *scatter);
    return false;
}
