#include "runtime/model/build.h"

#include "runtime/model/flatbuffer.h"

#include <stdlib.h>
#include <string.h>

enum { HEAD = 8, LONG = 256, FIRST_ROOM = 1 << 12, VTABLE_ROOM = 4 + 2 * QL_ROW_SLOTS };

static bool is_room(ql_builder *b, size_t count)
{
    if (b->code) {
        return false;
    }
    if (b->count > b->limit || count > b->limit - b->count) {
        b->full = true;
        b->code =
            ql_fail(b->err, QL_E_UNSUPPORTED, "more than %zu bytes: a model file cannot hold them", b->limit);
    }
    return !b->code;
}

/* Room for `count` more bytes, all zero. */
static bool grow(ql_builder *b, size_t count)
{
    if (!is_room(b, count)) {
        return false;
    }
    size_t there = b->count - b->piece_bytes;
    size_t need = there + count, capacity = b->capacity ? b->capacity : FIRST_ROOM;
    while (capacity < need) {
        capacity = capacity > SIZE_MAX / 2 ? need : 2 * capacity;
    }
    if (capacity != b->capacity) {
        uint8_t *grown = realloc(b->bytes, capacity);
        if (!grown) {
            b->code = ql_fail_memory(b->err, capacity);
            return false;
        }
        b->bytes = grown;
        b->capacity = capacity;
    }
    memset(b->bytes + there, 0, count);
    return true;
}

/* Zeros until `after` bytes from here there is a multiple of `alignment`. */
static void pad(ql_builder *b, size_t alignment, size_t after)
{
    size_t over = (b->count + after) % alignment, fill = over ? alignment - over : 0;
    if (grow(b, fill)) {
        b->count += fill;
    }
}

static void note_piece(ql_builder *b, const void *data, size_t count)
{
    if (!is_room(b, count)) {
        return;
    }
    if (b->piece_count == b->piece_capacity) {
        size_t capacity = b->piece_capacity ? 2 * b->piece_capacity : LONG;
        ql_piece *grown = realloc(b->pieces, capacity * sizeof *grown);
        if (!grown) {
            b->code = ql_fail_memory(b->err, capacity * sizeof *grown);
            return;
        }
        b->pieces = grown;
        b->piece_capacity = capacity;
    }
    b->pieces[b->piece_count++] = (ql_piece){b->count, data, count};
    b->piece_bytes += count;
    b->count += count;
}

size_t ql_build_bytes(ql_builder *b, const void *data, size_t count, size_t alignment)
{
    pad(b, alignment, 0);
    size_t at = b->count;
    if (b->apart && data && count >= LONG) {
        note_piece(b, data, count);
    } else if (grow(b, count)) {
        if (data && count) {
            memcpy(b->bytes + at - b->piece_bytes, data, count);
        }
        b->count += count;
    }
    return at;
}

void ql_build_poke(ql_builder *b, size_t at, size_t size, uint64_t value)
{
    size_t before = b->piece_count && at >= b->pieces[0].at ? b->piece_bytes : 0;
    if (!b->code) {
        memcpy(b->bytes + at - before, &value, size);
    }
}

ql_code ql_build_give(const ql_builder *b, ql_build_put put, void *user, ql_err *err)
{
    size_t given = 0, pieces = 0;
    ql_code code = QL_OK;
    for (size_t i = 0; i <= b->piece_count && !code; i++) {
        const ql_piece *piece = i < b->piece_count ? &b->pieces[i] : NULL;
        size_t end = piece ? piece->at : b->count;
        code = put(user, b->bytes + given - pieces, end - given, err);
        code = code || !piece ? code : put(user, piece->data, piece->count, err);
        pieces += piece ? piece->count : 0;
        given = piece ? piece->at + piece->count : end;
    }
    return code;
}

void ql_build_start(ql_builder *b, size_t limit, const char *identifier, ql_err *err)
{
    *b = (ql_builder){.limit = limit, .err = err};
    for (int i = 0; i < QL_VTABLE_CHAINS; i++) {
        b->chains[i] = -1;
    }
    ql_build_bytes(b, NULL, HEAD, 1);
    if (!b->code) {
        memcpy(b->bytes + 4, identifier, 4);
    }
}

void ql_build_end(ql_builder *b)
{
    free(b->vtables);
    free(b->pieces);
    free(b->bytes);
    b->vtables = NULL;
    b->pieces = NULL;
    b->bytes = NULL;
}

static void put(ql_slots *row, int slot, size_t size, uint64_t value)
{
    row->size[slot] = (uint8_t)size;
    row->value[slot] = value;
    row->count = slot >= row->count ? slot + 1 : row->count;
}

void ql_put_bytes(ql_slots *row, int slot, size_t size, uint64_t value, uint64_t fallback)
{
    uint64_t mask = size < 8 ? ((uint64_t)1 << 8 * size) - 1 : UINT64_MAX;
    if ((value & mask) != (fallback & mask)) {
        put(row, slot, size, value & mask);
    }
}

void ql_put_ref(ql_slots *row, int slot, bool present)
{
    if (present) {
        put(row, slot, 4, 0);
    }
}

