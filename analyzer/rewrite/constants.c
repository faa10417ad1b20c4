/* Constants of integer operators: weights, biases, operands. */
#include "analyzer/rewrite/pass.h"

#include <stdlib.h>
#include <string.h>

ql_code ql_activation_constant(ql_pass *p, int form, int t, ql_param param, int *index)
{
    const ql_tensor *tensor = &p->m->from->tensors[t];
    size_t count = tensor->bytes / sizeof(float), bytes = count * (form == QL_FORM_I16 ? 2 : 1);
    if (!param.set) {
        ql_tensor_range range = ql_range_of(tensor->data, count);
        param = ql_activation_param(range, ql_form_type(form));
    }
    void *values = malloc(bytes + 1);
    if (!values) {
        return ql_fail_memory(p->m->err, bytes);
    }
    ql_quant quant;
    ql_quantize_values(tensor->data, count, param, ql_form_type(form), values);
    ql_code code = ql_maker_param(p->m, &quant, param);
    code = code ? code : ql_maker_constant(p->m, t, ql_form_type(form), &quant, values, bytes, index);
    free(values);
    return code;
}

ql_code ql_bias_constant(ql_pass *p, int form, int t, const float *scales, int count, int *index)
{
    const ql_tensor *bias = &p->m->from->tensors[t];
    size_t elements = bias->bytes / sizeof(float);
    bool wide = form == QL_FORM_I16;
    size_t bytes = elements * (wide ? sizeof(int64_t) : sizeof(int32_t));
    void *values = malloc(bytes + 1);
    if (!values) {
        return ql_fail_memory(p->m->err, bytes);
    }
    ql_quant quant;
    ql_quantize_bias(bias->data, elements, scales, count, wide, values);
    ql_code code = ql_maker_scales(p->m, &quant, scales, count, 0);
    code = code ? code : ql_maker_constant(p->m, t, wide ? QL_I64 : QL_I32, &quant, values, bytes, index);
    free(values);
    return code;
}

static void relieve(const ql_tensor *bias, float x_scale, float *weights, float *biases, int count)
{
    const float *values = bias->data;
    size_t elements = bias->bytes / sizeof(float);
    for (size_t i = 0; i < elements; i++) {
        size_t c = count > 1 ? i : 0;
        ql_relieve_bias(values[i], x_scale, &weights[c], &biases[c]);
    }
}

ql_code ql_weights_and_bias(ql_pass *p, int form, const ql_operator *op, const ql_q_rule *rule, float x_scale,
                            int32_t *inputs)
{
    int w = op->inputs[rule->weight];
    int b = rule->bias > 0 && rule->bias < op->input_count ? op->inputs[rule->bias] : -1;
    const ql_tensor *weights = &p->m->from->tensors[w];
    int axis = rule->axis < weights->rank ? rule->axis : -1, count = ql_weight_channels(weights, axis);
    if (b >= 0 && count > 1 && p->m->from->tensors[b].bytes / sizeof(float) != (size_t)count) {
        axis = -1; /* a bias that is not one a channel has one scale */
        count = 1;
    }
    float *scales = malloc((2 * (size_t)count + 1) * sizeof *scales),
          *biases = scales ? scales + count : NULL;
    if (!scales) {
        return ql_fail_memory(p->m->err, 2 * (size_t)count * sizeof *scales);
    }
    ql_weight_scales(weights, axis, scales);
    for (int c = 0; c < count; c++) {
        biases[c] = ql_bias_scale(x_scale, scales[c]);
    }
    if (b >= 0 && (form == QL_FORM_I8 || p->o->compat)) {
        relieve(&p->m->from->tensors[b], x_scale, scales, biases, count);
    }
    ql_code code = ql_maker_weights(p->m, w, axis, scales, &inputs[rule->weight]);
    if (!code && b >= 0) {
        code = ql_bias_constant(p, form, b, biases, count, &inputs[rule->bias]);
    }
    free(scales);
    return code;
}
