/* SUB: y = act(a - b), shapes broadcast.
 *
 *   in 0, 1  a, b   f32 | i8 | u8 | i16 | i32 | i64      out 0  y, same type
 *
 * The arithmetic is ADD's with the second input negated after its rescale.
 * Source: TFLite reference_ops::Sub, BroadcastQuantSubSlow, BroadcastSub16POTSlow. docs/numerics.md "ADD".
 */
#include "runtime/ops/common/addsub.h"

enum { ACTIVATION, POT_SCALE_INT16 };

static ql_code prepare(ql_call *c)
{
    return ql_prepare_add(c, ql_opt_int(c->options, ACTIVATION), ql_opt_bool(c->options, POT_SCALE_INT16),
                          -1);
}

const ql_op ql_op_sub = {
    .name = "SUB",
    .code = 41,
    .max_version = 5,
    .options_id = 28,
    .min_in = 2,
    .max_in = 2,
    .min_out = 1,
    .max_out = 1,
    .prepare = prepare,
    .run = QL_RUN_ADD,
    .quant = {.kind = QL_Q_FREE},
};
