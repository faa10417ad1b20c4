#include "runtime/model/verify.h"

#include "runtime/model/flatbuffer.h"
#include "runtime/model/options.h"
#include "runtime/model/schema.h"

#include <stdio.h>

enum { SMALLEST = 8, SHARING = 2, SHARING_FLOOR = 1 << 16 };

typedef struct {
    const uint8_t *bytes;
    size_t count;
    size_t budget; /* bytes that tables, vectors and strings may still say they have */
    ql_err *err;
} wire;

static const struct {
    ql_code code;
    const char *sentence;
} rules[] = {
#define ROW(name, code, sentence) {QL_E_##code, sentence},
    QL_RULES(ROW)
#undef ROW
};

ql_code ql_broken(ql_err *err, ql_rule rule, const char *what, int64_t a, int64_t b, int64_t c, int64_t d)
{
    char text[256];
    snprintf(text, sizeof text, rules[rule].sentence, (long long)a, (long long)b, (long long)c, (long long)d);
    return ql_fail(err, rules[rule].code, "%s%s%s", what ? what : "", what ? ": " : "", text);
}

static ql_code broken(const wire *w, ql_rule rule, const char *what, size_t a, size_t b, size_t c, size_t d)
{
    return ql_broken(w->err, rule, what, (int64_t)a, (int64_t)b, (int64_t)c, (int64_t)d);
}

/* One part may be reached a million times; what is reached is paid for each time. */
static ql_code charge(wire *w, size_t bytes, const char *what)
{
    if (bytes > w->budget) {
        return broken(w, QL_RULE_OVERLAP, what, w->count * SHARING + SHARING_FLOOR, w->count, 0, 0);
    }
    w->budget -= bytes;
    return QL_OK;
}

static ql_code verify_offset(const wire *w, size_t at, const char *what, size_t *target)
{
    size_t offset = ql_fb_load_u32(w->bytes + at);
    if (!offset || offset >= w->count - at) {
        return broken(w, QL_RULE_OFFSET, what, offset, at, w->count, 0);
    }
    *target = at + offset;
    return QL_OK;
}

static ql_code verify_vector(wire *w, size_t at, size_t size, const char *what, size_t *elements)
{
    if (w->count - at < 4) {
        return broken(w, QL_RULE_VECTOR, what, 0, size, at, w->count);
    }
    *elements = ql_fb_load_u32(w->bytes + at);
    if (*elements > (w->count - at - 4) / size) {
        return broken(w, QL_RULE_VECTOR, what, *elements, size, at, w->count);
    }
    /* Bytes are never looked at one by one, so weights that several buffers share cost nothing. */
    return charge(w, 4 + (size > 1 ? *elements * size : 0), what);
}

static ql_code verify_string(wire *w, size_t at, const char *what)
{
    size_t length;
    ql_code code = verify_vector(w, at, 1, what, &length);
    if (code) {
        return code;
    }
    size_t end = at + 4 + length;
    if (end == w->count || w->bytes[end] != 0) {
        return broken(w, QL_RULE_STRING, what, length, at, w->count, 0);
    }
    return QL_OK;
}

/* Where the vtable is, and that it and the table's own bytes are inside the file. */
static ql_code verify_header(wire *w, size_t table, const char *what, size_t *vtable)
{
    if (w->count - table < 4) {
        return broken(w, QL_RULE_TABLE_START, what, table, w->count, 0, 0);
    }
    int64_t at = (int64_t)table - ql_fb_load_i32(w->bytes + table);
    if (at < 0 || at > (int64_t)w->count - 4) {
        return ql_broken(w->err, QL_RULE_VTABLE_START, what, at, (int64_t)w->count, 0, 0);
    }
    *vtable = (size_t)at;
    size_t size = ql_fb_load_u16(w->bytes + at), inside = ql_fb_load_u16(w->bytes + at + 2);
    if (size < 4 || size % 2 || size > w->count - *vtable) {
        return broken(w, QL_RULE_VTABLE_SIZE, what, size, *vtable, w->count, 0);
    }
    if (inside < 4 || inside > w->count - table) {
        return broken(w, QL_RULE_TABLE_END, what, inside, table, w->count, 0);
    }
    return charge(w, inside, what);
}

