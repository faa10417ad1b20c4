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

void ql_arena_share(ql_arena *arena, size_t *total)
{
    arena->total = total;
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
    arena->blocks = NULL;
    arena->used = arena->taken = 0;
}

static bool allowed(const ql_arena *arena, size_t bytes)
{
    size_t taken = arena->total ? *arena->total : arena->taken;
    return !arena->limit || (taken <= arena->limit && bytes <= arena->limit - taken);
}

static void count_block(ql_arena *arena, size_t bytes)
{
    arena->taken += bytes;
    if (arena->total) {
        *arena->total += bytes;
    }
}

static ql_arena_block *grow(ql_arena *arena, size_t bytes)
{
    size_t size = bytes > BLOCK - HEADER ? bytes : BLOCK - HEADER;
    void *memory;
    if (size > SIZE_MAX - HEADER || !allowed(arena, HEADER + size) ||
        posix_memalign(&memory, ALIGN, HEADER + size)) {
        return NULL;
    }
    ql_arena_block *block = memory;
    *block = (ql_arena_block){.size = size};
    count_block(arena, HEADER + size);
    /* A block made for one large piece goes behind the current one, which still has room. */
    if (arena->blocks && bytes > BLOCK / 2) {
        block->next = arena->blocks->next;
        arena->blocks->next = block;
    } else {
        block->next = arena->blocks;
        arena->blocks = block;
    }
    return block;
}

void *ql_take(ql_arena *arena, size_t count, size_t size)
{
    if (size && count > (SIZE_MAX - ALIGN) / size) {
        return NULL;
    }
    size_t bytes = (count * size + ALIGN - 1) / ALIGN * ALIGN;
    if (!bytes) {
        bytes = ALIGN;
    }
    ql_arena_block *block = arena->blocks;
    if (!block || bytes > block->size - block->used) {
        block = grow(arena, bytes);
        if (!block) {
            return NULL;
        }
    }
    char *piece = (char *)block + HEADER + block->used;
    block->used += bytes;
    arena->used += bytes;
    return memset(piece, 0, bytes);
}

void *ql_take_copy(ql_arena *arena, const void *from, size_t bytes)
{
    void *copy = ql_take(arena, bytes, 1);
    if (copy && bytes) {
        memcpy(copy, from, bytes);
    }
    return copy;
}
