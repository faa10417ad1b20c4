#include "runtime/base/memory.h"

#include <stdint.h>

void ql_memory_init(ql_memory *memory, size_t limit)
{
    atomic_init(&memory->used, 0);
    memory->limit = limit;
}

void ql_memory_add(ql_memory *memory, size_t bytes)
{
    if (!memory) {
        return;
    }
    atomic_fetch_add_explicit(&memory->used, bytes, memory_order_relaxed);
}

bool ql_memory_take(ql_memory *memory, size_t bytes)
{
    if (!memory) {
        return true;
    }
    size_t limit = memory->limit ? memory->limit : SIZE_MAX;
    size_t used = atomic_load_explicit(&memory->used, memory_order_relaxed);
    do {
        if (used > limit || bytes > limit - used) {
            return false;
        }
    } while (!atomic_compare_exchange_weak_explicit(&memory->used, &used, used + bytes, memory_order_relaxed,
                                                    memory_order_relaxed));
    return true;
}

void ql_memory_give(ql_memory *memory, size_t bytes)
{
    if (memory) {
        atomic_fetch_sub_explicit(&memory->used, bytes, memory_order_relaxed);
    }
}

size_t ql_memory_used(ql_memory *memory)
{
    return memory ? atomic_load_explicit(&memory->used, memory_order_relaxed) : 0;
}
