/* SPLIT, SPLIT_V and UNPACK: one tensor cut along an axis into as many as there are outputs. */
#ifndef QL_OPS_COMMON_SPLIT_H
#define QL_OPS_COMMON_SPLIT_H

#include "runtime/ops/common/move.h"

/* Gives output o the shape of input `input` with sizes[o] elements along `axis` (without that dimension when
 * `drop_axis`: sizes are 1). The sizes add up to the axis. Checks types. */
ql_code ql_prepare_split(ql_call *c, int input, int axis, const int32_t *sizes, bool drop_axis);
ql_code ql_run_split(const ql_call *c);

/* The axis that input `i` holds, for a tensor of `rank`; *known is false when the caller must defer. */
ql_code ql_axis_input(ql_call *c, int i, int rank, int *axis, bool *known);

#endif
