/* EQUAL: y = a == b, shapes broadcast.
 *
 *   in 0, 1  a, b   f32 | f16 | i8 | u8 | i16 | i32 | i64 | bool      out 0  y  bool
 *
 * int16 with a scale is compared as 8 bits are.
 * Source: common/compare.h.
 */
#include "runtime/ops/common/compare.h"

QL_COMPARE(==)
QL_BINARY(compare_bool, ql_compare, uint8_t, uint8_t, !a == !b)
QL_BINARY(compare_i16_q, ql_compare, int16_t, uint8_t, ql_compared(s, 0, a) == ql_compared(s, 1, b))

static ql_code prepare(ql_call *c)
{
    if (c->slot == QL_S_I16 && ql_scale(c->in[0]) > 0) {
        c->run = compare_i16_q;
    }
    return ql_prepare_compare(c);
}

const ql_op ql_op_equal = {
    .name = "EQUAL",
    .code = 71,
    .max_version = 4,
    .options_id = 53,
    .min_in = 2,
    .max_in = 2,
    .min_out = 1,
    .max_out = 1,
    .prepare = prepare,
    .run = {QL_RUN_COMPARE, [QL_S_BOOL] = compare_bool},
    .quant = {.kind = QL_Q_NONE, .no_i16 = true, .reads = true},
};
