/* The end of convolutions and matrix products: a block of sums gets its bias, is rescaled, clamped and stored
 * in output 0.
 *
 * Source: the tails of TFLite reference_ops and reference_integer_ops Conv, DepthwiseConv, TransposeConv,
 * FullyConnected and of their hybrid forms; docs/numerics.md "CONV_2D", "FULLY_CONNECTED", "Hybrid".
 */
#ifndef QL_OPS_COMMON_FINISH_H
#define QL_OPS_COMMON_FINISH_H

#include "runtime/ops/common/activation.h"
#include "runtime/ops/common/dot.h"
#include "runtime/ops/common/hybrid.h"
#include "runtime/ops/common/requant.h"

typedef struct ql_finish ql_finish;

/* Sums of `lanes` outputs; `at` is the first one's place in output 0, `channel` its channel, `x` how the
 * activations were quantized (hybrid). */
typedef void (*ql_finish_fn)(const ql_call *c, const ql_finish *f, const ql_sums *sums, size_t at,
                             int channel, int lanes, ql_hybrid x);

struct ql_finish {
    ql_finish_fn run;
    ql_roles roles;
    const ql_mult *multipliers; /* one a channel */
    const double *factors;      /* used instead of them when there: multiply as double, round */
    const float *factors_f32;   /* used instead of all when there: 8-bit outputs, ql_rescale_f32 */
    ql_clamp_q clamp;
    ql_clamp_f32 clamp_f32;
    const int32_t *weight_sums; /* one a channel: hybrid sums that have the zero point not yet taken off */
    bool scales_apart;          /* hybrid: sum * weight scale * input scale, else sum * (both) */
};

void ql_finish_f32(const ql_call *c, const ql_finish *f, const ql_sums *sums, size_t at, int channel,
                   int lanes, ql_hybrid x);
/* 32-bit sums to int8 or uint8. */
void ql_finish_8(const ql_call *c, const ql_finish *f, const ql_sums *sums, size_t at, int channel, int lanes,
                 ql_hybrid x);
/* 32-bit sums to int16. */
void ql_finish_16(const ql_call *c, const ql_finish *f, const ql_sums *sums, size_t at, int channel,
                  int lanes, ql_hybrid x);
/* 64-bit sums, int64 bias, to int16. */
void ql_finish_16_wide(const ql_call *c, const ql_finish *f, const ql_sums *sums, size_t at, int channel,
                       int lanes, ql_hybrid x);
/* 32-bit sums of quantized floats to float32. */
void ql_finish_hybrid(const ql_call *c, const ql_finish *f, const ql_sums *sums, size_t at, int channel,
                      int lanes, ql_hybrid x);

#endif
