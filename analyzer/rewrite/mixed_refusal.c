#include "analyzer/rewrite/mix.h"

#include <stdlib.h>

/* Are there weights, per tensor or per channel, and the float model's for them? */
static bool real_weights(const ql_mix *m, const ql_operator *own, int i)
{
    size_t count = 0;
    const ql_tensor *weights =
        i < own->input_count && own->inputs[i] >= 0 ? ql_mix_tensor(m, own->inputs[i]) : NULL;
    bool plain = weights && weights->data && weights->type == QL_I8 && weights->quant.scale_count > 0 &&
                 weights->quant.scale_count <= 4096;
    return plain && ql_dims_count(weights->shape, weights->rank, &count) && ql_mix_real(m, own, i, count);
}

/* A float layer must not be left with integer weights: those have kernels of their own. */
static const char *refuse_constants(const ql_mix *m, const ql_operator *own, const ql_operator *other,
                                    ql_layer_mode mode)
{
    int weight = ql_op_find(m->candidate.model, own)->quant.weight;
    for (int i = 0; i < own->input_count; i++) {
        const ql_tensor *constant = own->inputs[i] >= 0 ? ql_mix_tensor(m, own->inputs[i]) : NULL;
        bool scaled = constant && constant->data && constant->quant.scale_count;
        if (scaled && !ql_mix_real_constant(m, other->inputs[i])) {
            return "the float model has no constant in the place of its weights";
        }
        if (scaled && mode >= QL_LAYER_BITS && i == weight && !real_weights(m, own, i)) {
            return "its weights are not plain constants of the float model";
        }
    }
    return NULL;
}

const char *ql_mix_refusal(const ql_mix *m, int op, ql_layer_mode mode)
{
    const ql_operator *own = &m->from->operators[op];
    const ql_op *row = ql_op_find(m->candidate.model, own);
    bool arithmetic = own->output_count > 0 && ql_mix_quantized(ql_mix_tensor(m, own->outputs[0]));
    if (mode == QL_LAYER_KEEP) {
        return NULL;
    }
    if (!row || !arithmetic || row->code == QL_MIX_QUANTIZE || row->code == QL_MIX_DEQUANTIZE) {
        return "it is no quantized layer";
    }
    if (mode == QL_LAYER_FLOAT || mode >= QL_LAYER_BITS) {
        int twin = m->twin[op];
        const ql_operator *other = twin == QL_MIX_NONE ? NULL : &ql_mix_reference(m)->operators[twin];
        bool alike =
            other && other->input_count == own->input_count && other->output_count == own->output_count;
        return !alike ? "it has no counterpart in the float model" : refuse_constants(m, own, other, mode);
    }
    int weight = row->quant.weight, bias = row->quant.bias;
    if (mode == QL_LAYER_INT4 && (weight <= 0 || !real_weights(m, own, weight))) {
        return "it has no constant weights";
    }
    bool int8_weights = !weight || weight >= own->input_count || own->inputs[weight] < 0 ||
                        ql_mix_tensor(m, own->inputs[weight])->type == QL_I8;
    bool int32_bias =
        !bias || bias >= own->input_count || own->inputs[bias] < 0 ||
        (ql_mix_tensor(m, own->inputs[bias])->type == QL_I32 && ql_mix_tensor(m, own->inputs[bias])->data);
    bool wide = mode == QL_LAYER_INT16X8 && (row->quant.no_i16 || !ql_op_supports(row, QL_S_I16));
    return wide                           ? "its operator has no 16-bit kernel"
           : !int8_weights || !int32_bias ? "its weights or bias are not those of an int8 layer"
                                          : NULL;
}

const char *ql_mixed_refusal(ql_side reference, ql_side candidate, const ql_pairing *pairing, int op,
                             ql_layer_mode mode)
{
    int twin = QL_MIX_NONE;
    for (int i = 0; i < pairing->pair_count; i++) {
        const ql_pair *pair = &pairing->pairs[i];
        twin = pair->candidate_op == op && !pair->alias ? pair->reference_op : twin;
    }
    int *twins = malloc((size_t)(op + 1) * sizeof *twins);
    const char *why = "memory was refused";
    if (twins) {
        twins[op] = twin;
        ql_mix m = {.reference = reference,
                    .candidate = candidate,
                    .twin = twins,
                    .from = &candidate.model->subgraphs[candidate.subgraph]};
        why = ql_mix_refusal(&m, op, mode);
    }
    free(twins);
    return why;
}
