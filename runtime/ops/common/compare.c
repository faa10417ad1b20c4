#include "runtime/ops/common/compare.h"

enum { HEADROOM = 8 };

int64_t ql_compared(const ql_compare *s, int input, int32_t q)
{
    int64_t y = ql_srdhm(ql_shift_left(q - s->zero[input], HEADROOM), s->scale[input].m);
    int shift = s->scale[input].shift;
    return shift > 0 ? y * (1LL << shift) : ql_rdivpot((int32_t)y, -shift);
}

ql_code ql_prepare_compare(ql_call *c)
{
    ql_code code = ql_prepare_binary_to(c, sizeof(ql_compare), QL_BOOL);
    ql_compare *s = c->state;
    for (int i = 0; i < 2 && !code; i++) {
        s->zero[i] = ql_zero(c->in[i]);
        if (c->slot == QL_S_I8 || c->slot == QL_S_U8 || (c->slot == QL_S_I16 && ql_scale(c->in[i]) > 0)) {
            code = ql_need_quant_in(c, i);
            code = code ? code : ql_rescale_by(c, ql_scale(c->in[i]), &s->scale[i]);
        }
    }
    return code;
}
