#include "runtime/ops/common/softexp.h"

#include <math.h>

int32_t ql_softexp_rescaled(const ql_softexp *s, int diff)
{
    return ql_srdhm(ql_shift_left(-diff, s->by.shift), s->by.m);
}

ql_code ql_softexp_fill(const ql_call *c, float beta, ql_softexp *s)
{
    double real = (double)beta * (double)ql_scale(c->in[0]) * (double)(1 << (31 - QL_SOFTEXP_DIFF_BITS));
    if (!(real > 1)) {
        return ql_fail_in(c, 0, QL_E_FORMAT, "beta %g times input scale %g: must be above 2^-%d",
                          (double)beta, (double)ql_scale(c->in[0]), 31 - QL_SOFTEXP_DIFF_BITS);
    }
    s->by = ql_quantize_multiplier(fmin(real, (double)INT32_MAX));
    const int largest = (1 << QL_SOFTEXP_DIFF_BITS) - 1;
    s->radius = (int)fmin(floor(largest * ldexp(1, 31 - QL_SOFTEXP_DIFF_BITS - s->by.shift)), INT32_MAX - 1);
    for (int diff = 0; diff < QL_SOFTEXP_DIFFS && diff <= s->radius; diff++) {
        s->exponentials[diff] = ql_fixed_exp_neg(ql_softexp_rescaled(s, diff), QL_SOFTEXP_DIFF_BITS);
        s->terms[diff] = ql_rdivpot(s->exponentials[diff], QL_SOFTEXP_SUM_BITS);
    }
    return QL_OK;
}

uint8_t ql_row_max(const uint8_t *x, size_t depth, uint8_t flip)
{
    uint8_t max = 0;
    for (size_t i = 0; i < depth; i++) {
        uint8_t value = x[i] ^ flip;
        max = value > max ? value : max;
    }
    return max;
}

int64_t ql_softexp_sum(const ql_isa *isa, const ql_softexp *s, const uint8_t *x, size_t depth, uint8_t flip,
                       uint8_t max)
{
    if (isa->softmax_sum) {
        return isa->softmax_sum(
            &(ql_softmax_row){.x = x, .n = depth, .is_signed = flip, .max = max - flip, .table = s->terms});
    }
    int64_t sum = 0;
    for (size_t i = 0; i < depth; i++) {
        sum += s->terms[max - (x[i] ^ flip)];
    }
    return sum;
}