/* The place of a field of `size` bytes; 0 when it is absent. */
static ql_code verify_field(const wire *w, size_t table, int slot, size_t size, const char *what, size_t *at)
{
    size_t vtable = (size_t)((int64_t)table - ql_fb_load_i32(w->bytes + table));
    size_t entry = 4 + 2 * (size_t)slot, offset = 0;
    if (entry < ql_fb_load_u16(w->bytes + vtable)) {
        offset = ql_fb_load_u16(w->bytes + vtable + entry);
    }
    size_t inside = ql_fb_load_u16(w->bytes + vtable + 2);
    if (offset && (offset < 4 || size > inside || offset > inside - size)) {
        return broken(w, QL_RULE_FIELD, what, size, offset, inside, 0);
    }
    *at = offset ? table + offset : 0;
    return QL_OK;
}

/* The place a field refers to; 0 when it is absent. */
static ql_code verify_ref(const wire *w, size_t table, int slot, const char *what, size_t *target)
{
    ql_code code = verify_field(w, table, slot, 4, what, target);
    return code || !*target ? code : verify_offset(w, *target, what, target);
}

static ql_code verify_table(wire *w, size_t table, const ql_schema_table *schema);

static ql_code verify_tables(wire *w, size_t vector, const ql_field *field)
{
    size_t elements, table = 0;
    ql_code code = verify_vector(w, vector, 4, field->name, &elements);
    for (size_t i = 0; !code && i < elements; i++) {
        code = verify_offset(w, vector + 4 + 4 * i, field->name, &table);
        if (!code) {
            code = verify_table(w, table, field->table);
        }
    }
    return code;
}

static ql_code verify_option(wire *w, size_t table, int slot, const ql_options_table *options)
{
    ql_option_kind kind = options->slots[slot].kind;
    const char *what = options->slots[slot].name;
    size_t at, elements;
    if (kind == QL_OPT_SKIP) {
        return QL_OK;
    }
    if (kind < QL_OPT_STRING) {
        return verify_field(w, table, slot, ql_option_size(kind), what, &at);
    }
    ql_code code = verify_ref(w, table, slot, what, &at);
    if (code || !at) {
        return code;
    }
    return kind == QL_OPT_STRING ? verify_string(w, at, what)
                                 : verify_vector(w, at, ql_option_size(kind), what, &elements);
}

static ql_code verify_options(wire *w, size_t table, const ql_options_table *options)
{
    size_t vtable;
    ql_code code = verify_header(w, table, options->name, &vtable);
    for (int slot = 0; !code && options->slots[slot].kind != QL_OPT_END; slot++) {
        code = verify_option(w, table, slot, options);
    }
    return code;
}

static const ql_schema_table *member(const ql_field *field, int type)
{
    for (int i = 0; field->members[i]; i++) {
        if (i + 1 == type) {
            return field->members[i];
        }
    }
    return NULL;
}

/* A type that the schema does not have (yet) is left alone, and so is its value. */
static ql_code verify_union(wire *w, size_t table, int slot, const ql_field *field)
{
    size_t type_at, value;
    ql_code code = verify_field(w, table, slot, 1, field->name, &type_at);
    if (!code) {
        code = verify_ref(w, table, slot + 1, field[1].name, &value);
    }
    if (code || !type_at || !value) {
        return code;
    }
    int type = w->bytes[type_at];
    if (field->kind == QL_FIELD_UNION) {
        const ql_schema_table *schema = member(field, type);
        return schema ? verify_table(w, value, schema) : QL_OK;
    }
    const ql_options_table *options = ql_options_table_of(type, field->kind == QL_FIELD_OPTIONS2);
    return options ? verify_options(w, value, options) : QL_OK;
}

