#include "runtime/ops/common/resize.h"

ql_code ql_resize_prepare(ql_call *c)
{
    const int32_t *size, *x = c->in[0]->dims;
    int count;
    ql_code code = ql_need_same_type(c, 0, 0);
    code = code ? code : ql_need_rank(c, 0, 4, 4);
    code = code ? code : ql_known_i32s(c, 1, &size, &count);
    if (code || !size) {
        return code ? code : ql_defer(c);
    }
    if (count != 2 || size[0] < 1 || size[1] < 1) {
        return ql_fail_in(c, 1, QL_E_FORMAT, "size of %d entries: must be 2, both at least 1", count);
    }
    enum { MOST = 1 << 20 }; /* so that fixed-point positions fit 32 bits */
    if (x[1] < 1 || x[2] < 1 || x[1] > MOST || x[2] > MOST || size[0] > MOST || size[1] > MOST) {
        return ql_fail_in(c, 0, QL_E_FORMAT, "from %d x %d to %d x %d pixels: sides must be 1 to %d",
                          (int)x[1], (int)x[2], (int)size[0], (int)size[1], MOST);
    }
    return ql_set_shape(c, 0, 4, (int32_t[]){x[0], size[0], size[1], x[3]});
}
