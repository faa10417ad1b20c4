/* int8 and int16x8: every operator that can becomes integer, with conversions where formats meet. */
#include "analyzer/rewrite/pass.h"

#include <stdlib.h>
#include <string.h>

/* --- Operators --- */

static ql_param operand_param(const ql_pass *p, int op, int i)
{
    const ql_spread *s = &p->s[p->forms[op]];
    ql_param own = s->ins[s->first_in[op] + i];
    int t = p->m->from->operators[op].inputs[i];
    return own.set || p->m->from->tensors[t].data ? own : s->tensors[t];
}

static bool has_weights(const ql_pass *p, const ql_operator *op, const ql_q_rule *rule)
{
    int w = rule->weight > 0 && rule->weight < op->input_count ? op->inputs[rule->weight] : -1;
    return ql_pass_float(p, w) && p->m->from->tensors[w].data && !rule->weight_activation;
}

static ql_code integer_inputs(ql_pass *p, int op, const ql_op *row, int32_t *inputs)
{
    const ql_operator *own = &p->m->from->operators[op];
    bool weighted = has_weights(p, own, &row->quant);
    int key = row->key > 0 ? row->key : 0, form = p->forms[op];
    ql_code code = QL_OK;
    for (int i = 0; i < own->input_count && !code; i++) {
        int t = own->inputs[i], at = t;
        bool apart = weighted && i > 0 && (i == row->quant.weight || i == row->quant.bias);
        if (ql_pass_float(p, t) && !apart) {
            ql_param param = operand_param(p, op, i);
            code = p->m->from->tensors[t].data ? ql_activation_constant(p, form, t, param, &at)
                                               : ql_need_int(p, form, t, param, &at);
        }
        inputs[i] = at;
    }
    if (!code && weighted) {
        const ql_tensor *x = ql_pass_made(p, inputs[key]);
        code = ql_weights_and_bias(p, form, own, &row->quant, x->quant.scale[0], inputs);
    }
    return code;
}

/* A result in parameters other than its readers ask for is converted at once. */
static ql_code integer_output(ql_pass *p, int op, int k)
{
    int t = p->m->from->operators[op].outputs[k], form = p->forms[op];
    const ql_spread *s = &p->s[form];
    if (!ql_pass_float(p, t)) {
        return QL_OK;
    }
    ql_param own = s->outs[s->first_out[op] + k], asked = s->tensors[t];
    ql_quant quant;
    ql_code code = ql_maker_param(p->m, &quant, own.set ? own : asked);
    if (code) {
        return code;
    }
    ql_pass_made(p, t)->type = ql_form_type(form);
    ql_pass_made(p, t)->quant = quant;
    p->home[t] = form;
    p->as_int[form][t] = t;
    p->as_float[t] = -1;
    if (own.set) {
        int index;
        code = ql_convert_to(p, ql_form_type(form), t, asked, "_requantized", &index);
        p->as_int[form][t] = code ? t : index;
    }
    return code;
}

/* What 16-bit operators must say: the type of their bias, and that sums are multiplied also where scales are
 * powers of two and a shift would do. */
static ql_code wide_options(ql_pass *p, const ql_op *row, ql_operator *op)
{
    enum { ADD = 0, SUB = 41 };
    if (row->code == ADD || row->code == SUB) {
        return ql_maker_option(p->m, op, "pot_scale_int16", false);
    }
    return ql_maker_option(p->m, op, "quantized_bias_type", QL_I64);
}

static ql_code integer_operator(ql_pass *p, int op, int32_t *inputs)
{
    const ql_operator *own = &p->m->from->operators[op];
    const ql_op *row = ql_op_find(p->m->base, own);
    bool wide = p->forms[op] == QL_FORM_I16;
    ql_operator made = *own;
    for (int i = 0; i < own->input_count; i++) {
        inputs[i] = own->inputs[i];
    }
    ql_code code =
        row->quant.lstm ? ql_lstm_operands(p, own, inputs, &made) : integer_inputs(p, op, row, inputs);
    code = code ? code : ql_edit_ints(p->m->model, inputs, own->input_count, &made.inputs, p->m->err);
    code = code ? code : ql_maker_opcode(p->m, own, wide ? QL_S_I16 : QL_S_I8, &made.opcode);
    code = code || !wide ? code : wide_options(p, row, &made);
    code = code ? code : ql_maker_append(p->m, &made);
    for (int k = 0; k < own->output_count && !code; k++) {
        code = integer_output(p, op, k);
    }
    return code;
}

