/* The numbers of an array as they are kept: floats, or small integers q that stand for (q - zero) * scale.
 * Read block by block, integers need no float array beside them. */
#ifndef QL_METRICS_RAW_H
#define QL_METRICS_RAW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum { QL_RAW_F32, QL_RAW_I8, QL_RAW_U8, QL_RAW_I16 } ql_raw_type;

enum { QL_ZERO_MOST = 1 << 23 }; /* |zero| is at most this: q - zero is then exact in a float */

typedef struct {
    ql_raw_type type;
    const void *raw;
    float scale; /* of integers */
    int32_t zero;
    const float *floats; /* what the integers stand for, where that has been worked out; NULL: it has not */
} ql_raw;

ql_raw ql_raw_of_floats(const float *values);

/* The n values from `start` on, each product rounded once. */
void ql_raw_read(const ql_raw *values, size_t start, size_t n, float *out);

float ql_raw_at(const ql_raw *values, size_t i);

/* How often each 8-bit integer occurs, from the type's lowest on. */
typedef struct {
    uint64_t count[256];
} ql_levels;

/* Counts the n values; false, with nothing written, where they are not 8-bit integers. */
bool ql_levels_count(ql_levels *levels, const ql_raw *values, size_t n);

/* The level of 8-bit integer i, and what a level stands for. */
int ql_levels_at(const ql_raw *values, size_t i);
float ql_levels_value(const ql_raw *values, int level);

#endif
