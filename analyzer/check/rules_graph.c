/* Rules on how operators' inputs and outputs relate. */
#include "analyzer/check/rules.h"

#include <math.h>

enum { ADD = 0, CONCATENATION = 2, SUB = 41, QUANTIZE = 114, DEQUANTIZE = 6 };

static bool same_parameters(const ql_tensor *a, const ql_tensor *b)
{
    return a && b && a->type == b->type && a->quant.scale_count == b->quant.scale_count &&
           a->quant.scale_count > 0 && a->quant.scale[0] == b->quant.scale[0] &&
           a->quant.zero_point[0] == b->quant.zero_point[0];
}

static const ql_tensor *tensor_at(const ql_check *c, int index)
{
    return index >= 0 ? &c->graph->tensors[index] : NULL;
}

void ql_look_missing(ql_check *c, const void *rule, int index)
{
    ql_use use = ql_use_of(c, index);
    bool arithmetic = use.row && use.row->quant.kind != QL_Q_NONE && use.row->quant.kind != QL_Q_SAME;
    const ql_tensor *const tensors[] = {use.input, use.weights, use.output};
    const int indices[] = {use.x, use.w, use.y};
    for (int i = 0; i < 3 && arithmetic; i++) {
        bool small = tensors[i] && (tensors[i]->type == QL_I8 || tensors[i]->type == QL_U8);
        if (small && !tensors[i]->quant.scale_count && !tensors[i]->quant.block_size) {
            ql_evidence(ql_breach(c, rule, index, indices[i]), "%s without a scale",
                        ql_type_name(tensors[i]->type));
        }
    }
    bool integer = arithmetic && use.bias && use.weights && use.input && ql_is_quantized(use.weights) &&
                   ql_is_quantized(use.input);
    if (integer && !use.bias->quant.scale_count && (use.bias->type == QL_I32 || use.bias->type == QL_I64)) {
        ql_evidence(ql_breach(c, rule, index, use.b), "a bias without a scale");
    }
}

static void look_same(ql_check *c, const void *rule, int index, const ql_use *use, int i, int o)
{
    int from = use->op->inputs[i], to = use->op->outputs[o];
    const ql_tensor *input = tensor_at(c, from), *output = tensor_at(c, to);
    if (!input || !output || !ql_is_quantized(output) || input->type != output->type ||
        !ql_is_quantized(input) || same_parameters(input, output)) {
        return;
    }
    ql_finding *finding = ql_breach(c, rule, index, from);
    ql_blame_tensor(finding, to);
    ql_evidence(finding, "input %d has scale %.9g zero point %lld, output %d %.9g and %lld", i,
                (double)input->quant.scale[0], (long long)input->quant.zero_point[0], o,
                (double)output->quant.scale[0], (long long)output->quant.zero_point[0]);
}

void ql_look_same_scale(ql_check *c, const void *rule, int index)
{
    ql_use use = ql_use_of(c, index);
    if (!use.row || use.row->quant.kind != QL_Q_SAME || !use.output ||
        (use.output->type == QL_U8 && use.row->code == CONCATENATION)) {
        return;
    }
    for (int i = 0; i < use.op->input_count; i++) {
        for (int o = 0; o < use.op->output_count; o++) {
            look_same(c, rule, index, &use, i, o);
        }
    }
}

void ql_look_fixed_output(ql_check *c, const void *rule, int index)
{
    ql_use use = ql_use_of(c, index);
    if (!use.row || use.row->quant.kind != QL_Q_FIXED || !use.output || !ql_is_quantized(use.output) ||
        !use.input ||
        use.input->type != use.output->type) { /* int8 in, int16 out is a variant with a scale of its own */
        return;
    }
    const ql_q_rule *want = &use.row->quant;
    bool wide = use.output->type == QL_I16;
    float scale = wide ? want->i16_scale : want->i8_scale;
    int zero = wide ? 0 : use.output->type == QL_U8 ? want->i8_zero + 128 : want->i8_zero;
    if (scale > 0 && (use.output->quant.scale[0] != scale || use.output->quant.zero_point[0] != zero)) {
        ql_evidence(ql_breach(c, rule, index, use.y),
                    "scale %.9g zero point %lld; %s has exactly 1/%.0f and %d",
                    (double)use.output->quant.scale[0], (long long)use.output->quant.zero_point[0],
                    use.row->name, 1 / (double)scale, zero);
    }
}

void ql_look_idle_requantize(ql_check *c, const void *rule, int index)
{
    ql_use use = ql_use_of(c, index);
    if (use.row && use.row->code == QUANTIZE && same_parameters(use.input, use.output)) {
        ql_evidence(ql_breach(c, rule, index, use.y), "type, scale %.9g and zero point are the input's",
                    (double)use.output->quant.scale[0]);
    }
}

