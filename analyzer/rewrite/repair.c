#include "analyzer/rewrite/repair.h"

#include "analyzer/rewrite/scales.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    ql_side reference, candidate;
    const ql_pairing *pairing;
    ql_model *model;
    ql_subgraph *graph; /* of the new model */
    ql_err *err;
} repairing;

const char *ql_repair_kind_name(ql_repair_kind kind)
{
    return kind == QL_REPAIR_RANGE ? "range" : "per-channel";
}

static bool activation(const ql_tensor *tensor)
{
    bool integer = tensor->type == QL_I8 || tensor->type == QL_U8 || tensor->type == QL_I16;
    return integer && !tensor->data && !tensor->variable && tensor->quant.scale_count == 1;
}

ql_tensor_range ql_repair_range_of(const ql_tensor *tensor)
{
    int32_t lowest = 0, highest = 0;
    ql_type_range(tensor->type, &lowest, &highest);
    double scale = (double)tensor->quant.scale[0], zero = (double)tensor->quant.zero_point[0];
    return (ql_tensor_range){true, (float)((lowest - zero) * scale), (float)((highest - zero) * scale)};
}

static bool has(const int32_t *list, int count, const bool *shared)
{
    for (int i = 0; i < count; i++) {
        if (list[i] >= 0 && shared[list[i]]) {
            return true;
        }
    }
    return false;
}

static int take_in(const ql_subgraph *graph, const int32_t *list, int count, bool *shared)
{
    int more = 0;
    for (int i = 0; i < count; i++) {
        int t = list[i];
        if (t >= 0 && !shared[t] && graph->tensors[t].quant.scale_count) {
            shared[t] = true;
            more++;
        }
    }
    return more;
}

int ql_repair_shared(ql_side candidate, int t, bool *shared)
{
    const ql_subgraph *graph = &candidate.model->subgraphs[candidate.subgraph];
    int count = 1;
    memset(shared, 0, (size_t)graph->tensor_count * sizeof *shared);
    shared[t] = true;
    for (int more = 1; more;) {
        more = 0;
        for (int op = 0; op < graph->operator_count; op++) {
            const ql_operator *use = &graph->operators[op];
            const ql_op *row = ql_op_find(candidate.model, use);
            bool hands_on = row && row->quant.kind == QL_Q_SAME;
            if (hands_on && (has(use->inputs, use->input_count, shared) ||
                             has(use->outputs, use->output_count, shared))) {
                more += take_in(graph, use->inputs, use->input_count, shared);
                more += take_in(graph, use->outputs, use->output_count, shared);
            }
        }
        count += more;
    }
    return count;
}

static bool is_port(const ql_subgraph *graph, int t)
{
    for (int i = 0; i < graph->input_count; i++) {
        if (graph->inputs[i] == t) {
            return true;
        }
    }
    for (int i = 0; i < graph->output_count; i++) {
        if (graph->outputs[i] == t) {
            return true;
        }
    }
    return false;
}

static const char *refuse_range(ql_side candidate, int t)
{
    const ql_subgraph *graph = &candidate.model->subgraphs[candidate.subgraph];
    bool *shared = calloc((size_t)graph->tensor_count + 1, sizeof *shared);
    const char *why = shared ? NULL : "memory was refused";
    if (shared && activation(&graph->tensors[t])) {
        ql_repair_shared(candidate, t, shared);
    } else if (shared) {
        why = "it is no quantized activation";
    }
    for (int i = 0; i < graph->tensor_count && !why; i++) {
        const ql_tensor *tensor = &graph->tensors[i];
        why = !shared[i]                               ? NULL
              : is_port(graph, i)                      ? "it is an input or output of the model"
              : !activation(tensor)                    ? "it shares its scale with a constant or a state"
              : tensor->type != graph->tensors[t].type ? "it shares its scale with a tensor of another type"
                                                       : NULL;
    }
    for (int op = 0; op < graph->operator_count && !why; op++) {
        const ql_operator *use = &graph->operators[op];
        const ql_op *row = ql_op_find(candidate.model, use);
        bool touches = has(use->outputs, use->output_count, shared);
        bool reads = has(use->inputs, use->input_count, shared);
        why = !touches && !reads                               ? NULL
              : !row || row->impure || use->intermediate_count ? "an operator with a state uses it"
              : touches && row->quant.kind == QL_Q_FIXED       ? "its scale is fixed by its operator"
              : touches && row->quant.kind == QL_Q_NONE && row->code != 114
                  ? "its operator has no quantization"
                  : NULL;
    }
    free(shared);
    return why;
}

