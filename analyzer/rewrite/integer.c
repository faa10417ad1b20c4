/* int8 and int16x8: every operator that can becomes integer, with conversions where formats meet. */
#include "analyzer/rewrite/maker.h"
#include "analyzer/rewrite/spread.h"

#include <stdlib.h>
#include <string.h>

typedef struct {
    int t, index, next; /* base tensor t in parameters of its own is tensor `index` */
    ql_param param;
} rescaled;

typedef struct {
    ql_maker *m;
    const ql_quantize_options *o;
    ql_spread s;
    ql_type type;
    int *as_int, *as_float; /* of each tensor of the base: the new model's, -1 = not there yet */
    rescaled *others;
    int other_count, other_capacity;
} pass;

static ql_tensor *made_tensor(pass *p, int index)
{
    return &p->m->model->subgraphs[p->m->subgraph].tensors[index];
}

static bool is_float(const pass *p, int t)
{
    return t >= 0 && p->m->from->tensors[t].type == QL_F32;
}

static const char *suffix_of(const pass *p)
{
    return p->type == QL_I16 ? "_int16" : "_int8";
}

static ql_code need_float(pass *p, int t, int *index)
{
    ql_code code = QL_OK;
    if (p->as_float[t] < 0) {
        code = ql_maker_tensor(p->m, t, QL_F32, &p->m->from->tensors[t].quant, "_float32", &p->as_float[t]);
        code = code ? code : ql_maker_convert(p->m, QL_DEQUANTIZE, p->as_int[t], p->as_float[t]);
    }
    *index = p->as_float[t];
    return code;
}

/* A new tensor for t in those parameters, made from the form of it that is there. */
static ql_code convert_to(pass *p, int t, ql_param param, const char *suffix, int *index)
{
    ql_quant quant;
    int from = p->as_int[t] >= 0 ? p->as_int[t] : p->as_float[t];
    ql_code code = ql_maker_param(p->m, &quant, param);
    code = code ? code : ql_maker_tensor(p->m, t, p->type, &quant, suffix, index);
    return code ? code : ql_maker_convert(p->m, QL_QUANTIZE, from, *index);
}

static const rescaled *find_other(const pass *p, int t, ql_param param)
{
    for (int i = p->other_count - 1; i >= 0; i--) {
        if (p->others[i].t == t && ql_param_equal(p->others[i].param, param)) {
            return &p->others[i];
        }
    }
    return NULL;
}

static ql_code remember_other(pass *p, int t, ql_param param, int index)
{
    if (p->other_count == p->other_capacity) {
        int capacity = p->other_capacity ? 2 * p->other_capacity : 16;
        rescaled *grown = realloc(p->others, (size_t)capacity * sizeof *grown);
        if (!grown) {
            return ql_fail_memory(p->m->err, (size_t)capacity * sizeof *grown);
        }
        p->others = grown;
        p->other_capacity = capacity;
    }
    p->others[p->other_count++] = (rescaled){.t = t, .index = index, .param = param};
    return QL_OK;
}

static ql_code need_int(pass *p, int t, ql_param param, int *index)
{
    if (ql_param_equal(param, p->s.tensors[t])) {
        ql_code code = p->as_int[t] >= 0 ? QL_OK : convert_to(p, t, param, suffix_of(p), &p->as_int[t]);
        *index = p->as_int[t];
        return code;
    }
    const rescaled *there = find_other(p, t, param);
    if (there) {
        *index = there->index;
        return QL_OK;
    }
    ql_code code = convert_to(p, t, param, "_requantized", index);
    return code ? code : remember_other(p, t, param, *index);
}

/* --- Constants --- */

