/* Inputs and outputs of the graph, in the type asked for. */
#include "analyzer/rewrite/pass.h"

static int io_form(const ql_pass *p)
{
    return p->o->io == QL_I16 ? QL_FORM_I16 : QL_FORM_I8;
}

static ql_code no_range(ql_pass *p, int t, const char *what)
{
    ql_fail(p->m->err, QL_E_UNSUPPORTED, "%s without a range: %s asked for needs one", what,
            ql_type_name(p->o->io));
    return ql_at_tensor_of(p->m->err, &p->m->from->tensors[t], t);
}

/* The tensor itself becomes the integer input. */
static ql_code integer_input(ql_pass *p, int t)
{
    int form = io_form(p), *own = &p->as_int[form][t];
    ql_param param = p->s[form].tensors[t];
    if (!param.set) {
        return no_range(p, t, "an input");
    }
    ql_quant quant;
    param.zero += p->o->io == QL_U8 ? 128 : 0;
    ql_code code = ql_maker_param(p->m, &quant, param);
    if (!code) {
        ql_pass_made(p, t)->type = p->o->io;
        ql_pass_made(p, t)->quant = quant;
        p->as_float[t] = -1;
        p->home[t] = form;
        *own = t;
    }
    if (!code && p->o->io == QL_U8) {
        int index;
        code = ql_convert_to(p, QL_I8, t, p->s[form].tensors[t], ql_form_suffix(form), &index);
        *own = code ? t : index;
    }
    return code;
}

/* What is to become the output, and in which parameters, where that is no float. */
static int output_source(const ql_pass *p, int t)
{
    int asked = p->o->io == QL_F32 ? QL_FORM_FLOAT : io_form(p), home = p->home[t];
    if (asked != QL_FORM_FLOAT && p->as_int[asked][t] >= 0) {
        return p->as_int[asked][t];
    }
    return home == QL_FORM_FLOAT ? p->as_float[t] : p->as_int[home][t];
}

/* The graph's output keeps the tensor's name; what the operator makes is called after its format. */
static ql_code give_output(ql_pass *p, int t, ql_type type)
{
    int index = t;
    ql_quant quant = p->m->from->tensors[t].quant;
    ql_code code = QL_OK;
    if (type != QL_F32) {
        ql_param param = p->s[io_form(p)].tensors[t];
        param.zero += type == QL_U8 ? 128 : 0;
        code = ql_maker_param(p->m, &quant, param);
    }
    code = code ? code : ql_maker_tensor(p->m, t, type, &quant, "", &index);
    code = code ? code
                : ql_maker_convert(p->m, type == QL_F32 ? QL_DEQUANTIZE : QL_QUANTIZE, output_source(p, t),
                                   index);
    if (!code) {
        bool real = p->home[t] == QL_FORM_FLOAT;
        code = ql_maker_rename(p->m, t, t, real ? "_float32" : ql_form_suffix(p->home[t]));
        ql_edit_output(p->m->model, p->m->subgraph, t, index);
    }
    return code;
}

static bool is_graph_input(const ql_pass *p, int t)
{
    for (int i = 0; i < p->m->from->input_count; i++) {
        if (p->m->from->inputs[i] == t) {
            return true;
        }
    }
    return false;
}

static ql_code make_output(ql_pass *p, int t)
{
    bool real = p->o->io == QL_F32;
    int form = io_form(p);
    if (!ql_pass_float(p, t) || p->m->from->tensors[t].data || is_graph_input(p, t)) {
        return QL_OK;
    }
    if (!real && !p->s[form].tensors[t].set) {
        return no_range(p, t, "an output");
    }
    if (!real && p->as_int[form][t] >= 0 && p->o->io == ql_form_type(form)) {
        ql_edit_output(p->m->model, p->m->subgraph, t, p->as_int[form][t]);
        return QL_OK;
    }
    return real && p->as_float[t] == t ? QL_OK : give_output(p, t, p->o->io);
}

static bool read_in_form(const ql_pass *p, int form, int t)
{
    const ql_spread *s = &p->s[form];
    for (int i = p->spread[form] ? s->first_reader[t] : 0; p->spread[form] && i < s->first_reader[t + 1];
         i++) {
        if (p->forms[s->readers[i]] == form) {
            return s->tensors[t].set;
        }
    }
    return false;
}

static ql_code make_input(ql_pass *p, int t)
{
    ql_code code = QL_OK;
    if (p->o->io != QL_F32) {
        return integer_input(p, t);
    }
    for (int form = 0; form < QL_FORMS && !code; form++) {
        int index;
        code = read_in_form(p, form, t) ? ql_need_int(p, form, t, p->s[form].tensors[t], &index) : QL_OK;
    }
    return code;
}

ql_code ql_make_ports_in(ql_pass *p)
{
    ql_code code = QL_OK;
    for (int i = 0; i < p->m->from->input_count && !code; i++) {
        int t = p->m->from->inputs[i];
        code = ql_pass_float(p, t) ? make_input(p, t) : QL_OK;
    }
    return code;
}

ql_code ql_make_ports_out(ql_pass *p)
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
