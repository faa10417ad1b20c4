/* PAD and PADV2: a tensor with a border of one value. */
#ifndef QL_OPS_COMMON_PAD_H
#define QL_OPS_COMMON_PAD_H

#include "runtime/ops/common/move.h"

/* Elements before and after along each dimension of input 0, from input 1 ([rank, 2], integers): checked to
 * be there and not negative. *pads is NULL when they are not known yet. Gives output 0 the padded shape. */
ql_code ql_read_pads(ql_call *c, const int32_t **pads);

/* prepare and run of both; with an input 2 its one value is the border, else what stands for 0. */
ql_code ql_prepare_pad(ql_call *c);
ql_code ql_run_pad(const ql_call *c);

#endif