static const ql_operator *operator_at(const ql_side *side, int op)
{
    return &side->model->subgraphs[side->subgraph].operators[op];
}

/* The float model's constant in the place of input i of candidate operator `op`. */
static const ql_tensor *real_constant(const repairing *r, int op, int i, size_t count)
{
    for (int p = 0; p < r->pairing->pair_count; p++) {
        const ql_pair *pair = &r->pairing->pairs[p];
        if (pair->candidate_op != op || pair->alias || pair->reference_op < 0) {
            continue;
        }
        const ql_operator *twin = operator_at(&r->reference, pair->reference_op);
        int t = i < twin->input_count ? twin->inputs[i] : -1;
        const ql_tensor *constant =
            t < 0 ? NULL : &r->reference.model->subgraphs[r->reference.subgraph].tensors[t];
        size_t found = 0;
        bool fits = constant && constant->data && constant->type == QL_F32 && !constant->sparsity &&
                    ql_dims_count(constant->shape, constant->rank, &found) && found == count;
        return fits ? constant : NULL;
    }
    return NULL;
}

static const ql_operator *weighted(const ql_side *side, int op, const ql_op **row)
{
    const ql_operator *use = operator_at(side, op);
    *row = ql_op_find(side->model, use);
    bool there = *row && (*row)->quant.weight > 0 && (*row)->quant.weight < use->input_count &&
                 use->inputs[(*row)->quant.weight] >= 0;
    return there ? use : NULL;
}

static const char *refuse_channels(const repairing *r, int op)
{
    const ql_op *row;
    const ql_operator *use = weighted(&r->candidate, op, &row);
    const ql_subgraph *graph = &r->candidate.model->subgraphs[r->candidate.subgraph];
    const ql_tensor *weights = use ? &graph->tensors[use->inputs[row->quant.weight]] : NULL;
    if (!weights || !weights->data || weights->type != QL_I8 || weights->quant.scale_count != 1 ||
        row->quant.axis < 0 || row->quant.axis >= weights->rank) {
        return "it has no int8 weights with one scale";
    }
    int readers = 0;
    for (int k = 0; k < graph->operator_count; k++) {
        for (int i = 0; i < graph->operators[k].input_count; i++) {
            readers += graph->operators[k].inputs[i] == use->inputs[row->quant.weight];
        }
    }
    const ql_tensor *real = real_constant(r, op, row->quant.weight, weights->bytes);
    return readers > 1 ? "several operators share its weights"
           : !real     ? "the float model has no such weights"
                       : NULL;
}

const char *ql_repair_refusal(ql_side reference, ql_side candidate, const ql_pairing *pairing,
                              const ql_repair *repair)
{
    const repairing r = {.reference = reference, .candidate = candidate, .pairing = pairing};
    return repair->kind == QL_REPAIR_RANGE ? refuse_range(candidate, repair->tensor)
                                           : refuse_channels(&r, repair->op);
}

/* --- Doing it --- */

static ql_code set_param(repairing *r, int t, ql_param param)
{
    const void *scale, *zero;
    const int64_t zero_point = param.zero;
    ql_code code = ql_edit_copy(r->model, &param.scale, sizeof param.scale, &scale, r->err);
    code = code ? code : ql_edit_copy(r->model, &zero_point, sizeof zero_point, &zero, r->err);
    ql_tensor *tensor = &r->graph->tensors[t];
    tensor->quant.scale = code ? tensor->quant.scale : scale;
    tensor->quant.zero_point = code ? tensor->quant.zero_point : zero;
    return code;
}

