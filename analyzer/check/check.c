#include "analyzer/check/check.h"

#include "analyzer/check/rules.h"

#include <stdlib.h>

#define RULE(id, level, what, cure, function, tensors)                                                       \
    {                                                                                                        \
        .code = id, .severity = level, .title = what, .remedy = cure, .look = function,                      \
        .per_tensor = tensors                                                                                \
    }

const ql_check_rule ql_check_rules[] = {
    RULE("scale-invalid", QL_ERROR, "a scale is finite, normal and positive",
         "Convert again; the file's quantization parameters are damaged.", ql_look_scale, true),
    RULE("zero-point-range", QL_ERROR,
         "a zero point lies in its type's range, and is 0 for int16 activations",
         "Convert again; the file's quantization parameters are damaged.", ql_look_zero_point, true),
    RULE("unquantized-integer", QL_ERROR,
         "an 8-bit activation or weight, or a bias, that arithmetic reads has a scale",
         "Convert again: without a scale the values stand for nothing.", ql_look_missing, false),
    RULE("activation-axis", QL_ERROR, "an activation has one scale and zero point for all its values",
         "Convert again; kernels read an activation's first scale only.", ql_look_activation_axis, true),
    RULE("weight-type", QL_ERROR, "weights of int8 and int16 operators are int8 or int4, of uint8 ones uint8",
         "Convert again; there is no kernel for this mix of types.", ql_look_weight_type, false),
    RULE("weight-axis", QL_ERROR,
         "per-axis weights have one scale an output channel along the operator's axis",
         "Convert again; kernels read the scales along the operator's own axis.", ql_look_weight_axis, false),
    RULE("weight-zero-point", QL_ERROR,
         "integer weights of int8 and int16 operators are symmetric: zero point 0",
         "Quantize the weights symmetrically; kernels ignore their zero point.", ql_look_weight_zero, false),
    RULE("weight-range", QL_NOTE, "int8 weights lie in -127 .. 127, int4 ones in -7 .. 7",
         "Harmless here, but kernels that rely on the narrow range may overflow: convert with a current "
         "converter.",
         ql_look_weight_range, false),
    RULE("bias-type", QL_ERROR, "a bias is int32, with int16 activations int64 or int32",
         "Convert again; there is no kernel for this type.", ql_look_bias_type, false),
    RULE("bias-axis", QL_ERROR, "a bias has one scale, or one for each of its values",
         "Convert again; kernels read one scale a channel.", ql_look_bias_axis, false),
    RULE("bias-zero-point", QL_ERROR, "a bias has zero point 0",
         "Convert again; kernels add the bias as it is.", ql_look_bias_zero, false),
    RULE("bias-scale", QL_ERROR, "a bias has the scale input scale * weight scale, for every channel",
         "Quantize the bias again for this input; a bias shared by two operators needs a copy for each.",
         ql_look_bias_scale, false),
    RULE("bias-saturated", QL_ERROR, "a bias fits its type with room for the sum",
         "Give the channel a larger weight scale, or leave the operator in float.", ql_look_bias_range,
         false),
    RULE("same-scale", QL_ERROR, "an operator that only moves or selects values keeps scale and zero point",
         "Give inputs and output one scale and zero point, or insert a QUANTIZE.", ql_look_same_scale, false),
    RULE("fixed-output", QL_ERROR,
         "SOFTMAX, LOGISTIC, TANH and their like have the output scale of their definition",
         "Set the output's scale and zero point to those of the specification.", ql_look_fixed_output, false),
    RULE("shared-constant", QL_ERROR, "tensors that share a constant's bytes share its quantization",
         "Give each use a buffer of its own.", ql_look_shared, true),
    RULE("requantize-idle", QL_WARNING, "a QUANTIZE changes something",
         "Remove it: it costs time and changes nothing.", ql_look_idle_requantize, false),
    RULE("requantize-chain", QL_WARNING, "values are not quantized, dequantized and quantized again at once",
         "Join the pair into one QUANTIZE, or none where the parameters agree.", ql_look_chain, false),
    RULE("operand-scales", QL_WARNING, "the inputs of ADD, SUB and CONCATENATION have scales of one order",
         "The coarser input decides the error: calibrate it, or bring both to one range.", ql_look_operands,
         false),
    RULE("relu-zero-point", QL_WARNING, "what a fused RELU makes starts at the lowest value",
         "Calibrate again: the values below the zero point are never used.", ql_look_relu_zero, false),
    RULE("clamp-range", QL_WARNING, "the range of what a fused activation makes ends where it cuts",
         "Calibrate again: the values beyond are never used.", ql_look_clamp_range, false),
    RULE("range-unused", QL_WARNING, "a constant uses its type's range",
         "Quantize the constant by its own range.", ql_look_unused_range, true),
    RULE("mixed-types", QL_ERROR, "inputs and output of integer arithmetic have one type",
         "Insert QUANTIZE or DEQUANTIZE between them.", ql_look_types, false),
};
const int ql_check_rule_count = sizeof ql_check_rules / sizeof *ql_check_rules;

bool ql_is_quantized(const ql_tensor *tensor)
{
    return tensor->quant.scale_count > 0 && tensor->type != QL_F32 && tensor->type != QL_F16;
}

static void connect(ql_check *c)
{
    for (int t = 0; t < c->graph->tensor_count; t++) {
        c->producer[t] = -1;
    }
    for (int op = 0; op < c->graph->operator_count; op++) {
        const ql_operator *use = &c->graph->operators[op];
        for (int o = 0; o < use->output_count; o++) {
            if (use->outputs[o] >= 0) {
                c->producer[use->outputs[o]] = op;
            }
        }
        for (int i = 0; i < use->input_count; i++) {
            if (use->inputs[i] >= 0) {
                c->consumers[use->inputs[i]]++;
            }
        }
    }
}

ql_code ql_check_model(const ql_model *model, int subgraph, ql_findings *findings, ql_err *err)
{
    ql_check c = {
        .model = model, .graph = &model->subgraphs[subgraph], .subgraph = subgraph, .findings = findings};
    size_t tensors = (size_t)c.graph->tensor_count + 1;
    c.producer = calloc(tensors, sizeof *c.producer);
    c.consumers = calloc(tensors, sizeof *c.consumers);
    if (c.producer && c.consumers) {
        connect(&c);
        for (int r = 0; r < ql_check_rule_count; r++) {
            const ql_check_rule *rule = &ql_check_rules[r];
            int count = rule->per_tensor ? c.graph->tensor_count : c.graph->operator_count;
            for (int i = 0; i < count; i++) {
                rule->look(&c, rule, i);
            }
        }
        ql_findings_rank(findings);
    }
    bool refused = !c.producer || !c.consumers || findings->refused;
    free(c.producer);
    free(c.consumers);
    return refused ? ql_fail_memory(err, tensors * sizeof(int)) : QL_OK;
}
