/* Rules on weights and biases. */
#include "analyzer/check/rules.h"

#include <math.h>

enum { PRELU = 54, SVDF = 27 };

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
    if (finding) {
        finding->subgraph = c->subgraph;
    }
    ql_blame_op(finding, op);
    ql_blame_tensor(finding, tensor);
    return finding;
}

static bool integer_weights(const ql_use *use)
{
    return use->weights && use->weights->data && ql_is_quantized(use->weights);
}

void ql_look_weight_type(ql_check *c, const void *rule, int index)
{
    ql_use use = ql_use_of(c, index);
    if (!integer_weights(&use) || !use.input || !ql_is_quantized(use.input)) {
        return;
    }
    ql_type type = use.weights->type, want = use.input->type == QL_U8 ? QL_U8 : QL_I8;
    bool own = use.row->quant.weight_activation && type == use.input->type; /* an operand like the other */
    if (type != want && type != QL_I4 && type != QL_I2 && !own) {
        ql_evidence(ql_breach(c, rule, index, use.w), "%s weights with %s activations", ql_type_name(type),
                    ql_type_name(use.input->type));
    }
}

void ql_look_weight_axis(ql_check *c, const void *rule, int index)
{
    ql_use use = ql_use_of(c, index);
    if (!integer_weights(&use) || use.weights->quant.scale_count < 2) {
        return;
    }
    int axis = use.row->quant.axis;
    const ql_quant *quant = &use.weights->quant;
    if (axis < 0) {
        ql_evidence(ql_breach(c, rule, index, use.w), "%d scales; %s reads one", quant->scale_count,
                    use.row->name);
        return;
    }
    int channels = axis < use.weights->rank ? use.weights->shape[axis] : 0;
    if (quant->axis != axis || quant->scale_count != channels) {
        ql_evidence(ql_breach(c, rule, index, use.w), "%d scales along axis %d; %s reads %d along axis %d",
                    quant->scale_count, quant->axis, use.row->name, channels, axis);
    }
}

/* The first zero point that is not 0 is a breach. */
static void look_zeros(ql_check *c, const void *rule, int index, int tensor)
{
    const ql_tensor *constant = tensor_at(c, tensor);
    for (int i = 0; constant && ql_is_quantized(constant) && i < constant->quant.scale_count; i++) {
        if (constant->quant.zero_point[i]) {
            ql_evidence(ql_breach(c, rule, index, tensor), "zero point %lld of channel %d must be 0",
                        (long long)constant->quant.zero_point[i], i);
            return;
        }
    }
}

/* Is input `i` a constant that only symmetric quantization is read from? */
static bool is_symmetric(const ql_use *use, const ql_tensor *tensor, int i)
{
    const ql_q_rule *rule = &use->row->quant;
    bool weight = i == rule->weight || (rule->kind == QL_Q_FREE && i < 64 && rule->dynamic >> i & 1);
    return weight && i && tensor && tensor->data && tensor->type != QL_U8 && !rule->weight_activation &&
           use->row->code != PRELU;
}

void ql_look_weight_zero(ql_check *c, const void *rule, int index)
{
    ql_use use = ql_use_of(c, index);
    for (int i = 0; use.row && i < use.op->input_count; i++) {
        if (is_symmetric(&use, tensor_at(c, use.op->inputs[i]), i)) {
            look_zeros(c, rule, index, use.op->inputs[i]);
        }
    }
}

/* How many of the weights in byte `i` are the lowest that their type holds. */
static int lowest_of(const ql_tensor *weights, size_t i)
{
    uint8_t byte = ((const uint8_t *)weights->data)[i];
    return weights->type == QL_I8 ? byte == 0x80 : ((byte & 15) == 8) + (byte >> 4 == 8);
}