static ql_code activation_constant(pass *p, int t, ql_param param, int *index)
{
    const ql_tensor *tensor = &p->m->from->tensors[t];
    size_t count = tensor->bytes / sizeof(float), bytes = count * (p->type == QL_I16 ? 2 : 1);
    if (!param.set) {
        ql_tensor_range range = ql_range_of(tensor->data, count);
        param = ql_activation_param(range, p->type);
    }
    void *values = malloc(bytes + 1);
    if (!values) {
        return ql_fail_memory(p->m->err, bytes);
    }
    ql_quant quant;
    ql_quantize_values(tensor->data, count, param, p->type, values);
    ql_code code = ql_maker_param(p->m, &quant, param);
    code = code ? code : ql_maker_constant(p->m, t, p->type, &quant, values, bytes, index);
    free(values);
    return code;
}

static ql_code bias_constant(pass *p, int t, const float *scales, int count, int *index)
{
    const ql_tensor *bias = &p->m->from->tensors[t];
    size_t elements = bias->bytes / sizeof(float);
    bool wide = p->type == QL_I16;
    size_t bytes = elements * (wide ? sizeof(int64_t) : sizeof(int32_t));
    void *values = malloc(bytes + 1);
    if (!values) {
        return ql_fail_memory(p->m->err, bytes);
    }
    ql_quant quant;
    ql_quantize_bias(bias->data, elements, scales, count, wide, values);
    ql_code code = ql_maker_scales(p->m, &quant, scales, count, 0);
    code = code ? code : ql_maker_constant(p->m, t, wide ? QL_I64 : QL_I32, &quant, values, bytes, index);
    free(values);
    return code;
}

static void relieve(const ql_tensor *bias, float x_scale, float *weights, float *biases, int count)
{
    const float *values = bias->data;
    size_t elements = bias->bytes / sizeof(float);
    for (size_t i = 0; i < elements; i++) {
        size_t c = count > 1 ? i : 0;
        ql_relieve_bias(values[i], x_scale, &weights[c], &biases[c]);
    }
}

/* The weights of an operator and its bias, whose scale is the product of the input's and theirs. */
static ql_code weights_and_bias(pass *p, const ql_operator *op, const ql_q_rule *rule, float x_scale,
                                int32_t *inputs)
{
    int w = op->inputs[rule->weight];
    int b = rule->bias > 0 && rule->bias < op->input_count ? op->inputs[rule->bias] : -1;
    const ql_tensor *weights = &p->m->from->tensors[w];
    int axis = rule->axis < weights->rank ? rule->axis : -1, count = ql_weight_channels(weights, axis);
    if (b >= 0 && count > 1 && p->m->from->tensors[b].bytes / sizeof(float) != (size_t)count) {
        axis = -1; /* a bias that is not one a channel has one scale */
        count = 1;
    }
    float *scales = malloc((2 * (size_t)count + 1) * sizeof *scales),
          *biases = scales ? scales + count : NULL;
    if (!scales) {
        return ql_fail_memory(p->m->err, 2 * (size_t)count * sizeof *scales);
    }
    ql_weight_scales(weights, axis, scales);
    for (int c = 0; c < count; c++) {
        biases[c] = ql_bias_scale(x_scale, scales[c]);
    }
    if (b >= 0 && p->type == QL_I8) {
        relieve(&p->m->from->tensors[b], x_scale, scales, biases, count);
    }
    ql_code code = ql_maker_weights(p->m, w, axis, scales, &inputs[rule->weight]);
    if (!code && b >= 0) {
        code = bias_constant(p, b, biases, count, &inputs[rule->bias]);
    }
    free(scales);
    return code;
}

/* --- Operators --- */

static ql_param operand_param(const pass *p, int op, int i)
{
    ql_param own = p->s.ins[p->s.first_in[op] + i];
    int t = p->m->from->operators[op].inputs[i];
    return own.set || p->m->from->tensors[t].data ? own : p->s.tensors[t];
}

static bool has_weights(const pass *p, const ql_operator *op, const ql_q_rule *rule)
{
    int w = rule->weight > 0 && rule->weight < op->input_count ? op->inputs[rule->weight] : -1;
    return is_float(p, w) && p->m->from->tensors[w].data && !rule->weight_activation;
}

