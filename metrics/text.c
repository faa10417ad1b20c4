#include "metrics/text.h"

#include <string.h>

ql_compact ql_compact_into(char *out, size_t size)
{
    return (ql_compact){.out = size ? out : NULL, .size = size};
}

ql_compact ql_compact_expect(const char *expect, size_t length)
{
    return (ql_compact){.expect = expect, .length = length, .same = true};
}

void ql_compact_bytes(ql_compact *text, const char *bytes, size_t length)
{
    if (text->expect) {
        text->same = text->same && length <= text->length - text->used &&
                     memcmp(text->expect + text->used, bytes, length) == 0;
        if (!text->same) {
            return;
        }
    } else if (text->out && text->used < text->size) {
        size_t room = text->size - text->used;
        memcpy(text->out + text->used, bytes, length < room ? length : room);
    }
    text->used += length;
}

void ql_compact_string(ql_compact *text, const char *string)
{
    ql_compact_bytes(text, string, strlen(string));
}

void ql_compact_uint(ql_compact *text, uint64_t value)
{
    char digits[20];
    size_t at = sizeof digits;
    do {
        digits[--at] = (char)('0' + value % 10);
        value /= 10;
    } while (value);
    ql_compact_bytes(text, digits + at, sizeof digits - at);
}

void ql_compact_int(ql_compact *text, int64_t value)
{
    if (value < 0) {
        ql_compact_string(text, "-");
    }
    ql_compact_uint(text, value < 0 ? 0 - (uint64_t)value : (uint64_t)value);
}

void ql_compact_double(ql_compact *text, double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    char digits[16];
    for (int i = 15; i >= 0; i--, bits >>= 4) {
        digits[i] = "0123456789abcdef"[bits & 15];
    }
    ql_compact_bytes(text, digits, sizeof digits);
}

size_t ql_compact_end(ql_compact *text)
{
    if (text->out) {
        text->out[text->used < text->size ? text->used : text->size - 1] = '\0';
    }
    return text->used;
}

bool ql_compact_matches(const ql_compact *text)
{
    return text->same && text->used == text->length;
}

ql_reader ql_reader_of(const char *text, size_t length)
{
    return (ql_reader){text, text + length, true};
}

bool ql_read_if(ql_reader *reader, const char *string)
{
    size_t length = strlen(string);
    if (!reader->ok || (size_t)(reader->end - reader->at) < length ||
        memcmp(reader->at, string, length) != 0) {
        return false;
    }
    reader->at += length;
    return true;
}

void ql_read_string(ql_reader *reader, const char *string)
{
    reader->ok = ql_read_if(reader, string);
}

uint64_t ql_read_uint(ql_reader *reader)
{
    uint64_t value = 0;
    const char *start = reader->at;
    while (reader->ok && reader->at < reader->end && *reader->at >= '0' && *reader->at <= '9') {
        unsigned digit = (unsigned)(*reader->at++ - '0');
        reader->ok = value <= (UINT64_MAX - digit) / 10;
        value = value * 10 + digit;
    }
    reader->ok = reader->ok && reader->at > start;
    return reader->ok ? value : 0;
}

int64_t ql_read_int(ql_reader *reader, int64_t low, int64_t high)
{
    bool negative = ql_read_if(reader, "-");
    uint64_t size = ql_read_uint(reader);
    int64_t value = size > INT64_MAX ? 0 : negative ? -(int64_t)size : (int64_t)size;
    reader->ok = reader->ok && size <= INT64_MAX && value >= low && value <= high;
    return reader->ok ? value : 0;
}

double ql_read_double(ql_reader *reader)
{
    uint64_t bits = 0;
    for (int i = 0; i < 16 && reader->ok; i++) {
        int digit = reader->at < reader->end ? ql_hex_digit(*reader->at) : -1;
        reader->ok = digit >= 0;
        if (reader->ok) {
            bits = bits << 4 | (unsigned)digit;
            reader->at++;
        }
    }
    double value;
    memcpy(&value, &bits, sizeof value);
    return reader->ok ? value : 0.0;
}

int ql_hex_digit(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}
