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
                                         : ((int64_t)w->in + w->stride - span) / w->stride;
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

ql_code ql_window_fit_back(const ql_call *c, ql_window *w, int padding)
{
    ql_window there = *w;
    there.in = w->out;
    ql_code code = ql_window_fit(c, &there, padding);
    if (!code && there.out != w->in) {
        return ql_fail_op(
            c, QL_E_FORMAT,
            "an output of %d for an input of %d: this stride and padding go with an input of %d", w->out,
            w->in, there.out);
    }
    w->before = there.before;
    return code;
}

ql_taps ql_taps_of(const ql_window *w, int o)
{
    int first, last;
    int origin = ql_window_taps(w, o, &first, &last);
    return (ql_taps){origin + first * w->dilation, first, last > first ? last - first : 0, w->dilation, 1};
}

static int common_divisor(int a, int b)
{
    while (b) {
        int rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

ql_taps ql_taps_back(const ql_window *w, int o)
{
    int64_t at = (int64_t)o + w->before, low = at - (int64_t)(w->kernel - 1) * w->dilation;
    int64_t in = low <= 0 ? 0 : (low + w->stride - 1) / w->stride;
    int divisor = common_divisor(w->stride, w->dilation);
    ql_taps taps = {.in_step = w->dilation / divisor, .k_step = -(w->stride / divisor)};
    int64_t end = in + taps.in_step < w->in ? in + taps.in_step : w->in;
    while (in < end && (at - in * w->stride) % w->dilation) {
        in++;
    }
    int64_t left = at - in * w->stride;
    if (in < end && left >= 0) {
        int64_t by_in = (w->in - 1 - in) / taps.in_step, by_k = left / w->dilation / -taps.k_step;
        taps.count = (int)(by_in < by_k ? by_in : by_k) + 1;
        taps.in = (int)in;
        taps.k = (int)(left / w->dilation);
    }
    return taps;
}