/* Places of the fields from the table's start, the largest first so that none needs padding. */
static size_t lay_out(const ql_slots *row, uint8_t *vtable)
{
    size_t end = 4;
    for (size_t size = 8; size; size /= 2) {
        for (int slot = 0; slot < row->count; slot++) {
            if (row->size[slot] == size) {
                vtable[4 + 2 * slot] = (uint8_t)end;
                end += size;
            }
        }
    }
    vtable[0] = (uint8_t)(4 + 2 * row->count);
    vtable[2] = (uint8_t)end;
    return end;
}

static unsigned hash(const uint8_t *bytes, size_t count)
{
    uint32_t value = 2166136261U;
    for (size_t i = 0; i < count; i++) {
        value = (value ^ bytes[i]) * 16777619U;
    }
    return (value ^ value >> 16) % QL_VTABLE_CHAINS;
}

static bool remember(ql_builder *b, unsigned chain, size_t at)
{
    if (b->vtable_count == b->vtable_capacity) {
        int capacity = b->vtable_capacity ? 2 * b->vtable_capacity : QL_VTABLE_CHAINS;
        ql_vtable *grown = realloc(b->vtables, (size_t)capacity * sizeof *grown);
        if (!grown) {
            b->code = ql_fail_memory(b->err, (size_t)capacity * sizeof *grown);
            return false;
        }
        b->vtables = grown;
        b->vtable_capacity = capacity;
    }
    b->vtables[b->vtable_count] = (ql_vtable){at, b->chains[chain]};
    b->chains[chain] = b->vtable_count++;
    return true;
}

/* Where that vtable is: an earlier one, or a new one. */
static size_t find_vtable(ql_builder *b, const uint8_t *vtable, size_t size)
{
    unsigned chain = hash(vtable, size);
    for (int i = b->code ? -1 : b->chains[chain]; i >= 0; i = b->vtables[i].next) {
        /* the size comes first, so unequal ones differ before the end of either */
        const uint8_t *there = b->bytes + b->vtables[i].at;
        if (there[0] == vtable[0] && memcmp(there, vtable, size) == 0) {
            return b->vtables[i].at;
        }
    }
    size_t at = ql_build_bytes(b, vtable, size, 2);
    return !b->code && remember(b, chain, at) ? at : 0;
}

static size_t build_table(ql_builder *b, ql_slots *row)
{
    uint8_t vtable[VTABLE_ROOM] = {0};
    size_t inside = lay_out(row, vtable), wide = 4;
    size_t from = find_vtable(b, vtable, vtable[0]);
    for (int slot = 0; slot < row->count; slot++) {
        wide = row->size[slot] == 8 ? 8 : wide;
    }
    pad(b, wide, 4); /* its first field, behind the four bytes that lead to the vtable */
    size_t table = ql_build_bytes(b, NULL, inside, 4);
    ql_build_poke(b, table, 4, table - from);
    for (int slot = 0; slot < row->count; slot++) {
        if (row->size[slot]) {
            row->place[slot] = table + vtable[4 + 2 * slot];
            ql_build_poke(b, row->place[slot], row->size[slot], row->value[slot]);
        }
    }
    return table;
}

void ql_build_share(ql_builder *b, size_t place, size_t target)
{
    ql_build_poke(b, place, 4, target - place);
}

void ql_build_root(ql_builder *b, ql_slots *row)
{
    ql_build_share(b, 0, build_table(b, row));
}

void ql_build_child(ql_builder *b, const ql_slots *parent, int slot, ql_slots *row)
{
    if (parent->place[slot]) {
        ql_build_share(b, parent->place[slot], build_table(b, row));
    }
}

void ql_build_item(ql_builder *b, size_t vector, int i, ql_slots *row)
{
    ql_build_share(b, vector + 4 + 4 * (size_t)i, build_table(b, row));
}

size_t ql_build_vector(ql_builder *b, const ql_slots *row, int slot, const void *data, size_t count,
                       size_t size, size_t alignment)
{
    if (!row->place[slot] || b->code) {
        return 0;
    }
    if (count > (SIZE_MAX - 4) / size || count > UINT32_MAX) {
        b->full = true;
        b->code = ql_fail(b->err, QL_E_UNSUPPORTED, "%zu elements: a vector cannot hold them", count);
        return 0;
    }
    pad(b, alignment > 4 ? alignment : 4, 4);
    size_t at = ql_build_bytes(b, NULL, 4, 4);
    ql_build_poke(b, at, 4, count); /* before there may be a piece behind it */
    ql_build_bytes(b, data, count * size, 1);
    ql_build_share(b, row->place[slot], at);
    return at;
}

void ql_build_string(ql_builder *b, const ql_slots *row, int slot, ql_str text)
{
    if (ql_build_vector(b, row, slot, text.text, text.length, 1, 4)) {
        ql_build_bytes(b, NULL, 1, 1);
    }
}

size_t ql_build_tables(ql_builder *b, const ql_slots *row, int slot, int count)
{
    return ql_build_vector(b, row, slot, NULL, (size_t)count, 4, 4);
}
