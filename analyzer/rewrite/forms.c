/* The forms of a tensor: float, int8, int16, in its own parameters or in those that a reader needs. */
#include "analyzer/rewrite/pass.h"

#include <stdlib.h>

ql_type ql_form_type(int form)
{
    return form == QL_FORM_I16 ? QL_I16 : QL_I8;
}

const char *ql_form_suffix(int form)
{
    return form == QL_FORM_I16 ? "_int16" : "_int8";
}

ql_tensor *ql_pass_made(ql_pass *p, int index)
{
    return &p->m->model->subgraphs[p->m->subgraph].tensors[index];
}

bool ql_pass_float(const ql_pass *p, int t)
{
    return t >= 0 && p->m->from->tensors[t].type == QL_F32;
}

/* The tensor that t was made as. */
static int original(const ql_pass *p, int t)
{
    return p->home[t] == QL_FORM_FLOAT ? p->as_float[t] : p->as_int[p->home[t]][t];
}

ql_code ql_need_float(ql_pass *p, int t, int *index)
{
    ql_code code = QL_OK;
    if (p->as_float[t] < 0) {
        code = ql_maker_tensor(p->m, t, QL_F32, &p->m->from->tensors[t].quant, "_float32", &p->as_float[t]);
        code = code ? code : ql_maker_convert(p->m, QL_DEQUANTIZE, original(p, t), p->as_float[t]);
    }
    *index = p->as_float[t];
    return code;
}

ql_code ql_convert_to(ql_pass *p, ql_type type, int t, ql_param param, const char *suffix, int *index)
{
    ql_quant quant;
    int from = original(p, t);
    for (int form = 0; form < QL_FORMS; form++) {
        from = ql_form_type(form) == type && p->as_int[form][t] >= 0 ? p->as_int[form][t] : from;
    }
    ql_code code = ql_maker_param(p->m, &quant, param);
    if (!code && type == QL_I16 && ql_pass_made(p, from)->type == QL_I8) {
        code = ql_need_float(p, t, &from); /* QUANTIZE of TensorFlow 2.21 does not widen integers */
    }
    code = code ? code : ql_maker_tensor(p->m, t, type, &quant, suffix, index);
    return code ? code : ql_maker_convert(p->m, QL_QUANTIZE, from, *index);
}

static const ql_rescaled *find_other(const ql_pass *p, int form, int t, ql_param param)
{
    for (int i = p->other_count - 1; i >= 0; i--) {
        const ql_rescaled *other = &p->others[i];
        if (other->t == t && other->form == form && ql_param_equal(other->param, param)) {
            return other;
        }
    }
    return NULL;
}

static ql_code remember_other(ql_pass *p, const ql_rescaled *other)
{
    if (p->other_count == p->other_capacity) {
        int capacity = p->other_capacity ? 2 * p->other_capacity : 16;
        ql_rescaled *grown = realloc(p->others, (size_t)capacity * sizeof *grown);
        if (!grown) {
            return ql_fail_memory(p->m->err, (size_t)capacity * sizeof *grown);
        }
        p->others = grown;
        p->other_capacity = capacity;
    }
    p->others[p->other_count++] = *other;
    return QL_OK;
}

ql_code ql_need_int(ql_pass *p, int form, int t, ql_param param, int *index)
{
    ql_type type = ql_form_type(form);
    if (ql_param_equal(param, p->s[form].tensors[t])) {
        int *own = &p->as_int[form][t];
        ql_code code = *own >= 0 ? QL_OK : ql_convert_to(p, type, t, param, ql_form_suffix(form), own);
        *index = *own;
        return code;
    }
    const ql_rescaled *there = find_other(p, form, t, param);
    if (there) {
        *index = there->index;
        return QL_OK;
    }
    ql_code code = ql_convert_to(p, type, t, param, "_requantized", index);
    ql_rescaled other = {.t = t, .form = form, .index = *index, .param = param};
    return code ? code : remember_other(p, &other);
}
