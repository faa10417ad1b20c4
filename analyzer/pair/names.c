#include "analyzer/pair/names.h"

#include <string.h>

static const char *const suffixes[] = {
    "_int8",     "_int16",      "_uint8",   "_requantized", "_quantized",
    "_quantize", "_dequantize", "_dequant", "_quant",       "_float32",
};

static bool ends_with(const char *text, size_t length, const char *suffix, size_t *rest)
{
    size_t own = strlen(suffix);
    if (length <= own || memcmp(text + length - own, suffix, own) != 0) {
        return false;
    }
    *rest = length - own;
    return true;
}

static size_t strip_suffixes(const char *text, size_t length)
{
    for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes;) {
        i = ends_with(text, length, suffixes[i], &length) ? 0 : i + 1;
    }
    return length;
}

/* Quantization-aware training wraps layers: "quant_conv2d" is "conv2d". */
static size_t copy_unwrapped(const char *text, size_t length, char *out)
{
    static const char wrap[] = "quant_";
    size_t written = 0;
    bool segment_starts = true;
    for (size_t i = 0; i < length;) {
        if (segment_starts && length - i > sizeof wrap - 1 && !memcmp(text + i, wrap, sizeof wrap - 1)) {
            i += sizeof wrap - 1;
        }
        segment_starts = text[i] == '/' || text[i] == ';';
        out[written++] = text[i++];
    }
    return written;
}

size_t ql_name_normalize(ql_str name, char *out)
{
    size_t length = copy_unwrapped(name.text, strip_suffixes(name.text, name.length), out);
    out[length] = 0;
    return length;
}

static bool all_digits(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (text[i] < '0' || text[i] > '9') {
            return false;
        }
    }
    return length > 0;
}

bool ql_names_agree(const char *a, size_t a_length, const char *b, size_t b_length)
{
    if (a_length > b_length) {
        return ql_names_agree(b, b_length, a, a_length);
    }
    return a_length && !memcmp(a, b, a_length) &&
           (a_length == b_length || all_digits(b + a_length, b_length - a_length));
}

static size_t part_length(const char *text, size_t length)
{
    const char *end = memchr(text, ';', length);
    return end ? (size_t)(end - text) : length;
}

/* Is the part among those of `text`, uniquing digits apart? */
static bool has_part(const char *part, size_t part_size, const char *text, size_t length)
{
    for (size_t at = 0; at < length;) {
        size_t size = part_length(text + at, length - at);
        if (ql_names_agree(part, part_size, text + at, size)) {
            return true;
        }
        at += size + 1;
    }
    return false;
}

static size_t count_shared(const char *a, size_t a_length, const char *b, size_t b_length, size_t *parts)
{
    size_t shared = 0;
    *parts = 0;
    for (size_t at = 0; at < a_length;) {
        size_t size = part_length(a + at, a_length - at);
        if (size) {
            ++*parts;
            shared += has_part(a + at, size, b, b_length);
        }
        at += size + 1;
    }
    return shared;
}

double ql_names_shared(const char *a, size_t a_length, const char *b, size_t b_length)
{
    size_t a_parts, b_parts;
    size_t shared = count_shared(a, a_length, b, b_length, &a_parts);
    size_t back = count_shared(b, b_length, a, a_length, &b_parts);
    size_t fewest = a_parts < b_parts ? a_parts : b_parts;
    return fewest ? (double)(shared < back ? shared : back) / (double)fewest : 0;
}
