#include "runtime/ops/common/blockwise.h"

#include "runtime/exec/exec.h"
#include "runtime/ops/common/convolve.h"
#include "runtime/tensor/half.h"

typedef struct {
    int outputs, terms, blocks, block_size;
    int8_t *weights;
    const float *scales; /* [outputs, blocks] */
    int32_t *totals;     /* [outputs, blocks]: sums of weights */
} ql_blockwise;

static float blockwise_at(const ql_blockwise *s, const int8_t *q, ql_hybrid x, int output)
{
    const int8_t *w = s->weights + (size_t)output * (size_t)s->terms;
    size_t at = (size_t)output * (size_t)s->blocks;
    float y = 0, weight_sum = 0;
    for (int block = 0; block < s->blocks; block++, at++) {
        int32_t sum = 0;
        for (int k = 0; k < s->block_size; k++) {
            sum += *q++ * *w++;
        }
        y += (float)sum * s->scales[at];
        weight_sum += s->scales[at] * (float)s->totals[at];
    }
    y -= (float)x.zero * weight_sum;
    return y * x.scale;
}

static ql_code run_blockwise(const ql_call *c)
{
    const ql_blockwise *s = c->state;
    const float *bias = ql_has(c, 2) ? c->in[2]->data : NULL;
    float *y = c->out[0]->data;
    size_t rows = c->in[0]->count / (size_t)s->terms;
    const int8_t *q;
    ql_hybrid *x = ql_hybrid_images(c->isa, c->in[0]->data, c->in[0]->count, rows, true, c->scratch, &q);
    for (size_t n = 0; n < rows; n++, q += s->terms) {
        for (int o = 0; o < s->outputs; o++) {
            float value = blockwise_at(s, q, x[n], o);
            *y++ = bias ? value + bias[o] : value;
        }
    }
    return QL_OK;
}

ql_code ql_block_scales(ql_call *c, int w, const float **scales)
{
    const ql_quant *quant = &c->in[w]->tensor->quant;
    int rows = c->in[w]->dims[0], terms = ql_dim(c->in[w], -1);
    if (quant->block_size <= 0 || terms % quant->block_size || quant->block_scales < 0) {
        return ql_fail_in(c, w, QL_E_FORMAT, "blocks of %d over %d terms: must divide them, and have scales",
                          quant->block_size, terms);
    }
    const ql_view *view = ql_exec_tensor(c->exec, quant->block_scales);
    size_t count = (size_t)rows * (size_t)(terms / quant->block_size);
    if (!view->known || (view->type != QL_F16 && view->type != QL_F32) || view->count != count) {
        return ql_fail_in(c, w, QL_E_FORMAT,
                          "%zu block scales of type %s: must be %zu constants of float16 or float32",
                          view->count, ql_type_name(view->type), count);
    }
    float *to = ql_plan_take(c, count, sizeof *to);
    for (size_t i = 0; to && i < count; i++) {
        to[i] = view->type == QL_F32 ? ((const float *)view->data)[i]
                                     : ql_f16_to_f32(((const uint16_t *)view->data)[i]);
    }
    *scales = to;
    return to ? QL_OK : QL_E_NOMEM;
}

static ql_code unpack(ql_call *c, ql_blockwise *s)
{
    size_t count = c->in[1]->count;
    s->weights = ql_plan_take(c, count, 1);
    s->totals = ql_plan_take(c, count / (size_t)s->block_size, sizeof *s->totals);
    if (!s->weights || !s->totals) {
        return QL_E_NOMEM;
    }
    for (size_t i = 0; i < count; i++) {
        s->weights[i] = (int8_t)ql_small_int(c->in[1], i);
        s->totals[i / (size_t)s->block_size] += s->weights[i];
    }
    return QL_OK;
}

static ql_code check_types(const ql_call *c)
{
    if (c->slot != QL_S_HYBRID || c->in[1]->type != QL_I4 || c->in[1]->tensor->sparsity) {
        return ql_fail_in(
            c, 1, QL_E_UNSUPPORTED,
            "blockwise weights of type %s with activations of type %s: must be int4 (dense) and "
            "float32",
            ql_type_name(c->in[1]->type), ql_type_name(c->in[0]->type));
    }
    return QL_OK;
}

ql_code ql_prepare_blockwise(ql_call *c)
{
    ql_blockwise *s = ql_state(c, sizeof *s);
    if (!s) {
        return QL_E_NOMEM;
    }
    s->outputs = c->in[1]->dims[0];
    s->terms = c->in[1]->dims[1];
    s->block_size = c->in[1]->tensor->quant.block_size;
    ql_code code = check_types(c);
    code = code ? code : ql_check_bias(c, 2, s->outputs);
    if (!code && !ql_known(c, 1)) {
        return ql_defer(c);
    }
    code = code ? code : ql_block_scales(c, 1, &s->scales);
    if (!code) {
        s->blocks = s->terms / s->block_size;
        c->scratch_bytes = ql_hybrid_scratch(c->in[0]->count / (size_t)s->terms, c->in[0]->count);
        c->run = run_blockwise;
    }
    return code ? code : unpack(c, s);
}
