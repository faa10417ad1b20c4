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

static uint64_t hash(const char *text, size_t length)
{
    uint64_t h = 1469598103934665603u;
    for (size_t i = 0; i < length; i++) {
        h = (h ^ (uint8_t)text[i]) * 1099511628211u;
    }
    return h ? h : 1;
}

static ql_name_forms forms_of(const char *text, size_t length)
{
    ql_name_forms forms = {0};
    while (length && forms.count < QL_NAME_FORMS) {
        forms.form[forms.count++] = hash(text, length);
        if (text[length - 1] < '0' || text[length - 1] > '9') {
            break;
        }
        length--;
    }
    return forms;
}

static size_t part_length(const char *text, size_t length)
{
    const char *end = memchr(text, ';', length);
    return end ? (size_t)(end - text) : length;
}

static size_t count_parts(const char *text, size_t length)
{
    size_t count = 1;
    for (size_t i = 0; i < length; i++) {
        count += text[i] == ';';
    }
    return count;
}

ql_code ql_name_key_make(ql_name_key *key, ql_str name, char *scratch, ql_arena *arena, ql_err *err)
{
    *key = (ql_name_key){0};
    if (!name.length) {
        return QL_OK;
    }
    size_t length = ql_name_normalize(name, scratch), parts = count_parts(scratch, length);
    key->exact = hash(name.text, name.length);
    key->whole = forms_of(scratch, length);
    key->parts = QL_TAKE(arena, parts, ql_name_forms);
    if (!key->parts) {
        return ql_fail_memory(err, parts * sizeof *key->parts);
    }
    for (size_t at = 0; at < length;) {
        size_t size = part_length(scratch + at, length - at);
        if (size) {
            key->parts[key->part_count++] = forms_of(scratch + at, size);
        }
        at += size + 1;
    }
    return QL_OK;
}

static bool is_form_of(uint64_t text, const ql_name_forms *forms)
{
    for (int i = 0; i < forms->count; i++) {
        if (forms->form[i] == text) {
            return true;
        }
    }
    return false;
}

bool ql_names_agree(const ql_name_forms *a, const ql_name_forms *b)
{
    return a->count && b->count && (is_form_of(a->form[0], b) || is_form_of(b->form[0], a));
}

static int count_shared(const ql_name_key *a, const ql_name_key *b)
{
    int shared = 0;
    for (int i = 0; i < a->part_count; i++) {
        for (int k = 0; k < b->part_count; k++) {
            if (ql_names_agree(&a->parts[i], &b->parts[k])) {
                shared++;
                break;
            }
        }
    }
    return shared;
}

double ql_names_shared(const ql_name_key *a, const ql_name_key *b)
{
    int shared = count_shared(a, b), back = count_shared(b, a);
    int fewest = a->part_count < b->part_count ? a->part_count : b->part_count;
    return fewest ? (double)(shared < back ? shared : back) / fewest : 0;
}

double ql_names_strength(const ql_name_key *a, const ql_name_key *b)
{
    if (!a->exact || !b->exact) {
        return 0;
    }
    if (a->exact == b->exact) {
        return 3;
    }
    if (ql_names_agree(&a->whole, &b->whole)) {
        return 2;
    }
    double shared = ql_names_shared(a, b);
    return shared >= 0.5 ? shared : 0;
}
