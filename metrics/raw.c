#include "metrics/raw.h"

#include "metrics/blocks.h"

#include <string.h>

ql_raw ql_raw_of_floats(const float *values)
{
    return (ql_raw){.type = QL_RAW_F32, .raw = values};
}

enum { LEVELS_BLOCK = 2048 };

/* What turns the type's lowest into 0. */
static uint8_t flip_of(const ql_raw *values)
{
    return values->type == QL_RAW_I8 ? 0x80 : 0;
}

static int32_t zero_of(const ql_raw *values)
{
    return values->type == QL_RAW_I8 ? values->zero + 128 : values->zero;
}

const float *ql_raw_block(const ql_raw *values, const ql_loops *loops, size_t start, size_t n, float *buffer)
{
    if (values->floats || values->type == QL_RAW_F32) {
        return (values->floats ? values->floats : (const float *)values->raw) + start;
    }
    if (values->type == QL_RAW_I16) {
        loops->words((const int16_t *)values->raw + start, n, values->zero, values->scale, buffer);
    } else {
        loops->bytes((const uint8_t *)values->raw + start, n, flip_of(values), zero_of(values), values->scale,
                     buffer);
    }
    return buffer;
}

void ql_raw_read(const ql_raw *values, size_t start, size_t n, float *out)
{
    const float *block = ql_raw_block(values, ql_loops_best(), start, n, out);
    if (block != out && n) {
        memcpy(out, block, n * sizeof *out);
    }
}

float ql_raw_at(const ql_raw *values, size_t i)
{
    switch (values->type) {
    case QL_RAW_I8:
        return values->scale * (float)(((const int8_t *)values->raw)[i] - values->zero);
    case QL_RAW_U8:
        return values->scale * (float)(((const uint8_t *)values->raw)[i] - values->zero);
    case QL_RAW_I16:
        return values->scale * (float)(((const int16_t *)values->raw)[i] - values->zero);
    default:
        return ((const float *)values->raw)[i];
    }
}

int ql_levels_at(const ql_raw *values, size_t i)
{
    return ((const uint8_t *)values->raw)[i] ^ flip_of(values);
}

float ql_levels_value(const ql_raw *values, int level)
{
    return values->scale * (float)(level - zero_of(values));
}

void ql_levels_values(const ql_raw *values, const ql_loops *loops, float out[256])
{
    uint8_t level[256];
    for (int i = 0; i < 256; i++) {
        level[i] = (uint8_t)i;
    }
    loops->bytes(level, 256, 0, zero_of(values), values->scale, out);
}

static void count_few(ql_levels *levels, const uint8_t *raw, size_t n, uint8_t flip)
{
    uint64_t *count = levels->count, all = 0x0101010101010101u * flip;
    size_t i = 0;
    for (; i + 8 <= n; i += 8) {
        uint64_t x;
        memcpy(&x, raw + i, sizeof x);
        x ^= all;
        count[x & 0xff]++;
        count[x >> 8 & 0xff]++;
        count[x >> 16 & 0xff]++;
        count[x >> 24 & 0xff]++;
        count[x >> 32 & 0xff]++;
        count[x >> 40 & 0xff]++;
        count[x >> 48 & 0xff]++;
        count[x >> 56]++;
    }
    for (; i < n; i++) {
        count[raw[i] ^ flip]++;
    }
}

/* Four counters a level: neighbours are often equal, and one counter would wait for itself. */
static void count_many(ql_levels *levels, const uint8_t *raw, size_t n, uint8_t flip)
{
    uint32_t count[256][4];
    memset(count, 0, sizeof count);
    size_t i = 0;
    for (; i + 8 <= n; i += 8) {
        uint64_t eight;
        memcpy(&eight, raw + i, sizeof eight);
        for (size_t k = 0; k < 8; k++) {
            count[eight >> 8 * k & 0xff][k % 4]++;
        }
    }
    for (size_t level = 0; level < 256; level++) {
        const uint32_t *own = count[level ^ flip];
        levels->count[level] += (uint64_t)own[0] + own[1] + own[2] + own[3];
    }
    count_few(levels, raw + i, n - i, flip);
}

/* Without those of the value 0, of which there are many. */
static void count_squeezed(ql_levels *levels, const ql_loops *loops, const ql_raw *values, size_t n)
{
    uint8_t rest[LEVELS_BLOCK + QL_SPARE];
    uint8_t flip = flip_of(values), hot = (uint8_t)((uint32_t)zero_of(values) ^ flip);
    const uint8_t *raw = values->raw;
    uint64_t *of_hot = &levels->count[hot ^ flip];
    for (size_t i = 0; i < n; i += LEVELS_BLOCK) {
        size_t some = n - i < LEVELS_BLOCK ? n - i : LEVELS_BLOCK;
        size_t others = loops->squeeze_bytes(raw + i, some, hot, rest);
        *of_hot += some - others;
        count_few(levels, rest, others, flip);
    }
}

bool ql_levels_count(ql_levels *levels, const ql_raw *values, size_t n)
{
    const size_t few = 1024, at_once = (size_t)1 << 30;
    const uint8_t *raw = values->raw;
    const ql_loops *loops = ql_loops_best();
    if (values->type != QL_RAW_I8 && values->type != QL_RAW_U8) {
        return false;
    }
    memset(levels, 0, sizeof *levels);
    if (loops->squeeze_bytes) {
        count_squeezed(levels, loops, values, n);
        return true;
    }
    while (n > few) {
        size_t some = n < at_once ? n : at_once;
        count_many(levels, raw, some, flip_of(values));
        raw += some;
        n -= some;
    }
    count_few(levels, raw, n, flip_of(values));
    return true;
}
