#include "analyzer/data/npy.h"

#include <stdio.h>
#include <string.h>

static const struct {
    const char *descr; /* after the byte order */
    ql_type type;
} types[] = {
    {"f4", QL_F32}, {"f2", QL_F16},  {"f8", QL_F64}, {"i1", QL_I8},    {"u1", QL_U8},
    {"i2", QL_I16}, {"u2", QL_U16},  {"i4", QL_I32}, {"u4", QL_U32},   {"i8", QL_I64},
    {"u8", QL_U64}, {"b1", QL_BOOL}, {"c8", QL_C64}, {"c16", QL_C128},
};
enum { TYPE_COUNT = sizeof types / sizeof *types };

ql_code ql_npy_header_length(const uint8_t *prefix, size_t *length, ql_err *err)
{
    if (memcmp(prefix, "\x93NUMPY", 6)) {
        return ql_fail(err, QL_E_FORMAT, "no NumPy array: it must begin with \\x93NUMPY");
    }
    size_t low = (size_t)prefix[8] | (size_t)prefix[9] << 8;
    size_t high = (size_t)prefix[10] | (size_t)prefix[11] << 8;
    switch (prefix[6]) {
    case 1:
        *length = 10 + low;
        break;
    case 2:
    case 3:
        *length = 12 + (low | high << 16);
        break;
    default:
        return ql_fail(err, QL_E_FORMAT, "NumPy format version %d: must be 1, 2 or 3", prefix[6]);
    }
    if (*length > QL_NPY_MAX_HEADER || *length < QL_NPY_PREFIX) {
        return ql_fail(err, QL_E_FORMAT, "NumPy header of %zu bytes: must be %d to %d", *length,
                       QL_NPY_PREFIX, QL_NPY_MAX_HEADER);
    }
    return QL_OK;
}

/* What is left of the dictionary's text. */
typedef struct {
    const char *at, *end;
} text;

static bool skip(text *t, char wanted)
{
    while (t->at < t->end && (*t->at == ' ' || *t->at == '\n' || *t->at == '\t')) {
        t->at++;
    }
    if (wanted && t->at < t->end && *t->at == wanted) {
        t->at++;
        return true;
    }
    return false;
}

static bool word(text *t, const char *wanted)
{
    size_t length = strlen(wanted);
    skip(t, 0);
    if ((size_t)(t->end - t->at) < length || memcmp(t->at, wanted, length)) {
        return false;
    }
    t->at += length;
    return true;
}

/* A quoted text without escapes, cut to fit. */
static bool quoted(text *t, char *out, size_t size)
{
    skip(t, 0);
    char quote = t->at < t->end ? *t->at : 0;
    if (quote != '\'' && quote != '"') {
        return false;
    }
    const char *close = memchr(t->at + 1, quote, (size_t)(t->end - t->at - 1));
    if (!close) {
        return false;
    }
    size_t length = (size_t)(close - t->at - 1);
    length = length < size - 1 ? length : size - 1;
    memcpy(out, t->at + 1, length);
    out[length] = 0;
    t->at = close + 1;
    return true;
}

static bool number(text *t, size_t *value)
{
    skip(t, 0);
    const char *first = t->at;
    for (*value = 0; t->at < t->end && *t->at >= '0' && *t->at <= '9'; t->at++) {
        size_t digit = (size_t)(*t->at - '0');
        if (*value > (SIZE_MAX - digit) / 10) {
            return false;
        }
        *value = *value * 10 + digit;
    }
    return t->at > first;
}

static ql_code descr(text *t, ql_array *array, ql_err *err)
{
    char name[24], shown[64];
    if (!quoted(t, name, sizeof name)) {
        return ql_fail(err, QL_E_UNSUPPORTED, "an array of records: must be of plain numbers");
    }
    bool order = name[0] == '<' || name[0] == '|' || name[0] == '=';
    const char *kind = order ? name + 1 : name;
    for (int i = 0; i < TYPE_COUNT; i++) {
        if (!strcmp(types[i].descr, kind)) {
            array->type = types[i].type;
            return QL_OK;
        }
    }
    return ql_fail(err, QL_E_UNSUPPORTED,
                   "NumPy type '%s': must be little-endian float, integer, bool or complex numbers",
                   ql_escape(shown, sizeof shown, name, strlen(name)));
}

static ql_code shape(text *t, ql_array *array, ql_err *err)
{
    array->rank = 0;
    if (!skip(t, '(')) {
        return ql_fail(err, QL_E_FORMAT, "NumPy header: the shape must be a tuple");
    }
    while (!skip(t, ')')) {
        if (array->rank == QL_ARRAY_MAX_RANK) {
            return ql_fail(err, QL_E_UNSUPPORTED, "an array of more than %d dimensions", QL_ARRAY_MAX_RANK);
        }
        if (!number(t, &array->dims[array->rank++]) ||
            (!skip(t, ',') && !(t->at < t->end && *t->at == ')'))) {
            return ql_fail(err, QL_E_FORMAT, "NumPy header: the shape must be a tuple of sizes");
        }
    }
    return QL_OK;
}

