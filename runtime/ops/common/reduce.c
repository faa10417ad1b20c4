#include "runtime/ops/common/reduce.h"

enum { KEEP_DIMS };

static ql_code read_axes(ql_call *c, bool reduced[QL_MAX_RANK])
{
    const int32_t *axes;
    int count, rank = c->in[0]->rank;
    ql_code code = ql_known_i32s(c, 1, &axes, &count);
    if (code || !axes) {
        return code ? code : ql_defer(c);
    }
    for (int i = 0; i < count && rank; i++) {
        int axis;
        if (!ql_axis(axes[i], rank, &axis)) {
            return ql_fail_in(c, 1, QL_E_FORMAT, "axis %d of a tensor of rank %d: must be inside it",
                              (int)axes[i], rank);
        }
        reduced[axis] = true;
    }
    return QL_OK;
}

static ql_code shape_output(ql_call *c, const bool reduced[QL_MAX_RANK])
{
    bool keep = ql_opt_bool(c->options, KEEP_DIMS);
    int32_t dims[QL_MAX_RANK];
    int rank = 0;
    for (int d = 0; d < c->in[0]->rank; d++) {
        if (!reduced[d] || keep) {
            dims[rank++] = reduced[d] ? 1 : c->in[0]->dims[d];
        }
    }
    return ql_set_shape(c, 0, rank, dims);
}

static void join_dimensions(const ql_view *x, const bool reduced[QL_MAX_RANK], ql_reduce *r)
{
    for (int d = 0; d < x->rank; d++) {
        if (r->rank && r->kept[r->rank - 1] == !reduced[d]) {
            r->dims[r->rank - 1] *= x->dims[d];
        } else {
            r->kept[r->rank] = !reduced[d];
            r->dims[r->rank++] = x->dims[d];
        }
    }
    if (!r->rank) {
        r->dims[r->rank++] = 1;
    }
    size_t step = 1;
    r->terms = 1;
    for (int d = r->rank - 1; d >= 0; d--) {
        r->step[d] = r->kept[d] ? step : 0;
        step *= r->kept[d] ? (size_t)r->dims[d] : 1;
        r->terms *= r->kept[d] ? 1 : (size_t)r->dims[d];
    }
}

ql_code ql_reduce_prepare(ql_call *c, ql_reduce *r)
{
    bool reduced[QL_MAX_RANK] = {false};
    ql_code code = read_axes(c, reduced);
    if (code || c->deferred) {
        return code;
    }
    code = shape_output(c, reduced);
    if (code || !c->in[0]->count) {
        r->terms = 0;
        return code;
    }
    r->all = true;
    for (int d = 0; d < c->in[0]->rank; d++) {
        r->all = r->all && reduced[d];
    }
    join_dimensions(c->in[0], reduced, r);
    return QL_OK;
}

ql_code ql_prepare_reduction(ql_call *c)
{
    ql_reduce *r = ql_state(c, sizeof *r);
    ql_code code = r ? ql_need_same_type(c, 0, 0) : QL_E_NOMEM;
    return code ? code : ql_reduce_prepare(c, r);
}

void ql_reduce_walk(const ql_call *c, const ql_reduce *r, ql_reduce_fn row, void *totals)
{
    if (!c->in[0]->count) {
        return;
    }
    int32_t at[QL_MAX_RANK] = {0};
    int last = r->rank - 1, d;
    ql_reduce_row current = {.n = r->dims[last], .kept = r->kept[last], .first = true};
    do {
        row(c, &current, totals);
        current.in += (size_t)current.n;
        for (d = last - 1; d >= 0 && ++at[d] == r->dims[d]; d--) {
            current.out -= r->step[d] * (size_t)(r->dims[d] - 1);
            at[d] = 0;
        }
        if (d >= 0) {
            current.out += r->step[d];
        }
        current.first = true;
        for (int k = 0; k < last; k++) {
            current.first = current.first && (r->kept[k] || !at[k]);
        }
    } while (d >= 0);
}