static ql_code mend_range(repairing *r, const ql_repair *repair)
{
    bool *shared = calloc((size_t)r->graph->tensor_count + 1, sizeof *shared);
    if (!shared) {
        return ql_fail_memory(r->err, (size_t)r->graph->tensor_count);
    }
    ql_tensor_range range = {true, repair->min, repair->max};
    ql_param param = ql_activation_param(range, r->graph->tensors[repair->tensor].type);
    ql_code code = QL_OK;
    ql_repair_shared(r->candidate, repair->tensor, shared);
    int tensors = r->candidate.model->subgraphs[r->candidate.subgraph].tensor_count;
    for (int t = 0; t < tensors && !code; t++) {
        code = shared[t] ? set_param(r, t, param) : QL_OK;
    }
    free(shared);
    return code;
}

/* A list of scales, zero points 0. */
static ql_code set_scales(repairing *r, ql_tensor *tensor, const float *scales, int count, int axis)
{
    const void *kept, *zeros;
    int64_t *none = calloc((size_t)count, sizeof *none);
    ql_code code = none ? ql_edit_copy(r->model, scales, (size_t)count * sizeof *scales, &kept, r->err)
                        : ql_fail_memory(r->err, (size_t)count * sizeof *none);
    code = code ? code : ql_edit_copy(r->model, none, (size_t)count * sizeof *none, &zeros, r->err);
    free(none);
    if (!code) {
        tensor->quant.scale_count = count;
        tensor->quant.scale = kept;
        tensor->quant.zero_point = zeros;
        tensor->quant.axis = axis;
    }
    return code;
}

static ql_code mend_channels(repairing *r, const ql_repair *repair)
{
    const ql_op *row;
    const ql_operator *use = weighted(&r->candidate, repair->op, &row);
    ql_tensor *weights = &r->graph->tensors[use->inputs[row->quant.weight]];
    const ql_tensor *real = real_constant(r, repair->op, row->quant.weight, weights->bytes);
    int axis = row->quant.axis, channels = ql_weight_channels(real, axis);
    float *scales = malloc((size_t)channels * sizeof *scales);
    int8_t *values = malloc(weights->bytes + 1);
    const void *kept;
    ql_code code = scales && values ? QL_OK : ql_fail_memory(r->err, weights->bytes);
    if (!code) {
        ql_weight_scales(real, axis, scales);
        ql_quantize_weights(real, axis, scales, values);
        code = ql_edit_copy(r->model, values, weights->bytes, &kept, r->err);
    }
    code = code ? code : ql_edit_constant(r->model, weights, kept, weights->bytes, r->err);
    code = code ? code : set_scales(r, weights, scales, channels, axis);
    free(scales);
    free(values);
    return code;
}

/* Real values of the bias: the float model's, else what the candidate has. */
static double bias_at(const ql_tensor *own, const ql_tensor *real, size_t i)
{
    if (real) {
        return (double)((const float *)real->data)[i];
    }
    double scale = (double)own->quant.scale[own->quant.scale_count > 1 ? i : 0];
    return own->type == QL_I64 ? (double)((const int64_t *)own->data)[i] * scale
                               : (double)((const int32_t *)own->data)[i] * scale;
}

