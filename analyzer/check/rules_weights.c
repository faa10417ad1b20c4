/* Rules on weights and biases. */
#include "analyzer/check/rules.h"

#include <math.h>

static const ql_tensor *tensor_at(const ql_check *c, int index)
{
    return index >= 0 ? &c->graph->tensors[index] : NULL;
}

static int input_at(const ql_operator *op, int i)
{
    return i < op->input_count ? op->inputs[i] : -1;
}

ql_use ql_use_of(const ql_check *c, int index)
{
    const ql_operator *op = &c->graph->operators[index];
    ql_use use = {.op = op, .row = ql_op_find(c->model, op), .x = -1, .w = -1, .b = -1, .y = -1};
    if (use.row) {
        int weight = use.row->quant.weight, key = use.row->key > 0 ? use.row->key : 0;
        use.x = input_at(op, key);
        use.w = weight > 0 ? input_at(op, weight) : -1;
        use.b = use.row->quant.bias > 0 ? input_at(op, use.row->quant.bias) : -1;
        use.y = op->output_count ? op->outputs[0] : -1;
    }
    use.input = tensor_at(c, use.x);
    use.weights = tensor_at(c, use.w);
    use.bias = tensor_at(c, use.b);
    use.output = tensor_at(c, use.y);
    return use;
}

ql_finding *ql_breach(ql_check *c, const void *of, int op, int tensor)
{
    const ql_check_rule *rule = of;
    ql_finding *finding = ql_find(c->findings, rule->code, rule->severity, rule->remedy);
    ql_blame_op(finding, op);
    ql_blame_tensor(finding, tensor);
    return finding;
}

static bool integer_weights(const ql_use *use)
{
    return use->weights && use->weights->data && ql_is_quantized(use->weights);
}

static int32_t channels_along(const ql_tensor *weights, int axis)
{
    return axis < weights->rank ? weights->shape[axis] : 0;
}

void ql_look_weight_axis(ql_check *c, const void *rule, int index)
{
    ql_use use = ql_use_of(c, index);
    if (!integer_weights(&use) || use.weights->quant.scale_count < 2) {
        return;
    }
    int axis = use.row->quant.axis, channels = channels_along(use.weights, axis);
    const ql_quant *quant = &use.weights->quant;
    if (quant->axis != axis || quant->scale_count != channels) {
        ql_evidence(ql_breach(c, rule, index, use.w), "%d scales along axis %d; %s reads %d along axis %d",
                    quant->scale_count, quant->axis, use.row->name, channels, axis);
    }
}

void ql_look_weight_zero(ql_check *c, const void *rule, int index)
{
    ql_use use = ql_use_of(c, index);
    if (!integer_weights(&use) || use.weights->type == QL_U8) {
        return;
    }
    for (int i = 0; i < use.weights->quant.scale_count; i++) {
        if (use.weights->quant.zero_point[i]) {
            ql_evidence(ql_breach(c, rule, index, use.w), "zero point %lld of channel %d must be 0",
                        (long long)use.weights->quant.zero_point[i], i);
            return;
        }
    }
}

void ql_look_weight_range(ql_check *c, const void *rule, int index)
{
    ql_use use = ql_use_of(c, index);
    if (!integer_weights(&use) || use.weights->type != QL_I8 || use.weights->sparsity) {
        return;
    }
    const int8_t *values = use.weights->data;
    size_t lowest = 0;
    for (size_t i = 0; i < use.weights->bytes; i++) {
        lowest += values[i] == -128;
    }
    if (lowest) {
        ql_evidence(ql_breach(c, rule, index, use.w), "%zu of %zu weights are -128", lowest,
                    use.weights->bytes);
    }
}

void ql_look_bias_zero(ql_check *c, const void *rule, int index)
{
    ql_use use = ql_use_of(c, index);
    for (int i = 0; use.bias && ql_is_quantized(use.bias) && i < use.bias->quant.scale_count; i++) {
        if (use.bias->quant.zero_point[i]) {
            ql_evidence(ql_breach(c, rule, index, use.b), "zero point %lld of channel %d must be 0",
                        (long long)use.bias->quant.zero_point[i], i);
            return;
        }
    }
}

static double scale_at(const ql_tensor *tensor, int channel)
{
    return (double)tensor->quant.scale[tensor->quant.scale_count > 1 ? channel : 0];
}

void ql_look_bias_scale(ql_check *c, const void *rule, int index)
{
    ql_use use = ql_use_of(c, index);
    if (!integer_weights(&use) || !use.bias || !ql_is_quantized(use.bias) || !ql_is_quantized(use.input)) {
        return;
    }
    int b = use.bias->quant.scale_count, w = use.weights->quant.scale_count, count = b > w ? b : w;
    if (b > 1 && w > 1 && b != w) {
        ql_evidence(ql_breach(c, rule, index, use.b), "%d bias scales for %d weight scales", b, w);
        return;
    }
    for (int i = 0; i < count; i++) {
        double want = (double)use.input->quant.scale[0] * scale_at(use.weights, i),
               found = scale_at(use.bias, i);
        if (fabs(found - want) > 1e-4 * want) {
            ql_finding *finding = ql_breach(c, rule, index, use.b);
            ql_blame_tensor(finding, use.x);
            ql_evidence(finding, "channel %d: bias scale %.9g; input scale %.9g * weight scale %.9g is %.9g",
                        i, found, (double)use.input->quant.scale[0], scale_at(use.weights, i), want);
            return;
        }
    }
}

static int64_t bias_at(const ql_tensor *bias, size_t i)
{
    return bias->type == QL_I64 ? ((const int64_t *)bias->data)[i] : ((const int32_t *)bias->data)[i];
}

void ql_look_bias_range(ql_check *c, const void *rule, int index)
{
    ql_use use = ql_use_of(c, index);
    if (!use.bias || !use.bias->data || !ql_is_quantized(use.bias) ||
        (use.bias->type != QL_I32 && use.bias->type != QL_I64)) {
        return;
    }
    /* the converter widens a channel's scale so that its bias is half of int32 at most: that much is meant.
     * Sums of 16-bit activations are kept exactly only below 2^47. */
    int64_t limit = use.bias->type == QL_I64 ? (int64_t)1 << 46 : ((int64_t)1 << 30) + (1 << 20);
    size_t count = use.bias->bytes / (use.bias->type == QL_I64 ? 8 : 4);
    for (size_t i = 0; i < count; i++) {
        int64_t value = bias_at(use.bias, i);
        if (value >= limit || value <= -limit) {
            ql_evidence(ql_breach(c, rule, index, use.b),
                        "channel %zu: bias %lld is beyond half of what the sum holds", i, (long long)value);
            return;
        }
    }
}
