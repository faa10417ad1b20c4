#include "runtime/ops/common/split.h"

typedef struct {
    int input, axis;
} ql_split;

ql_code ql_axis_input(ql_call *c, int i, int rank, int *axis, bool *known)
{
    const int32_t *values;
    int count;
    ql_code code = ql_known_i32s(c, i, &values, &count);
    *known = !code && values;
    if (!*known) {
        return code;
    }
    if (count != 1 || !ql_axis(values[0], rank, axis)) {
        return ql_fail_in(c, i, QL_E_FORMAT, "axis %d (%d values) for rank %d: must be one, inside the rank",
                          count ? (int)values[0] : 0, count, rank);
    }
    return QL_OK;
}

ql_code ql_prepare_split(ql_call *c, int input, int axis, const int32_t *sizes, bool drop_axis)
{
    const ql_view *x = c->in[input];
    ql_split *s = ql_state(c, sizeof *s);
    if (!s) {
        return QL_E_NOMEM;
    }
    *s = (ql_split){input, axis};
    for (int o = 0; o < c->out_count; o++) {
        int32_t dims[QL_MAX_RANK];
        int rank = 0;
        for (int d = 0; d < x->rank; d++) {
            if (d != axis || !drop_axis) {
                dims[rank++] = d == axis ? sizes[o] : x->dims[d];
            }
        }
        ql_code code = ql_need_same_type(c, input, o);
        code = code ? code : ql_set_shape(c, o, rank, dims);
        if (code) {
            return code;
        }
    }
    return QL_OK;
}

ql_code ql_run_split(const ql_call *c)
{
    const ql_split *s = c->state;
    const ql_view *x = c->in[s->input];
    size_t rows = ql_dims_product(x->dims, 0, s->axis);
    size_t step = rows ? x->bytes / rows : 0;
    const char *from = x->data;
    for (int o = 0; o < c->out_count; o++) {
        size_t bytes = rows ? c->out[o]->bytes / rows : 0;
        ql_move_rows(c->out[o]->data, bytes, from, step, bytes, rows);
        from += bytes;
    }
    return QL_OK;
}