static ql_code integer_inputs(pass *p, int op, const ql_op *row, int32_t *inputs)
{
    const ql_operator *own = &p->m->from->operators[op];
    bool weighted = has_weights(p, own, &row->quant);
    int key = row->key > 0 ? row->key : 0;
    ql_code code = QL_OK;
    for (int i = 0; i < own->input_count && !code; i++) {
        int t = own->inputs[i], at = t;
        bool apart = weighted && i > 0 && (i == row->quant.weight || i == row->quant.bias);
        if (is_float(p, t) && !apart) {
            code = p->m->from->tensors[t].data ? activation_constant(p, t, operand_param(p, op, i), &at)
                                               : need_int(p, t, operand_param(p, op, i), &at);
        }
        inputs[i] = at;
    }
    if (!code && weighted) {
        const ql_tensor *x = made_tensor(p, inputs[key]);
        code = weights_and_bias(p, own, &row->quant, x->quant.scale[0], inputs);
    }
    return code;
}

/* A result in parameters other than its readers ask for is converted at once. */
static ql_code integer_output(pass *p, int op, int k)
{
    int t = p->m->from->operators[op].outputs[k];
    ql_param own = p->s.outs[p->s.first_out[op] + k], asked = p->s.tensors[t];
    if (!is_float(p, t)) {
        return QL_OK;
    }
    ql_quant quant;
    ql_code code = ql_maker_param(p->m, &quant, own.set ? own : asked);
    if (code) {
        return code;
    }
    made_tensor(p, t)->type = p->type;
    made_tensor(p, t)->quant = quant;
    p->as_int[t] = t;
    p->as_float[t] = -1;
    if (own.set) {
        int index;
        code = convert_to(p, t, asked, "_requantized", &index);
        p->as_int[t] = code ? t : index;
    }
    return code;
}

/* What 16-bit operators must say: the type of their bias, and that sums are multiplied also where scales are
 * powers of two and a shift would do. */
static ql_code wide_options(pass *p, const ql_op *row, ql_operator *op)
{
    enum { ADD = 0, SUB = 41 };
    if (row->code == ADD || row->code == SUB) {
        return ql_maker_option(p->m, op, "pot_scale_int16", false);
    }
    return ql_maker_option(p->m, op, "quantized_bias_type", QL_I64);
}

static ql_code integer_operator(pass *p, int op, int32_t *inputs)
{
    const ql_operator *own = &p->m->from->operators[op];
    const ql_op *row = ql_op_find(p->m->base, own);
    ql_slot slot = p->type == QL_I16 ? QL_S_I16 : QL_S_I8;
    ql_operator made = *own;
    ql_code code = integer_inputs(p, op, row, inputs);
    code = code ? code : ql_edit_ints(p->m->model, inputs, own->input_count, &made.inputs, p->m->err);
    code = code ? code : ql_maker_opcode(p->m, own, slot, &made.opcode);
    code = code || p->type != QL_I16 ? code : wide_options(p, row, &made);
    code = code ? code : ql_maker_append(p->m, &made);
    for (int k = 0; k < own->output_count && !code; k++) {
        code = integer_output(p, op, k);
    }
    return code;
}

static ql_code other_operator(pass *p, int op, int32_t *inputs)
{
    const ql_operator *own = &p->m->from->operators[op];
    const ql_op *row = ql_op_find(p->m->base, own);
    bool any_form = row && row->shape_only && !is_float(p, own->output_count ? own->outputs[0] : -1);
    ql_operator made = *own;
    ql_code code = QL_OK;
    for (int i = 0; i < own->input_count && !code; i++) {
        int t = own->inputs[i], at = t;
        if (is_float(p, t) && any_form && p->as_int[t] >= 0) {
            at = p->as_int[t];
        } else if (is_float(p, t)) {
            code = need_float(p, t, &at);
        }
        inputs[i] = at;
    }
    code = code ? code : ql_edit_ints(p->m->model, inputs, own->input_count, &made.inputs, p->m->err);
    return code ? code : ql_maker_append(p->m, &made);
}

