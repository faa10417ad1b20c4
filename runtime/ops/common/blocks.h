/* SPACE_TO_BATCH_ND and BATCH_TO_SPACE_ND: blocks of pixels against batches. Pixel h*block + k of the image,
 * counted with its border, is pixel h of the k-th group of batches. */
#ifndef QL_OPS_COMMON_BLOCKS_H
#define QL_OPS_COMMON_BLOCKS_H

#include "runtime/ops/common/move.h"

/* in 0 x, in 1 block sizes [m], in 2 border [m, 2] (padding, or what to crop); m = rank - 2. */
ql_code ql_prepare_blocks(ql_call *c, bool to_batch);
ql_code ql_run_space_to_batch(const ql_call *c);
ql_code ql_run_batch_to_space(const ql_call *c);

#endif
