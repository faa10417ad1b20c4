/* Rules on the parameters of single tensors. */
#include "analyzer/check/rules.h"

#include <math.h>
#include <string.h>

void ql_look_scale(ql_check *c, const void *rule, int index)
{
    const ql_tensor *tensor = &c->graph->tensors[index];
    for (int i = 0; i < tensor->quant.scale_count; i++) {
        float scale = tensor->quant.scale[i];
        if (!(isnormal(scale) && scale > 0)) {
            ql_evidence(ql_breach(c, rule, c->producer[index], index), "scale %d is %g", i, (double)scale);
            return;
        }
    }
}

void ql_look_zero_point(ql_check *c, const void *rule, int index)
{
    const ql_tensor *tensor = &c->graph->tensors[index];
    int32_t lowest, highest;
    if (!ql_is_quantized(tensor) || !ql_type_range(tensor->type, &lowest, &highest)) {
        return;
    }
    for (int i = 0; i < tensor->quant.scale_count; i++) {
        int64_t zero = tensor->quant.zero_point[i];
        if (zero < lowest || zero > highest || (tensor->type == QL_I16 && zero)) {
            ql_evidence(ql_breach(c, rule, c->producer[index], index), "zero point %lld of %s",
                        (long long)zero, ql_type_name(tensor->type));
            return;
        }
    }
}

/* Training's fake quantization of weights is by channel, and computed. */
static bool is_weight_in_the_making(const ql_check *c, int tensor)
{
    const ql_operator *maker = c->producer[tensor] < 0 ? NULL : &c->graph->operators[c->producer[tensor]];
    int from = maker && maker->input_count ? maker->inputs[0] : -1;
    return from >= 0 && c->graph->tensors[from].data;
}

void ql_look_activation_axis(ql_check *c, const void *rule, int index)
{
    const ql_tensor *tensor = &c->graph->tensors[index];
    if (!tensor->data && ql_is_quantized(tensor) && tensor->quant.scale_count > 1 &&
        !is_weight_in_the_making(c, index)) {
        ql_evidence(ql_breach(c, rule, c->producer[index], index), "%d scales along axis %d",
                    tensor->quant.scale_count, tensor->quant.axis);
    }
}

static bool same_quantization(const ql_quant *a, const ql_quant *b)
{
    size_t count = (size_t)a->scale_count;
    return a->scale_count == b->scale_count && (count < 2 || a->axis == b->axis) &&
           !memcmp(a->scale, b->scale, count * sizeof *a->scale) &&
           !memcmp(a->zero_point, b->zero_point, count * sizeof *a->zero_point);
}

bool ql_all_zero(const ql_tensor *tensor)
{
    const uint8_t *bytes = tensor->data;
    size_t i = 0;
    while (i < tensor->bytes && !bytes[i]) {
        i++;
    }
    return i == tensor->bytes;
}

/* Constants that may have come out as the same bytes at any scale, and so been stored once: no more than two
 * values. */
static bool is_plain(const ql_tensor *tensor)
{
    const uint8_t *bytes = tensor->data;
    size_t size = (size_t)ql_type_bits(tensor->type) / 8, other = 0;
    for (size_t at = size; size && at + size <= tensor->bytes; at += size) {
        bool first = !memcmp(bytes + at, bytes, size);
        if (!first && other && memcmp(bytes + at, bytes + other, size) != 0) {
            return false;
        }
        other = first || other ? other : at;
    }
    return true;
}

void ql_look_shared(ql_check *c, const void *rule, int index)
{
    const ql_tensor *tensor = &c->graph->tensors[index];
    if (!tensor->data || !ql_is_quantized(tensor) || is_plain(tensor)) {
        return;
    }
    for (int t = 0; t < index; t++) {
        const ql_tensor *other = &c->graph->tensors[t];
        if (other->buffer == tensor->buffer && other->data && ql_is_quantized(other) &&
            !same_quantization(&other->quant, &tensor->quant)) {
            ql_finding *finding = ql_breach(c, rule, -1, t);
            ql_blame_tensor(finding, index);
            ql_evidence(finding, "both are buffer %d, with scale %.9g and %.9g", tensor->buffer,
                        (double)other->quant.scale[0], (double)tensor->quant.scale[0]);
            return;
        }
    }
}

void ql_look_unused_range(ql_check *c, const void *rule, int index)
{
    const ql_tensor *tensor = &c->graph->tensors[index];
    bool weights = tensor->type == QL_I8 && tensor->data && ql_is_quantized(tensor) && !tensor->sparsity;
    if (!weights || tensor->bytes < 16 || tensor->quant.scale_count > 1) {
        return;
    }
    const int8_t *values = tensor->data;
    int widest = 0;
    for (size_t i = 0; i < tensor->bytes; i++) {
        int size = values[i] < 0 ? -values[i] : values[i];
        widest = size > widest ? size : widest;
    }
    if (widest > 0 && widest < 64) {
        ql_evidence(ql_breach(c, rule, -1, index), "the largest of %zu values is %d of 127", tensor->bytes,
                    widest);
    }
}
