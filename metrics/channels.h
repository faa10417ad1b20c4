/* Ranges and error by channel: an array of rows x channels, the channel running fastest. As everything here,
 * the state depends only on what was added, not on the order or the split. The caller owns the array of
 * channels; all bytes zero is empty.
 *
 * Sums of squares are kept in 192-bit fixed point: what one call contributes is cut to a multiple of 2^-96
 * and to at most 2^90, then added exactly.
 */
#ifndef QL_METRICS_CHANNELS_H
#define QL_METRICS_CHANNELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
    uint64_t limb[3]; /* low first; units of 2^-96 */
} ql_wide;

/* Adds a value >= 0; negative values and NaN count as 0. */
void ql_wide_add(ql_wide *sum, double value);
double ql_wide_value(const ql_wide *sum); /* to the nearest double, near enough */

typedef struct {
    uint64_t count;                   /* elements finite on both sides */
    float min_f, max_f, min_q, max_q; /* meaningful when count > 0 */
    ql_wide ff, ee;                   /* sums of f^2 and (q-f)^2 */
} ql_channel;

/* Adds one sample's tensor of `rows` rows. (ql_stats_add_values adds it on the way.) */
void ql_channels_add(ql_channel *channels, size_t count, const float *f, const float *q, size_t rows);
void ql_channels_merge(ql_channel *into, const ql_channel *from, size_t count);

/* 10 log10(sum f^2 / sum e^2) of one channel; NaN when either is 0. */
double ql_channel_sqnr_db(const ql_channel *channel);

/* Text as ql_stats_write's: one line, safe in JSON. Call with NULL, 0 to learn the length. */
size_t ql_channels_write(const ql_channel *channels, size_t count, char *out, size_t size);

/* Reads exactly what ql_channels_write writes for `count` channels; false, with the channels empty, for
 * anything else. */
bool ql_channels_parse(ql_channel *channels, size_t count, const char *text, size_t length);

#endif
