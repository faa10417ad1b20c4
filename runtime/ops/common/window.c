#include "runtime/ops/common/window.h"

ql_code ql_window_fit(const ql_call *c, ql_window *w, int padding)
{
    if (w->stride <= 0 || w->dilation <= 0 || w->kernel <= 0 || w->in <= 0) {
        return ql_fail_op(c, QL_E_FORMAT,
                          "kernel %d, stride %d, dilation %d over %d elements: all must be positive",
                          w->kernel, w->stride, w->dilation, w->in);
    }
    int64_t span = (int64_t)(w->kernel - 1) * w->dilation + 1;
    int64_t out = padding == QL_PAD_SAME ? ((int64_t)w->in + w->stride - 1) / w->stride
                                         : (w->in + w->stride - span) / w->stride;
    if (out <= 0) {
        return ql_fail_op(c, QL_E_FORMAT, "a window of %lld over %d elements: must fit", (long long)span,
                          w->in);
    }
    int64_t total = (out - 1) * w->stride + span - w->in;
    if (total > INT32_MAX) {
        return ql_fail_op(c, QL_E_FORMAT, "a window of %lld: must be below 2^31", (long long)span);
    }
    w->out = (int)out;
    w->before = total > 0 ? (int)(total / 2) : 0;
    return QL_OK;
}