static ql_code order(text *t, bool *fortran, ql_err *err)
{
    *fortran = word(t, "True");
    if (!*fortran && !word(t, "False")) {
        return ql_fail(err, QL_E_FORMAT, "NumPy header: fortran_order must be True or False");
    }
    return QL_OK;
}

enum { HAS_DESCR = 1, HAS_ORDER = 2, HAS_SHAPE = 4, HAS_ALL = 7 };

static ql_code entry(text *t, ql_array *array, bool *fortran, int *has, ql_err *err)
{
    char key[24];
    if (!quoted(t, key, sizeof key) || !skip(t, ':')) {
        return ql_fail(err, QL_E_FORMAT,
                       "NumPy header: must be a dictionary of descr, fortran_order and shape");
    }
    if (!strcmp(key, "descr")) {
        *has |= HAS_DESCR;
        return descr(t, array, err);
    }
    if (!strcmp(key, "fortran_order")) {
        *has |= HAS_ORDER;
        return order(t, fortran, err);
    }
    if (!strcmp(key, "shape")) {
        *has |= HAS_SHAPE;
        return shape(t, array, err);
    }
    char shown[64];
    return ql_fail(err, QL_E_FORMAT, "NumPy header: unknown entry '%s'",
                   ql_escape(shown, sizeof shown, key, strlen(key)));
}

static ql_code measure(ql_array *array, ql_err *err)
{
    size_t count = 1;
    bool empty = false, fits = true;
    for (int i = 0; i < array->rank; i++) {
        empty |= !array->dims[i];
        fits = fits && (!array->dims[i] || count <= SIZE_MAX / array->dims[i]);
        count = fits && array->dims[i] ? count * array->dims[i] : count;
    }
    array->count = empty ? 0 : count;
    if ((!fits && !empty) || !ql_type_bytes(array->type, array->count, &array->bytes)) {
        return ql_fail(err, QL_E_FORMAT, "NumPy header: the shape has more elements than memory can hold");
    }
    return QL_OK;
}

ql_code ql_npy_header(const uint8_t *header, size_t length, ql_array *array, bool *fortran, ql_err *err)
{
    size_t prefix = header[6] == 1 ? 10 : 12;
    text t = {(const char *)header + prefix, (const char *)header + length};
    int has = 0;
    if (!skip(&t, '{')) {
        return ql_fail(err, QL_E_FORMAT, "NumPy header: must be a dictionary");
    }
    while (!skip(&t, '}')) {
        ql_code code = entry(&t, array, fortran, &has, err);
        if (code) {
            return code;
        }
        skip(&t, ',');
    }
    if (has != HAS_ALL) {
        return ql_fail(err, QL_E_FORMAT, "NumPy header: descr, fortran_order and shape must all be there");
    }
    return measure(array, err);
}

static const char *descr_of(ql_type type)
{
    for (int i = 0; i < TYPE_COUNT; i++) {
        if (types[i].type == type) {
            return types[i].descr;
        }
    }
    return NULL;
}

size_t ql_npy_write_header(uint8_t *out, ql_type type, int rank, const int32_t *dims)
{
    char dict[244];
    const char *kind = descr_of(type);
    if (!kind) {
        return 0;
    }
    int at = snprintf(dict, sizeof dict, "{'descr': '%c%s', 'fortran_order': False, 'shape': (",
                      ql_type_bits(type) > 8 ? '<' : '|', kind);
    for (int i = 0; i < rank; i++) {
        at += snprintf(dict + at, sizeof dict - (size_t)at, i ? " %d," : "%d,", (int)dims[i]);
    }
    if (rank > 1) {
        at--; /* (2, 3) but (2,) */
    }
    at += snprintf(dict + at, sizeof dict - (size_t)at, "), }");
    size_t length = ((size_t)at + 10 + 1 + 63) / 64 * 64;
    memset(out, ' ', length);
    memcpy(out, "\x93NUMPY\x01\x00", 8);
    out[8] = (uint8_t)((length - 10) & 255);
    out[9] = (uint8_t)((length - 10) >> 8);
    memcpy(out + 10, dict, (size_t)at);
    out[length - 1] = '\n';
    return length;
}

void ql_npy_transpose(const ql_array *array, const void *from, void *to)
{
    size_t size = array->count ? array->bytes / array->count : 0, stride[QL_ARRAY_MAX_RANK];
    size_t index[QL_ARRAY_MAX_RANK] = {0}, source = 0;
    for (int i = 0; i < array->rank; i++) {
        stride[i] = i ? stride[i - 1] * array->dims[i - 1] : 1;
    }
    for (size_t n = 0; n < array->count; n++) {
        memcpy((char *)to + n * size, (const char *)from + source * size, size);
        for (int i = array->rank - 1; i >= 0; i--) {
            source += stride[i];
            if (++index[i] < array->dims[i]) {
                break;
            }
            source -= stride[i] * array->dims[i];
            index[i] = 0;
        }
    }
}