static int any_integer(const ql_pass *p, int t)
{
    int narrow = p->as_int[QL_FORM_I8][t];
    return narrow >= 0 ? narrow : p->as_int[QL_FORM_I16][t];
}

static ql_code other_operator(ql_pass *p, int op, int32_t *inputs)
{
    const ql_operator *own = &p->m->from->operators[op];
    const ql_op *row = ql_op_find(p->m->base, own);
    bool any_form = row && row->shape_only && !ql_pass_float(p, own->output_count ? own->outputs[0] : -1);
    ql_operator made = *own;
    ql_code code = QL_OK;
    for (int i = 0; i < own->input_count && !code; i++) {
        int t = own->inputs[i], at = t;
        if (ql_pass_float(p, t) && any_form && any_integer(p, t) >= 0) {
            at = any_integer(p, t);
        } else if (ql_pass_float(p, t)) {
            code = ql_need_float(p, t, &at);
        }
        inputs[i] = at;
    }
    code = code ? code : ql_edit_ints(p->m->model, inputs, own->input_count, &made.inputs, p->m->err);
    return code ? code : ql_maker_append(p->m, &made);
}

static ql_code make_operators(ql_pass *p)
{
    ql_code code = QL_OK;
    for (int op = 0; op < p->m->from->operator_count && !code; op++) {
        const ql_operator *own = &p->m->from->operators[op];
        int32_t *inputs = malloc(((size_t)own->input_count + 1) * sizeof *inputs);
        if (!inputs) {
            return ql_fail_memory(p->m->err, (size_t)own->input_count * sizeof *inputs);
        }
        bool integer = p->forms[op] != QL_FORM_FLOAT;
        code = integer ? integer_operator(p, op, inputs) : other_operator(p, op, inputs);
        free(inputs);
    }
    return code;
}

/* --- Which form each operator gets --- */

static ql_quantize_mode asked_mode(const ql_pass *p, int op)
{
    return p->o->layers ? p->o->layers[op] : p->o->mode;
}

static int asked_form(const ql_pass *p, int op)
{
    ql_quantize_mode mode = asked_mode(p, op);
    return mode == QL_MODE_INT8 ? QL_FORM_I8 : mode == QL_MODE_INT16X8 ? QL_FORM_I16 : QL_FORM_FLOAT;
}

static const char *why_float(const ql_pass *p, int op, int form)
{
    const ql_operator *own = &p->m->from->operators[op];
    const ql_op *row = ql_op_find(p->m->base, own);
    bool stayed = form != QL_FORM_FLOAT && p->forms[op] == QL_FORM_FLOAT && ql_has_floats(p->m->from, own) &&
                  !(row && row->shape_only);
    const char *why =
        stayed ? ql_integer_refusal(p->m->base, p->m->from, own, ql_form_type(form), p->o->fragile) : NULL;
    return !stayed ? NULL : why ? why : "its tensors have no ranges";
}

/* What the mode would like and cannot is told; what the plan says and cannot be is an error. */
static ql_code tell_left(ql_pass *p, int op)
{
    const ql_operator *own = &p->m->from->operators[op];
    const char *why = why_float(p, op, asked_form(p, op));
    if (p->o->left) {
        p->o->left[op] = why;
    }
    if (!why || asked_mode(p, op) == p->o->mode) {
        return QL_OK;
    }
    char name[64];
    int t = own->output_count ? own->outputs[0] : -1;
    ql_fail(p->m->err, QL_E_UNSUPPORTED, "cannot be %s: %s", ql_quantize_mode_name(asked_mode(p, op)), why);
    if (t >= 0) {
        ql_at_tensor_of(p->m->err, &p->m->from->tensors[t], t);
    }
    return ql_at_op(p->m->err, op, ql_operator_name(p->m->base, own, name));
}

/* A 16-bit layer among 8-bit ones holds what its tensors would in 8 bits, as in a what-if. */
static void widen_params(ql_pass *p)
{
    const ql_spread *narrow = &p->s[QL_FORM_I8], *wide = &p->s[QL_FORM_I16];
    for (size_t i = 0; i < narrow->param_count; i++) {
        const ql_param *from = &narrow->tensors[i];
        if (from->set) {
            wide->tensors[i] = (ql_param){true, ql_wide_scale(from->scale, from->zero, QL_I8), 0};
        } else if (narrow->tensors + i >= narrow->ins) {
            wide->tensors[i] = *from;
        }
    }
}

