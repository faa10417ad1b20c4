/* FlexBuffers, the format custom operators keep their options in: looking up one key of the root map.
 *
 * The bytes are hostile; every read is checked. Reading costs what it touches: there is nothing to build or
 * release, and text points into the bytes.
 *
 * Source: the FlexBuffers format, flatbuffers/flexbuffers.h.
 */
#ifndef QL_MODEL_FLEXBUFFER_H
#define QL_MODEL_FLEXBUFFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum {
    QL_FLEX_NULL,
    QL_FLEX_INT,   /* also unsigned */
    QL_FLEX_FLOAT, /* float and double */
    QL_FLEX_BOOL,
    QL_FLEX_TEXT,
    QL_FLEX_OTHER /* vectors, maps, blobs */
} ql_flex_kind;

typedef struct {
    ql_flex_kind kind;
    int64_t i;        /* of numbers and bools; floats cut and saturated */
    double f;         /* of numbers and bools */
    const char *text; /* `length` bytes, no NUL promised */
    size_t length;
} ql_flex;

/* The value under `key`. False when there is none, or the bytes are not a FlexBuffer with a map at its root.
 */
bool ql_flex_find(const uint8_t *bytes, size_t count, const char *key, ql_flex *value);

/* The number under `key`, `fallback` when there is none. */
double ql_flex_number(const uint8_t *bytes, size_t count, const char *key, double fallback);

#endif
