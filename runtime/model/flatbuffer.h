/* Reading FlatBuffers bytes that ql_verify_bytes has passed: no checks here, and none needed. A table is a
 * pointer to its first byte, a vector one to its count. Values are taken byte by byte or copied, as nothing
 * promises that a file aligns them; the host is little endian.
 */
#ifndef QL_MODEL_FLATBUFFER_H
#define QL_MODEL_FLATBUFFER_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

static inline uint16_t ql_fb_load_u16(const uint8_t *at)
{
    return (uint16_t)(at[0] | at[1] << 8);
}

static inline uint32_t ql_fb_load_u32(const uint8_t *at)
{
    return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

static inline int32_t ql_fb_load_i32(const uint8_t *at)
{
    return (int32_t)ql_fb_load_u32(at);
}

/* Where the offset stored at `at` leads. */
static inline const uint8_t *ql_fb_follow(const uint8_t *at)
{
    return at + ql_fb_load_u32(at);
}

/* The bytes of a table's field; NULL when it is absent and has its default. */
static inline const uint8_t *ql_fb_slot(const uint8_t *table, int slot)
{
    const uint8_t *vtable = table - (ptrdiff_t)ql_fb_load_i32(table);
    int at = 4 + 2 * slot;
    int offset = at < ql_fb_load_u16(vtable) ? ql_fb_load_u16(vtable + at) : 0;
    return offset ? table + offset : NULL;
}

/* The table, vector or string a field refers to; NULL when it is absent. */
static inline const uint8_t *ql_fb_ref(const uint8_t *table, int slot)
{
    const uint8_t *at = ql_fb_slot(table, slot);
    return at ? ql_fb_follow(at) : NULL;
}

static inline int ql_fb_u8(const uint8_t *table, int slot, int fallback)
{
    const uint8_t *at = ql_fb_slot(table, slot);
    return at ? *at : fallback;
}

static inline int ql_fb_i8(const uint8_t *table, int slot, int fallback)
{
    const uint8_t *at = ql_fb_slot(table, slot);
    return at ? (int8_t)*at : fallback;
}

static inline int32_t ql_fb_i32(const uint8_t *table, int slot, int32_t fallback)
{
    const uint8_t *at = ql_fb_slot(table, slot);
    return at ? ql_fb_load_i32(at) : fallback;
}

static inline uint64_t ql_fb_u64(const uint8_t *table, int slot, uint64_t fallback)
{
    const uint8_t *at = ql_fb_slot(table, slot);
    if (at) {
        memcpy(&fallback, at, sizeof fallback);
    }
    return fallback;
}

static inline float ql_fb_f32(const uint8_t *table, int slot, float fallback)
{
    const uint8_t *at = ql_fb_slot(table, slot);
    if (at) {
        memcpy(&fallback, at, sizeof fallback);
    }
    return fallback;
}

/* The number of elements of a vector or bytes of a string; 0 for an absent one. */
static inline int ql_fb_count(const uint8_t *vector)
{
    return vector ? (int)ql_fb_load_u32(vector) : 0;
}

/* The table that is element `i` of a vector of tables. */
static inline const uint8_t *ql_fb_table(const uint8_t *vector, int i)
{
    return ql_fb_follow(vector + 4 + 4 * (ptrdiff_t)i);
}

#endif
