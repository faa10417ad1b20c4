/* The quantized arithmetic of MEAN and SUM: integer sums, brought to the output's scale once. */
#ifndef QL_OPS_COMMON_MEANSUM_H
#define QL_OPS_COMMON_MEANSUM_H

#include "runtime/ops/common/reduce.h"

/* State for either; `mean` folds 1/terms into the multiplier. Does all of prepare. */
ql_code ql_prepare_meansum(ql_call *c, bool mean);

ql_code ql_run_meansum_i8(const ql_call *c);
ql_code ql_run_meansum_u8(const ql_call *c);
ql_code ql_run_meansum_i16(const ql_call *c);

#endif