void ql_look_weight_range(ql_check *c, const void *rule, int index)
{
    ql_use use = ql_use_of(c, index);
    if (!integer_weights(&use) || (use.weights->type != QL_I8 && use.weights->type != QL_I4) ||
        use.weights->sparsity || !is_symmetric(&use, use.weights, use.row->quant.weight)) {
        return;
    }
    size_t lowest = 0;
    for (size_t i = 0; i < use.weights->bytes; i++) {
        lowest += (size_t)lowest_of(use.weights, i);
    }
    if (lowest) {
        ql_evidence(ql_breach(c, rule, index, use.w), "%zu weights are %d", lowest,
                    use.weights->type == QL_I8 ? -128 : -8);
    }
}

void ql_look_bias_type(ql_check *c, const void *rule, int index)
{
    ql_use use = ql_use_of(c, index);
    if (!integer_weights(&use) || !use.bias || !use.input || !ql_is_quantized(use.input)) {
        return;
    }
    ql_type type = use.bias->type;
    if (type != QL_I32 && !(type == QL_I64 && use.input->type == QL_I16)) {
        ql_evidence(ql_breach(c, rule, index, use.b), "%s with %s activations", ql_type_name(type),
                    ql_type_name(use.input->type));
    }
}

void ql_look_bias_axis(ql_check *c, const void *rule, int index)
{
    ql_use use = ql_use_of(c, index);
    if (!integer_weights(&use) || !use.bias || !ql_is_quantized(use.bias) ||
        use.bias->quant.scale_count < 2) {
        return;
    }
    const ql_quant *quant = &use.bias->quant;
    size_t values = 0;
    ql_dims_count(use.bias->shape, use.bias->rank, &values);
    bool alone =
        quant->axis >= 0 && quant->axis < use.bias->rank && (size_t)use.bias->shape[quant->axis] == values;
    if (!alone || (size_t)quant->scale_count != values) {
        ql_evidence(ql_breach(c, rule, index, use.b), "%d scales along axis %d of %zu values",
                    quant->scale_count, quant->axis, values);
    }
}

void ql_look_bias_zero(ql_check *c, const void *rule, int index)
{
    look_zeros(c, rule, index, ql_use_of(c, index).b);
}

static double scale_at(const ql_tensor *tensor, int channel)
{
    return (double)tensor->quant.scale[tensor->quant.scale_count > 1 ? channel : 0];
}

/* The two tensors whose scales the bias has: in SVDF, where it is added after the second product, the state's
 * and the time weights'. */
static bool find_factors(const ql_check *c, const ql_use *use, const ql_tensor **x, const ql_tensor **w)
{
    enum { TIME_WEIGHTS = 2, STATE = 4 };
    bool svdf = use->row && use->row->code == SVDF;
    *x = svdf ? tensor_at(c, input_at(use->op, STATE)) : use->input;
    *w = svdf ? tensor_at(c, input_at(use->op, TIME_WEIGHTS)) : use->weights;
    return *x && *w && ql_is_quantized(*x) && ql_is_quantized(*w);
}

void ql_look_bias_scale(ql_check *c, const void *rule, int index)
{
    ql_use use = ql_use_of(c, index);
    const ql_tensor *input, *weights;
    if (!integer_weights(&use) || !use.bias || !ql_is_quantized(use.bias) ||
        !find_factors(c, &use, &input, &weights)) {
        return;
    }
    int b = use.bias->quant.scale_count, w = weights->quant.scale_count, count = b > w ? b : w;
    if (b > 1 && w > 1 && b != w) {
        ql_evidence(ql_breach(c, rule, index, use.b), "%d bias scales for %d weight scales", b, w);
        return;
    }
    for (int i = 0; i < count; i++) {
        double x = (double)input->quant.scale[0], want = x * scale_at(weights, i),
               found = scale_at(use.bias, i);
        if (!(fabs(found - want) <= 1e-4 * want)) {
            bool zero = use.bias->data && ql_all_zero(use.bias);
            ql_finding *finding = ql_breach(c, rule, index, use.b);
            ql_blame_tensor(finding, use.x);
            ql_evidence(finding,
                        "channel %d: bias scale %.9g; input scale %.9g * weight scale %.9g is %.9g%s", i,
                        found, x, scale_at(weights, i), want, zero ? "; harmless, for all values are 0" : "");
            if (finding && zero) {
                finding->severity = QL_NOTE;
            }
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
