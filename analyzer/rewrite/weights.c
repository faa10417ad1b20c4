/* Modes that keep activations float: hybrid int8 weights, weights stored in int8, constants in float16. */
#include "analyzer/rewrite/maker.h"

#include <stdlib.h>
#include <string.h>

enum { FEWEST = 1024 /* elements, below which dynamic range quantization leaves weights float */ };

typedef struct {
    ql_maker *m;
    ql_quantize_mode mode;
    const ql_quantize_mode *layers; /* of each operator; NULL: all have the mode */
    int *stored; /* of each tensor: where its constant now is, to be widened to float at run time; -1 = as it
                    was */
} pass;

static const ql_q_rule *rule_of(const pass *p, const ql_operator *op)
{
    static const ql_q_rule none = {0};
    const ql_op *row = ql_op_find(p->m->base, op);
    return row ? &row->quant : &none;
}

static bool float_constant(const pass *p, int t)
{
    const ql_tensor *tensor = t >= 0 ? &p->m->from->tensors[t] : NULL;
    return tensor && tensor->type == QL_F32 && tensor->data && tensor->bytes && !tensor->sparsity;
}

static bool is_weight(const ql_q_rule *rule, int i)
{
    return i < 64 && (rule->dynamic >> i & 1);
}

static size_t elements(const pass *p, int t)
{
    return p->m->from->tensors[t].bytes / sizeof(float);
}

/* Kernels with several weights take all of them in int8 or none. */
static bool weights_qualify(const pass *p, const ql_operator *op, const ql_q_rule *rule)
{
    bool any = false;
    for (int i = 0; i < op->input_count; i++) {
        int t = op->inputs[i];
        if (t < 0 || !is_weight(rule, i)) {
            continue;
        }
        if (!float_constant(p, t) || (p->mode == QL_MODE_DYNAMIC && elements(p, t) < FEWEST)) {
            return false;
        }
        any = true;
    }
    return any;
}

static bool single_weight(const ql_q_rule *rule)
{
    return !(rule->dynamic & (rule->dynamic - 1));
}

static int axis_of(const pass *p, const ql_q_rule *rule, int i, int t)
{
    bool along = single_weight(rule) && i == rule->weight && rule->axis < p->m->from->tensors[t].rank;
    return along ? rule->axis : -1;
}

static ql_code int8_weights(pass *p, const ql_q_rule *rule, int i, int t, int *index)
{
    const ql_tensor *weights = &p->m->from->tensors[t];
    int axis = axis_of(p, rule, i, t), count = ql_weight_channels(weights, axis);
    float *scales = malloc(((size_t)count + 1) * sizeof *scales);
    if (!scales) {
        return ql_fail_memory(p->m->err, (size_t)count * sizeof *scales);
    }
    ql_weight_scales(weights, axis, scales);
    ql_code code = ql_maker_weights(p->m, t, axis, scales, index);
    free(scales);
    return code;
}

/* A constant that is widened when the model runs: tensor t stays what operators read. */
static ql_code store(pass *p, int t, ql_type type, const ql_quant *quant, const void *data, size_t bytes)
{
    const char *suffix = type == QL_F16 ? "_float16" : "_int8";
    const void *copy;
    int index;
    ql_code code = ql_maker_tensor(p->m, t, type, quant, suffix, &index);
    code = code ? code : ql_maker_bytes(p->m, t, data, bytes, &copy);
    if (code) {
        return code;
    }
    ql_subgraph *graph = &p->m->model->subgraphs[p->m->subgraph];
    code = ql_edit_constant(p->m->model, &graph->tensors[index], copy, bytes, p->m->err);
    graph->tensors[t].buffer = 0;
    graph->tensors[t].data = NULL;
    graph->tensors[t].bytes = 0;
    p->stored[t] = index;
    return code ? code : ql_maker_convert(p->m, QL_DEQUANTIZE, index, t);
}

static ql_code store_half(pass *p, int t)
{
    const ql_tensor *tensor = &p->m->from->tensors[t];
    const float *values = tensor->data;
    size_t count = elements(p, t);
    uint16_t *halves = malloc((count + 1) * sizeof *halves);
    if (!halves) {
        return ql_fail_memory(p->m->err, count * sizeof *halves);
    }
    for (size_t i = 0; i < count; i++) {
        halves[i] = ql_half_of(values[i]);
    }
    ql_code code = store(p, t, QL_F16, &tensor->quant, halves, count * sizeof *halves);
    free(halves);
    return code;
}