static ql_code make_operators(pass *p)
{
    ql_code code = QL_OK;
    for (int op = 0; op < p->m->from->operator_count && !code; op++) {
        const ql_operator *own = &p->m->from->operators[op];
        int32_t *inputs = malloc(((size_t)own->input_count + 1) * sizeof *inputs);
        if (!inputs) {
            return ql_fail_memory(p->m->err, (size_t)own->input_count * sizeof *inputs);
        }
        code = p->s.integer[op] ? integer_operator(p, op, inputs) : other_operator(p, op, inputs);
        free(inputs);
    }
    return code;
}

/* --- Graph inputs and outputs --- */

static ql_code no_range(pass *p, int t, const char *what)
{
    ql_fail(p->m->err, QL_E_UNSUPPORTED, "%s without a range: %s asked for needs one", what,
            ql_type_name(p->o->io));
    return ql_at_tensor_of(p->m->err, &p->m->from->tensors[t], t);
}

/* The tensor itself becomes the integer input. */
static ql_code integer_input(pass *p, int t)
{
    ql_param param = p->s.tensors[t];
    if (!param.set) {
        return no_range(p, t, "an input");
    }
    ql_quant quant;
    param.zero += p->o->io == QL_U8 ? 128 : 0;
    ql_code code = ql_maker_param(p->m, &quant, param);
    if (!code) {
        made_tensor(p, t)->type = p->o->io;
        made_tensor(p, t)->quant = quant;
        p->as_float[t] = -1;
        p->as_int[t] = t;
    }
    if (!code && p->o->io == QL_U8) {
        int index;
        code = convert_to(p, t, p->s.tensors[t], suffix_of(p), &index);
        p->as_int[t] = code ? t : index;
    }
    return code;
}

/* The graph's output keeps the tensor's name; what the operator makes is called after its format. */
static ql_code give_output(pass *p, int t, ql_type type)
{
    int inner = p->as_int[t] >= 0 ? p->as_int[t] : p->as_float[t], index = t;
    ql_param param = p->s.tensors[t];
    ql_quant quant = p->m->from->tensors[t].quant;
    param.zero += type == QL_U8 ? 128 : 0;
    ql_code code = type == QL_F32 ? QL_OK : ql_maker_param(p->m, &quant, param);
    code = code ? code : ql_maker_tensor(p->m, t, type, &quant, "", &index);
    code = code ? code : ql_maker_convert(p->m, type == QL_F32 ? QL_DEQUANTIZE : QL_QUANTIZE, inner, index);
    if (!code) {
        bool real = made_tensor(p, t)->type == QL_F32;
        code = ql_maker_rename(p->m, t, t, real ? "_float32" : suffix_of(p));
        ql_edit_output(p->m->model, p->m->subgraph, t, index);
    }
    return code;
}

static bool is_graph_input(const pass *p, int t)
{
    for (int i = 0; i < p->m->from->input_count; i++) {
        if (p->m->from->inputs[i] == t) {
            return true;
        }
    }
    return false;
}

static ql_code make_output(pass *p, int t)
{
    bool real = p->o->io == QL_F32;
    if (!is_float(p, t) || p->m->from->tensors[t].data || is_graph_input(p, t)) {
        return QL_OK;
    }
    if (!real && !p->s.tensors[t].set) {
        return no_range(p, t, "an output");
    }
    if (!real && p->as_int[t] >= 0 && p->o->io == p->type) {
        ql_edit_output(p->m->model, p->m->subgraph, t, p->as_int[t]);
        return QL_OK;
    }
    return real && p->as_float[t] == t ? QL_OK : give_output(p, t, p->o->io);
}

