/* FULLY_CONNECTED with int4 weights whose rows are cut into blocks, each with a scale of its own:
 *
 *   y[n,o] = (sum over blocks of (sum of q * w) * s[o,block] - zero * sum over blocks of s * (sum of w))
 *            * input scale + b[o]
 *
 * x is quantized row by row, always asymmetrically; s is a tensor of the subgraph, [O, blocks], float16 or
 * float32. Sums of a block are integers; across blocks they are float32, in order. No activation is applied.
 * Source: TFLite fully_connected EvalBlockwise4Bit; docs/numerics.md "Blockwise".
 */
#ifndef QL_OPS_COMMON_BLOCKWISE_H
#define QL_OPS_COMMON_BLOCKWISE_H

#include "runtime/ops/op.h"

/* The scales of input w [rows, terms] in blocks, as float [rows, blocks]; memory of the plan. FORMAT when
 * blocks do not divide the terms, or the scales are not rows * blocks constants of float16 or float32. */
ql_code ql_block_scales(ql_call *c, int w, const float **scales);

/* prepare for operator inputs x, w [O, K], b and a shaped output; sets c->run. FORMAT when blocks do not
 * divide K or scales are not O * blocks; UNSUPPORTED for other types. Zero points of weights
 * are not read, as in the reference. */
ql_code ql_prepare_blockwise(ql_call *c);

#endif
