/* FLOOR_DIV: y = floor(a / b), shapes broadcast.
 *
 *   in 0, 1  a, b   f32 | i8 | i16 | i32      out 0  y, same type
 *
 * The quotient is formed in double. A divisor that is 0 ends the run, in float too. Quantized values are
 * divided as they are stored. Source: TFLite kernels/floor_div.cc, reference_ops::FloorDiv.
 */
#include "runtime/ops/common/binary.h"

#include <math.h>

static double quotient(double a, double b)
{
    return floor(a / b);
}

QL_BINARY(divide_f32, ql_broadcast, float, float, quotient((double)a, (double)b))
QL_BINARY(divide_i8, ql_broadcast, int8_t, int8_t, (int32_t)quotient(a, b))
QL_BINARY(divide_i16, ql_broadcast, int16_t, int16_t, (int32_t)quotient(a, b))
QL_BINARY(divide_i32, ql_broadcast, int32_t, int32_t, ql_round_to_i32_d(quotient(a, b)))

/* A divisor that is 0 ends the run. */
#define RUN(name, type, divide)                                                                              \
    static ql_code name(const ql_call *c)                                                                    \
    {                                                                                                        \
        const type *b = c->in[1]->data;                                                                      \
        for (size_t i = 0; i < c->in[1]->count; i++) {                                                       \
            if (b[i] == 0) {                                                                                 \
                return ql_fail_in(c, 1, QL_E_FORMAT, "element %zu is 0: nothing can be divided by it", i);   \
            }                                                                                                \
        }                                                                                                    \
        return divide(c);                                                                                    \
    }

RUN(run_f32, float, divide_f32)
RUN(run_i8, int8_t, divide_i8)
RUN(run_i16, int16_t, divide_i16)
RUN(run_i32, int32_t, divide_i32)

static ql_code prepare(ql_call *c)
{
    return ql_prepare_binary(c, sizeof(ql_broadcast));
}

const ql_op ql_op_floor_div = {
    .name = "FLOOR_DIV",
    .code = 90,
    .max_version = 3,
    .options_id = 65,
    .min_in = 2,
    .max_in = 2,
    .min_out = 1,
    .max_out = 1,
    .prepare = prepare,
    .run = {[QL_S_F32] = run_f32, [QL_S_I8] = run_i8, [QL_S_I16] = run_i16, [QL_S_I32] = run_i32},
    .quant = {.kind = QL_Q_NONE},
};
