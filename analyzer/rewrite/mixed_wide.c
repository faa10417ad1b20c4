/* Layers in 16 bits with 8-bit weights. */
#include "analyzer/compare/floats.h"
#include "analyzer/rewrite/mix.h"
#include "analyzer/rewrite/scales.h"

#include <math.h>
#include <stdlib.h>

/* The float model's own constant in that place: NULL where it has none of `count` finite elements. */
const float *ql_mix_real(const ql_mix *m, const ql_operator *own, int i, size_t count)
{
    int twin = m->twin[own - m->from->operators];
    const ql_operator *other = twin == QL_MIX_NONE ? NULL : &ql_mix_reference(m)->operators[twin];
    int t = other && i < other->input_count ? other->inputs[i] : QL_MIX_NONE;
    const ql_tensor *constant = t == QL_MIX_NONE ? NULL : &ql_mix_reference(m)->tensors[t];
    size_t found = 0;
    bool fits = constant && constant->data && constant->type == QL_F32 && !constant->sparsity &&
                ql_dims_count(constant->shape, constant->rank, &found) && found == count;
    const float *values = fits ? constant->data : NULL;
    for (size_t c = 0; values && c < count; c++) {
        values = isfinite(values[c]) ? values : NULL;
    }
    return values;
}

/* The bias of a 16x8 layer: int64 in units of input scale * weight scale. It comes from the float model, as a
 * quantizer's would: an int32 bias is only as fine as the int8 input was. */
static ql_code wide_bias(ql_mix *m, const ql_operator *own, const ql_op *row, int i, float x_scale,
                         int *index)
{
    const ql_tensor *bias = ql_mix_tensor(m, own->inputs[i]),
                    *weights = ql_mix_tensor(m, own->inputs[row->quant.weight]);
    size_t count = 0;
    ql_dims_count(bias->shape, bias->rank, &count);
    const float *given = ql_mix_real(m, own, i, count);
    float *scales = malloc((2 * count + 1) * sizeof *scales), *real = scales ? scales + count : NULL;
    int64_t *values = malloc((count + 1) * sizeof *values), *zeros = calloc(count + 1, sizeof *zeros);
    ql_tensor made = *bias;
    const void *kept_scales = NULL, *kept_values = NULL, *kept_zeros = NULL;
    ql_code code = scales && values && zeros ? QL_OK : ql_fail_memory(m->err, count * sizeof *values);
    for (size_t c = 0; c < count && !code; c++) {
        size_t b = bias->quant.scale_count > 1 ? c : 0, w = weights->quant.scale_count > 1 ? c : 0;
        double kept = (double)((const int32_t *)bias->data)[c] * (double)bias->quant.scale[b];
        real[c] = given ? given[c] : (float)kept;
        scales[c] = ql_bias_scale(x_scale, weights->quant.scale[w]);
    }
    int scale_count = weights->quant.scale_count > 1 ? (int)count : 1;
    if (!code) {
        ql_quantize_bias(real, count, scales, scale_count, true, values);
    }
    code = code ? code
                : ql_edit_copy(m->model, scales, (size_t)scale_count * sizeof *scales, &kept_scales, m->err);
    code =
        code ? code : ql_edit_copy(m->model, zeros, (size_t)scale_count * sizeof *zeros, &kept_zeros, m->err);
    code = code ? code : ql_edit_copy(m->model, values, count * sizeof *values, &kept_values, m->err);
    free(scales);
    free(values);
    free(zeros);
    if (code) {
        return code;
    }
    made.type = QL_I64;
    made.data = kept_values;
    made.bytes = count * sizeof(int64_t);
    made.quant.scale_count = scale_count;
    made.quant.scale = kept_scales;
    made.quant.zero_point = kept_zeros;
    return ql_mix_constant(m, &made, index);
}

/* A quantized constant operand (of ADD, MUL ...) in int16; `same`: in the scale of what 8 bits hold, which is
 * the result's too. */
static ql_code wide_constant(ql_mix *m, const ql_operator *own, int input, bool same, int *index)
{
    int t = own->inputs[input];
    const ql_tensor *constant = ql_mix_tensor(m, t);
    size_t count = 0;
    static const int64_t zero = 0;
    ql_dims_count(constant->shape, constant->rank, &count);
    const float *given = ql_mix_real(m, own, input, count);
    ql_view view = {.tensor = constant,
                    .index = t,
                    .type = constant->type,
                    .rank = constant->rank,
                    .count = count,
                    .data = (void *)(uintptr_t)constant->data};
    float *real = malloc((count + 1) * sizeof *real), scale = 0;
    int16_t *values = malloc((count + 1) * sizeof *values);
    const void *kept = NULL, *scales = NULL;
    ql_code code = real && values ? QL_OK : ql_fail_memory(m->err, count * sizeof *real);
    if (!code) {
        const float *from = given ? given : (ql_floats(&view, real), real);
        ql_param param = ql_activation_param(ql_range_of(from, count), QL_I16);
        param.scale = same ? ql_mix_wide_scale(constant) : param.scale;
        ql_quantize_values(from, count, param, QL_I16, values);
        scale = param.scale;
    }
    code = code ? code : ql_edit_copy(m->model, values, count * sizeof *values, &kept, m->err);
    code = code ? code : ql_edit_copy(m->model, &scale, sizeof scale, &scales, m->err);
    free(real);
    free(values);
    ql_tensor made = *constant;
    made.type = QL_I16;
    made.data = kept;
    made.bytes = count * sizeof(int16_t);
    made.quant.scale_count = 1;
    made.quant.scale = scales;
    made.quant.zero_point = &zero;
    return code ? code : ql_mix_constant(m, &made, index);
}

static ql_code wide_input(ql_mix *m, const ql_operator *own, const ql_op *row, int i, int *index)
{
    int t = own->inputs[i], x;
    *index = t;
    if (t < 0) {
        return QL_OK;
    }
    bool weights = i == row->quant.weight && i > 0 && !row->quant.weight_activation;
    if (weights) { /* 8 bits, also where they are computed */
        return ql_mix_tensor(m, t)->data ? QL_OK : ql_mix_need(m, t, QL_LAYER_KEEP, index);
    }
    if (i == row->quant.bias && i > 0) {
        int key = row->key > 0 ? row->key : 0;
        ql_code code = ql_mix_need(m, own->inputs[key], QL_LAYER_INT16X8, &x);
        const ql_tensor *input = code ? NULL : &m->model->subgraphs[m->candidate.subgraph].tensors[x];
        return code ? code : wide_bias(m, own, row, i, input->quant.scale[0], index);
    }
    if (ql_mix_tensor(m, t)->data) {
        return ql_mix_quantized(ql_mix_tensor(m, t))
                   ? wide_constant(m, own, i, row->quant.kind == QL_Q_SAME, index)
                   : QL_OK;
    }
    return ql_mix_need(m, t, QL_LAYER_INT16X8, index);
}

ql_code ql_mix_wide_layer(ql_mix *m, int op, ql_mix_wiring w)
{
    const ql_operator *own = &m->from->operators[op];
    const ql_op *row = ql_op_find(m->candidate.model, own);
    ql_operator made = *own;
    ql_code code = QL_OK;
    for (int i = 0; i < own->input_count && !code; i++) {
        code = wide_input(m, own, row, i, &w.inputs[i]);
    }
    return code ? code : ql_mix_wire(m, &made, own, QL_LAYER_INT16X8, w);
}
