/* MEAN: the average along some dimensions.
 *
 *   in 0   x     f32 | i8 | u8 | i16 | i32 | i64
 *   in 1   axes  i32; negative ones count from the end
 *   out 0  y     type of x; keep_dims leaves dimensions of 1
 *
 * float: the sum in memory order over the count. integers without scale: a 64-bit sum over the count,
 * truncated. quantized: (sum - zero * count) times the multiplier x scale / y scale / count, whose division
 * by the count truncates. Source: TFLite reference_ops::Mean, QuantizedMeanOrSum. docs/numerics.md "MEAN".
 */
#include "runtime/ops/common/meansum.h"

#include <math.h>
#include <string.h>

QL_REDUCE_ROW(row_f32, float, float, total + x)
QL_REDUCE_ROW(row_i32, int32_t, int64_t, (uint64_t)total + (uint64_t)x)
QL_REDUCE_ROW(row_i64, int64_t, int64_t, (uint64_t)total + (uint64_t)x)

static ql_code run_f32(const ql_call *c)
{
    const ql_reduce *r = c->state;
    float *y = c->out[0]->data;
    memset(y, 0, c->out[0]->bytes);
    ql_reduce_walk(c, r, row_f32, y);
    for (size_t i = 0; i < c->out[0]->count; i++) {
        y[i] = r->terms ? y[i] / (float)r->terms : NAN;
    }
    return QL_OK;
}

static ql_code run_i32(const ql_call *c)
{
    const ql_reduce *r = c->state;
    int64_t *sums = c->scratch;
    int32_t *y = c->out[0]->data;
    memset(sums, 0, c->out[0]->count * sizeof *sums);
    ql_reduce_walk(c, r, row_i32, sums);
    for (size_t i = 0; i < c->out[0]->count; i++) {
        y[i] = r->terms ? (int32_t)(sums[i] / (int64_t)r->terms) : 0;
    }
    return QL_OK;
}

static ql_code run_i64(const ql_call *c)
{
    const ql_reduce *r = c->state;
    int64_t *y = c->out[0]->data;
    memset(y, 0, c->out[0]->bytes);
    ql_reduce_walk(c, r, row_i64, y);
    for (size_t i = 0; i < c->out[0]->count; i++) {
        y[i] = r->terms ? y[i] / (int64_t)r->terms : 0;
    }
    return QL_OK;
}

static ql_code prepare(ql_call *c)
{
    if (c->slot == QL_S_I8 || c->slot == QL_S_U8 || c->slot == QL_S_I16) {
        return ql_prepare_meansum(c, true);
    }
    ql_code code = ql_prepare_reduction(c);
    c->scratch_bytes = c->slot == QL_S_I32 ? c->out[0]->count * sizeof(int64_t) : 0;
    return code;
}

const ql_op ql_op_mean = {
    .name = "MEAN",
    .code = 40,
    .max_version = 3,
    .options_id = 27,
    .min_in = 2,
    .max_in = 2,
    .min_out = 1,
    .max_out = 1,
    .prepare = prepare,
    .run = {[QL_S_F32] = run_f32,
            [QL_S_I8] = ql_run_meansum_i8,
            [QL_S_U8] = ql_run_meansum_u8,
            [QL_S_I16] = ql_run_meansum_i16,
            [QL_S_I32] = run_i32,
            [QL_S_I64] = run_i64},
    .quant = {.kind = QL_Q_FREE},
};
