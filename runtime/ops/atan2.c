/* ATAN2: y = the angle of the point (b, a), elementwise.
 *
 *   in 0, 1  a, b   f32 | f64 | f16, one shape      out 0  y, same type and shape
 *
 * Source: TFLite kernels/atan2.cc. Shapes that differ broadcast here; the official kernel refuses them.
 */
#include "runtime/ops/common/binary.h"
#include "runtime/tensor/half.h"

#include <math.h>

QL_BINARY(run_f32, ql_broadcast, float, float, atan2f(a, b))
QL_BINARY(run_f16, ql_broadcast, uint16_t, uint16_t,
          ql_f32_to_f16(atan2f(ql_f16_to_f32(a), ql_f16_to_f32(b))))
QL_BINARY(run_f64, ql_broadcast, double, double, atan2(a, b))

const ql_op ql_op_atan2 = {
    .name = "ATAN2",
    .code = 156,
    .max_version = 1,
    .options_id = 122,
    .min_in = 2,
    .max_in = 2,
    .min_out = 1,
    .max_out = 1,
    .prepare = ql_prepare_elements,
    .run = {[QL_S_F32] = run_f32, [QL_S_F16] = run_f16, [QL_S_F64] = run_f64},
    .quant = {.kind = QL_Q_NONE},
};