static ql_code store_int8(pass *p, const ql_q_rule *rule, int i, int t)
{
    const ql_tensor *weights = &p->m->from->tensors[t];
    int axis = axis_of(p, rule, i, t), count = ql_weight_channels(weights, axis);
    float *scales = malloc(((size_t)count + 1) * sizeof *scales);
    int8_t *values = malloc(elements(p, t) + 1);
    ql_quant quant;
    ql_code code = scales && values ? QL_OK : ql_fail_memory(p->m->err, weights->bytes);
    if (!code) {
        ql_weight_scales(weights, axis, scales);
        ql_quantize_weights(weights, axis, scales, values);
        code = ql_maker_scales(p->m, &quant, scales, count, axis);
    }
    code = code ? code : store(p, t, QL_I8, &quant, values, elements(p, t));
    free(scales);
    free(values);
    return code;
}

static ql_code store_constants(pass *p, const ql_operator *op)
{
    const ql_q_rule *rule = rule_of(p, op);
    bool weights = weights_qualify(p, op, rule);
    bool hybrid = p->mode == QL_MODE_DYNAMIC && rule->hybrid;
    ql_code code = QL_OK;
    for (int i = 0; i < op->input_count && !code; i++) {
        int t = op->inputs[i];
        if (!float_constant(p, t) || p->stored[t] >= 0) {
            continue;
        }
        if (p->mode == QL_MODE_FLOAT16) {
            code = store_half(p, t);
        } else if (weights && is_weight(rule, i) && !hybrid) {
            code = store_int8(p, rule, i, t);
        }
    }
    return code;
}

static ql_code hybrid_operator(pass *p, const ql_operator *op, const ql_q_rule *rule)
{
    ql_operator made = *op;
    int32_t *inputs = malloc(((size_t)op->input_count + 1) * sizeof *inputs);
    ql_code code = inputs ? QL_OK : ql_fail_memory(p->m->err, (size_t)op->input_count * sizeof *inputs);
    for (int i = 0; i < op->input_count && !code; i++) {
        inputs[i] = op->inputs[i];
        if (op->inputs[i] >= 0 && is_weight(rule, i)) {
            code = int8_weights(p, rule, i, op->inputs[i], &inputs[i]);
        }
    }
    code = code ? code : ql_edit_ints(p->m->model, inputs, op->input_count, &made.inputs, p->m->err);
    code = code ? code : ql_maker_opcode(p->m, op, QL_S_HYBRID, &made.opcode);
    code = code ? code : ql_maker_option(p->m, &made, "asymmetric_quantize_inputs", true);
    free(inputs);
    return code ? code : ql_maker_append(p->m, &made);
}

static bool is_wanted(const pass *p, int op)
{
    return !p->layers || p->layers[op] == p->mode;
}

static bool is_hybrid(const pass *p, int op)
{
    const ql_operator *own = &p->m->from->operators[op];
    const ql_q_rule *rule = rule_of(p, own);
    const ql_op *row = ql_op_find(p->m->base, own);
    return p->mode == QL_MODE_DYNAMIC && is_wanted(p, op) && rule->hybrid && row &&
           ql_op_supports(row, QL_S_HYBRID) && weights_qualify(p, own, rule);
}

/* Constants stay where something still reads them as float; graph outputs are read from outside. */
static void count_float_readers(pass *p)
{
    for (int k = 0; k < p->m->from->operator_count; k++) {
        const ql_operator *op = &p->m->from->operators[k];
        for (int i = 0; i < op->input_count; i++) {
            bool weight = is_hybrid(p, k) && is_weight(rule_of(p, op), i);
            if (op->inputs[i] >= 0 && !weight) {
                p->m->float_readers[op->inputs[i]]++;
            }
        }
    }
    for (int o = 0; o < p->m->from->output_count; o++) {
        p->m->float_readers[p->m->from->outputs[o]]++;
    }
}

ql_code ql_make_weights(ql_maker *m, const ql_quantize_options *options)
{
    size_t tensors = (size_t)m->from->tensor_count;
    pass p = {.m = m,
              .mode = options->mode,
              .layers = m->subgraph == options->subgraph ? options->layers : NULL,
              .stored = malloc((tensors + 1) * sizeof *p.stored)};
    ql_code code = p.stored ? QL_OK : ql_fail_memory(m->err, tensors * sizeof *p.stored);
    for (size_t t = 0; t < tensors && !code; t++) {
        p.stored[t] = -1;
    }
    if (!code) {
        count_float_readers(&p);
    }
    for (int op = 0; op < m->from->operator_count && !code; op++) {
        bool passed = !is_wanted(&p, op) || is_hybrid(&p, op);
        code = passed ? QL_OK : store_constants(&p, &m->from->operators[op]);
    }
    for (int op = 0; op < m->from->operator_count && !code; op++) {
        const ql_operator *own = &m->from->operators[op];
        code = is_hybrid(&p, op) ? hybrid_operator(&p, own, rule_of(&p, own)) : ql_maker_append(m, own);
    }
    free(p.stored);
    return code;
}