/* Types and values, as many of the one as of the other. */
static ql_code verify_unions(wire *w, size_t table, int slot, const ql_field *field)
{
    size_t types, values = 0, value = 0, type_count = 0, value_count = 0;
    ql_code code = verify_ref(w, table, slot, field->name, &types);
    if (!code && types) {
        code = verify_vector(w, types, 1, field->name, &type_count);
    }
    if (!code) {
        code = verify_ref(w, table, slot + 1, field[1].name, &values);
    }
    if (!code && values) {
        code = verify_vector(w, values, 4, field[1].name, &value_count);
    }
    if (!code && type_count != value_count) {
        code = ql_fail(w->err, QL_E_FORMAT, "%s: %zu types: there are %zu values", field->name, type_count,
                       value_count);
    }
    for (size_t i = 0; !code && i < type_count; i++) {
        const ql_schema_table *schema = member(field, w->bytes[types + 4 + i]);
        if (schema) {
            code = verify_offset(w, values + 4 + 4 * i, field[1].name, &value);
            code = code ? code : verify_table(w, value, schema);
        }
    }
    return code;
}

static ql_code verify_reference(wire *w, size_t table, int slot, const ql_field *field)
{
    size_t at, elements;
    ql_code code = verify_ref(w, table, slot, field->name, &at);
    if (code || !at) {
        return code;
    }
    switch (field->kind) {
    case QL_FIELD_STRING:
        return verify_string(w, at, field->name);
    case QL_FIELD_TABLE:
        return verify_table(w, at, field->table);
    case QL_FIELD_TABLES:
        return verify_tables(w, at, field);
    default:
        return verify_vector(w, at, (size_t)field->size, field->name, &elements);
    }
}

static ql_code verify_table(wire *w, size_t table, const ql_schema_table *schema)
{
    size_t at;
    ql_code code = verify_header(w, table, schema->name, &at);
    for (int slot = 0; !code && slot < schema->count; slot++) {
        const ql_field *field = &schema->fields[slot];
        switch (field->kind) {
        case QL_FIELD_SCALAR:
            code = verify_field(w, table, slot, (size_t)field->size, field->name, &at);
            break;
        case QL_FIELD_UNION:
        case QL_FIELD_OPTIONS:
        case QL_FIELD_OPTIONS2:
            code = verify_union(w, table, slot, field);
            break;
        case QL_FIELD_UNIONS:
            code = verify_unions(w, table, slot, field);
            break;
        case QL_FIELD_VALUE:
        case QL_FIELD_SKIP:
            break;
        default:
            code = verify_reference(w, table, slot, field);
        }
    }
    return code;
}

static ql_code verify_identifier(const wire *w)
{
    char found[32], what[64];
    if (memcmp(w->bytes + 4, "TFL3", 4) == 0) {
        return QL_OK;
    }
    ql_escape(found, sizeof found, (const char *)w->bytes + 4, 4);
    snprintf(what, sizeof what, "file identifier '%s' at byte 4", found);
    return broken(w, QL_RULE_IDENTIFIER, what, 0, 0, 0, 0);
}

static wire start(const uint8_t *bytes, size_t count, ql_err *err)
{
    /* Offsets are signed 32-bit ones on their way to a vtable: the structure ends where they do. Larger files
     * have plain data behind it, which is checked where it is used. */
    size_t structure = count < INT32_MAX ? count : INT32_MAX;
    return (wire){bytes, structure, structure * SHARING + SHARING_FLOOR, err};
}

static ql_code verify_root(wire *w, const ql_schema_table *schema)
{
    size_t root = 0;
    ql_code code = verify_offset(w, 0, "root", &root);
    return code ? code : verify_table(w, root, schema);
}

ql_code ql_verify_bytes(const uint8_t *bytes, size_t count, ql_err *err)
{
    wire w = start(bytes, count, err);
    if (count < SMALLEST) {
        return broken(&w, QL_RULE_FILE_SIZE, NULL, count, SMALLEST, 0, 0);
    }
    ql_code code = verify_identifier(&w);
    return code ? code : verify_root(&w, &ql_schema_model);
}

ql_code ql_verify_debug_bytes(const uint8_t *bytes, size_t count, ql_err *err)
{
    wire w = start(bytes, count, err);
    if (count < SMALLEST) {
        return ql_fail(err, QL_E_FORMAT, "%zu bytes: at least %d are required", count, SMALLEST);
    }
    return verify_root(&w, &ql_schema_debug);
}
