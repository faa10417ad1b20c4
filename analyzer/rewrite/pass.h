/* The pass that makes integers: which forms of each tensor are there, and how to get another. Kept inside
 * analyzer/rewrite. A form is the integer type of an operator's activations: int8 or int16. */
#ifndef QL_REWRITE_PASS_H
#define QL_REWRITE_PASS_H

#include "analyzer/rewrite/maker.h"
#include "analyzer/rewrite/spread.h"

enum { QL_FORM_FLOAT = -1, QL_FORM_I8, QL_FORM_I16, QL_FORMS };

typedef struct {
    int t, form, index; /* base tensor t in parameters of its own is tensor `index` */
    ql_param param;
} ql_rescaled;

typedef struct {
    ql_maker *m;
    const ql_quantize_options *o;
    ql_spread s[QL_FORMS]; /* parameters as if all operators had that form: one operator's form changes
                              nothing for the others */
    bool spread[QL_FORMS]; /* is that one there */
    int *forms;            /* of each operator: what it runs on */
    int *home;             /* of each tensor: the form it is made in */
    int *as_float;         /* of each tensor of the base: the new model's, -1 = not there yet */
    int *as_int[QL_FORMS]; /* the same in s[form].tensors' parameters */
    ql_rescaled *others;
    int other_count, other_capacity;
} ql_pass;

ql_type ql_form_type(int form);
const char *ql_form_suffix(int form); /* "_int8" */

/* Base tensor t: is it float, -1 allowed. */
bool ql_pass_float(const ql_pass *p, int t);
ql_tensor *ql_pass_made(ql_pass *p, int index);

/* The new model's tensor that holds t as float, or in those parameters; converted where it is not there. */
ql_code ql_need_float(ql_pass *p, int t, int *index);
ql_code ql_need_int(ql_pass *p, int form, int t, ql_param param, int *index);

/* A new tensor for t in those parameters, made from the form that it has. */
ql_code ql_convert_to(ql_pass *p, ql_type type, int t, ql_param param, const char *suffix, int *index);

/* Constant t for an operator of that form; without parameters they come from its values. */
ql_code ql_activation_constant(ql_pass *p, int form, int t, ql_param param, int *index);

/* The weights of an operator and its bias, whose scale is the product of the input's and theirs: sets their
 * places in `inputs`. */
ql_code ql_weights_and_bias(ql_pass *p, int form, const ql_operator *op, const ql_q_rule *rule, float x_scale,
                            int32_t *inputs);

/* Bias t with those scales (one, or one a value). */
ql_code ql_bias_constant(ql_pass *p, int form, int t, const float *scales, int count, int *index);

/* The operands of an 8-bit LSTM: sets `inputs`, states and intermediate tensors. */
ql_code ql_lstm_operands(ql_pass *p, const ql_operator *op, int32_t *inputs, ql_operator *made);

/* Inputs of the graph, before its operators; outputs, after them. */
ql_code ql_make_ports_in(ql_pass *p);
ql_code ql_make_ports_out(ql_pass *p);

#endif
