/* A count of memory that several hold together, with a bound. They may be on threads of their own. */
#ifndef QL_BASE_MEMORY_H
#define QL_BASE_MEMORY_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

typedef struct {
    atomic_size_t used;
    size_t limit; /* 0: none */
} ql_memory;

void ql_memory_init(ql_memory *memory, size_t limit);

/* Counts what is there already, even beyond the limit. */
void ql_memory_add(ql_memory *memory, size_t bytes);

/* Counts `bytes` more; false, and nothing counted, when that would pass the limit. NULL counts nothing. */
bool ql_memory_take(ql_memory *memory, size_t bytes);
void ql_memory_give(ql_memory *memory, size_t bytes);

size_t ql_memory_used(ql_memory *memory);

#endif
