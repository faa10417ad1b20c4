/* ADD: y = act(a + b), shapes broadcast.
 *
 *   in 0, 1  a, b   f32 | i8 | u8 | i16 | i32 | i64      out 0  y, same type
 *
 * 8 bits: both inputs are brought to twice the larger scale with 20 bits of headroom (int16: 15), added,
 * rescaled. int16 whose three scales are powers of two, with pot_scale_int16 (the default): shifts only.
 * int16 and int32 without quantization are plain integer sums that wrap.
 * Source: TFLite reference_integer_ops::Add, reference_ops::Add. docs/numerics.md "ADD".
 */
#include "runtime/ops/common/addsub.h"

enum { ACTIVATION, POT_SCALE_INT16 };

static ql_code prepare(ql_call *c)
{
    return ql_prepare_add(c, ql_opt_int(c->options, ACTIVATION), ql_opt_bool(c->options, POT_SCALE_INT16), 1);
}

const ql_op ql_op_add = {
    .name = "ADD",
    .code = 0,
    .max_version = 5,
    .options_id = 11,
    .min_in = 2,
    .max_in = 2,
    .min_out = 1,
    .max_out = 1,
    .prepare = prepare,
    .run = QL_RUN_ADD,
    .quant = {.kind = QL_Q_FREE},
};