/* But for results whose scale is the operator's own. */
static void keep_fixed(ql_pass *p, int op)
{
    const ql_operator *own = &p->m->from->operators[op];
    const ql_q_rule *rule = p->forms[op] == QL_FORM_I16 ? &ql_op_find(p->m->base, own)->quant : NULL;
    for (int k = 0; rule && rule->kind == QL_Q_FIXED && k < own->output_count; k++) {
        p->s[QL_FORM_I16].tensors[own->outputs[k]] = (ql_param){true, rule->i16_scale, 0};
    }
}

static ql_code choose_forms(ql_pass *p)
{
    ql_code code = QL_OK;
    for (int form = 0; form < QL_FORMS && !code; form++) {
        bool used = p->o->io == ql_form_type(form) || (p->o->mode == QL_MODE_INT8 && form == QL_FORM_I8);
        for (int op = 0; op < p->m->from->operator_count; op++) {
            used |= asked_form(p, op) == form;
        }
        p->spread[form] = used;
        code = !used ? QL_OK
                     : ql_spread_params(&p->s[form], p->m->base, p->m->subgraph, p->o->ranges,
                                        ql_form_type(form), p->o->fragile, p->m->err);
    }
    bool mixed = !code && p->o->mode == QL_MODE_INT8 && p->spread[QL_FORM_I8] && p->spread[QL_FORM_I16];
    if (mixed) {
        widen_params(p);
    }
    for (int op = 0; op < p->m->from->operator_count && !code; op++) {
        int form = asked_form(p, op);
        p->forms[op] = form != QL_FORM_FLOAT && p->s[form].integer[op] ? form : QL_FORM_FLOAT;
        if (mixed) {
            keep_fixed(p, op);
        }
        code = tell_left(p, op);
    }
    return code;
}

/* --- Putting it together --- */

static void count_float_readers(ql_pass *p)
{
    for (int op = 0; op < p->m->from->operator_count; op++) {
        const ql_operator *own = &p->m->from->operators[op];
        for (int i = 0; i < own->input_count; i++) {
            if (own->inputs[i] >= 0 && p->forms[op] == QL_FORM_FLOAT) {
                p->m->float_readers[own->inputs[i]]++;
            }
        }
    }
    for (int o = 0; o < p->m->from->output_count; o++) {
        p->m->float_readers[p->m->from->outputs[o]]++;
    }
}

static ql_code check_io(const ql_pass *p)
{
    bool wide = p->o->mode == QL_MODE_INT16X8, narrow = p->o->mode == QL_MODE_INT8;
    if (p->o->io == QL_F32 || (wide && p->o->io == QL_I16) ||
        (narrow && (p->o->io == QL_I8 || p->o->io == QL_U8))) {
        return QL_OK;
    }
    return ql_fail(p->m->err, QL_E_UNSUPPORTED, "mode %s with %s inputs and outputs: float%s is required",
                   ql_quantize_mode_name(p->o->mode), ql_type_name(p->o->io),
                   wide     ? ", int16"
                   : narrow ? ", int8 or uint8"
                            : "");
}

static ql_code make_room(ql_pass *p)
{
    size_t tensors = (size_t)p->m->from->tensor_count, ops = (size_t)p->m->from->operator_count;
    p->forms = malloc((4 * tensors + ops + 1) * sizeof *p->forms);
    if (!p->forms) {
        return ql_fail_memory(p->m->err, (4 * tensors + ops) * sizeof *p->forms);
    }
    p->home = p->forms + ops;
    p->as_float = p->home + tensors;
    p->as_int[QL_FORM_I8] = p->as_float + tensors;
    p->as_int[QL_FORM_I16] = p->as_int[QL_FORM_I8] + tensors;
    for (size_t t = 0; t < tensors; t++) {
        p->home[t] = QL_FORM_FLOAT;
        p->as_float[t] = (int)t;
        p->as_int[QL_FORM_I8][t] = p->as_int[QL_FORM_I16][t] = -1;
    }
    return QL_OK;
}

ql_code ql_make_integer(ql_maker *m, const ql_quantize_options *options)
{
    ql_pass p = {.m = m, .o = options};
    ql_code code = check_io(&p);
    code = code ? code : make_room(&p);
    code = code ? code : choose_forms(&p);
    if (!code) {
        count_float_readers(&p);
    }
    code = code ? code : ql_make_ports_in(&p);
    code = code ? code : make_operators(&p);
    code = code ? code : ql_make_ports_out(&p);
    free(p.forms);
    free(p.others);
    for (int form = 0; form < QL_FORMS; form++) {
        ql_spread_free(&p.s[form]);
    }
    return code;
}
