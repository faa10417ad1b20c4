/* What the two RESIZE operators share: image in, size [height, width] as input 1. */
#ifndef QL_OPS_COMMON_RESIZE_H
#define QL_OPS_COMMON_RESIZE_H

#include "runtime/ops/op.h"

/* Checks input 0 [N, H, W, C] and the size, and shapes output 0 [N, height, width, C]. The caller returns
 * when c->deferred is set. */
ql_code ql_resize_prepare(ql_call *c);

#endif
