/* RANGE: start, start + delta, ... below (or above) limit.
 *
 *   in 0, 1, 2  start, limit, delta  f32 | i32 | i64, one value each      out 0  y  [n], the same type
 *
 * Each value is the one before plus delta, in the type itself.
 * Source: TFLite kernels/range.cc.
 */
#include "runtime/ops/op.h"

#include <math.h>

/* Steps of |delta| in |distance|, rounded up. */
static double steps_f32(float start, float limit, float delta)
{
    return (double)ceilf(fabsf((limit - start) / delta));
}

static double steps_integer(int64_t start, int64_t limit, int64_t delta)
{
    uint64_t distance = limit > start ? (uint64_t)limit - (uint64_t)start : (uint64_t)start - (uint64_t)limit;
    uint64_t width = delta > 0 ? (uint64_t)delta : 0 - (uint64_t)delta;
    return (double)(distance / width + (distance % width != 0));
}

static int64_t integer(const ql_view *view)
{
    return view->type == QL_I32 ? *(const int32_t *)view->data : *(const int64_t *)view->data;
}

static ql_code shape(ql_call *c, bool down, bool up, bool forward, bool backward, double steps)
{
    if (!((down && backward) || (up && forward))) {
        return ql_fail_in(c, 2, QL_E_FORMAT, "a step of 0, or away from the limit: must lead to it");
    }
    return ql_set_shape(c, 0, 1, (int32_t[]){steps <= INT32_MAX ? (int32_t)steps : -1});
}

static ql_code prepare(ql_call *c)
{
    for (int i = 0; i < 3; i++) {
        ql_code code = ql_need_same_type(c, i, 0);
        if (code || c->in[i]->count != 1) {
            return code ? code : ql_fail_in(c, i, QL_E_FORMAT, "%zu values: must be one", c->in[i]->count);
        }
    }
    if (!ql_known(c, 0) || !ql_known(c, 1) || !ql_known(c, 2)) {
        return ql_defer(c);
    }
    if (c->slot == QL_S_F32) {
        float start = *(const float *)c->in[0]->data, limit = *(const float *)c->in[1]->data;
        float delta = *(const float *)c->in[2]->data;
        return shape(c, start >= limit, start <= limit, delta > 0, delta < 0, steps_f32(start, limit, delta));
    }
    int64_t start = integer(c->in[0]), limit = integer(c->in[1]), delta = integer(c->in[2]);
    return shape(c, start >= limit, start <= limit, delta > 0, delta < 0,
                 delta ? steps_integer(start, limit, delta) : 0);
}

#define RANGE(name, type, next)                                                                              \
    static ql_code name(const ql_call *c)                                                                    \
    {                                                                                                        \
        type value = *(const type *)c->in[0]->data, delta = *(const type *)c->in[2]->data;                   \
        type *y = c->out[0]->data;                                                                           \
        for (size_t i = 0; i < c->out[0]->count; i++) {                                                      \
            y[i] = value;                                                                                    \
            value = (type)(next);                                                                            \
        }                                                                                                    \
        return QL_OK;                                                                                        \
    }

RANGE(run_f32, float, value + delta)
RANGE(run_i32, int32_t, (uint32_t)value + (uint32_t)delta)
RANGE(run_i64, int64_t, (uint64_t)value + (uint64_t)delta)

const ql_op ql_op_range = {
    .name = "RANGE",
    .code = 96,
    .max_version = 2,
    .options_id = 73,
    .min_in = 3,
    .max_in = 3,
    .min_out = 1,
    .max_out = 1,

    .prepare = prepare,
    .run = {[QL_S_F32] = run_f32, [QL_S_I32] = run_i32, [QL_S_I64] = run_i64},
    .quant = {.kind = QL_Q_NONE},
};
