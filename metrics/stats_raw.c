/* The raw integers' share at their limits; one loop a type, so that each is plain and fast. */
#include "metrics/stats.h"

#define COUNT_AT_LIMITS(name, type)                                                                          \
    static void name(const type *raw, size_t n, int qmin, int qmax, uint64_t *at_min, uint64_t *at_max)      \
    {                                                                                                        \
        uint64_t low = 0, high = 0;                                                                          \
        for (size_t i = 0; i < n; i++) {                                                                     \
            low += raw[i] <= qmin;                                                                           \
            high += raw[i] >= qmax;                                                                          \
        }                                                                                                    \
        *at_min = low;                                                                                       \
        *at_max = high;                                                                                      \
    }

COUNT_AT_LIMITS(count_i8, int8_t)
COUNT_AT_LIMITS(count_u8, uint8_t)
COUNT_AT_LIMITS(count_i16, int16_t)

void ql_stats_add_raw(ql_stats *stats, ql_raw_type type, const void *raw, size_t n, int qmin, int qmax)
{
    uint64_t at_min = 0, at_max = 0;
    switch (type) {
    case QL_RAW_I8:
        count_i8(raw, n, qmin, qmax, &at_min, &at_max);
        break;
    case QL_RAW_U8:
        count_u8(raw, n, qmin, qmax, &at_min, &at_max);
        break;
    case QL_RAW_I16:
        count_i16(raw, n, qmin, qmax, &at_min, &at_max);
        break;
    case QL_RAW_F32:
        return;
    }
    ql_stats_add_limits(stats, n, at_min, at_max);
}
