/* FLOOR_MOD: y = a - floor(a / b) * b, which has b's sign; shapes broadcast.
 *
 *   in 0, 1  a, b   f32 | i8 | i16 | i32 | i64      out 0  y, same type
 *
 * An integer divisor that is 0 ends the run. Quantized values are divided as they are stored.
 * Source: TFLite kernels/floor_mod.cc, reference_ops::FloorMod.
 */
#include "runtime/ops/common/binary.h"

#include <math.h>

static float remainder_f32(float a, float b)
{
    float rest = fmodf(a, b);
    return rest != 0 && (b < 0) != (rest < 0) ? rest + b : rest;
}

static int64_t remainder_i64(int64_t a, int64_t b)
{
    int64_t rest = b == -1 ? 0 : a % b; /* the lowest value by -1 overflows */
    return rest && (b < 0) != (rest < 0) ? rest + b : rest;
}

QL_BINARY(run_f32, ql_broadcast, float, float, remainder_f32(a, b))
QL_BINARY(divide_i8, ql_broadcast, int8_t, int8_t, remainder_i64(a, b))
QL_BINARY(divide_i16, ql_broadcast, int16_t, int16_t, remainder_i64(a, b))
QL_BINARY(divide_i32, ql_broadcast, int32_t, int32_t, remainder_i64(a, b))
QL_BINARY(divide_i64, ql_broadcast, int64_t, int64_t, remainder_i64(a, b))

/* An integer divisor that is 0 ends the run. */
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

RUN(run_i8, int8_t, divide_i8)
RUN(run_i16, int16_t, divide_i16)
RUN(run_i32, int32_t, divide_i32)
RUN(run_i64, int64_t, divide_i64)

static ql_code prepare(ql_call *c)
{
    return ql_prepare_binary(c, sizeof(ql_broadcast));
}

const ql_op ql_op_floor_mod = {
    .name = "FLOOR_MOD",
    .code = 95,
    .max_version = 2,
    .options_id = 72,
    .min_in = 2,
    .max_in = 2,
    .min_out = 1,
    .max_out = 1,
    .prepare = prepare,
    .run = {[QL_S_F32] = run_f32,
            [QL_S_I8] = run_i8,
            [QL_S_I16] = run_i16,
            [QL_S_I32] = run_i32,
            [QL_S_I64] = run_i64},
    .quant = {.kind = QL_Q_NONE},
};
