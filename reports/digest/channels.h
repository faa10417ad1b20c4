/* The channels of a row, neighbours taken together so that a drawing has room for them. */
#ifndef QL_DIGEST_CHANNELS_H
#define QL_DIGEST_CHANNELS_H

#include "reports/digest/digest.h"

enum { QL_CHANNEL_COLUMNS = 128 };

typedef struct {
    int first;        /* channel */
    double low, high; /* of the reference; NaN: nothing finite */
    double sqnr;      /* the lowest; NaN: none has any */
} ql_channel_column;

typedef struct {
    ql_channel_column columns[QL_CHANNEL_COLUMNS];
    int count, channels;
    double low, high; /* of all */
} ql_channel_strip;

/* False when the row has no channels. */
bool ql_row_channels(const ql_row *row, ql_channel_strip *strip);

#endif