static ql_code mend_bias(repairing *r, int op, const ql_operator *use, const ql_op *row)
{
    ql_tensor *bias = &r->graph->tensors[use->inputs[row->quant.bias]];
    const ql_tensor *weights = &r->graph->tensors[use->inputs[row->quant.weight]];
    const ql_tensor *input = &r->graph->tensors[use->inputs[row->key > 0 ? row->key : 0]];
    size_t wide = bias->type == QL_I64 ? sizeof(int64_t) : sizeof(int32_t), count = bias->bytes / wide;
    int scales = weights->quant.scale_count;
    float *scale = malloc(((size_t)scales + 1) * sizeof *scale),
          *values = malloc((count + 1) * sizeof *values);
    void *made = malloc(bias->bytes + 1);
    const void *kept;
    ql_code code = scale && values && made ? QL_OK : ql_fail_memory(r->err, bias->bytes);
    const ql_tensor *real = real_constant(r, op, row->quant.bias, count);
    for (int c = 0; c < scales && !code; c++) {
        scale[c] = ql_bias_scale(input->quant.scale[0], weights->quant.scale[c]);
    }
    for (size_t i = 0; i < count && !code; i++) {
        values[i] = (float)bias_at(bias, real, i);
    }
    if (!code) {
        ql_quantize_bias(values, count, scale, scales, bias->type == QL_I64, made);
        code = ql_edit_copy(r->model, made, bias->bytes, &kept, r->err);
    }
    code = code ? code : ql_edit_constant(r->model, bias, kept, bias->bytes, r->err);
    code = code ? code : set_scales(r, bias, scale, scales, 0);
    free(scale);
    free(values);
    free(made);
    return code;
}

static bool same_scales(const ql_quant *a, const ql_quant *b)
{
    return a->scale_count == b->scale_count &&
           !memcmp(a->scale, b->scale, (size_t)a->scale_count * sizeof *a->scale);
}

/* Biases whose input or weights have other scales now. */
static ql_code mend_biases(repairing *r)
{
    ql_code code = QL_OK;
    const ql_tensor *before = r->candidate.model->subgraphs[r->candidate.subgraph].tensors;
    for (int op = 0; op < r->graph->operator_count && !code; op++) {
        const ql_op *row;
        const ql_operator *use = weighted(&r->candidate, op, &row);
        int bias = use ? row->quant.bias : 0;
        if (!use || bias <= 0 || bias >= use->input_count || use->inputs[bias] < 0) {
            continue;
        }
        int input = use->inputs[row->key > 0 ? row->key : 0], weights = use->inputs[row->quant.weight];
        const ql_tensor *tensor = &before[use->inputs[bias]];
        bool changed = !same_scales(&r->graph->tensors[input].quant, &before[input].quant) ||
                       !same_scales(&r->graph->tensors[weights].quant, &before[weights].quant);
        bool integer =
            tensor->data && (tensor->type == QL_I32 || tensor->type == QL_I64) && tensor->quant.scale_count;
        code = changed && integer ? mend_bias(r, op, use, row) : QL_OK;
    }
    return code;
}

static ql_code refuse(const repairing *r, const ql_repair *repair, const char *why)
{
    const ql_tensor *tensor = &r->candidate.model->subgraphs[r->candidate.subgraph].tensors[repair->tensor];
    ql_fail(r->err, QL_E_UNSUPPORTED, "cannot get another %s: %s", ql_repair_kind_name(repair->kind), why);
    return ql_at_tensor_of(r->err, tensor, repair->tensor);
}

ql_code ql_rewrite_repaired(ql_model **model, ql_side reference, ql_side candidate, const ql_pairing *pairing,
                            const ql_repair *repairs, int count, ql_err *err)
{
    repairing r = {.reference = reference, .candidate = candidate, .pairing = pairing, .err = err};
    *model = NULL;
    for (int i = 0; i < count; i++) {
        const char *why = ql_repair_refusal(reference, candidate, pairing, &repairs[i]);
        if (why) {
            return refuse(&r, &repairs[i], why);
        }
    }
    ql_code code = ql_edit_start(&r.model, candidate.model, err);
    r.graph = code ? NULL : &r.model->subgraphs[candidate.subgraph];
    for (int i = 0; i < count && !code; i++) {
        code =
            repairs[i].kind == QL_REPAIR_RANGE ? mend_range(&r, &repairs[i]) : mend_channels(&r, &repairs[i]);
    }
    code = code ? code : mend_biases(&r);
    ql_arena scratch;
    ql_arena_init(&scratch, 0);
    code = code ? code : ql_verify_model(r.model, &scratch, err);
    ql_arena_free(&scratch);
    if (code) {
        ql_model_close(r.model);
        return code;
    }
    *model = r.model;
    return QL_OK;
}
