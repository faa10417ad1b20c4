#include "runtime/ops/common/segment.h"

ql_code ql_prepare_unsorted_segment(ql_call *c)
{
    const ql_view *x = c->in[0], *ids = c->in[1];
    const int32_t *segments;
    int count, rank = 0;
    ql_code code = ql_need_same_type(c, 0, 0);
    code = code ? code : ql_need_type(c, 1, QL_I32);
    code = code ? code : ql_need_rank(c, 1, 1, x->rank);
    code = code ? code : ql_known_i32s(c, 2, &segments, &count);
    if (code || !segments) {
        return code ? code : ql_defer(c);
    }
    for (int d = 0; d < ids->rank; d++) {
        if (ids->dims[d] != x->dims[d]) {
            return ql_fail_in(c, 1, QL_E_FORMAT, "%d ids along dimension %d: must be %d as in x",
                              (int)ids->dims[d], d, (int)x->dims[d]);
        }
    }
    if (count != 1) {
        return ql_fail_in(c, 2, QL_E_FORMAT, "%d numbers of segments: must be one", count);
    }
    int32_t dims[QL_MAX_RANK];
    dims[rank++] = segments[0];
    for (int d = ids->rank; d < x->rank; d++) {
        dims[rank++] = x->dims[d];
    }
    return ql_set_shape(c, 0, rank, dims);
}

ql_code ql_segment_of(const ql_call *c, size_t slice, int32_t *segment)
{
    *segment = ((const int32_t *)c->in[1]->data)[slice];
    if (*segment >= c->out[0]->dims[0]) {
        return ql_fail_in(c, 1, QL_E_FORMAT, "id %d of %d segments: must be less", (int)*segment,
                          (int)c->out[0]->dims[0]);
    }
    return QL_OK;
}
