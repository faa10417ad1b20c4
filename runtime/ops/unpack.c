/* UNPACK: the slices of a tensor along an axis, which goes away.
 *
 *   in 0   x  any type of whole bytes      out 0 .. n-1  slices, type of x; n = elements along the axis
 *
 * Source: TFLite kernels/unpack.cc.
 */
#include "runtime/ops/common/split.h"

enum { NUM, AXIS };

static ql_code prepare(ql_call *c)
{
    int axis, wanted = ql_opt_int(c->options, AXIS);
    if (!ql_axis(wanted, c->in[0]->rank, &axis) || c->in[0]->dims[axis] != c->out_count) {
        return ql_fail_in(c, 0, QL_E_FORMAT,
                          "axis %d of rank %d into %d slices: must be inside and have that many elements",
                          wanted, c->in[0]->rank, c->out_count);
    }
    for (int o = 0; o < c->out_count; o++) {
        ql_code code = ql_need_same_quant(c, 0, o);
        if (code) {
            return code;
        }
    }
    int32_t *sizes = ql_plan_take(c, (size_t)c->out_count, sizeof *sizes);
    for (int o = 0; sizes && o < c->out_count; o++) {
        sizes[o] = 1;
    }
    return sizes ? ql_prepare_split(c, 0, axis, sizes, true) : QL_E_NOMEM;
}

const ql_op ql_op_unpack = {
    .name = "UNPACK",
    .code = 88,
    .max_version = 6,
    .options_id = 64,
    .min_in = 1,
    .max_in = 1,
    .min_out = 1,
    .max_out = -1,

    .prepare = prepare,
    .run_any = ql_run_split,
    .quant = {.kind = QL_Q_SAME},
};
