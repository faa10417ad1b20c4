#include "runtime/ops/common/coordinates.h"

ql_code ql_coordinates_prepare(const ql_call *c, int input, int rank, const int32_t *dims,
                               ql_coordinates *coordinates)
{
    const ql_view *indices = c->in[input];
    ql_code code = ql_need_index(c, input);
    code = code ? code : ql_need_rank(c, input, 1, QL_MAX_RANK);
    if (code) {
        return code;
    }
    int length = indices->dims[indices->rank - 1];
    if (length > rank) {
        return ql_fail_in(c, input, QL_E_FORMAT, "%d indices into a tensor of rank %d: at most its rank",
                          length, rank);
    }
    *coordinates = (ql_coordinates){.input = input,
                                    .length = length,
                                    .tuples = ql_dims_product(indices->dims, 0, indices->rank - 1),
                                    .slice = ql_dims_product(dims, length, rank)};
    for (int d = 0; d < length; d++) {
        coordinates->sizes[d] = dims[d];
    }
    return QL_OK;
}

ql_code ql_coordinates_at(const ql_call *c, const ql_coordinates *coordinates, size_t k, size_t *element)
{
    size_t at = 0;
    for (int d = 0; d < coordinates->length; d++) {
        int64_t index = ql_index_at(c->in[coordinates->input], k * (size_t)coordinates->length + (size_t)d);
        if (index < 0 || index >= coordinates->sizes[d]) {
            return ql_fail_in(c, coordinates->input, QL_E_FORMAT,
                              "index %lld along dimension %d of %d: must be inside", (long long)index, d,
                              (int)coordinates->sizes[d]);
        }
        at = at * (size_t)coordinates->sizes[d] + (size_t)index;
    }
    *element = at * coordinates->slice;
    return QL_OK;
}
