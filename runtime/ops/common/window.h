/* A sliding window along one dimension: convolution, pooling and their padding. */
#ifndef QL_OPS_COMMON_WINDOW_H
#define QL_OPS_COMMON_WINDOW_H

#include "runtime/ops/op.h"

enum { QL_PAD_SAME, QL_PAD_VALID };

typedef struct {
    int in, kernel, stride, dilation; /* given */
    int out, before;                  /* found: positions, and padding before the first element */
} ql_window;

/* Finds `out` and `before` from the rest. Source: ComputeOutSize and ComputePaddingWithOffset of the
 * reference; the padding of an odd total is one larger at the end. FORMAT when a size or step is not positive
 * or no position fits. */
ql_code ql_window_fit(const ql_call *c, ql_window *window, int padding);

/* The window of a transposed convolution from w->in to w->out elements, both given: finds `before`, which is
 * that of the convolution the other way. FORMAT as above, and when that convolution's size is not w->in. */
ql_code ql_window_fit_back(const ql_call *c, ql_window *window, int padding);

/* For output position `o`: the input coordinate of tap 0 (may be negative), and the taps [*first, *last) that
 * fall inside the input. */
static inline int ql_window_taps(const ql_window *w, int o, int *first, int *last)
{
    int64_t origin = (int64_t)o * w->stride - w->before, step = w->dilation;
    int64_t inside = origin >= w->in ? 0 : (w->in - origin + step - 1) / step;
    *first = origin < 0 ? (int)((-origin + step - 1) / step) : 0;
    *last = inside > w->kernel ? w->kernel : (int)inside;
    return (int)origin;
}

/* What meets at one output position: input coordinates in, in + in_step, ... with taps k, k + k_step, ... */
typedef struct {
    int in, k, count, in_step, k_step;
} ql_taps;

/* Convolution: o gathers. */
ql_taps ql_taps_of(const ql_window *window, int o);

/* Transposed convolution, where input i adds to output i * stride + k * dilation - before: the same terms
 * seen from output o, in ascending order of i. */
ql_taps ql_taps_back(const ql_window *window, int o);

#endif