static bool read_as_integer(const pass *p, int t)
{
    for (int i = p->s.first_reader[t]; i < p->s.first_reader[t + 1]; i++) {
        if (p->s.integer[p->s.readers[i]]) {
            return p->s.tensors[t].set;
        }
    }
    return false;
}

static ql_code make_inputs(pass *p)
{
    ql_code code = QL_OK;
    for (int i = 0; i < p->m->from->input_count && !code; i++) {
        int t = p->m->from->inputs[i], index;
        if (is_float(p, t) && p->o->io != QL_F32) {
            code = integer_input(p, t);
        } else if (is_float(p, t) && read_as_integer(p, t)) {
            code = need_int(p, t, p->s.tensors[t], &index);
        }
    }
    return code;
}

static ql_code make_outputs(pass *p)
{
    ql_code code = QL_OK;
    for (int i = 0; i < p->m->from->output_count && !code; i++) {
        bool again = false;
        for (int k = 0; k < i; k++) {
            again |= p->m->from->outputs[k] == p->m->from->outputs[i];
        }
        code = again ? QL_OK : make_output(p, p->m->from->outputs[i]);
    }
    return code;
}

/* --- Putting it together --- */

static void count_float_readers(pass *p)
{
    for (int op = 0; op < p->m->from->operator_count; op++) {
        const ql_operator *own = &p->m->from->operators[op];
        for (int i = 0; i < own->input_count; i++) {
            if (own->inputs[i] >= 0 && !p->s.integer[op]) {
                p->m->float_readers[own->inputs[i]]++;
            }
        }
    }
    for (int o = 0; o < p->m->from->output_count; o++) {
        p->m->float_readers[p->m->from->outputs[o]]++;
    }
}

static ql_code check_io(const pass *p)
{
    bool wide = p->type == QL_I16;
    if (p->o->io == QL_F32 || p->o->io == p->type || (!wide && p->o->io == QL_U8)) {
        return QL_OK;
    }
    return ql_fail(p->m->err, QL_E_UNSUPPORTED, "mode %s with %s inputs and outputs: float, %s is required",
                   ql_quantize_mode_name(p->o->mode), ql_type_name(p->o->io),
                   wide ? "int16" : "int8 or uint8");
}

static void tell_left(const pass *p)
{
    for (int op = 0; op < p->m->from->operator_count && p->o->left; op++) {
        const ql_operator *own = &p->m->from->operators[op];
        const ql_op *row = ql_op_find(p->m->base, own);
        bool stayed = !p->s.integer[op] && ql_has_floats(p->m->from, own) && !(row && row->shape_only);
        const char *why = stayed ? ql_integer_refusal(p->m->base, p->m->from, own, p->type) : NULL;
        p->o->left[op] = !stayed ? NULL : why ? why : "its tensors have no ranges";
    }
}

ql_code ql_make_integer(ql_maker *m, const ql_quantize_options *options)
{
    pass p = {.m = m, .o = options, .type = options->mode == QL_MODE_INT16X8 ? QL_I16 : QL_I8};
    size_t tensors = (size_t)m->from->tensor_count;
    ql_code code = check_io(&p);
    code =
        code ? code
             : ql_spread_params(&p.s, m->base, m->subgraph, options->ranges, p.type, options->wanted, m->err);
    p.as_int = malloc((2 * tensors + 1) * sizeof *p.as_int);
    if (!code && !p.as_int) {
        code = ql_fail_memory(m->err, 2 * tensors * sizeof *p.as_int);
    }
    if (!code) {
        p.as_float = p.as_int + tensors;
        for (size_t t = 0; t < tensors; t++) {
            p.as_int[t] = -1;
            p.as_float[t] = (int)t;
        }
        count_float_readers(&p);
        tell_left(&p);
    }
    code = code ? code : make_inputs(&p);
    code = code ? code : make_operators(&p);
    code = code ? code : make_outputs(&p);
    free(p.as_int);
    free(p.others);
    ql_spread_free(&p.s);
    return code;
}
