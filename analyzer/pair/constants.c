#include "analyzer/pair/constants.h"

#include <string.h>

static int32_t nibble(const uint8_t *bytes, size_t i)
{
    return bytes[i / 2] >> (i % 2 ? 4 : 0) & 15;
}

static int32_t crumb(const uint8_t *bytes, size_t i)
{
    return bytes[i / 4] >> (i % 4 * 2) & 3;
}

bool ql_constant_readable(const ql_tensor *t)
{
    switch (t->type) {
    case QL_F32:
    case QL_F16:
    case QL_BF16:
    case QL_F64:
    case QL_I8:
    case QL_U8:
    case QL_I16:
    case QL_U16:
    case QL_I32:
    case QL_U32:
    case QL_I64:
    case QL_BOOL:
    case QL_I4:
    case QL_U4:
    case QL_I2:
        return t->data && t->bytes && !t->sparsity && !t->quant.block_size && !t->quant.other_details;
    default:
        return false;
    }
}

static double element(const ql_tensor *t, size_t i)
{
    switch (t->type) {
    case QL_F32:
        return (double)((const float *)t->data)[i];
    case QL_F16:
        return (double)ql_f16_to_f32(((const uint16_t *)t->data)[i]);
    case QL_BF16:
        return (double)ql_bf16_to_f32(((const uint16_t *)t->data)[i]);
    case QL_F64:
        return ((const double *)t->data)[i];
    case QL_I8:
        return ((const int8_t *)t->data)[i];
    case QL_I16:
        return ((const int16_t *)t->data)[i];
    case QL_U16:
        return ((const uint16_t *)t->data)[i];
    case QL_I32:
        return ((const int32_t *)t->data)[i];
    case QL_U32:
        return ((const uint32_t *)t->data)[i];
    case QL_I64:
        return (double)((const int64_t *)t->data)[i];
    case QL_I4:
        return (nibble(t->data, i) ^ 8) - 8;
    case QL_U4:
        return nibble(t->data, i);
    case QL_I2:
        return (crumb(t->data, i) ^ 2) - 2;
    default:
        return ((const uint8_t *)t->data)[i];
    }
}

static double dequantized(const ql_tensor *t, size_t i, size_t inner)
{
    const ql_quant *quant = &t->quant;
    if (!quant->scale_count) {
        return element(t, i);
    }
    size_t channel = quant->scale_count > 1 ? i / inner % (size_t)quant->scale_count : 0;
    return (double)quant->scale[channel] * (element(t, i) - (double)quant->zero_point[channel]);
}

static size_t inner_of(const ql_tensor *t)
{
    size_t inner = 1;
    for (int d = t->quant.axis + 1; d < t->rank; d++) {
        inner *= (size_t)t->shape[d];
    }
    return inner ? inner : 1;
}

bool ql_constant_is_real(const ql_tensor *t)
{
    return t->quant.scale_count || t->type == QL_F32 || t->type == QL_F16 || t->type == QL_BF16 ||
           t->type == QL_F64;
}

/* dequantized, channel by channel: most weights are int8. */
static void int8_floats(const ql_tensor *t, size_t total, size_t inner, float *out)
{
    const int8_t *q = t->data;
    size_t channels = (size_t)t->quant.scale_count;
    for (size_t i = 0, c = 0; i < total; c = c + 1 < channels ? c + 1 : 0) {
        double scale = (double)t->quant.scale[c], zero = (double)t->quant.zero_point[c];
        size_t end = channels == 1 || total - i < inner ? total : i + inner;
        for (; i < end; i++) {
            out[i] = (float)(scale * ((double)q[i] - zero));
        }
    }
}

void ql_constant_floats(const ql_tensor *tensor, float *out)
{
    size_t total = 0, inner = inner_of(tensor);
    ql_dims_count(tensor->shape, tensor->rank, &total);
    if (tensor->type == QL_F32 && !tensor->quant.scale_count) {
        memcpy(out, tensor->data, total * sizeof *out);
        return;
    }
    if (tensor->type == QL_I8 && tensor->quant.scale_count) {
        int8_floats(tensor, total, inner, out);
        return;
    }
    for (size_t i = 0; i < total; i++) {
        out[i] = (float)dequantized(tensor, i, inner);
    }
}

int ql_constant_behind(const ql_side *side, int tensor)
{
    enum { DEQUANTIZE = 6 };
    const ql_subgraph *graph = &side->model->subgraphs[side->subgraph];
    if (tensor < 0 || graph->tensors[tensor].data) {
        return tensor;
    }
    for (int i = 0; i < graph->operator_count; i++) {
        const ql_operator *op = &graph->operators[i];
        if (side->model->opcodes[op->opcode].code == DEQUANTIZE && op->output_count && op->input_count &&
            op->outputs[0] == tensor) {
            int from = op->inputs[0];
            return from >= 0 && graph->tensors[from].data ? from : -1;
        }
    }
    return -1;
}

ql_code ql_sample_make(const ql_sample **sample, const ql_tensor *tensor, ql_arena *arena, ql_err *err)
{
    size_t total;
    *sample = NULL;
    if (!ql_constant_readable(tensor) || !ql_dims_count(tensor->shape, tensor->rank, &total) || !total) {
        return QL_OK;
    }
    size_t count = total < QL_SAMPLE_MOST ? total : QL_SAMPLE_MOST, inner = inner_of(tensor);
    ql_sample *s = QL_TAKE(arena, 1, ql_sample);
    double *value = QL_TAKE(arena, count, double);
    if (!s || !value) {
        return ql_fail_memory(err, count * sizeof *value);
    }
    for (size_t i = 0; i < count; i++) {
        /* i * total / count without overflow */
        value[i] = dequantized(tensor, total / count * i + total % count * i / count, inner);
    }
    *s = (ql_sample){
        .total = total, .count = (int)count, .exact = !ql_constant_is_real(tensor), .value = value};
    *sample = s;
    return QL_OK;
}

void ql_distance_add(ql_distance *distance, const ql_sample *a, const ql_sample *b)
{
    if (!a || !b) {
        return;
    }
    bool exact = a->exact || b->exact;
    if (a->total != b->total || a->exact != b->exact) {
        distance->exact_differ++;
        return;
    }
    double apart = 0, size = 0;
    for (int i = 0; i < a->count; i++) {
        double x = a->value[i], y = b->value[i], gap = x == y ? 0 : x - y;
        apart += gap * gap;
        size += x * x + y * y;
    }
    if (exact) {
        distance->exact_differ += apart > 0;
        return;
    }
    double mean = size > 0 ? apart / size : 0;
    distance->sum += (mean <= 2 ? mean : 2) * (double)a->total; /* NaN counts as 2 */
    distance->elements += (double)a->total;
}

double ql_distance_mean(const ql_distance *distance)
{
    return distance->elements > 0 ? distance->sum / distance->elements : 0;
}
