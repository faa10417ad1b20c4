/* SPLIT_V: a tensor cut along an axis into parts of given sizes.
 *
 *   in 0   x      any type of whole bytes
 *   in 1   sizes  i32 | i64 [n]; one may be -1: what is left
 *   in 2   axis   i32, one value      out 0 .. n-1  parts, type of x
 *
 * Source: TFLite kernels/split_v.cc.
 */
#include "runtime/ops/common/split.h"

static ql_code complete(const ql_call *c, int32_t *sizes, int64_t size)
{
    int open = -1;
    int64_t sum = 0;
    for (int o = 0; o < c->out_count; o++) {
        if (sizes[o] == -1 && open < 0) {
            open = o;
        } else if (sizes[o] < 0) {
            return ql_fail_in(c, 1, QL_E_FORMAT,
                              "part %d of %d elements: must not be negative, but for one -1", o,
                              (int)sizes[o]);
        } else {
            sum += sizes[o];
        }
    }
    if (open >= 0 && sum <= size) {
        sizes[open] = (int32_t)(size - sum);
        sum = size;
    }
    return sum == size ? QL_OK
                       : ql_fail_in(c, 1, QL_E_FORMAT, "parts of %lld elements in all: the axis has %lld",
                                    (long long)sum, (long long)size);
}

static ql_code prepare(ql_call *c)
{
    int axis, count;
    bool known;
    const int32_t *given;
    ql_code code = ql_axis_input(c, 2, c->in[0]->rank, &axis, &known);
    code = code ? code : ql_known_i32s(c, 1, &given, &count);
    if (code || !known || !given) {
        return code ? code : ql_defer(c);
    }
    if (count != c->out_count) {
        return ql_fail_in(c, 1, QL_E_FORMAT, "%d sizes: must be one an output, %d", count, c->out_count);
    }
    int32_t *sizes = ql_plan_take(c, (size_t)count, sizeof *sizes);
    if (!sizes) {
        return QL_E_NOMEM;
    }
    for (int o = 0; o < count; o++) {
        sizes[o] = given[o];
    }
    code = complete(c, sizes, c->in[0]->dims[axis]);
    return code ? code : ql_prepare_split(c, 0, axis, sizes, false);
}

const ql_op ql_op_split_v = {
    .name = "SPLIT_V",
    .code = 102,
    .max_version = 3,
    .options_id = 79,
    .min_in = 3,
    .max_in = 3,
    .min_out = 1,
    .max_out = -1,

    .prepare = prepare,
    .run_any = ql_run_split,
    .quant = {.kind = QL_Q_SAME},
};