void ql_look_chain(ql_check *c, const void *rule, int index)
{
    ql_use use = ql_use_of(c, index);
    int before = use.row && use.row->code == QUANTIZE && use.x >= 0 ? c->producer[use.x] : -1;
    if (before < 0) {
        return;
    }
    ql_use earlier = ql_use_of(c, before);
    bool chain = earlier.row && (earlier.row->code == DEQUANTIZE || earlier.row->code == QUANTIZE) &&
                 earlier.input && ql_is_quantized(earlier.input);
    if (chain && !earlier.input->data) {
        ql_finding *finding = ql_breach(c, rule, before, use.x);
        ql_blame_op(finding, index);
        ql_evidence(finding, "%s then %s: scale %.9g becomes %.9g", earlier.row->name, use.row->name,
                    (double)earlier.input->quant.scale[0], (double)use.output->quant.scale[0]);
    }
}

void ql_look_operands(ql_check *c, const void *rule, int index)
{
    ql_use use = ql_use_of(c, index);
    bool joins = use.row && (use.row->code == ADD || use.row->code == SUB || use.row->code == CONCATENATION);
    int coarse = -1, fine = -1;
    for (int i = 0; joins && i < use.op->input_count; i++) {
        int t = use.op->inputs[i];
        const ql_tensor *input = t >= 0 ? &c->graph->tensors[t] : NULL;
        if (!input || !ql_is_quantized(input) || input->data) {
            continue;
        }
        coarse = coarse < 0 || input->quant.scale[0] > c->graph->tensors[coarse].quant.scale[0] ? t : coarse;
        fine = fine < 0 || input->quant.scale[0] < c->graph->tensors[fine].quant.scale[0] ? t : fine;
    }
    if (coarse < 0 || coarse == fine) {
        return;
    }
    double ratio =
        (double)c->graph->tensors[coarse].quant.scale[0] / (double)c->graph->tensors[fine].quant.scale[0];
    if (ratio > 16) {
        ql_finding *finding = ql_breach(c, rule, index, coarse);
        ql_blame_tensor(finding, fine);
        ql_evidence(finding, "one input's scale is %.3g times the other's", ratio);
    }
}

void ql_look_relu_zero(ql_check *c, const void *rule, int index)
{
    ql_use use = ql_use_of(c, index);
    int activation = use.row ? ql_opt_activation(&use.op->options) : 0;
    int32_t lowest, highest;
    bool relu = activation == QL_FUSED_RELU || activation == QL_FUSED_RELU6;
    if (!relu || !use.output || !ql_is_quantized(use.output) || use.output->type == QL_I16 ||
        !ql_type_range(use.output->type, &lowest, &highest)) {
        return;
    }
    int64_t unused = use.output->quant.zero_point[0] - lowest;
    if (unused > 0) {
        ql_evidence(ql_breach(c, rule, index, use.y), "zero point %lld: %lld of 256 values lie below 0",
                    (long long)use.output->quant.zero_point[0], (long long)unused);
    }
}

/* Where a fused activation cuts at the top; infinite where it does not. */
static double top_of(int activation)
{
    return activation == QL_FUSED_RELU6 ? 6 : activation == QL_FUSED_RELU_N1_TO_1 ? 1 : HUGE_VAL;
}

void ql_look_clamp_range(ql_check *c, const void *rule, int index)
{
    ql_use use = ql_use_of(c, index);
    int32_t lowest, highest;
    if (!use.row || !use.output || !ql_is_quantized(use.output) || use.output->type == QL_I16 ||
        !ql_type_range(use.output->type, &lowest, &highest)) {
        return;
    }
    double scale = (double)use.output->quant.scale[0], top = top_of(ql_opt_activation(&use.op->options));
    double end = scale * (double)(highest - use.output->quant.zero_point[0]);
    if (end > 1.02 * top + scale) {
        ql_evidence(ql_breach(c, rule, index, use.y), "the range ends at %.4g, the activation at %.4g", end,
                    top);
    }
}

/* Do integer operands of this operator have to be of one type? */
static bool needs_one_type(const ql_use *use)
{
    ql_q_kind kind = use->row ? use->row->quant.kind : QL_Q_NONE;
    return (kind == QL_Q_FREE || kind == QL_Q_SAME || kind == QL_Q_FIXED) && use->row->code != QUANTIZE &&
           use->row->code != DEQUANTIZE && use->input && use->output && ql_is_quantized(use->input);
}

void ql_look_types(ql_check *c, const void *rule, int index)
{
    ql_use use = ql_use_of(c, index);
    if (!needs_one_type(&use)) {
        return;
    }
    const ql_tensor *other = use.output;
    int blamed = use.y;
    /* SOFTMAX has a variant from int8 to int16 */
    bool widened =
        use.row->quant.kind == QL_Q_FIXED && use.input->type == QL_I8 && use.output->type == QL_I16;
    for (int i = 0; i < use.op->input_count && (other->type == use.input->type || widened); i++) {
        const ql_tensor *operand = tensor_at(c, use.op->inputs[i]);
        if (operand && !operand->data && ql_is_quantized(operand) && operand->type != use.input->type &&
            !use.row->quant.weight) {
            other = operand;
            blamed = use.op->inputs[i];
            widened = false;
        }
    }
    bool number = other->type == QL_F32 || ql_is_quantized(other);
    if (number && other->type != use.input->type && !widened) {
        ql_finding *finding = ql_breach(c, rule, index, use.x);
        ql_blame_tensor(finding, blamed);
        ql_evidence(finding, "%s and %s", ql_type_name(use.input->type), ql_type_name(other->type));
    }
}
