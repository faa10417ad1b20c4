/* SPLIT: a tensor cut along an axis into equal parts.
 *
 *   in 0   axis  i32, one value
 *   in 1   x     any type of whole bytes      out 0 .. n-1  parts, type of x; the axis divides by n
 *
 * Source: TFLite kernels/split.cc.
 */
#include "runtime/ops/common/split.h"

static ql_code prepare(ql_call *c)
{
    int axis;
    bool known;
    ql_code code = ql_axis_input(c, 0, c->in[1]->rank, &axis, &known);
    if (code || !known) {
        return code ? code : ql_defer(c);
    }
    int32_t size = c->in[1]->dims[axis];
    if (size % c->out_count) {
        return ql_fail_in(c, 1, QL_E_FORMAT, "%d elements along axis %d into %d parts: must divide evenly",
                          (int)size, axis, c->out_count);
    }
    int32_t *sizes = ql_plan_take(c, (size_t)c->out_count, sizeof *sizes);
    for (int o = 0; sizes && o < c->out_count; o++) {
        sizes[o] = size / c->out_count;
    }
    return sizes ? ql_prepare_split(c, 1, axis, sizes, false) : QL_E_NOMEM;
}

const ql_op ql_op_split = {
    .name = "SPLIT",
    .code = 49,
    .max_version = 5,
    .options_id = 35,
    .min_in = 2,
    .max_in = 2,
    .min_out = 1,
    .max_out = -1,
    .key = 1,
    .prepare = prepare,
    .run_any = ql_run_split,
    .quant = {.kind = QL_Q_SAME},
};
