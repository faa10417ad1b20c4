#include "metrics/exact_text.h"

#include <string.h>

enum { HEX_MAX = 8 * (QL_EXACT_DIGITS - 1) }; /* the top digit stays free: merging cannot overflow it */

static void put_apart(ql_compact *text, const ql_exact *sum)
{
    if (sum->nan || sum->plus_inf || sum->minus_inf) {
        ql_compact_string(text, "~");
        ql_compact_uint(text, sum->nan);
        ql_compact_string(text, ",");
        ql_compact_uint(text, sum->plus_inf);
        ql_compact_string(text, ",");
        ql_compact_uint(text, sum->minus_inf);
    }
}

static void put_digits(ql_compact *text, const ql_exact *sum, int low, int top)
{
    char hex[8 * QL_EXACT_DIGITS];
    size_t used = 0;
    for (int i = top; i >= low; i--) {
        for (int shift = 28; shift >= 0; shift -= 4) {
            char c = "0123456789abcdef"[sum->digit[i] >> shift & 15];
            if (used || c != '0') {
                hex[used++] = c;
            }
        }
    }
    ql_compact_bytes(text, hex, used);
    ql_compact_string(text, "@");
    ql_compact_int(text, low);
}

void ql_exact_put(ql_compact *text, const ql_exact *sum)
{
    ql_exact copy = *sum;
    bool negative = ql_exact_magnitude(&copy);
    int low = 0, top = QL_EXACT_DIGITS - 1;
    while (top >= 0 && copy.digit[top] == 0) {
        top--;
    }
    while (low < top && copy.digit[low] == 0) {
        low++;
    }
    if (top < 0) {
        ql_compact_string(text, "0");
    } else {
        ql_compact_string(text, negative ? "-" : "");
        put_digits(text, &copy, low, top);
    }
    put_apart(text, sum);
}

static void get_digits(ql_reader *reader, ql_exact *sum, bool negative)
{
    const char *hex = reader->at;
    while (reader->at < reader->end && ql_hex_digit(*reader->at) >= 0) {
        reader->at++;
    }
    int64_t count = reader->at - hex;
    reader->ok = reader->ok && count > 0 && count <= HEX_MAX;
    int64_t low = ql_read_if(reader, "@") ? ql_read_int(reader, 0, QL_EXACT_DIGITS) : 0;
    reader->ok = reader->ok && 8 * low + count <= HEX_MAX;
    for (int64_t i = 0; reader->ok && i < count; i++) {
        int64_t part = (int64_t)ql_hex_digit(hex[count - 1 - i]) << 4 * (i % 8);
        sum->digit[low + i / 8] += negative ? -part : part;
    }
}

void ql_exact_get(ql_reader *reader, ql_exact *sum)
{
    memset(sum, 0, sizeof *sum);
    bool negative = ql_read_if(reader, "-");
    get_digits(reader, sum, negative);
    if (ql_read_if(reader, "~")) {
        sum->nan = ql_read_uint(reader);
        ql_read_string(reader, ",");
        sum->plus_inf = ql_read_uint(reader);
        ql_read_string(reader, ",");
        sum->minus_inf = ql_read_uint(reader);
    }
    sum->pending = 1;
}

size_t ql_exact_write(const ql_exact *sum, char *out, size_t size)
{
    ql_compact text = ql_compact_into(out, size);
    ql_exact_put(&text, sum);
    return ql_compact_end(&text);
}

bool ql_exact_parse(ql_exact *sum, const char *text, size_t length)
{
    ql_reader reader = ql_reader_of(text, length);
    ql_exact_get(&reader, sum);
    ql_compact check = ql_compact_expect(text, length);
    ql_exact_put(&check, sum);
    if (!reader.ok || !ql_compact_matches(&check)) {
        memset(sum, 0, sizeof *sum);
        return false;
    }
    return true;
}
