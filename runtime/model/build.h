/* Making FlatBuffers bytes, front to back: a table is laid out first, then what its slots refer to, which is
 * the order that unsigned offsets require. Equal vtables are stored once. Failures are remembered: after the
 * first one the calls do nothing, so only the end needs a look at `code`.
 *
 *     ql_slots row = {0};
 *     ql_put_bytes(&row, SLOT_SIZE, 4, value, 0);         scalars that differ from their default
 *     ql_put_ref(&row, SLOT_NAME, name.length > 0); what may follow
 *     ql_build_child(b, &parent, SLOT, &row);       lays the table out
 *     ql_build_string(b, &row, SLOT_NAME, name);    does nothing for a slot that was not put
 */
#ifndef QL_MODEL_BUILD_H
#define QL_MODEL_BUILD_H

#include "runtime/model/model.h"

enum { QL_ROW_SLOTS = 24, QL_VTABLE_CHAINS = 256 };

/* One table: its slots before it is laid out, their places after. */
typedef struct {
    int count; /* slots up to the last one that is put */
    uint8_t size[QL_ROW_SLOTS];
    uint64_t value[QL_ROW_SLOTS];
    size_t place[QL_ROW_SLOTS]; /* in the bytes; 0: absent */
} ql_slots;

typedef struct {
    size_t at;
    int next; /* in the chain, -1 ends it */
} ql_vtable;

/* Bytes that are not copied: they stay where they are until all is given out. */
typedef struct {
    size_t at;
    const void *data;
    size_t count;
} ql_piece;

typedef struct {
    uint8_t *bytes; /* without the pieces */
    size_t count;   /* with them */
    size_t capacity;
    bool apart; /* from here on long data become pieces, and nothing before the last one but scalars of what
                   came before the first is overwritten */
    ql_piece *pieces;
    size_t piece_count, piece_capacity, piece_bytes;
    size_t limit; /* no byte may come at or after it */
    bool full;    /* the failure is that limit */
    ql_vtable *vtables;
    int vtable_count, vtable_capacity;
    int chains[QL_VTABLE_CHAINS]; /* of vtables with the same hash */
    ql_code code;
    ql_err *err;
} ql_builder;

/* A builder that has room for the root's offset and the file identifier. */
void ql_build_start(ql_builder *b, size_t limit, const char *identifier, ql_err *err);

/* Releases everything. */
void ql_build_end(ql_builder *b);

/* Shows all bytes in order, b->count of them; a code of `put` other than QL_OK ends it. */
typedef ql_code (*ql_build_put)(void *user, const void *bytes, size_t count, ql_err *err);
ql_code ql_build_give(const ql_builder *b, ql_build_put put, void *user, ql_err *err);

/* A scalar of `size` bytes (1, 2, 4 or 8) unless it has its default; nothing but the low bytes count. */
void ql_put_bytes(ql_slots *row, int slot, size_t size, uint64_t value, uint64_t fallback);

/* Room for a reference, if `present`. */
void ql_put_ref(ql_slots *row, int slot, bool present);

/* Lay a table out: as the root, in a parent's slot, or as element `i` of a vector of tables. */
void ql_build_root(ql_builder *b, ql_slots *row);
void ql_build_child(ql_builder *b, const ql_slots *parent, int slot, ql_slots *row);
void ql_build_item(ql_builder *b, size_t vector, int i, ql_slots *row);

/* A vector of `count` elements of `size` bytes, its first element aligned to `alignment` (a power of two, at
 * least 4 is taken). Returns where it is, to share it with ql_build_share. */
size_t ql_build_vector(ql_builder *b, const ql_slots *row, int slot, const void *data, size_t count,
                       size_t size, size_t alignment);
void ql_build_string(ql_builder *b, const ql_slots *row, int slot, ql_str text);

/* A vector of `count` tables, to be filled with ql_build_item; returns where it is. */
size_t ql_build_tables(ql_builder *b, const ql_slots *row, int slot, int count);

/* Lets the reference at byte `place` lead to byte `target`. */
void ql_build_share(ql_builder *b, size_t place, size_t target);

/* Plain bytes at the next multiple of `alignment`; returns where they are. */
size_t ql_build_bytes(ql_builder *b, const void *data, size_t count, size_t alignment);

/* Overwrites `size` bytes that are there. */
void ql_build_poke(ql_builder *b, size_t at, size_t size, uint64_t value);

#endif
