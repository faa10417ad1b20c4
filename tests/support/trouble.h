/* Quantized models with a culprit: a tensor whose range is not that of its values. */
#ifndef TROUBLE_H
#define TROUBLE_H

#include "tests/support/twins.h"

#include <string.h>

static inline bool in_name(const ql_tensor *tensor, const char *part)
{
    size_t length = strlen(part);
    for (size_t i = 0; i + length <= tensor->name.length; i++) {
        if (!memcmp(tensor->name.text + i, part, length)) {
            return true;
        }
    }
    return false;
}

/* The bias of an operator that reads a tensor of another scale, in its new unit. */
static inline void rescale_bias(ql_model *model, ql_subgraph *graph, int t, float factor)
{
    ql_err err;
    ql_tensor *bias = &graph->tensors[t];
    size_t count = bias->bytes / sizeof(int32_t);
    int scales = bias->quant.scale_count;
    int32_t *values = malloc(bias->bytes);
    float *scale = malloc((size_t)scales * sizeof *scale);
    const void *kept, *kept_scale;
    ck_assert(values && scale);
    for (size_t i = 0; i < count; i++) {
        values[i] = (int32_t)lround((double)((const int32_t *)bias->data)[i] / (double)factor);
    }
    for (int c = 0; c < scales; c++) {
        scale[c] = bias->quant.scale[c] * factor;
    }
    ck_assert_int_eq(ql_edit_copy(model, values, bias->bytes, &kept, &err), QL_OK);
    ck_assert_int_eq(ql_edit_copy(model, scale, (size_t)scales * sizeof *scale, &kept_scale, &err), QL_OK);
    ck_assert_int_eq(ql_edit_constant(model, bias, kept, bias->bytes, &err), QL_OK);
    bias->quant.scale = kept_scale;
    free(values);
    free(scale);
}

/* Tensor t, which keeps its zero point, holds values of `factor` times its range. */
static inline void narrow(ql_model *model, int t, float factor)
{
    ql_err err;
    ql_subgraph *graph = &model->subgraphs[0];
    float scale = graph->tensors[t].quant.scale[0] * factor;
    const void *kept;
    ck_assert_int_eq(ql_edit_copy(model, &scale, sizeof scale, &kept, &err), QL_OK);
    graph->tensors[t].quant.scale = kept;
    for (int op = 0; op < graph->operator_count; op++) {
        const ql_operator *reader = &graph->operators[op];
        bool biased = reader->input_count == 3 && reader->inputs[0] == t && reader->inputs[2] >= 0 &&
                      graph->tensors[reader->inputs[2]].type == QL_I32;
        if (biased) {
            rescale_bias(model, graph, reader->inputs[2], factor);
        }
    }
}

/* The quantized activation that has `part` in its name, -1 = none. */
static inline int activation_called(const ql_model *model, const char *part)
{
    const ql_subgraph *graph = &model->subgraphs[0];
    int found = -1;
    for (int i = 0; i < graph->tensor_count; i++) {
        const ql_tensor *tensor = &graph->tensors[i];
        found = tensor->type == QL_I8 && !tensor->data && in_name(tensor, part) ? i : found;
    }
    return found;
}

#endif
