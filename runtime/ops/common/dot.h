/* The inner loop of convolutions and matrix products: sums for QL_LANES outputs at once, so that each sum
 * keeps the reference's order of terms (vectors run across outputs, never along a sum).
 *
 * Weights are packed once, in prepare: outputs in blocks of QL_LANES; in a block, for each term the QL_LANES
 * weights side by side; a last block is filled up with zeros.
 */
#ifndef QL_OPS_COMMON_DOT_H
#define QL_OPS_COMMON_DOT_H

#include "runtime/ops/op.h"

enum { QL_LANES = 16 };

typedef union {
    float f32[QL_LANES];
    int32_t i32[QL_LANES];
    int64_t i64[QL_LANES];
} ql_sums;

/* sums[lane] += sum over k of (x[k] - zero) * w[k * QL_LANES + lane], k = 0 .. terms-1 in order. */
typedef void (*ql_dot_fn)(ql_sums *sums, const void *x, int terms, const void *packed, int32_t zero);

void ql_dot_f32(ql_sums *sums, const void *x, int terms, const void *packed, int32_t zero); /* w float; f32 */
void ql_dot_i8(ql_sums *sums, const void *x, int terms, const void *packed,
               int32_t zero); /* w int16; i32, wraps */
void ql_dot_u8(ql_sums *sums, const void *x, int terms, const void *packed,
               int32_t zero); /* w int16; i32, wraps */
void ql_dot_i16(ql_sums *sums, const void *x, int terms, const void *packed, int32_t zero); /* w int16; i64 */
void ql_dot_i16_i32(ql_sums *sums, const void *x, int terms, const void *packed,
                    int32_t zero); /* w int16; i32 */

/* sums[lane] += (x[lane] - zero) * w[lane] for lanes 0 .. lanes-1: one term of QL_LANES outputs that each
 * have an input channel of their own. Types as above. */
void ql_lanes_f32(ql_sums *sums, const void *x, int lanes, const void *packed, int32_t zero);
void ql_lanes_i8(ql_sums *sums, const void *x, int lanes, const void *packed, int32_t zero);
void ql_lanes_u8(ql_sums *sums, const void *x, int lanes, const void *packed, int32_t zero);
void ql_lanes_i16(ql_sums *sums, const void *x, int lanes, const void *packed, int32_t zero);
void ql_lanes_i16_i32(ql_sums *sums, const void *x, int lanes, const void *packed, int32_t zero);

/* sums.f32[lane] += (float)((x[k] - zero) * w) * scales[lane] * x_scale, term by term: what the reference
 * does in hybrid transposed convolution. */
void ql_dot_scaled(ql_sums *sums, const int8_t *x, int terms, const int16_t *packed, int32_t zero,
                   const float *scales, float x_scale);

/* Where weights lie: term t of run r of output o is element first + o * output + r * run + t * term. */
typedef struct {
    size_t first, output, run, term;
    int outputs, runs, terms;
} ql_layout;

/* Elements and bytes that the packed form takes; a block is QL_LANES outputs. */
size_t ql_packed_bytes(ql_type type, const ql_layout *layout);
size_t ql_packed_block_bytes(ql_type type, const ql_layout *layout);

/* Packs into `packed` (ql_packed_bytes, zeroed or not). float32 stays float; int16, int8, uint8, int4 and
 * int2 become int16 with weight_zero taken off. */
void ql_pack(void *packed, const ql_view *weights, const ql_layout *layout, int32_t weight_zero);

/* Packs the weights of `outputs` outputs of `terms` terms each, from rows of `terms` elements (row = output).
 * float32 stays float; int8, uint8, int4 and int2 become int16 with weight_zero taken off. Memory of the
 * plan; NULL: refused (err is set). */
void *ql_pack_rows(ql_call *c, const ql_view *weights, size_t first_row, int outputs, int terms,
                   int32_t weight_zero);

/* Element k of a weight tensor of 8 or fewer bits (flat order, low bits first). */
int32_t ql_small_int(const ql_view *view, size_t k);

/* Blocks that `outputs` outputs take. */
static inline int ql_blocks(int outputs)
{
    return (outputs + QL_LANES - 1) / QL_LANES;
}

#endif
