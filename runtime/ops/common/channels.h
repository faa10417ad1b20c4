/* A tensor seen by the channels of its quantization: `outer` blocks of `channels` runs of `inner` elements,
 * each run with one scale and zero point. */
#ifndef QL_OPS_COMMON_CHANNELS_H
#define QL_OPS_COMMON_CHANNELS_H

#include "runtime/ops/op.h"

typedef struct {
    size_t outer, channels, inner;
    const float *scale;  /* one a channel */
    const int64_t *zero; /* one a channel, in the type's range */
} ql_channels;

/* For a tensor with or without per-axis quantization, of the shape of `shape`. NULL, or what is wrong with
 * its scales and zero points: they must be there, finite, not negative, and one or as many as the axis has
 * elements. */
const char *ql_channels_of(const ql_view *view, const ql_view *shape, ql_channels *channels);

#endif
