/* Memory by lifetime: an arena gives pieces that are all released together. It grows by blocks, never moves
 * a piece, and refuses (NULL) rather than pass its limit. */
#ifndef QL_BASE_ARENA_H
#define QL_BASE_ARENA_H

#include "runtime/base/memory.h"

typedef struct ql_arena_block ql_arena_block;
typedef struct {
    ql_arena_block *blocks; /* newest first */
    size_t used;            /* bytes handed out, for reports */
    size_t taken;           /* bytes taken from the system */
    size_t limit;           /* 0: none */
    size_t *total;          /* what all that share it have taken, this one included; NULL: it alone */
    ql_memory *memory;      /* bounds this one and others; NULL: nothing more than the limit */
} ql_arena;

/* An arena that holds nothing yet; `limit` bounds what it may take from the system, 0 = no bound. */
void ql_arena_init(ql_arena *arena, size_t limit);

/* Lets the arena, which holds nothing yet, share with others: `total` counts what all of them have taken,
 * `memory` (may be NULL) bounds that and more. */
void ql_arena_share(ql_arena *arena, size_t *total, ql_memory *memory);

/* Releases every piece; the arena may be used again. */
void ql_arena_free(ql_arena *arena);

/* `count` zeroed elements of `size` bytes, 64-byte aligned; NULL when refused or when count*size overflows.
 * A request for nothing gives a valid pointer that must not be read. */
void *ql_take(ql_arena *arena, size_t count, size_t size);

/* The same in memory of its own, of which `bytes` take ql_apart_bytes from the system. */
void *ql_take_apart(ql_arena *arena, size_t count, size_t size);
size_t ql_apart_bytes(size_t bytes);

/* A copy of `bytes` bytes from `from`; NULL when refused. */
void *ql_take_copy(ql_arena *arena, const void *from, size_t bytes);

#define QL_TAKE(arena, count, type) ((type *)ql_take(arena, count, sizeof(type)))

#endif
