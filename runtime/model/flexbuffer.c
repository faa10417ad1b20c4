#include "runtime/model/flexbuffer.h"

#include <string.h>

enum {
    TYPE_NULL,
    TYPE_INT,
    TYPE_UINT,
    TYPE_FLOAT,
    TYPE_KEY,
    TYPE_STRING,
    TYPE_INDIRECT_INT,
    TYPE_INDIRECT_UINT,
    TYPE_INDIRECT_FLOAT,
    TYPE_MAP,
    TYPE_BOOL = 26
};

typedef struct {
    const uint8_t *bytes;
    size_t count;
} buffer;

/* Elements of `width` bytes at `at`; widths are 1, 2, 4 or 8. */
typedef struct {
    size_t at, count;
    size_t width;
} vector;

static bool inside(const buffer *b, size_t at, size_t bytes)
{
    return at <= b->count && bytes <= b->count - at;
}

static bool read_uint(const buffer *b, size_t at, size_t width, uint64_t *value)
{
    if (!inside(b, at, width)) {
        return false;
    }
    *value = 0;
    for (size_t i = width; i-- > 0;) {
        *value = *value << 8 | b->bytes[at + i];
    }
    return true;
}

/* Offsets point backwards from where they stand. */
static bool follow(const buffer *b, size_t at, size_t width, size_t *to)
{
    uint64_t back;
    if (!read_uint(b, at, width, &back) || back > at) {
        return false;
    }
    *to = at - (size_t)back;
    return true;
}

static bool is_width(uint64_t width)
{
    return width == 1 || width == 2 || width == 4 || width == 8;
}

static bool root_map(const buffer *b, vector *keys, vector *values)
{
    size_t width = b->count >= 3 ? b->bytes[b->count - 1] : 0;
    if (!is_width(width) || b->count < width + 2 || b->bytes[b->count - 2] >> 2 != TYPE_MAP) {
        return false;
    }
    size_t child = (size_t)1 << (b->bytes[b->count - 2] & 3);
    uint64_t count, key_width;
    if (!follow(b, b->count - 2 - width, width, &values->at) || values->at < 3 * child ||
        !read_uint(b, values->at - child, child, &count) ||
        !read_uint(b, values->at - 2 * child, child, &key_width) || !is_width(key_width) ||
        !follow(b, values->at - 3 * child, child, &keys->at)) {
        return false;
    }
    values->width = child;
    keys->width = (size_t)key_width;
    values->count = keys->count = (size_t)count;
    return count <= b->count && inside(b, values->at, values->count * (child + 1)) &&
           inside(b, keys->at, keys->count * keys->width);
}

static bool key_is(const buffer *b, const vector *keys, size_t i, const char *key)
{
    size_t at, length = strlen(key) + 1;
    return follow(b, keys->at + i * keys->width, keys->width, &at) && inside(b, at, length) &&
           !memcmp(b->bytes + at, key, length);
}

static bool set_int(const buffer *b, size_t at, size_t width, bool is_signed, ql_flex *value)
{
    uint64_t raw;
    if (!read_uint(b, at, width, &raw)) {
        return false;
    }
    uint64_t sign = (uint64_t)1 << (8 * width - 1);
    if (is_signed && raw & sign) {
        raw |= ~(sign | (sign - 1));
    }
    value->kind = QL_FLEX_INT;
    value->i = !is_signed && raw > INT64_MAX ? INT64_MAX : (int64_t)raw;
    value->f = is_signed ? (double)(int64_t)raw : (double)raw;
    return true;
}

static bool set_float(const buffer *b, size_t at, size_t width, ql_flex *value)
{
    uint64_t raw;
    if (width < sizeof(float) || !read_uint(b, at, width, &raw)) {
        return false;
    }
    uint32_t low = (uint32_t)raw;
    float single;
    memcpy(&single, &low, sizeof single);
    value->f = (double)single;
    if (width == sizeof(double)) {
        memcpy(&value->f, &raw, sizeof raw);
    }
    value->kind = QL_FLEX_FLOAT;
    value->i = value->f >= 0x1p63 ? INT64_MAX : value->f > -0x1p63 ? (int64_t)value->f : INT64_MIN;
    value->i = value->f == value->f ? value->i : 0;
    return true;
}

/* Strings have their length in front; keys end in a NUL. */
static bool set_text(const buffer *b, size_t at, size_t width, bool is_key, ql_flex *value)
{
    uint64_t length;
    value->kind = QL_FLEX_TEXT;
    value->text = (const char *)b->bytes + at;
    if (is_key) {
        const char *end = at < b->count ? memchr(value->text, 0, b->count - at) : NULL;
        value->length = end ? (size_t)(end - value->text) : 0;
        return end;
    }
    if (at < width || !read_uint(b, at - width, width, &length) || length > b->count) {
        return false;
    }
    value->length = (size_t)length;
    return inside(b, at, value->length);
}

static bool value_at(const buffer *b, const vector *values, size_t i, ql_flex *value)
{
    size_t at = values->at + i * values->width, width = values->width, target;
    uint8_t packed = b->bytes[values->at + values->count * values->width + i];
    int type = packed >> 2;
    size_t child = (size_t)1 << (packed & 3);
    *value = (ql_flex){.kind = QL_FLEX_NULL};
    switch (type) {
    case TYPE_NULL:
        return true;
    case TYPE_INT:
    case TYPE_UINT:
        return set_int(b, at, width, type == TYPE_INT, value);
    case TYPE_BOOL:
        if (!set_int(b, at, width, false, value)) {
            return false;
        }
        *value = (ql_flex){.kind = QL_FLEX_BOOL, .i = value->i != 0, .f = value->i != 0};
        return true;
    case TYPE_FLOAT:
        return set_float(b, at, width, value);
    case TYPE_INDIRECT_INT:
    case TYPE_INDIRECT_UINT:
        return follow(b, at, width, &target) && set_int(b, target, child, type == TYPE_INDIRECT_INT, value);
    case TYPE_INDIRECT_FLOAT:
        return follow(b, at, width, &target) && set_float(b, target, child, value);
    case TYPE_KEY:
    case TYPE_STRING:
        return follow(b, at, width, &target) && set_text(b, target, child, type == TYPE_KEY, value);
    default:
        value->kind = QL_FLEX_OTHER;
        return true;
    }
}

bool ql_flex_find(const uint8_t *bytes, size_t count, const char *key, ql_flex *value)
{
    const buffer b = {bytes, count};
    vector keys, values;
    if (!root_map(&b, &keys, &values)) {
        return false;
    }
    for (size_t i = 0; i < keys.count; i++) {
        if (key_is(&b, &keys, i, key)) {
            return value_at(&b, &values, i, value);
        }
    }
    return false;
}

double ql_flex_number(const uint8_t *bytes, size_t count, const char *key, double fallback)
{
    ql_flex value;
    bool found = ql_flex_find(bytes, count, key, &value) &&
                 (value.kind == QL_FLEX_INT || value.kind == QL_FLEX_FLOAT || value.kind == QL_FLEX_BOOL);
    return found ? value.f : fallback;
}
