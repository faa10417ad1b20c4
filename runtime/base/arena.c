#include "runtime/base/arena.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { ALIGN = 64, BLOCK = 1 << 16 };

struct ql_arena_block {
    ql_arena_block *next;
    size_t size, used; /* of the bytes after this header */
};
#define HEADER ((sizeof(ql_arena_block) + ALIGN - 1) / ALIGN * ALIGN)

void ql_arena_init(ql_arena *arena, size_t limit)
{
    *arena = (ql_arena){.limit = limit};
}

void ql_arena_share(ql_arena *arena, size_t *total, ql_memory *memory)
{
    arena->total = total;
    arena->memory = memory;
}

void ql_arena_free(ql_arena *arena)
{
    for (ql_arena_block *block = arena->blocks; block;) {
        ql_arena_block *next = block->next;
        free(block);
        block = next;
    }
    if (arena->total) {
        *arena->total -= arena->taken;
    }
    ql_memory_give(arena->memory, arena->taken);
    arena->blocks = NULL;
    arena->used = arena->taken = 0;
}

static bool allowed(const ql_arena *arena, size_t bytes)
{
    return !arena->limit || (arena->taken <= arena->limit && bytes <= arena->limit - arena->taken);
}

static void count_block(ql_arena *arena, size_t bytes)
{
    arena->taken += bytes;
    if (arena->total) {
        *arena->total += bytes;
    }
}

static ql_arena_block *grow(ql_arena *arena, size_t size, bool apart)
{
    void *memory;
    if (size > SIZE_MAX - HEADER || !allowed(arena, HEADER + size) ||
        !ql_memory_take(arena->memory, HEADER + size)) {
        return NULL;
    }
    if (posix_memalign(&memory, ALIGN, HEADER + size)) {
        ql_memory_give(arena->memory, HEADER + size);
        return NULL;
    }
    ql_arena_block *block = memory;
    *block = (ql_arena_block){.size = size};
    count_block(arena, HEADER + size);
    /* A block of one piece goes behind the current one, which still has room. */
    if (arena->blocks && apart) {
        block->next = arena->blocks->next;
        arena->blocks->next = block;
    } else {
        block->next = arena->blocks;
        arena->blocks = block;
    }
    return block;
}

/* Whole aligned bytes of a piece; 0 when there are too many. */
static size_t piece_bytes(size_t count, size_t size)
{
    if (size && count > (SIZE_MAX - ALIGN) / size) {
        return 0;
    }
    size_t bytes = (count * size + ALIGN - 1) / ALIGN * ALIGN;
    return bytes ? bytes : ALIGN;
}

static void *take_from(ql_arena *arena, ql_arena_block *block, size_t bytes)
{
    if (!block) {
        return NULL;
    }
    char *piece = (char *)block + HEADER + block->used;
    block->used += bytes;
    arena->used += bytes;
    return memset(piece, 0, bytes);
}

size_t ql_apart_bytes(size_t bytes)
{
    return HEADER + piece_bytes(bytes, 1);
}

void *ql_take_apart(ql_arena *arena, size_t count, size_t size)
{
    size_t bytes = piece_bytes(count, size);
    return bytes ? take_from(arena, grow(arena, bytes, true), bytes) : NULL;
}

void *ql_take(ql_arena *arena, size_t count, size_t size)
{
    size_t bytes = piece_bytes(count, size), whole = BLOCK - HEADER;
    if (!bytes) {
        return NULL;
    }
    ql_arena_block *block = arena->blocks;
    if (!block || bytes > block->size - block->used) {
        block = grow(arena, bytes > whole ? bytes : whole, bytes > BLOCK / 2);
    }
    return take_from(arena, block, bytes);
}

void *ql_take_copy(ql_arena *arena, const void *from, size_t bytes)
{
    void *copy = ql_take(arena, bytes, 1);
    if (copy && bytes) {
        memcpy(copy, from, bytes);
    }
    return copy;
}
